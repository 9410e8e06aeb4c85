/* The ledger's health: its head, whether it is signed, what was verified; and its records one by one. */
import {get} from './api.js';
import {badge, button, el, facts, field, nothing, refill, say, words} from './dom.js';
import {payloadFacts, personLink, recordBadge, recordGet, recordLink, recordTitle, recordWhole} from './record.js';
import {go} from './router.js';
import {listing} from './table.js';
import {when, whenExactly} from './time.js';

const payloadOf = record => ({...record, payload: record.payload === null ? null : JSON.parse(record.payload)});

const columns = [
  {title: 'Record', kind: 'number', cell: record => recordLink(record.seq)},
  {title: 'When', kind: 'time', cell: record => when(record.at)},
  {title: 'Kind', cell: record => recordBadge(payloadOf(record))},
  {title: 'What', kind: 'wide', cell: record => recordTitle(payloadOf(record))},
  {title: 'Number', kind: 'number', cell: record => record.number && personLink(record.number)},
  {title: 'Program', kind: 'name', cell: record => record.program || null},
];

/* The gateway's own look at its chain. */
function verifiedFacts({verified, verifying, signed}) {
  const under = verifying !== null && verifying !== undefined && `a look at all of it is under way, at record ${verifying.toLocaleString('en')}`;
  const state = !verified ? badge('Not yet', 'wait') : verified.whole ? badge('Whole', 'good') : badge(`Broken at record ${verified.bad_seq}`, 'bad');
  return [['Chain', el('span', {}, state, verified?.whole && ` up to record ${verified.seq.toLocaleString('en')}`, under && el('div', {class: 'quiet'}, under))],
          ['What is wrong', verified?.why && words(verified.why)], ['Last verified', verified && whenExactly(verified.at)],
          ['Signed', signed ? el('span', {}, 'up to ', recordLink(signed.seq), ', ', whenExactly(signed.at)) : 'no record of it yet']];
}

function brokenNotice({verified}) {
  return verified?.whole === false && el('div', {class: 'notice bad', role: 'alert'}, el('p', {}, el('strong', {}, 'The ledger was changed.')),
    el('p', {}, 'What stands in it from the broken record on is no proof. Keep the database file as it is, run assent ledger verify on a copy, and compare with a head that was kept elsewhere.'));
}

async function copy(text, what) {
  await navigator.clipboard.writeText(text);
  say(`${what} copied.`);
}

function headCard(head) {
  const pair = `${head.seq}:${head.hash}`;
  return el('section', {class: 'card', 'aria-label': 'Head of the ledger', id: 'ledger-head'},
    facts([['Newest record', recordLink(head.seq)], ['Its hash', el('span', {class: 'hex'}, head.hash)], ...verifiedFacts(head),
      ['Signature of this head', head.signature ? el('span', {class: 'hex'}, head.signature) : 'none: the config names no ledger { signing_key }'],
      ['Public key', head.key && el('span', {class: 'hex'}, head.key)]]),
    navigator.clipboard && el('p', {class: 'buttons'}, button('Copy the head', () => copy(pair, 'The head'), {class: 'quiet'})),
    el('p', {class: 'quiet'}, 'Keep this head elsewhere: later it shows whether the chain was cut or written anew. Anybody can verify it offline:'),
    el('p', {}, el('code', {class: 'text'}, `assent ledger verify --db assent.db --head ${pair}`)));
}

function lookUp() {
  const input = el('input', {type: 'text', inputmode: 'numeric', pattern: '[0-9]+', required: true, name: 'seq'});
  const form = el('form', {class: 'filters', 'aria-label': 'Find a record'}, field('Record number', input), el('div', {class: 'buttons'}, el('button', {type: 'submit'}, 'Show')));
  form.addEventListener('submit', event => {
    event.preventDefault();
    go('ledger', input.value);
  });
  return form;
}

async function showRecord({main, route, signal, titleSet}) {
  const record = await recordGet(route.rest, signal);
  const {payload} = payloadOf(record);
  titleSet(`Record ${record.seq}`);
  refill(main, el('p', {}, el('a', {href: '#/ledger'}, 'All records')),
    el('div', {class: 'card'}, el('p', {}, recordBadge({...record, payload}), ' ', recordTitle({...record, payload})), recordWhole(record)),
    el('h2', {}, 'What it says'), el('div', {class: 'card'}, payloadFacts(payload)));
}

async function showAll({main, signal}) {
  const head = await get('/v1/ledger/head', {}, signal);
  const list = listing({
    caption: 'Records of the ledger, the newest first', noun: ['record', 'records'], columns,
    load: after => get('/v1/ledger', {newest: true, after, limit: 50}, signal),
    detail: recordWhole, detailLabel: record => ['More', `about record ${record.seq}`],
    empty: () => nothing('The ledger is empty. The first consent or block begins it.'),
  });
  refill(main, brokenNotice(head), headCard(head), el('h2', {}, 'Records'), lookUp(), list.node);
  await list.reload();
}

export async function show(page) {
  await (page.route.rest === '' ? showAll(page) : showRecord(page));
}
