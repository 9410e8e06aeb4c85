/* A carrier, live: whether it is up, why it is slow, its binds, and what an operator may tell it. */
import {hasRole, path} from './api.js';
import {badge, el, facts, words} from './dom.js';
import {keeper, orderButton} from './order.js';
import {table} from './table.js';
import {ago, agoText, when} from './time.js';
import {spaced} from './words.js';

const RATE_MS = 10000; /* over which a rate is told */

const BINDS = {
  bound_tx: ['Bound, sends', 'good'], bound_rx: ['Bound, hears', 'good'], bound_trx: ['Bound', 'good'], connecting: ['Connecting', 'wait'],
  open: ['Connecting', 'wait'], binding: ['Binding', 'wait'], leaving: ['Leaving', 'wait'], unbinding: ['Leaving', 'wait'],
  unbound: ['Leaving', 'wait'], closing: ['Closing', 'wait'], closed: ['Not bound', 'bad'],
};

const ORDERS = {
  start: {text: 'Start', sentences: ['Its binds come up, and messages leave by it again.'], done: 'is started'},
  pause: {text: 'Pause', sentences: ['Its binds stay, so that texts and receipts still come in. It gets no message, STOP confirmations and other replies neither, until it is started.'], done: 'is paused'},
  drain: {text: 'Drain', sentences: ['It gets no more messages, and its binds end once all of them are answered. Until it is started it stays away.'], done: 'drains', isGrave: true},
  stop: {text: 'Stop', sentences: ['Its binds end at once, within five seconds for what is unanswered. What people write to it, STOP too, waits at the carrier until it is started.'], done: 'is stopped', isGrave: true},
};

/* What can be said to one in that state. */
function ordersFor(state) {
  return {running: ['pause', 'drain', 'stop'], paused: ['start', 'stop'], draining: ['start', 'stop'], stopped: ['start']}[state] ?? [];
}

function stateBadge({state, up}) {
  if (state !== 'running')
    return badge(spaced(state), state === 'stopped' ? 'bad' : 'wait');
  return up ? badge('Up', 'good') : badge('Down', 'bad');
}

function buttonsOf(name, state) {
  if (!hasRole('admin'))
    return null;
  return el('p', {class: 'buttons'}, ordersFor(state).map(verb => {
    const {text, sentences, done, isGrave} = ORDERS[verb];
    return orderButton(text, () => ({
      title: `${text} carrier ${name}?`, sentences, yes: `${text} it`, isGrave, path: path('carriers', name, verb), done: `Carrier ${name} ${done}.`,
    }), {'aria-label': `${text} carrier ${name}`});
  }));
}

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

const bindState = ({state}) => badge(...(BINDS[state] ?? [spaced(state), 'plain']));

/* How full a window is, as a bar and in figures. */
function windowBar(used, size) {
  return el('span', {class: 'level'}, el('meter', {min: 0, max: Math.max(size, 1), value: used, high: size * 0.9, 'aria-hidden': 'true'}),
            ` ${used.toLocaleString('en')} of ${size.toLocaleString('en')}`);
}

/* Why one isn't bound stands with it where the carrier itself doesn't say it. */
const bindColumns = carrierWhy => [
  {title: 'Bind', kind: 'number', cell: bind => bind.n},
  {title: 'State', kind: 'wide', cell: bind => [bindState(bind), bind.why && !carrierWhy?.includes(bind.why) && el('div', {class: 'quiet'}, words(bind.why))]},
  {title: 'Since', kind: 'time', cell: bind => bind.since && ago(bind.since)},
  {title: 'Window', kind: 'right', cell: bind => `${bind.window_used.toLocaleString('en')} of ${bind.window.toLocaleString('en')}`},
];

/* What was counted, looked at each second: how many a second over the last ten. */
function rateMeter() {
  let seen = [];
  return (count, now) => {
    seen = seen.filter((row, index) => now - row.now <= RATE_MS || now - (seen[index + 1]?.now ?? 0) <= RATE_MS);
    if (seen.length > 0 && count < seen.at(-1).count)
      seen = []; /* the gateway began anew */
    seen.push({now, count});
    const [first] = seen;
    return now > first.now ? (count - first.count) * 1000 / (now - first.now) : 0;
  };
}

export function rateText(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toLocaleString('en', {maximumFractionDigits: 1});
}

function limitText({rate, slowed}) {
  if (rate === null)
    return 'no limit';
  return `at most ${rateText(rate)} a second${slowed ? ', less than the config says, since it throttled' : ''}`;
}

function totals(carrier) {
  return ['submitted', 'accepted', 'refused', 'unanswered', 'throttled', 'heard'].map(name => [spaced(name), carrier[name].toLocaleString('en')]);
}

/* {node, update(carrier), tick(now)}. */
export function carrierCard(name) {
  const head = el('div', {class: 'head'}), why = el('div'), live = el('div'), error = el('div'), binds = el('div'), counts = el('div'), orders = el('div');
  const keep = [head, why, live, error, binds, counts, orders].map(keeper);
  const node = el('section', {class: 'card carrier', 'aria-label': `Carrier ${name}`},
    head, why, live, error, binds, el('details', {}, el('summary', {}, 'Figures since the start'), counts), orders);
  const submits = rateMeter(), hears = rateMeter();
  let carrier = null;
  const tick = now => {
    const out = rateText(submits(carrier.submitted, now)), back = rateText(hears(carrier.heard, now));
    const used = carrier.binds.reduce((sum, bind) => sum + bind.window_used, 0), size = carrier.binds.reduce((sum, bind) => sum + bind.window, 0);
    keep[2]([out, back, used, size, carrier.rate, carrier.slowed], () => facts([
      ['Sends', el('span', {}, el('strong', {}, out), ` parts a second, ${limitText(carrier)}`)],
      ['Hears', `${back} texts and receipts a second`],
      ['Window', windowBar(used, size)]]));
  };
  const update = next => {
    carrier = next;
    keep[0]([carrier.state, carrier.up], () => [el('h3', {}, name), stateBadge(carrier)]);
    keep[1]([carrier.why, carrier.throttled_until], () => carrier.why && el('p', {class: 'notice wait'}, words(sentence(carrier.why)), carrier.throttled_until && [', until ', when(carrier.throttled_until)]));
    keep[3]([carrier.last_error, Math.floor(Date.now() / 60000)], () => carrier.last_error && facts([
      ['Last error', el('span', {}, words(carrier.last_error.text), el('span', {class: 'quiet'}, `, ${agoText(carrier.last_error.at)} (`, when(carrier.last_error.at), ')'))]]));
    keep[4]([carrier.binds, carrier.why, Math.floor(Date.now() / 10000)], () => el('div', {class: 'frame compact', tabindex: 0, role: 'region', 'aria-label': `Binds of ${name}`}, table({caption: `Binds of ${name}`, columns: bindColumns(carrier.why), items: carrier.binds})));
    keep[5](totals(carrier), () => facts(totals(carrier)));
    keep[6](carrier.state, () => buttonsOf(name, carrier.state));
    tick(Date.now());
  };
  return {node, update, tick};
}
