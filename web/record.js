/* Records of the ledger as people read them: what happened, the evidence, and the record itself with its hashes. */
import {get, path, session} from './api.js';
import {badge, button, el, facts, linkOut, refill, say, trouble, words} from './dom.js';
import {canDigest, recordCheck} from './digest.js';
import {routeTo} from './router.js';
import {when, whenExactly} from './time.js';
import {CHANNELS, spaced} from './words.js';

/* In the order in which they are shown; what is not here comes behind. */
const LABELS = {
  why: 'Why', how: 'How', source: 'Source', opted_in: 'Box', box_default: 'Box when the form came', disclosure: 'Wording as shown', product: 'Product',
  form_url: 'Form', form_version: 'Version of the form', language: 'Language', collected_at: 'Done at', ip: 'Address', user_agent: 'Browser', session: 'Visit',
  certificate_url: 'Certificate', contact_ref: 'Contact', channel: 'Channel', note: 'Note', text: 'Text', account: 'Account', sender: 'Sender', stage: 'Stage',
  purpose: 'Purpose', message_id: 'Message', client_ref: 'Reference', rule: 'Rule of the classifier', due_at: 'Due', by: 'Decided by', carrier: 'Carrier',
};
const TIMES = ['collected_at', 'due_at', 'implied_until', 'queried_at'];
const SPOKEN = {
  stage: {accept: 'when it was handed in', dispatch: 'when it was to leave'},
  opted_in: {true: 'ticked', false: 'left unticked'},
  channel: {...Object.fromEntries(CHANNELS), sms: 'Text message'},
};
const HEX = /^[0-9a-f]{32,}$/;

function scopes(list) {
  return list.map(({scope, name}) => `${scope} ${name}`).join(', ');
}

function isScopes(value) {
  return Array.isArray(value) && value.length > 0 && value.every(row => row !== null && typeof row === 'object' && typeof row.scope === 'string');
}

function valueOf(name, value) {
  if (SPOKEN[name]?.[value] !== undefined)
    return SPOKEN[name][value];
  if (TIMES.includes(name) && typeof value === 'string')
    return whenExactly(value);
  if (name.endsWith('_url') && typeof value === 'string')
    return linkOut(value);
  if (isScopes(value))
    return words(scopes(value));
  if (typeof value === 'string')
    return HEX.test(value) ? el('span', {class: 'hex'}, value) : words(value);
  return words(JSON.stringify(value));
}

/* The payload, field by field. */
export function payloadFacts(payload) {
  if (payload === null)
    return el('p', {class: 'quiet'}, 'What it said is erased; its digest still stands in the chain.');
  const names = [...Object.keys(LABELS).filter(name => name in payload), ...Object.keys(payload).filter(name => !(name in LABELS))];
  return facts(names.map(name => [LABELS[name] ?? spaced(name), payload[name] === null ? null : valueOf(name, payload[name])]));
}

/* What happened, in a few words. */
export function recordTitle({kind, payload}) {
  const said = payload ?? {};
  switch (kind) {
    case 'registration': return said.opted_in ? 'Ticked the box' : 'Left the box unticked';
    case 'opt_out': return `Opted out: ${said.how ?? spaced(said.channel ?? 'revoked')}`;
    case 'opt_in': return `Opted in: ${said.how ?? 'by text'}`;
    case 'review': return said.state === 'none' ? 'Review: it was no STOP' : 'Review opened: the text may have meant STOP';
    case 'suppression': return `${spaced(said.kind ?? 'suppression')}: ${spaced(said.state ?? 'recorded').toLowerCase()}`;
    case 'block': return said.title ?? 'Blocked';
    case 'erasure': return 'Erased';
    default: return spaced(kind);
  }
}

export function recordBadge({kind, payload}) {
  if (kind === 'block')
    return badge('Blocked', 'bad');
  const tones = {opt_out: 'bad', opt_in: 'good', registration: payload?.opted_in ? 'good' : 'plain', review: 'wait', suppression: 'bad'};
  const names = {opt_out: 'Opt-out', opt_in: 'Opt-in', registration: 'Form', review: 'Review', suppression: 'Suppression'};
  return badge(names[kind] ?? spaced(kind), tones[kind] ?? 'plain');
}

export function recordLink(seq) {
  return seq === null || seq === undefined ? '–' : el('a', {href: routeTo('ledger', String(seq))}, `record ${seq}`);
}

export function personLink(number) {
  return number ? el('a', {href: routeTo('person', number), class: 'number'}, number) : el('span', {class: 'quiet'}, 'erased');
}

/* ---- the record itself ---- */

export function recordGet(seq, signal) {
  return get(path('ledger', String(seq)), {}, signal);
}

const FITS = {fits: ['fits', 'good'], differs: ['DIFFERS', 'bad'], erased: ['erased; can’t be made anew', 'plain'], none: ['has none', 'plain']};

async function checkInto(box, record) {
  const before = record.seq > 1 ? await recordGet(record.seq - 1) : null;
  const results = await recordCheck(record, before);
  const isWhole = results.every(([, result]) => result !== 'differs');
  refill(box, el('div', {class: `notice ${isWhole ? 'good' : 'bad'}`},
    el('p', {}, isWhole ? 'Made anew in this browser, the digests fit.' : 'The record was changed: what stands here is not what was hashed. Run assent ledger verify.'),
    facts(results.map(([name, result]) => [name, badge(...FITS[result])]))));
  say(isWhole ? 'The digests fit.' : 'The digests differ.');
}

function checkButton(record) {
  const box = el('div', {class: 'screen-only'});
  if (!canDigest())
    return el('p', {class: 'quiet screen-only'}, 'To check the digests in the browser, open the console over TLS; assent ledger verify does it anywhere.');
  box.append(button('Check its digests here', () => checkInto(box, record).catch(problem => refill(box, trouble(problem)))));
  return box;
}

const hex = text => text && el('span', {class: 'hex'}, text);

/* All columns of a record, and a way to check them. */
export function recordWhole(record) {
  return el('div', {},
    facts([['Record', recordLink(record.seq)], ['Written', whenExactly(record.at)], ['Kind', spaced(record.kind)], ['Program', record.program],
           ['Number', record.number && personLink(record.number)], ['Hash', hex(record.hash)], ['Hash of the one before', hex(record.prev_hash)],
           ['Digest of the number', hex(record.number_digest)], ['Digest of the payload', hex(record.payload_digest)]]),
    record.payload && el('details', {}, el('summary', {}, 'The payload as it was hashed'), el('pre', {class: 'text hex'}, record.payload)),
    checkButton(record));
}

/* Records of a number, newest first, in short. */
export function recordList(records) {
  return el('ol', {class: 'timeline short'}, records.map(record => el('li', {},
    el('div', {class: 'number'}, when(record.at)), el('div', {}, recordBadge(record)),
    el('div', {}, words(recordTitle(record)), ' ', el('small', {}, [record.program, ' ', recordLink(record.ledger_seq)])))));
}

export function programOptions() {
  return [['', 'Any program'], ...session().programs.map(name => [name, name])];
}
