/* How the gateway is, as it changes: server-sent events, one stream for the whole console. It rests while nobody looks at the tab,
 * since a browser has few connections to one host. */

const listeners = new Set();
let stream = null, newest = null, state = 'off';

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
    turn(stream?.readyState === EventSource.CLOSED ? 'off' : 'again');
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

export function liveStart() {
  document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
}

const CHECK_MS = 5000;

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
    if (hasGrown && !isBusy)
      setTimeout(() => !signal.aborted && check(), Math.max(0, checkedAt + CHECK_MS - Date.now()));
    isBusy ||= hasGrown;
  });
  return {mark};
}
