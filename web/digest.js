/* The ledger's digests, made anew in the browser: docs/ledger.md. */

const encoder = new TextEncoder();

/* Octets in front of which their number stands, so that no two lists of values are the same. */
export function netstring(value) {
  if (value === null || value === undefined)
    return encoder.encode('-,');
  const octets = encoder.encode(String(value));
  return new Uint8Array([...encoder.encode(`${octets.length}:`), ...octets, ...encoder.encode(',')]);
}

async function digest(values) {
  const octets = new Uint8Array(values.flatMap(value => [...netstring(value)]));
  const sum = await crypto.subtle.digest('SHA-256', octets);
  return [...new Uint8Array(sum)].map(octet => octet.toString(16).padStart(2, '0')).join('');
}

/* Browsers give their digests to pages that came over TLS, or from this very machine. */
export function canDigest() {
  return globalThis.crypto?.subtle !== undefined;
}

/* [what, 'fits' | 'differs' | 'erased' | 'none'] of a record of GET /v1/ledger and the one before it; null: there is none before it. */
export async function recordCheck(record, before) {
  const salted = async name => {
    if (record[`${name}_digest`] === null)
      return 'none';
    if (record[`${name}_salt`] === null)
      return 'erased';
    const sum = await digest([name, record[`${name}_salt`], record[name]]);
    return sum === record[`${name}_digest`] ? 'fits' : 'differs';
  };
  const hash = await digest(['assent-ledger-1', record.prev_hash, record.seq, record.at, record.kind, record.program, record.number_digest, record.payload_digest]);
  const link = before === null ? '0'.repeat(64) : before.hash;
  return [['Number', await salted('number')], ['Payload', await salted('payload')], ['Hash of the record', hash === record.hash ? 'fits' : 'differs'],
          ['Link to the record before it', link === record.prev_hash ? 'fits' : 'differs']];
}
