/* How the gateway is now: what waits, the carriers with their binds, the programs; and the orders to them. */
import {hasRole, pages, path} from './api.js';
import {carrierCard} from './carrier.js';
import {badge, el, nothing, refill, words} from './dom.js';
import {every, statusFollow} from './live.js';
import {keeper, orderButton} from './order.js';
import {routeTo} from './router.js';
import {table} from './table.js';
import {when} from './time.js';
import {holdText} from './hold.js';

const PROGRAMS_MS = 5000;

/* ---- in figures ---- */

function tile(value, label, href) {
  const name = href ? el('a', {href}, label) : label;
  return el('li', {}, el('strong', {}, value), el('span', {}, name));
}

function uptimeText(seconds) {
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
  return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

function tilesOf({queue, webhooks, version, uptime_s: uptime}) {
  const queueHref = hasRole('admin') ? routeTo('queue') : null, hooksHref = hasRole('admin') ? routeTo('webhooks') : null;
  const waiting = webhooks.reduce((sum, row) => sum + row.waiting, 0), dead = webhooks.reduce((sum, row) => sum + row.dead, 0);
  return el('ul', {class: 'tiles'},
    tile(queue.queued.toLocaleString('en'), 'queued', queueHref), tile(queue.held.toLocaleString('en'), 'held'),
    tile(queue.scheduled.toLocaleString('en'), 'scheduled'), tile(queue.sending.toLocaleString('en'), 'sending'),
    webhooks.length > 0 && tile(waiting.toLocaleString('en'), dead > 0 ? `events wait, ${dead.toLocaleString('en')} given up` : 'events wait', hooksHref),
    tile(uptimeText(uptime), `up, version ${version}`));
}

/* ---- what somebody should look at ---- */

function stuckLine({program, sender, lane, route, hold}) {
  return el('li', {}, lane === 'replies' ? 'Replies' : 'Messages', ' of ', words(program), ' from ', words(sender),
            route && [' by route ', words(route)], ` stand still (${holdText(hold)}).`);
}

/* Each line that stands still is said once, when it begins to: what is only for how long stands beside what is read out, and lines that
 * were there before stay the elements that they are. Gives update(stuck). */
function stuckAlarm(node) {
  const list = el('ul'), since = el('p'), lines = new Map();
  const box = el('div', {class: 'notice bad'}, el('div', {role: 'alert', 'aria-atomic': 'false'}, el('p', {}, el('strong', {}, 'Something that could move doesn’t.')), list), since);
  const keep = keeper(since);
  const keyOf = ({still_s: _, ...row}) => JSON.stringify(row);
  return stuck => {
    const rows = new Map(stuck.map(row => [keyOf(row), row]));
    for (const [key, line] of lines)
      if (!rows.has(key)) {
        line.remove();
        lines.delete(key);
      }
    for (const [key, row] of rows)
      if (!lines.has(key)) {
        lines.set(key, stuckLine(row));
        list.append(lines.get(key));
      }
    const most = Math.max(0, ...stuck.map(row => row.still_s));
    keep(most, () => [`For ${uptimeText(most)}${stuck.length > 1 ? ', the longest of them' : ''}. Stopping and starting the carrier binds it anew.`]);
    if (stuck.length === 0)
      box.remove();
    else if (box.parentNode === null)
      node.append(box);
  };
}

function restoredNotice(restoration) {
  return restoration?.holds && el('div', {class: 'notice wait'}, el('p', {}, el('strong', {}, 'This database was restored from a copy.')),
    el('p', {}, 'Nothing but mandated replies leaves until somebody vouches for the opt-outs since: assent restore confirm.'));
}

/* ---- programs ---- */

function programOrder(name, isPaused, after) {
  const verb = isPaused ? 'resume' : 'pause', text = isPaused ? 'Resume' : 'Pause';
  return () => ({
    title: `${text} program ${name}?`, yes: `${text} it`, path: path('programs', name, verb), done: `Program ${name} is ${verb}d.`, after,
    sentences: [isPaused ? 'What waits leaves again, as carriers have room.' : 'Nothing of it leaves but opt-in, HELP and STOP replies. What waits stays in the queue until it is resumed.'],
  });
}

function allOrder(verb, after) {
  const isPause = verb === 'pause';
  return () => ({
    title: isPause ? 'Pause every program?' : 'Resume every program?', yes: isPause ? 'Pause all of them' : 'Resume all of them', isGrave: isPause,
    path: path('programs', verb), done: isPause ? 'Every program is paused.' : 'Every program runs.', after,
    sentences: [isPause ? 'The emergency stop: from now on nothing leaves but opt-in, HELP and STOP replies, until they are resumed.' : 'What waits leaves again, as carriers have room.'],
  });
}

function programColumns(after) {
  return [
    {title: 'Program', kind: 'name', cell: row => words(row.name)},
    {title: 'State', cell: row => [row.state === 'paused' ? badge('Paused', 'wait') : badge('Running', 'good'), row.paused_at && el('div', {class: 'quiet'}, 'since ', when(row.paused_at))]},
    {title: 'Messages waiting', kind: 'right', cell: row => row.queued?.toLocaleString('en')},
    {title: 'Senders', kind: 'number', cell: row => row.senders.map(sender => el('div', {}, words(sender)))},
    {title: 'Carriers', kind: 'name', cell: row => words(row.carriers.join(', '))},
    {title: 'Order', cell: row => orderButton(row.state === 'paused' ? 'Resume' : 'Pause', programOrder(row.name, row.state === 'paused', after), {'aria-label': `${row.state === 'paused' ? 'Resume' : 'Pause'} program ${row.name}`})},
  ];
}

async function programsShow(node, signal) {
  const keep = keeper(node);
  const load = async () => {
    const rows = [];
    for await (const page of pages('/v1/programs', {}, signal))
      rows.push(...page);
    keep(rows, () => [el('div', {class: 'listing'}, el('div', {class: 'frame'}, table({caption: 'Programs', columns: programColumns(load), items: rows}))),
      el('p', {class: 'buttons apart'}, orderButton('Pause every program', allOrder('pause', load), {class: 'bad'}),
         rows.some(row => row.state === 'paused') && orderButton('Resume every program', allOrder('resume', load)))]);
  };
  every(signal, PROGRAMS_MS, () => load().catch(() => {}));
  await load();
}

/* ---- the page ---- */

export async function show({main, signal}) {
  const figures = el('div'), restored = el('div'), alarms = el('div'), carriers = el('div', {class: 'cards'}), programs = el('div');
  const keepFigures = keeper(figures), keepRestored = keeper(restored), stuckShow = stuckAlarm(alarms);
  const cards = new Map();
  refill(main, restored, alarms, figures, el('h2', {}, 'Carriers'), carriers, hasRole('admin') && [el('h2', {}, 'Programs'), programs]);
  const cardOf = name => {
    if (!cards.has(name))
      cards.set(name, carrierCard(name));
    return cards.get(name);
  };
  statusFollow(signal, status => {
    const names = status.carriers.map(({name}) => name);
    keepRestored(status.restoration, () => restoredNotice(status.restoration));
    stuckShow(status.stuck);
    keepFigures([status.queue, status.webhooks, Math.floor(status.uptime_s / (status.uptime_s < 60 ? 1 : 60))], () => tilesOf(status));
    for (const name of [...cards.keys()].filter(known => !names.includes(known)))
      cards.delete(name);
    if (carriers.childElementCount !== names.length || [...carriers.children].some((node, index) => node !== cards.get(names[index])?.node))
      refill(carriers, names.map(name => cardOf(name).node), names.length === 0 && nothing('The config names no carrier, so nothing can leave.'));
    for (const carrier of status.carriers)
      cardOf(carrier.name).update(carrier);
  });
  every(signal, 1000, () => cards.forEach(card => card.tick(Date.now())));
  if (hasRole('admin'))
    await programsShow(programs, signal);
}
