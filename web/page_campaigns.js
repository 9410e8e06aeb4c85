/* Campaigns: how far each is, what became of its messages, and stopping them. */
import {get, hasRole, path, session} from './api.js';
import {badge, el, facts, nothing, refill, words} from './dom.js';
import {filterForm} from './filters.js';
import {every} from './live.js';
import {keeper, orderButton} from './order.js';
import {programOptions} from './record.js';
import {querySet} from './router.js';
import {listing, table} from './table.js';
import {when, whenExactly} from './time.js';
import {BLOCKS, plural, spaced} from './words.js';

const LOOK_MS = 3000;
const PAGE = 50;

const STATES = {
  loading: ['Loading', 'plain'], checking: ['Being checked', 'wait'], scheduled: ['Scheduled', 'wait'], running: ['Running', 'good'], paused: ['Paused', 'wait'],
  done: ['Done', 'plain'], cancelled: ['Cancelled', 'bad'],
};

const ORDERS = {
  pause: {text: 'Pause', done: 'is paused', sentence: 'Nothing of it leaves until it is resumed; what the carriers have is not taken back.'},
  resume: {text: 'Resume', done: 'goes on', sentence: 'It goes on where it was.'},
  cancel: {text: 'Cancel', done: 'is cancelled', isGrave: true, sentence: 'What of it has not left is withdrawn, and nobody more is texted. This can’t be taken back.'},
};

const sumOf = counts => Object.values(counts).reduce((sum, count) => sum + count, 0);
const isOver = ({state}) => state === 'done' || state === 'cancelled';

function ordersFor(campaign) {
  const isOperator = hasRole('admin') || campaign.account === session().account;
  if (!isOperator || isOver(campaign) || campaign.state === 'loading')
    return isOperator && campaign.state === 'loading' ? ['cancel'] : [];
  return campaign.state === 'paused' ? ['resume', 'cancel'] : ['pause', 'cancel'];
}

function buttonsOf(campaign, after) {
  return el('p', {class: 'buttons'}, ordersFor(campaign).map(verb => {
    const {text, done, sentence, isGrave} = ORDERS[verb];
    return orderButton(text, () => ({
      title: `${text} ${campaign.name}?`, sentences: [sentence], yes: `${text} it`, isGrave, path: path('campaigns', campaign.id, verb), done: `${campaign.name} ${done}.`, after,
    }), {'aria-label': `${text} ${campaign.name}`});
  }));
}

/* Of a file: how many of its recipients were handed in; a sequence has no end. */
function progressOf(campaign) {
  if (campaign.steps)
    return `${plural(campaign.enrolled, 'person', 'people')} entered, ${campaign.finished.toLocaleString('en')} had every step`;
  return [el('progress', {max: Math.max(campaign.recipients, 1), value: campaign.handed_in, 'aria-label': `Progress of ${campaign.name}`}),
    el('div', {class: 'quiet'}, `${campaign.handed_in.toLocaleString('en')} of ${campaign.recipients.toLocaleString('en')}`)];
}

function outcomeOf({messages, blocked, refused}) {
  const rows = [...Object.entries(messages).filter(([, count]) => count > 0).map(([state, count]) => [spaced(state), count]),
    ['Blocked by the gate', sumOf(blocked)], ['Refused', sumOf(refused)]].filter(([, count]) => count > 0);
  return rows.length === 0 ? '–' : el('ul', {class: 'plain'}, rows.map(([name, count]) => el('li', {}, `${count.toLocaleString('en')} `, el('span', {class: 'quiet'}, name.toLowerCase()))));
}

function stateOf(campaign) {
  return [badge(...(STATES[campaign.state] ?? [spaced(campaign.state)])), campaign.dry_run && el('div', {class: 'quiet'}, 'a dry run'), campaign.why && el('div', {class: 'quiet'}, words(campaign.why))];
}

/* Null where there is none. */
function byCode(counts) {
  const rows = Object.entries(counts).filter(([, count]) => count > 0);
  return rows.length === 0 ? null : rows.map(([code, count]) => el('div', {}, `${count.toLocaleString('en')}: ${BLOCKS[code] ?? spaced(code)}`));
}

const stepColumns = [
  {title: 'After', kind: 'number', cell: step => step.after},
  {title: 'Text', kind: 'wide', cell: step => step.text && words(step.text)},
  {title: 'Wait for it', kind: 'right', cell: step => step.waiting.toLocaleString('en')},
  {title: 'Held', kind: 'right', cell: step => step.held.toLocaleString('en')},
  {title: 'Handed in', kind: 'right', cell: step => step.handed_in.toLocaleString('en')},
];

function factsOf(campaign) {
  return facts([['Text', campaign.text && words(campaign.text)], ['Account', words(campaign.account)], ['Sender', campaign.from ? words(campaign.from) : 'chosen for each'],
    ['Rate', campaign.rate > 0 ? `${campaign.rate.toLocaleString('en')} parts a second at most` : 'no limit of its own'], ['Hours', campaign.window && `${campaign.window} on the recipient’s clock`],
    ['Not before', campaign.start_at && whenExactly(campaign.start_at)], ['Not before, local', campaign.start_at_local], ['Not after', campaign.ends_at && whenExactly(campaign.ends_at)],
    ['Made', whenExactly(campaign.created_at)], ['Started', campaign.started_at && whenExactly(campaign.started_at)], ['Ended', campaign.done_at && whenExactly(campaign.done_at)],
    ['File', campaign.rows > 0 ? `${plural(campaign.rows, 'row', 'rows')}: ${campaign.recipients.toLocaleString('en')} to be texted, ${campaign.doubles.toLocaleString('en')} doubled, ${campaign.bad.toLocaleString('en')} that can’t be` : null],
    ['Not asked yet', campaign.waiting > 0 ? `${campaign.waiting.toLocaleString('en')}${campaign.later > 0 ? `, of whom ${campaign.later.toLocaleString('en')} wait for their hour` : ''}` : null],
    ['Blocked', byCode(campaign.blocked)], ['Refused', byCode(campaign.refused)], ['Parts', campaign.parts.toLocaleString('en')],
    ['Taken out', byCode(campaign.ended ?? {})]]);
}

/* Parts of rows that are shown, by campaign: what is looked at again fills them anew. */
function liveRows() {
  const rows = new Map();
  const part = (campaign, fill) => {
    const node = el('div');
    const keep = keeper(node);
    const update = next => keep(next, () => fill(next));
    update(campaign);
    rows.set(campaign.id, [...(rows.get(campaign.id) ?? []), update]);
    return node;
  };
  return {part, forget: () => rows.clear(), update: campaign => rows.get(campaign.id)?.forEach(update => update(campaign)), ids: () => [...rows.keys()]};
}

export async function show({main, route, signal}) {
  const live = liveRows();
  const columns = [
    {title: 'Campaign', kind: 'name', cell: row => [words(row.name), el('div', {class: 'quiet'}, words(row.program ?? ''))]},
    {title: 'State', cell: row => live.part(row, stateOf)},
    {title: 'Progress', kind: 'wide', cell: row => live.part(row, progressOf)},
    {title: 'Messages', cell: row => live.part(row, outcomeOf)},
    {title: 'Started', kind: 'time', cell: row => row.started_at && when(row.started_at)},
  ];
  const look = async () => {
    const {items} = await get('/v1/campaigns', {...route.query, limit: PAGE}, signal);
    items.forEach(live.update);
  };
  const list = listing({
    caption: 'Campaigns, the newest first', noun: ['campaign', 'campaigns'], columns,
    load: after => {
      if (!after)
        live.forget();
      return get('/v1/campaigns', {...route.query, after, limit: PAGE}, signal);
    },
    detail: row => el('div', {}, live.part(row, factsOf), row.steps && el('div', {class: 'frame compact', tabindex: 0, role: 'region', 'aria-label': 'Steps'}, table({caption: 'Steps', columns: stepColumns, items: row.steps})), live.part(row, campaign => buttonsOf(campaign, look))),
    detailLabel: row => ['More', `about ${row.name}`],
    empty: () => Object.keys(route.query).length > 0 ? nothing('No campaign fits these filters.') : nothing('There is no campaign yet. Senders make them by POST /v1/campaigns or assent send --csv.'),
  });
  const form = filterForm([{name: 'program', label: 'Program', options: programOptions()}, {name: 'state', label: 'State', options: [['', 'Any state'], ...Object.entries(STATES).map(([word, [text]]) => [word, text])]}],
    route.query, query => {
      querySet(route, query);
      list.reload();
    });
  refill(main, form, list.node);
  every(signal, LOOK_MS, () => live.ids().length > 0 && look().catch(() => {}));
  await list.reload();
}
