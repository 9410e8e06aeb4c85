/* Events on their way to the receivers of accounts: what waits, what was given up, and sending again. */
import {get, path} from './api.js';
import {badge, el, facts, nothing, refill, words} from './dom.js';
import {filterForm} from './filters.js';
import {every} from './live.js';
import {keeper, orderButton} from './order.js';
import {querySet, routeTo} from './router.js';
import {listing, table} from './table.js';
import {ago, when, whenExactly} from './time.js';
import {plural} from './words.js';

const LOOK_MS = 5000;
const MOST = 100000; /* as far as the gateway counts */
const STATES = {waiting: ['Waiting', 'wait'], delivered: ['Delivered', 'good'], dead: ['Given up', 'bad']};

const counted = count => (count >= MOST ? `${MOST.toLocaleString('en')} or more` : count.toLocaleString('en'));

function againOrder({account, dead}, after) {
  return () => ({
    title: `Send the events again that were given up for ${account}?`, yes: 'Send them again', path: path('webhooks', 'replay'), body: {account},
    done: 'They wait to be sent again.', after,
    sentences: [`${plural(Math.min(dead, MOST), 'event was', 'events were')} given up. The oldest go first, 2,000 in one go; each is tried for another 24 hours.`,
      'A receiver tells them from others by their webhook-id, which stays the same.'],
  });
}

const summaryColumns = after => [
  {title: 'Account', kind: 'name', cell: row => el('a', {href: routeTo('webhooks', '', {account: row.account})}, words(row.account))},
  {title: 'Waiting', kind: 'right', cell: row => counted(row.waiting)},
  {title: 'The oldest', kind: 'time', cell: row => row.since && [ago(row.since), el('div', {class: 'quiet'}, when(row.since))]},
  {title: 'Given up', kind: 'right', cell: row => counted(row.dead)},
  {title: 'Order', cell: row => row.dead > 0 && orderButton('Send again', againOrder(row, after), {'aria-label': `Send again what was given up for ${row.account}`})},
];

const columns = [
  {title: 'When', kind: 'time', cell: row => when(row.at)},
  {title: 'Event', kind: 'name', cell: row => el('code', {}, row.type)},
  {title: 'State', cell: row => badge(...(STATES[row.status] ?? [row.status]))},
  {title: 'Tries', kind: 'right', cell: row => row.tries.toLocaleString('en')},
  {title: 'Next try', kind: 'time', cell: row => row.next_at && when(row.next_at)},
  {title: 'Last answer', kind: 'wide', cell: row => [row.answer, row.answer && row.why && ': ', row.why && words(row.why)].filter(Boolean)},
];

function detailOf(row, after) {
  return el('div', {}, facts([['Id', el('code', {class: 'text'}, row.id)], ['Receiver', row.receiver ? words(row.receiver) : 'the account’s own'], ['Happened', whenExactly(row.at)],
    [row.status === 'dead' ? 'Given up' : 'Delivered', row.done_at && whenExactly(row.done_at)]]),
    row.event && el('details', {}, el('summary', {}, 'What is posted'), el('pre', {class: 'text'}, JSON.stringify(row.event, null, 2))),
    el('p', {class: 'buttons'}, orderButton('Send this one again', () => ({
      title: 'Send this event again?', yes: 'Send it again', path: path('webhooks', row.id, 'replay'), done: 'It waits to be sent again.', after,
      sentences: ['Whatever became of it, it is tried for another 24 hours, and at once if it waits.']}))));
}

function formOf(accounts, route, reload) {
  return filterForm([
    {name: 'account', label: 'Account', options: accounts.map(name => [name, name])},
    {name: 'status', label: 'State', options: [['', 'Any state'], ...Object.entries(STATES).map(([word, [text]]) => [word, text])]},
    {name: 'type', label: 'Event', list: ['message.sent', 'message.delivered', 'message.failed', 'message.blocked', 'message.inbound', 'consent.changed']},
  ], route.query, query => {
    querySet(route, {...query, account: query.account ?? accounts[0]});
    reload();
  });
}

export async function show({main, route, signal}) {
  const summary = el('div');
  const keep = keeper(summary);
  const look = async () => {
    const {webhooks} = await get('/v1/status', {}, signal);
    keep([webhooks, Math.floor(Date.now() / 10000)], () => el('div', {class: 'listing short'}, el('div', {class: 'frame'}, table({caption: 'Receivers by account', columns: summaryColumns(look), items: webhooks}))));
    return webhooks.map(({account}) => account);
  };
  const accounts = await look();
  if (accounts.length === 0) {
    refill(main, nothing('No account has a receiver of events. The config’s callback_url of an account names one.'));
    return;
  }
  if (!accounts.includes(route.query.account))
    route.query.account = accounts[0];
  const list = listing({
    caption: 'Events, the newest first', noun: ['event', 'events'], columns,
    load: after => get('/v1/webhooks', {...route.query, after, limit: 50}, signal),
    detail: row => detailOf(row, () => Promise.all([look(), list.reload()])), detailLabel: row => ['More', `about the event ${row.type}`],
    empty: () => nothing('No event fits. What was delivered is kept for a day.'),
  });
  refill(main, summary, el('h2', {}, 'Events'), formOf(accounts, route, () => list.reload()), list.node);
  every(signal, LOOK_MS, () => look().catch(() => {}));
  await list.reload();
}
