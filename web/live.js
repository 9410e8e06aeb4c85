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

/* Calls run() every so often while somebody looks, until the signal ends. */
export function every(signal, ms, run) {
  const timer = setInterval(() => {
    if (!document.hidden && Date.now() - handAt <= REST_MS)
      run();
  }, ms);
  signal.addEventListener('abort', () => clearInterval(timer), {once: true});
}

export function liveStart() {
  document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  for (const event of ['keydown', 'pointerdown', 'pointermove', 'focus'])
    addEventListener(event, () => { handAt = Date.now(); }, {passive: true, capture: true});
}

/* Calls told() when newest() gives something else than at the last mark(). It is asked when the ledger has grown, every five seconds at most. */
export function newsWatch(signal, newest, told) {
  let seen, seq = null, isBusy = false, checkedAt = 0;
  const mark = async () => { seen = await newest().catch(() => seen); };
  const check = async () => {
    isBusy = true;
    checkedAt = Date.now();
    const found = await newest().catch(() => seen);
    isBusy = false;
    if (!signal.aborted && found !== undefined && seen !== undefined && found !== seen) {
      seen = found;
      told();
    }
  };
  statusFollow(signal, status => {
    const hasGrown = seq !== null && status.ledger.seq !== seq;
    seq = status.ledger.seq;
    if (Date.now() - handAt > REST_MS)
      return;
    if (hasGrown && !isBusy)
      setTimeout(() => !signal.aborted && check(), Math.max(0, checkedAt + CHECK_MS - Date.now()));
    isBusy ||= hasGrown;
  });
  return {mark};
}
