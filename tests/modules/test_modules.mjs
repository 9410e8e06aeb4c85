/* What the console's modules promise where no browser is needed: make modules */
import assert from 'node:assert/strict';
import {createHash, webcrypto} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {address, path} from '../../web/api.js';
import {roundUp, ticksOf} from '../../web/chart.js';
import {csvCell, csvLine, exportAll, fileName, ROWS_MOST} from '../../web/csv.js';
import {netstring, recordCheck} from '../../web/digest.js';
import {isWebAddress} from '../../web/dom.js';
import {routeRead, routeTo} from '../../web/router.js';
import {merged} from '../../web/timeline.js';
import {agoText, fromLocal, toLocal} from '../../web/time.js';

globalThis.crypto ??= webcrypto;

const cells = JSON.parse(readFileSync(new URL('../vectors/csv-cells.json', import.meta.url), 'utf8'));

test('no cell of an export runs in a spreadsheet, and what runs nothing stays as it is', () => {
  assert.ok(cells.length > 40);
  for (const [text, cell] of cells)
    assert.equal(csvCell(text), cell, JSON.stringify(text));
});

test('of values that are no texts, numbers stay and objects are JSON', () => {
  assert.equal(csvCell(-5), '-5');
  assert.equal(csvCell({a: ';=1'}), `"{""a"":"";'=1""}"`);
  assert.equal(csvCell('\u0000=1'), `'=1`);
  assert.equal(csvLine(['a,b', null, undefined, true]), '"a,b",,,true\r\n');
});

/* An API that has so many rows of `n`, by its pages. */
function rowsServed(count) {
  return async where => {
    const query = new URL(where, 'http://localhost').searchParams;
    const from = Number(query.get('after') ?? 0), to = Math.min(count, from + Number(query.get('limit')));
    const items = Array.from({length: to - from}, (_, index) => ({n: from + index}));
    return new Response(JSON.stringify({items, after: to < count ? String(to) : null}), {headers: {'Content-Type': 'application/json'}});
  };
}

async function exported(count, most) {
  globalThis.fetch = rowsServed(count);
  const whole = await exportAll({path: '/v1/rows', query: {}, columns: ['n']}, undefined, () => {}, most);
  return {...whole, lines: (await new Blob(whole.parts).text()).split('\r\n')};
}

test('an export has each row of each page, behind its header', async () => {
  const {count, hasRest, lines} = await exported(2500);
  assert.deepEqual([count, hasRest, lines.length, lines[1], lines[2500], lines[2501]], [2500, false, 2502, '0', '2499', '']);
});

test('an export ends where a spreadsheet does, and says that there is more', async () => {
  assert.deepEqual([ROWS_MOST + 1, (await exported(1000, 1000)).hasRest], [2 ** 20, false]);
  for (const most of [1500, 2000])
    assert.deepEqual((({count, hasRest, lines}) => [count, hasRest, lines.length])(await exported(2500, most)), [most, true, most + 2]);
});

test('a file is named by what it holds and when', () => {
  assert.equal(fileName('proof-+1415', 'json', new Date('2026-11-28T15:00:00Z')), 'assent-proof-+1415-20261128T150000Z.json');
  assert.doesNotMatch(fileName('../../x"<', 'csv'), /[/"<]/);
});

test('what people typed stays one segment of a path, and one value of a query', () => {
  assert.equal(path('consents', '+1 (415)/..?x#y'), '/v1/consents/%2B1%20(415)%2F..%3Fx%23y');
  assert.equal(address('/v1/blocks', {number: '+1&limit=9', program: '', since: null}), '/v1/blocks?number=%2B1%26limit%3D9');
});

test('a route read from its own address is the same', () => {
  for (const route of [{name: 'person', rest: '+14155550123', query: {}}, {name: 'blocks', rest: '', query: {number: '+1 & #x', reason: 'opted_out'}}, {name: 'person', rest: '50% / ?', query: {a: '='}}])
    assert.deepEqual(routeRead(routeTo(route.name, route.rest, route.query)), route);
});

test('an address that is no route is the first page, and one that can’t be decoded is taken as it is', () => {
  for (const hash of ['', '#', '#main', '#/', '#//evil.example', 'javascript:alert(1)'])
    assert.equal(routeRead(hash).name, '', hash);
  assert.equal(routeRead('#/person/%E0%A4%A').rest, '%E0%A4%A');
});

test('only addresses of the web are links', () => {
  for (const no of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', '//evil.example', 'x', '', 'blob:x'])
    assert.equal(isWebAddress(no), false, no);
  assert.equal(isWebAddress('https://example.com/form?a=<b>'), true);
});

test('a time of a form’s field comes back as it went in, to the minute', () => {
  assert.equal(fromLocal(toLocal('2026-11-28T15:07:00.000Z')), '2026-11-28T15:07:00.000Z');
  assert.equal(toLocal('nonsense'), '');
  assert.equal(fromLocal(''), '');
});

test('how long ago is said in the largest unit that fits', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  assert.equal(agoText('2026-11-28T11:58:30Z', now), '1 minute ago');
  assert.equal(agoText('2026-12-01T13:00:00Z', now), 'in 3 days');
});

test('axes have round numbers that hold what is drawn', () => {
  assert.deepEqual([0, 1, 3, 11, 99, 1500].map(roundUp), [1, 1, 5, 20, 100, 2000]);
  assert.deepEqual(ticksOf(0, 100), [0, 20, 40, 60, 80, 100]);
  assert.ok(ticksOf(-10, 100).includes(0));
});

const sum = text => createHash('sha256').update(text).digest('hex');
const net = value => (value === null ? '-,' : `${Buffer.byteLength(String(value))}:${value},`);

function recordOf(changes = {}) {
  const record = {seq: 2, at: '2026-11-28T15:00:00.000Z', kind: 'opt_out', program: 'nurture', number: '+14155550123', number_salt: 'aa', payload: '{"how":"é"}', payload_salt: 'bb',
                  prev_hash: sum('before')};
  record.number_digest = sum(['number', 'aa', record.number].map(net).join(''));
  record.payload_digest = sum(['payload', 'bb', record.payload].map(net).join(''));
  record.hash = sum(['assent-ledger-1', record.prev_hash, 2, record.at, record.kind, record.program, record.number_digest, record.payload_digest].map(net).join(''));
  return {...record, ...changes};
}

const checked = async (record, before = {hash: sum('before')}) => Object.fromEntries(await recordCheck(record, before));

test('netstrings count octets, and null is none', () => {
  assert.equal(Buffer.from(netstring('é')).toString(), '2:é,');
  assert.equal(Buffer.from(netstring(null)).toString(), '-,');
});

test('the digests of a record that is whole fit', async () => {
  assert.deepEqual(Object.values(await checked(recordOf())), ['fits', 'fits', 'fits', 'fits']);
});

test('a record that was changed anywhere is seen', async () => {
  assert.equal((await checked(recordOf({payload: '{}'}))).Payload, 'differs');
  assert.equal((await checked(recordOf({number: '+14155550124'}))).Number, 'differs');
  for (const change of [{at: '2026-11-28T15:00:00.001Z'}, {kind: 'opt_in'}, {program: 'other'}, {seq: 3}])
    assert.equal((await checked(recordOf(change)))['Hash of the record'], 'differs', JSON.stringify(change));
  assert.equal((await checked(recordOf(), {hash: sum('another')}))['Link to the record before it'], 'differs');
});

test('what is erased can’t be made anew, and the rest still fits', async () => {
  const erased = await checked(recordOf({number: null, number_salt: null, payload: null, payload_salt: null}));
  assert.deepEqual(Object.values(erased), ['erased', 'erased', 'fits', 'fits']);
});

test('the first record follows on nothing', async () => {
  assert.equal((await checked(recordOf({prev_hash: '0'.repeat(64)}), null))['Link to the record before it'], 'fits');
});

/* A listing of times in pages of two, the newest first. */
function source(times) {
  return {load: async (after = 0) => ({items: times.slice(after, after + 2).map(at => ({at})), after: after + 2 < times.length ? after + 2 : undefined})};
}

test('a timeline of several listings is in order, and loses nothing', async () => {
  const lists = [['9', '8', '3', '2', '1'], ['7'], [], ['9', '6', '5', '5', '5', '0']];
  const reader = merged(lists.map(source));
  const seen = [];
  let page;
  do {
    page = await reader.next();
    assert.ok(page.items.length > 0 || !page.more, 'each step brings something');
    seen.push(...page.items.map(({at}) => at));
  } while (page.more);
  assert.deepEqual(seen, lists.flat().sort().reverse());
});
