/* The block log: what the gate refused, and why. */
import {get, path} from './api.js';
import {button, el, nothing, refill, say, words} from './dom.js';
import {exportButton} from './csv.js';
import {filterForm} from './filters.js';
import {newsWatch} from './live.js';
import {payloadFacts, personLink, programOptions, recordGet, recordLink, recordList, recordWhole} from './record.js';
import {querySet, routeTo} from './router.js';
import {ruleOf} from './rules.js';
import {listing} from './table.js';
import {when} from './time.js';
import {BLOCKS, blockBadge} from './words.js';

const COLUMNS = ['ledger_seq', 'at', 'number', 'program', 'account', 'sender', 'code', 'title', 'why', 'stage', 'message_id'];
const HISTORY_SHOWN = 8;
const HISTORY_LIMIT = 1000; /* of GET /v1/consents/{phone} */

const FILTERS = () => [
  {name: 'number', label: 'Number', type: 'tel'},
  {name: 'program', label: 'Program', options: programOptions()},
  {name: 'account', label: 'Account'},
  {name: 'reason', label: 'Reason', options: [['', 'Any reason'], ...Object.entries(BLOCKS)]},
  {name: 'since', label: 'From', type: 'time'},
  {name: 'until', label: 'Before', type: 'time'},
];

const columns = [
  {title: 'When', kind: 'time', cell: block => when(block.at)},
  {title: 'Number', kind: 'number', cell: block => personLink(block.number)},
  {title: 'Reason', cell: block => blockBadge(block.code)},
  {title: 'Why', kind: 'wide', cell: block => block.why && words(block.why)},
  {title: 'Program', kind: 'name', cell: block => block.program && words(block.program)},
  {title: 'Account', cell: block => block.account && words(block.account)},
];

/* What the consent was when the message was refused: the records before the block's, of its program or of all. */
function consentBefore(block, consents) {
  const told = consents.history.filter(record => record.ledger_seq < block.ledger_seq && record.kind !== 'block' && (!record.program || record.program === block.program));
  if (told.length === 0)
    return el('p', {}, consents.history.length < HISTORY_LIMIT ? 'Before this message nothing was on record about the number in this program.'
      : 'Since then so much was recorded about the number that what was before is only in its proof packet.');
  return [recordList(told.toReversed().slice(0, HISTORY_SHOWN)),
          told.length > HISTORY_SHOWN && el('p', {class: 'quiet'}, `${told.length - HISTORY_SHOWN} older records are on the person’s page.`)];
}

async function whyOf(block, signal) {
  const [record, consents] = await Promise.all([recordGet(block.ledger_seq, signal), block.number ? get(path('consents', block.number), {}, signal) : null]);
  return el('div', {},
    el('h2', {}, 'The rule'), ruleOf(block.code),
    el('h2', {}, 'The message'), payloadFacts(record.payload === null ? null : JSON.parse(record.payload)),
    el('h2', {}, 'The consent, up to then'),
    consents === null ? el('p', {class: 'quiet'}, 'The number is erased.') : consentBefore(block, consents),
    consents && el('p', {}, el('a', {href: routeTo('person', block.number)}, `Everything about ${block.number}`)),
    el('h2', {}, 'The ledger’s record'), recordWhole(record));
}

export async function show({main, route, signal}) {
  const list = listing({
    caption: 'Blocked messages, the newest first', noun: ['block', 'blocks'], columns,
    load: after => get('/v1/blocks', {...route.query, after, limit: 50}, signal),
    detail: block => whyOf(block, signal),
    detailLabel: block => ['Why', `the text to ${block.number ?? 'an erased number'} was blocked`],
    empty: () => Object.keys(route.query).length > 0
      ? nothing('No block fits these filters. Clear some of them, or look at an earlier time.')
      : nothing('Nothing was blocked yet. Every message that the gate refuses stands here, with the reason.'),
  });
  const fresh = el('div');
  const reload = async () => {
    refill(fresh);
    watch.mark(); /* before the listing is asked for: what comes in between is told, and not lost */
    await list.reload();
  };
  const form = filterForm(FILTERS(), route.query, query => {
    querySet(route, query);
    reload();
  });
  const watch = newsWatch(signal, async () => (await get('/v1/blocks', {...route.query, limit: 1}, signal)).items[0]?.ledger_seq ?? 0, () => {
    refill(fresh, el('p', {class: 'notice'}, 'There are newer blocks. ', button('Show them', reload, {class: 'quiet'})));
    say('There are newer blocks.');
  });
  refill(main, form, el('div', {class: 'bar'}, fresh, exportButton({what: 'blocks', path: '/v1/blocks', query: () => route.query, columns: COLUMNS}, signal)), list.node);
  await reload();
}
