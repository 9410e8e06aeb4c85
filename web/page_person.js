/* A person: where the number stands in each program, everything that happened, the proof packet, and a revocation that came another way than
 * by text. On paper it is evidence. */
import {get, hasRole, path, post, request, session} from './api.js';
import {append, badge, button, dialogOpen, el, facts, field, nothing, refill, say, select, trouble, words} from './dom.js';
import {fileName, fileSave} from './csv.js';
import {payloadFacts, recordBadge, recordLink, recordTitle} from './record.js';
import {routeTo} from './router.js';
import {listSource, merged, recordSource} from './timeline.js';
import {when, whenExactly, zoneName} from './time.js';
import {CHANNELS, messageBadge, spaced, stateBadge, verdictBadge} from './words.js';

const HISTORY_LIMIT = 1000;
const NOTE_LIMIT = 1000;
const CUT = 'Here it is cut: what is further back couldn’t be read when this was printed.';
const KINDS = [['consent', 'Consent'], ['text', 'Texts to the person'], ['reply', 'Texts from the person'], ['block', 'Blocks']];

/* ---- the packet ---- */

async function packetSave(number, accept, ending) {
  const response = await request('GET', path('consents', number, 'proof'), {accept});
  fileSave(fileName(`proof-${number}`, ending), accept, [await response.blob()]);
  say('The proof packet was saved.');
}

function packetButtons(number) {
  const told = el('span');
  const save = (accept, ending) => () => {
    refill(told);
    return packetSave(number, accept, ending).catch(problem => refill(told, trouble(problem)));
  };
  return [button('Proof packet (page)', save('text/html', 'html'), {id: 'proof-html'}),
          button('Proof packet (JSON)', save('application/json', 'json'), {class: 'quiet', id: 'proof-json'}), told];
}

/* ---- revoking ---- */

function revokeOpen(number, programs, done) {
  const program = select({name: 'program'}, [['', 'Every program'], ...programs.map(name => [name, name])]);
  const channel = select({name: 'channel', required: true}, [['', 'Choose …'], ...CHANNELS]);
  const note = el('textarea', {name: 'note', maxlength: NOTE_LIMIT, rows: 3});
  const told = el('div');
  const form = el('form', {},
    el('p', {}, `From the moment that you record it nothing more is sent to ${number}. Only the person can opt in again.`),
    field('Program', program), field('How it came', channel), field('Note', note, 'Who said what to whom. It is kept in the ledger.'), told,
    el('p', {class: 'buttons'}, el('button', {type: 'submit', class: 'bad'}, 'Record the revocation'), button('Cancel', () => dialog.close(), {class: 'quiet'})));
  const dialog = dialogOpen('Revoke the consent', form);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const submit = form.querySelector('[type=submit]');
    submit.disabled = true;
    try {
      const body = {channel: channel.value, ...(program.value && {program: program.value}), ...(note.value.trim() && {note: note.value.trim()})};
      const answer = await post(path('consents', number, 'revoke'), body);
      dialog.close();
      await done(answer.was_out ? 'The person was out before; this is on record as well.' : 'The revocation is on record. The person is out.');
    } catch (problem) {
      submit.disabled = false;
      refill(told, trouble(problem));
    }
  });
}

/* ---- where the person stands ---- */

function standingCard(standing) {
  return el('section', {class: 'card', 'aria-label': standing.program},
    el('h3', {}, words(standing.program)), el('p', {}, stateBadge(standing.state)), el('p', {}, words(standing.why)),
    facts([['May be texted', standing.eligible ? 'yes, as far as consent goes' : 'no'],
           ['Since', standing.since && whenExactly(standing.since)], ['Ledger', standing.ledger_seq && recordLink(standing.ledger_seq)]]));
}

function reviewNotice(number) {
  return el('p', {class: 'notice wait'}, 'A text from this person waits for somebody to read it; marketing is held until then. ',
            el('a', {href: routeTo('reviews', '', {number})}, 'Read it'));
}

function suppressionNotices(suppressions) {
  return suppressions.map(row => el('div', {class: 'notice bad'}, el('p', {}, badge('Suppressed', 'bad'), ' ', words(row.why)),
    facts([['Since', row.since && whenExactly(row.since)], ['By', row.account], ['Note', row.note && words(row.note)], ['Ledger', recordLink(row.ledger_seq)]])));
}

/* ---- the timeline ---- */

const ITEMS = {
  consent: ({what}) => [recordBadge(what), [el('p', {}, el('strong', {}, words(recordTitle(what))), ' ', el('small', {}, [what.program, ' ', recordLink(what.ledger_seq)])),
                        el('details', {}, el('summary', {}, 'What is on record'), payloadFacts(what.payload))]],
  block: ({what}) => [recordBadge(what), [el('p', {}, el('strong', {}, recordTitle(what)), what.payload?.why && [': ', words(what.payload.why)], ' ', el('small', {}, [what.program, ' ', recordLink(what.ledger_seq)])),
                      el('details', {}, el('summary', {}, 'What is on record'), payloadFacts(what.payload))]],
  text: ({what}) => [messageBadge(what.status), [
    el('div', {class: 'said'}, what.text === null ? el('em', {}, 'no text, or erased') : words(what.text)),
    el('p', {}, el('small', {}, [`to the person from ${what.from}`, what.program && `, ${what.program}`, what.purpose !== 'campaign' && `, ${spaced(what.purpose).toLowerCase()}`,
      what.reason && what.reason !== 'receipt' && `, ${what.reason}`, what.consent_seq && [', allowed by ', recordLink(what.consent_seq)]])),
    el('details', {}, el('summary', {}, 'Details'), facts([['Id', el('span', {class: 'hex'}, what.id)], ['Accepted', whenExactly(what.created_at)], ['Sent', what.sent_at && whenExactly(what.sent_at)],
      ['Ended', what.done_at && whenExactly(what.done_at)], ['Carrier', what.carrier], ['Parts', String(what.segments)], ['Reference', what.client_ref && words(what.client_ref)]]))]],
  reply: ({what}) => [verdictBadge(what.verdict), [
    el('div', {class: 'said by-them'}, words(what.text)),
    el('p', {}, el('small', {}, ['from the person to ', words(what.to), what.program && `, ${what.program}`, what.effect && [', ', words(what.effect)],
      what.rule && what.rule !== '-' && [', rule ', words(what.rule)], what.ledger_seq && [', ', recordLink(what.ledger_seq)]]))]],
};

function itemNode(item) {
  const [mark, inside] = ITEMS[item.kind](item);
  return el('li', {'data-kind': item.kind}, el('div', {class: 'number'}, when(item.at)), el('div', {}, mark), el('div', {}, inside));
}

/* What is chosen away is missing on paper as well, which then says so. */
function kindBoxes(list) {
  const missing = el('p', {class: 'print-only'});
  const boxes = KINDS.map(([kind]) => el('input', {type: 'checkbox', checked: true, on: {change: event => {
    list.classList.toggle(`without-${kind}`, !event.target.checked);
    const away = KINDS.filter((_, index) => !boxes[index].checked).map(([, name]) => name.toLowerCase());
    refill(missing, away.length > 0 && `Left out here: ${away.join(', ')}.`);
  }}}));
  return [el('fieldset', {class: 'kinds'}, el('legend', {}, 'Shown'), KINDS.map(([, text], index) => el('label', {}, boxes[index], ' ', text))), missing];
}

function timeline(consents, signal) {
  const number = consents.phone;
  const sources = [recordSource(consents.history)];
  if (hasRole('compliance', 'sender'))
    sources.push(listSource('/v1/messages', {to: number}, 'text', what => what.created_at ?? '', signal),
                 listSource('/v1/inbound', {number}, 'reply', what => what.at ?? '', signal));
  const reader = merged(sources);
  const list = el('ol', {class: 'timeline', 'aria-label': 'Everything, the newest first'});
  const foot = el('div', {class: 'foot'}, el('p', {class: 'print-only'}, CUT));
  let reading = null;
  /* One at a time: two would both read the same page, and show it twice. */
  function more() {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }
  async function read() {
    const shown = list.children.length;
    try {
      const page = await reader.next();
      append(list, page.items.map(itemNode));
      const sentence = el('p', {class: 'quiet', tabindex: -1}, page.more ? 'There is more, further back.' : 'That is all.');
      refill(foot, sentence, page.more && button('Show older', more, {class: 'show-more'}));
      if (shown > 0) {
        (foot.querySelector('button') ?? sentence).focus();
        say(`${list.children.length - shown} more.`);
      }
    } catch (problem) {
      if (problem.name !== 'AbortError')
        refill(foot, trouble(problem, more), el('p', {class: 'print-only'}, CUT));
    }
  }
  const hasFailed = () => foot.querySelector('[role=alert]') !== null;
  /* To its end, for paper. False: it couldn't be read so far, and why stands where it ends. */
  async function all() {
    await reading;
    if (hasFailed())
      await more();
    while (!signal.aborted && foot.querySelector('.show-more'))
      await more();
    if (hasFailed()) {
      foot.querySelector('button').focus();
      say('Nothing was printed: what is further back can’t be read now.');
    }
    return !signal.aborted && !hasFailed();
  }
  return {node: [kindBoxes(list), list, foot], more, all};
}

/* ---- the page ---- */

/* Evidence that ends somewhere in the middle would be none: it is printed whole, or not. */
async function printAll(time) {
  if (await time.all())
    print();
}

function printHead(number, head) {
  return el('div', {class: 'print-only'},
    el('p', {}, `Assent: what is on record about ${number}. Printed by ${session().account} on `, whenExactly(new Date().toISOString()), `. Times are those of ${zoneName()}.`),
    head && el('p', {}, `Ledger’s head: record ${head.seq}, hash `, el('span', {class: 'hex'}, head.hash)));
}

function isUnknown(consents) {
  return consents.history.length === 0 && consents.programs.every(standing => standing.state === 'unknown');
}

async function fill({main, route, signal, titleSet}, told) {
  const typed = route.rest;
  const isCompliance = hasRole('compliance');
  const consents = await get(path('consents', typed), {}, signal);
  const number = consents.phone;
  if (number !== typed) {
    history.replaceState(null, '', routeTo('person', number));
    route.rest = number;
  }
  const [suppressions, head] = isCompliance
    ? await Promise.all([get('/v1/suppressions', {number}, signal), get('/v1/ledger/head', {}, signal)]) : [{items: []}, null];
  titleSet(number);
  const again = sentence => fill({main, route, signal, titleSet}, sentence);
  const time = timeline(consents, signal);
  refill(main, printHead(number, head), told && el('p', {class: 'notice good'}, told),
    el('div', {class: 'buttons bar'}, isCompliance && packetButtons(number),
       button('Revoke …', () => revokeOpen(number, consents.programs.map(row => row.program), again), {class: 'bad', id: 'revoke'}),
       button('Print', () => printAll(time), {class: 'quiet', id: 'print'})),
    consents.programs.some(standing => standing.under_review) && isCompliance && reviewNotice(number),
    suppressionNotices(suppressions.items),
    isUnknown(consents) && nothing('No consent of this number is on record, and it was never refused. Whoever has not opted in gets nothing.'),
    el('h2', {}, 'Where the person stands'), el('div', {class: 'cards'}, consents.programs.map(standingCard)),
    el('h2', {}, 'What happened'),
    consents.history.length >= HISTORY_LIMIT && el('p', {class: 'notice'}, 'Of the ledger’s records the newest thousand are shown. The proof packet has more.'),
    time.node);
  if (told)
    say(told);
  await time.more();
}

export async function show(page) {
  try {
    await fill(page);
  } catch (problem) {
    if (problem.status !== 422)
      throw problem;
    page.titleSet('No such number');
    refill(page.main, el('div', {class: 'notice bad', role: 'alert'}, el('p', {}, problem.detail ?? problem.title),
                         el('p', {}, 'Write the number with its country code, as +1 415 555 0123.')));
  }
}
