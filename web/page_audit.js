/* Who looked at which person, and who changed what. */
import {get} from './api.js';
import {badge, el, facts, nothing, refill, words} from './dom.js';
import {exportButton} from './csv.js';
import {filterForm} from './filters.js';
import {personLink} from './record.js';
import {querySet} from './router.js';
import {listing} from './table.js';
import {when, whenExactly} from './time.js';

const COLUMNS = ['at', 'account', 'by', 'address', 'action', 'subject', 'number', 'status'];

/* By the action's method and path; the others are shown as they are. */
const DEEDS = {
  'POST /login': 'Logged in',
  'POST /logout': 'Logged out',
  'GET /v1/consents/{phone}': 'Looked at the person',
  'GET /v1/consents/{phone}/proof': 'Took the proof packet',
  'POST /v1/consents/{phone}/revoke': 'Recorded a revocation',
  'POST /v1/consents/{phone}/erase': 'Erased the person',
  'GET /v1/messages': 'Looked at texts to the person',
  'GET /v1/messages/{id}': 'Looked at a message',
  'GET /v1/inbound': 'Looked at texts from the person',
  'GET /v1/blocks': 'Looked at the person’s blocks',
  'GET /v1/reviews': 'Looked at the person’s reviews',
  'POST /v1/reviews/{review}/resolve': 'Decided a review',
  'GET /v1/suppressions': 'Looked whether the person is suppressed',
  'POST /v1/suppressions': 'Suppressed a number',
  'POST /v1/suppressions/{phone}/remove': 'Took a number off the list',
  'DELETE /v1/suppressions/{phone}': 'Took a number off the list',
  'GET /v1/ledger/{seq}': 'Looked at a record of the ledger',
  'GET /v1/webhooks/{webhook}': 'Looked at an event',
  'PUT /v1/accounts/{account}/password': 'Set a password',
  'DELETE /v1/accounts/{account}/password': 'Removed a password',
  'POST /v1/programs/pause': 'Paused every program',
  'POST /v1/programs/resume': 'Resumed every program',
  'POST /v1/programs/{program}/pause': 'Paused a program',
  'POST /v1/programs/{program}/resume': 'Resumed a program',
};

/* The same, of no one person. */
const LISTINGS = {
  'GET /v1/messages': 'Listed messages',
  'GET /v1/inbound': 'Listed texts from people',
  'GET /v1/blocks': 'Listed blocks',
  'GET /v1/reviews': 'Listed reviews',
  'GET /v1/suppressions': 'Listed suppressed numbers',
  'GET /v1/suppressions/rnd-query': 'Listed what to ask the Reassigned Numbers Database',
  'GET /v1/consents': 'Listed consents',
  'GET /v1/ledger': 'Listed records of the ledger',
  'GET /v1/webhooks': 'Listed events',
  'GET /v1/campaigns/{campaign}/recipients': 'Listed recipients of a campaign',
  'GET /v1/campaigns/{campaign}/enrolments': 'Listed who is in a sequence',
};

const FILTERS = [
  {name: 'number', label: 'Number', type: 'tel'},
  {name: 'account', label: 'Account'},
  {name: 'since', label: 'From', type: 'time'},
  {name: 'until', label: 'Before', type: 'time'},
];

function deed({action, subject, number}) {
  return [(number === null ? LISTINGS[action] : undefined) ?? DEEDS[action] ?? el('code', {}, words(action)), subject && [' ', words(subject)]];
}

function outcome({status}) {
  if (status === null)
    return badge('under way', 'wait');
  return status < 400 ? badge('done', 'good') : badge(`refused, ${status}`, 'bad');
}

const columns = [
  {title: 'When', kind: 'time', cell: row => when(row.at)},
  {title: 'Who', cell: row => [words(row.account ?? 'nobody of ours'), row.by === 'key' && el('small', {}, ' by key')]},
  {title: 'What', kind: 'wide', cell: deed},
  {title: 'Person', kind: 'number', cell: row => row.number && personLink(row.number)},
  {title: 'Outcome', cell: outcome},
  {title: 'From', cell: row => words(row.address)},
];

function detailOf(row) {
  return facts([['When', whenExactly(row.at)], ['Asked', el('code', {}, words(row.action))], ['Of what', row.subject && words(row.subject)],
    ['By', row.by === 'key' ? 'an API key' : 'a session of the console'], ['Answered', row.status === null ? 'it took longer than a moment' : String(row.status)]]);
}

export async function show({main, route, signal}) {
  const list = listing({
    caption: 'Audit, the newest first', noun: ['record', 'records'], columns,
    load: after => get('/v1/audit', {...route.query, after, limit: 50}, signal),
    detail: detailOf, detailLabel: row => ['More', `about what ${row.account ?? 'somebody'} did`],
    empty: () => Object.keys(route.query).length > 0 ? nothing('Nothing fits these filters. Clear some of them.') : nothing('Nobody has looked at anybody yet.'),
  });
  const form = filterForm(FILTERS, route.query, query => {
    querySet(route, query);
    list.reload();
  });
  refill(main, form, el('div', {class: 'bar'}, el('span'), exportButton({what: 'audit', path: '/v1/audit', query: () => route.query, columns: COLUMNS}, signal)), list.node);
  await list.reload();
}
