/* How the gateway is, as it changes: server-sent events, one stream for the whole console. It rests while nobody looks at the tab,
 * since a browser has few connections to one host. */

const AGAIN_MS = 10000; /* where the gateway refused the stream; a connection that was lost the browser opens again itself */
const CHECK_MS = 5000;
const REST_MS = 600000; /* without a hand on it for that long nobody looks, and asking would only keep the session open */

const listeners = new Set();
let stream = null, newest = null, state = 'off', handAt = Date.now();

function turn(next) {
  if (state === next)
    return;
  state = next;
  document.dispatchEvent(new CustomEvent('live', {detail: state}));
}

function open() {
  if (stream !== null || document.hidden || listeners.size === 0)
    return;
  stream = new EventSource('/v1/status/events');
  stream.addEventListener('open', () => turn('on'));
  stream.addEventListener('status', event => {
    newest = JSON.parse(event.data);
    for (const listener of listeners)
      listener(newest);
  });
  stream.addEventListener('error', () => {
    const isRefused = stream?.readyState === EventSource.CLOSED;
    turn(isRefused ? 'off' : 'again');
    if (isRefused) {
      stream = null;
      setTimeout(open, AGAIN_MS);
    }
  });
}

function close() {
  stream?.close();
  stream = null;
  turn('off');
}

/* Calls listener(status) now, where it is known, and whenever it changes; until the signal ends. */
export function statusFollow(signal, listener) {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener), {once: true});
  if (newest !== null)
    listener(newest);
  open();
}

function isResting() {
  return Date.now() - handAt > REST_MS;
}

function handSeen() {
  const wasResting = isResting();
  handAt = Date.now();
  if (wasResting)
    document.dispatchEvent(new CustomEvent('hand-back'));
}

/* Calls run() every so often while somebody looks, until the signal ends. */
export function every(signal, ms, run) {
  const timer = setInterval(() => {
    if (!document.hidden && !isResting())
      run();
  }, ms);
  signal.addEventListener('abort', () => clearInterval(timer), {once: true});
}

export function liveStart() {
  document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  for (const event of ['keydown', 'pointerdown', 'pointermove', 'focus'])
    addEventListener(event, handSeen, {passive: true, capture: true});
}

/* Calls told() when newest() gives something else than at the last mark(). It is asked when the ledger has grown, every five seconds at most;
 * what grew while nobody looked, or while it was being asked, is asked for afterwards. */
export function newsWatch(signal, newest, told) {
  let seen, seq = null, marks = 0, isDue = false, isBusy = false, checkedAt = 0;
  const mark = async () => {
    marks++;
    const found = await newest().catch(() => undefined);
    isDue ||= found === undefined;
    seen = found ?? seen;
  };
  const check = async () => {
    const mine = marks;
    isDue = false;
    checkedAt = Date.now();
    const found = await newest().catch(() => undefined);
    isBusy = false;
    if (signal.aborted)
      return;
    isDue ||= found === undefined;
    if (found !== undefined && mine === marks) {
      const isNews = seen !== undefined && found !== seen;
      seen = found;
      if (isNews)
        told();
    }
    consider();
  };
  const consider = () => {
    if (!isDue || isBusy || isResting() || signal.aborted)
      return;
    isBusy = true;
    setTimeout(() => !signal.aborted && check(), Math.max(0, checkedAt + CHECK_MS - Date.now()));
  };
  statusFollow(signal, status => {
    isDue ||= seq !== null && status.ledger.seq !== seq;
    seq = status.ledger.seq;
    consider();
  });
  document.addEventListener('hand-back', consider, {signal});
  return {mark};
}
