/* What waits: by what holds it, by the carrier that it would take, and line by line. */
import {pages} from './api.js';
import {el, nothing, refill, words} from './dom.js';
import {holdBadge, holdText} from './hold.js';
import {every} from './live.js';
import {keeper} from './order.js';
import {table} from './table.js';
import {when} from './time.js';
import {plural} from './words.js';

const LOOK_MS = 5000;

/* How many wait by a key, the most first. */
function grouped(lines, keyOf) {
  const sums = new Map();
  for (const line of lines) {
    const key = keyOf(line);
    const sum = sums.get(key) ?? {key, queued: 0};
    sum.queued += line.queued;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((one, other) => other.queued - one.queued);
}

function share(queued, all) {
  return el('span', {class: 'level'}, el('meter', {min: 0, max: Math.max(all, 1), value: queued, 'aria-hidden': 'true'}), ` ${queued.toLocaleString('en')}`);
}

function summary(caption, first, rows, all) {
  const columns = [first, {title: 'Waiting', cell: row => share(row.queued, all)}];
  return el('section', {class: 'card compact', 'aria-label': caption}, el('h2', {}, caption), table({caption, columns, items: rows}));
}

const columns = [
  {title: 'Program', kind: 'name', cell: line => words(line.program)},
  {title: 'What', cell: line => (line.lane === 'replies' ? 'Replies' : 'Messages')},
  {title: 'Sender', kind: 'number', cell: line => line.sender},
  {title: 'Route', kind: 'name', cell: line => line.route && words(line.route)},
  {title: 'Waiting', kind: 'right', cell: line => line.queued.toLocaleString('en')},
  {title: 'Carrier', kind: 'name', cell: line => line.carrier && words(line.carrier)},
  {title: 'Held by', kind: 'wide', cell: line => [holdBadge(line.hold), line.why && el('div', {class: 'quiet'}, words(line.why)), line.until && el('div', {class: 'quiet'}, 'until ', when(line.until))]},
];

function view(lines) {
  const waiting = lines.filter(line => line.queued > 0);
  const all = waiting.reduce((sum, line) => sum + line.queued, 0);
  if (all === 0)
    return nothing('Nothing waits in a queue. What is scheduled or held for consent is in the status.');
  return [el('p', {}, el('strong', {}, plural(all, 'message waits', 'messages wait')), ` in ${plural(waiting.length, 'line', 'lines')}.`),
    el('div', {class: 'cards'},
      summary('By what holds them', {title: 'Held by', cell: row => holdBadge(row.key)}, grouped(waiting, line => line.hold), all),
      summary('By carrier', {title: 'Carrier', cell: row => row.key === null ? 'none now' : words(row.key)}, grouped(waiting, line => line.carrier), all)),
    el('h2', {}, 'Lines'),
    el('div', {class: 'listing'}, el('div', {class: 'frame', tabindex: 0, role: 'region', 'aria-label': 'Lines'},
      table({caption: `Lines that wait, ${holdText('none').toLowerCase()} or held`, columns, items: waiting.sort((one, other) => other.queued - one.queued)})))];
}

export async function show({main, signal}) {
  const keep = keeper(main);
  const load = async () => {
    const lines = [];
    for await (const page of pages('/v1/queue', {}, signal))
      lines.push(...page);
    if (!signal.aborted)
      keep(lines, () => view(lines));
  };
  refill(main, el('p', {class: 'quiet'}, 'One moment …'));
  every(signal, LOOK_MS, () => load().catch(() => {}));
  await load();
}
