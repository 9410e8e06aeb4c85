/* Who stands where in each program. */
import {get} from './api.js';
import {badge, el, facts, nothing, refill, words} from './dom.js';
import {exportButton} from './csv.js';
import {filterForm} from './filters.js';
import {personLink, programOptions, recordLink} from './record.js';
import {querySet, routeTo} from './router.js';
import {listing} from './table.js';
import {day, when, whenExactly} from './time.js';
import {stateBadge, stateOptions} from './words.js';

const COLUMNS = ['phone', 'program', 'state', 'eligible', 'under_review', 'why', 'since', 'collected_at', 'expires_at', 'implied_until', 'ledger_seq'];

const FILTERS = () => [
  {name: 'program', label: 'Program', options: programOptions()},
  {name: 'state', label: 'State', options: [['', 'Any state'], ...stateOptions()]},
  {name: 'since', label: 'Stands there since, or later', type: 'time'},
  {name: 'expires_before', label: 'Ends by itself before', type: 'time'},
];

const columns = [
  {title: 'Number', kind: 'number', cell: row => personLink(row.phone)},
  {title: 'Program', kind: 'name', cell: row => words(row.program)},
  {title: 'State', cell: row => [stateBadge(row.state), row.under_review && el('div', {}, badge('held by a review', 'wait'))]},
  {title: 'Why', kind: 'wide', cell: row => words(row.why)},
  {title: 'Since', kind: 'time', cell: row => row.since && when(row.since)},
  {title: 'Ends', kind: 'time', cell: row => row.expires_at && day(row.expires_at)},
];

function detailOf(row) {
  return el('div', {}, facts([['May be texted', row.eligible ? 'yes, as far as consent goes' : 'no'], ['Done by the person', row.collected_at && whenExactly(row.collected_at)], ['Since', row.since && whenExactly(row.since)],
    ['Ends by itself', row.expires_at && whenExactly(row.expires_at)], ['Implied until', row.implied_until && el('span', {}, whenExactly(row.implied_until), '; that opens nothing')],
    ['Ledger', recordLink(row.ledger_seq)]]), row.phone && el('p', {}, el('a', {href: routeTo('person', row.phone)}, `Everything about ${row.phone}`)));
}

export async function show({main, route, signal}) {
  const list = listing({
    caption: 'Consents by number and program', noun: ['consent', 'consents'], columns,
    load: after => get('/v1/consents', {...route.query, after, limit: 50}, signal),
    detail: detailOf, detailLabel: row => ['More', `about ${row.phone ?? 'an erased number'} in ${row.program}`],
    empty: () => Object.keys(route.query).length > 0
      ? nothing('Nobody fits these filters. Clear some of them.')
      : nothing('Nobody is on record yet. Forms come by POST /v1/consents, from a file by assent consent import.'),
  });
  const form = filterForm(FILTERS(), route.query, query => {
    querySet(route, query);
    list.reload();
  });
  refill(main, form, el('div', {class: 'bar'}, el('span'), exportButton({what: 'consents', path: '/v1/consents', query: () => route.query, columns: COLUMNS}, signal)), list.node);
  await list.reload();
}
