/* The review queue: texts that may have meant STOP. One key decides the text that has the focus, and the next one gets it. */
import {get, path, post} from './api.js';
import {append, badge, button, el, facts, field, nothing, refill, say, trouble, words} from './dom.js';
import {exportButton} from './csv.js';
import {filterForm} from './filters.js';
import {keysAdd} from './keys.js';
import {newsWatch} from './live.js';
import {personLink, programOptions, recordLink} from './record.js';
import {go, querySet} from './router.js';
import {listing} from './table.js';
import {ago, agoText, when, whenExactly} from './time.js';
import {messageBadge, plural, reviewBadge, reviewOptions} from './words.js';

const PAGE = 50; /* cards at once */
const CONTEXT = 5;
const SOON_MS = 2 * 86400000;
const COLUMNS = ['id', 'status', 'from', 'to', 'program', 'text', 'rule', 'opened_at', 'due_at', 'ledger_seq', 'closed_at', 'closed_by', 'note'];
const DECISIONS = {opt_out: {key: 's', text: 'It meant STOP', done: 'Recorded: it meant STOP. The person is out.'},
                   none: {key: 'n', text: 'It didn’t', done: 'Recorded: it was no STOP. Nothing is held any more.'}};

const FILTERS = () => [
  {name: 'status', label: 'State', options: [['', 'To be read'], ['all', 'All'], ...reviewOptions().filter(([word]) => word !== 'open')]},
  {name: 'number', label: 'Number', type: 'tel'},
  {name: 'program', label: 'Program', options: programOptions()},
];

/* ---- one that is to be read ---- */

/* What we texted before it, which is what the person answers to. */
function context(review) {
  const box = el('details', {}, el('summary', {}, 'What we texted before'));
  const inside = el('div');
  box.append(inside);
  box.addEventListener('toggle', async () => {
    if (!box.open || inside.childElementCount > 0)
      return;
    try {
      const {items} = await get('/v1/messages', {to: review.from, limit: 50});
      const before = items.filter(message => message.created_at <= review.opened_at).slice(0, CONTEXT);
      refill(inside, before.length === 0 ? el('p', {}, 'Nothing.') : before.map(message => el('div', {},
        el('p', {}, el('small', {}, when(message.created_at), ' '), messageBadge(message.status)), el('div', {class: 'said'}, words(message.text ?? 'no text, or erased')))));
    } catch (problem) {
      refill(inside, trouble(problem));
    }
  });
  return box;
}

function dueText(review) {
  if (!review.due_at)
    return null;
  const isSoon = Date.parse(review.due_at) - Date.now() < SOON_MS;
  return el('span', {}, isSoon ? badge(agoText(review.due_at), 'wait') : ago(review.due_at), ': then it counts as a STOP');
}

function decideButton(decision, decide) {
  const {key, text} = DECISIONS[decision];
  return el('button', {type: 'button', class: decision === 'opt_out' ? 'bad' : 'quiet', 'data-decision': decision, on: {click: () => decide(decision)}},
            text, ' ', el('kbd', {'aria-hidden': 'true'}, key));
}

/* decided(card) is called when the decision is on record. */
function cardOf(review, decided) {
  const note = el('textarea', {rows: 2, maxlength: 1000});
  const told = el('div');
  const card = el('section', {class: 'card review', tabindex: -1, 'aria-label': `Text from ${review.from ?? 'an erased number'}`, id: `review-${review.id}`});
  async function decide(decision) {
    if (card.hasAttribute('aria-busy'))
      return;
    card.setAttribute('aria-busy', 'true');
    refill(told);
    try {
      const said = note.value.trim();
      await post(path('reviews', review.id, 'resolve'), {decision, ...(said && {note: said})});
      decided(card, review, decision);
    } catch (problem) {
      refill(told, trouble(problem));
    } finally {
      card.removeAttribute('aria-busy');
    }
  }
  card.decide = decide;
  card.review = review;
  card.noteFocus = () => note.focus();
  return refill(card,
    el('div', {class: 'said by-them'}, words(review.text)),
    facts([['From', personLink(review.from)], ['To', words(review.to)], ['Program', review.program && words(review.program)],
           ['Came', el('span', {}, when(review.opened_at), ', ', ago(review.opened_at))], ['Due', dueText(review)], ['Held by', review.rule && words(review.rule)]]),
    review.from && context(review), field('Note (may be left out)', note), told,
    el('div', {class: 'buttons'}, Object.keys(DECISIONS).map(decision => decideButton(decision, decide))));
}

function doneCard(review, decision) {
  return el('p', {class: 'notice good', tabindex: -1}, DECISIONS[decision].done, ' ', personLink(review.from), ': ', words(review.text));
}

/* ---- the queue ---- */

function queue({route, signal}) {
  const list = el('div', {id: 'queue'}), foot = el('div', {class: 'foot'});
  const count = el('p', {class: 'quiet'});
  let after, turn = 0;
  const cards = () => [...list.querySelectorAll('.review')];
  const current = () => document.activeElement?.closest('.review') ?? null;

  const howMany = () => (after && cards().length === 0 ? 'More texts are' : `${after ? 'More than ' : ''}${plural(cards().length, 'text is', 'texts are')}`);
  const counted = () => {
    count.textContent = `${howMany()} to be read, the most urgent first.`;
    count.hidden = cards().length === 0;
    refill(foot, after && button('Show more', more, {class: 'show-more'}));
  };
  const empty = () => nothing('Nothing is to be read. A text that may have meant STOP comes here, and marketing to the person waits until somebody has decided.');

  /* The next cards, in the order in which they are due; null if others were asked for meanwhile. A page may hold nothing that this account sees. */
  async function fetchNext() {
    const mine = ++turn, items = [];
    do {
      const page = await get('/v1/reviews', {number: route.query.number, program: route.query.program, due_first: true, limit: PAGE, after}, signal);
      if (mine !== turn)
        return null;
      items.push(...page.items);
      after = page.after ?? undefined;
    } while (items.length === 0 && after);
    return items.map(review => cardOf(review, decided));
  }

  async function more() {
    try {
      const fresh = await fetchNext();
      if (fresh === null)
        return;
      append(list, fresh, cards().length + fresh.length === 0 && empty());
      counted();
      say(`${plural(fresh.length, 'more text', 'more texts')}.`);
      (fresh[0] ?? cards().at(-1))?.focus();
    } catch (problem) {
      if (problem.name !== 'AbortError')
        refill(foot, trouble(problem, more));
    }
  }

  async function decided(card, review, decision) {
    const all = cards();
    const next = all[all.indexOf(card) + 1] ?? all[all.indexOf(card) - 1];
    const done = doneCard(review, decision);
    card.replaceWith(done);
    counted();
    document.dispatchEvent(new CustomEvent('review-decided'));
    say(`${DECISIONS[decision].done} ${howMany()} left.`);
    (next ?? done).focus();
    if (next === undefined && after)
      await more();
    else if (next === undefined)
      list.append(empty());
  }

  const step = by => {
    const all = cards();
    const at = all.indexOf(current());
    all[at === -1 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  };
  const inCard = run => () => {
    const card = current();
    if (card)
      run(card);
    else
      step(0);
  };
  keysAdd({
    j: {what: 'Goes to the next text', run: () => step(1)},
    k: {what: 'Goes to the text before', run: () => step(-1)},
    s: {what: 'Decides: it meant STOP', run: inCard(card => card.decide('opt_out'))},
    n: {what: 'Decides: it didn’t', run: inCard(card => card.decide('none'))},
    e: {what: 'Writes a note', run: inCard(card => card.noteFocus())},
    p: {what: 'Opens the person’s page', run: inCard(card => card.review.from && go('person', card.review.from))},
  }, signal);

  async function reload() {
    after = undefined;
    try {
      const fresh = await fetchNext();
      if (fresh === null)
        return;
      refill(list, fresh, fresh.length === 0 && empty());
      counted();
    } catch (problem) {
      if (problem.name === 'AbortError')
        return;
      refill(list, trouble(problem, reload));
      refill(foot);
      count.hidden = true;
    }
  }
  return {node: [count, el('p', {class: 'quiet screen-only keys-hint'}, 'Keys: ', ['j', 'k', 's', 'n', 'e', 'p'].map(key => [el('kbd', {}, key), ' ']), '– ? says what they do.'), list, foot], reload};
}

/* ---- those that were decided ---- */

const columns = [
  {title: 'Came', kind: 'time', cell: review => when(review.opened_at)},
  {title: 'From', kind: 'number', cell: review => personLink(review.from)},
  {title: 'Text', kind: 'wide', cell: review => words(review.text)},
  {title: 'State', cell: review => reviewBadge(review.status)},
  {title: 'By', cell: review => review.closed_by && words(review.closed_by)},
  {title: 'Program', kind: 'name', cell: review => review.program && words(review.program)},
];

function reviewDetail(review) {
  return facts([['Text', words(review.text)], ['Held by', review.rule && words(review.rule)], ['Due', review.due_at && whenExactly(review.due_at)], ['Decided', review.closed_at && whenExactly(review.closed_at)],
                ['By', review.closed_by && words(review.closed_by)], ['Note', review.note && words(review.note)], ['Ledger', recordLink(review.ledger_seq)]]);
}

function archive({route, signal}) {
  const query = () => ({...route.query, status: route.query.status === 'all' ? '' : route.query.status});
  return listing({
    caption: 'Reviews, the newest first', noun: ['review', 'reviews'], columns,
    load: after => get('/v1/reviews', {...query(), after, limit: 50}, signal),
    detail: reviewDetail, detailLabel: review => ['More', `about the text from ${review.from ?? 'an erased number'}`],
    empty: () => nothing('No review fits these filters.'),
  });
}

/* ---- the page ---- */

export async function show(page) {
  const {main, route, signal} = page;
  const fresh = el('div');
  const body = el('div');
  const open = queue(page), closed = archive(page);
  const isQueue = () => !route.query.status;
  const newest = async () => (await get('/v1/reviews', {number: route.query.number, program: route.query.program, limit: 1}, signal)).items[0]?.id ?? '';
  const reload = async () => {
    const shown = isQueue() ? open : closed;
    refill(fresh);
    refill(body, shown.node);
    watch.mark(); /* before the listing is asked for: what comes in between is told, and not lost */
    await shown.reload();
  };
  const form = filterForm(FILTERS(), route.query, query => {
    querySet(route, query);
    reload();
  });
  const watch = newsWatch(signal, newest, () => {
    refill(fresh, el('p', {class: 'notice wait'}, 'A new text is to be read. ', button('Show it', reload, {class: 'quiet'})));
    say('A new text is to be read.');
  });
  const exported = () => ({...route.query, status: isQueue() ? 'open' : route.query.status === 'all' ? '' : route.query.status});
  refill(main, form, el('div', {class: 'bar'}, fresh, exportButton({what: 'reviews', path: '/v1/reviews', query: exported, columns: COLUMNS}, signal)), body);
  await reload();
}
