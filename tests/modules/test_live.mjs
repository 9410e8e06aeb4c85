/* News of a listing: what a page is told while somebody looks, and after nobody did. */
import assert from 'node:assert/strict';
import {mock, test} from 'node:test';

/* A browser, as far as live.js asks for one. */
class Stream extends EventTarget {
  constructor() {
    super();
    Stream.last = this;
  }

  close() {}

  grow(seq) {
    this.dispatchEvent(Object.assign(new Event('status'), {data: JSON.stringify({ledger: {seq}})}));
  }
}

globalThis.EventSource = Stream;
globalThis.document = Object.assign(new EventTarget(), {hidden: false});
const hands = new EventTarget();
globalThis.addEventListener = hands.addEventListener.bind(hands);
mock.timers.enable({apis: ['setTimeout', 'Date'], now: 1000000});
const {liveStart, newsWatch} = await import('../../web/live.js');
liveStart();

const MINUTE = 60000;
let seq = 1; /* of the ledger */
const answered = () => new Promise(resolve => setImmediate(resolve));

async function later(ms) {
  mock.timers.tick(ms);
  await answered();
}

/* A page whose newest row is `now.newest`; `now.asked` and `now.told` count. */
async function watched(run) {
  const end = new AbortController();
  const now = {newest: 1, asked: 0, told: 0, isHeld: false, fails: false};
  const newest = async () => {
    now.asked++;
    const found = now.newest;
    if (now.fails)
      throw new Error('out of reach');
    while (now.isHeld)
      await answered();
    return found;
  };
  const watch = newsWatch(end.signal, newest, () => { now.told++; });
  const grow = async () => {
    now.newest++;
    Stream.last.grow(++seq);
    await answered();
  };
  hands.dispatchEvent(new Event('pointermove'));
  await watch.mark();
  Stream.last.grow(seq);
  await later(MINUTE);
  await run(now, grow, watch);
  end.abort();
}

test('a row that comes is told once, and asked for at most every five seconds', () => watched(async (now, grow) => {
  await grow();
  await later(0);
  assert.equal(now.told, 1);
  const {asked} = now;
  for (let count = 0; count < 4; count++)
    await grow();
  await later(4000);
  assert.equal(now.asked, asked);
  await later(1000);
  assert.deepEqual([now.asked, now.told], [asked + 1, 2]);
  await later(MINUTE);
  assert.deepEqual([now.asked, now.told], [asked + 1, 2]);
}));

test('a row that comes while it is being asked is told afterwards', () => watched(async (now, grow) => {
  now.isHeld = true;
  Stream.last.grow(++seq);
  await later(0);
  await grow();
  now.isHeld = false;
  await later(0);
  assert.equal(now.told, 0);
  await later(5000);
  assert.equal(now.told, 1);
}));

test('a row that comes while nobody looks is told once a hand comes back', () => watched(async (now, grow) => {
  await later(11 * MINUTE);
  const {asked} = now;
  await grow();
  await later(MINUTE);
  assert.deepEqual([now.asked, now.told], [asked, 0]);
  hands.dispatchEvent(new Event('keydown'));
  await later(0);
  assert.equal(now.told, 1);
}));

test('a row is told later where the gateway couldn’t be asked', () => watched(async (now, grow) => {
  now.fails = true;
  await grow();
  await later(0);
  now.fails = false;
  await later(5000);
  assert.equal(now.told, 1);
}));

test('a row that was shown meanwhile is no news', () => watched(async (now, grow, watch) => {
  await grow();
  await watch.mark();
  await later(MINUTE);
  assert.equal(now.told, 0);
}));

test('nor is anything, once the reader has gone on', async () => {
  let told;
  await watched(async (now, grow) => {
    told = now;
    await grow();
  });
  await later(MINUTE);
  assert.equal(told.told, 0);
});
