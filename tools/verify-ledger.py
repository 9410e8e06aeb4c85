#!/usr/bin/env python3
"""Verifies an export of the ledger from docs/ledger.md alone: Python's standard library, and the
`openssl` command for signatures.

usage: tools/verify-ledger.py EXPORT [--head SEQ:HASH] [--public-key FILE]

Prints the head and exits 0, or the first broken record, as `record SEQ`, and exits 1."""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile

TEXTS = ('at', 'kind', 'program', 'number', 'number_salt', 'number_digest', 'payload', 'payload_salt',
         'payload_digest', 'prev_hash', 'hash')
ALWAYS = ('at', 'kind', 'program', 'prev_hash', 'hash')


class Broken(Exception):
    pass  # a record, and what is wrong with it


def netstring(value):
    octets = str(value).encode()
    return b'-,' if value is None else b'%d:%s,' % (len(octets), octets)


def digest(*values):
    return hashlib.sha256(b''.join(netstring(each) for each in values)).hexdigest()


def unique(pairs):
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None  # a key twice


def read(line, expected):
    try:
        record = json.loads(line.decode(), object_pairs_hook=unique)
    except ValueError:
        record = None
    if not isinstance(record, dict) or type(record.get('seq')) is not int or \
            not -2**63 <= record['seq'] < 2**63:
        raise Broken(expected, 'its line is not a JSON object with a seq')
    for name in TEXTS:
        value = record.setdefault(name, None)
        if value is not None and (not isinstance(value, str) or '\0' in value):
            raise Broken(record['seq'] if record['seq'] < expected else expected, f'its {name} is no text')
    return record


def check_value(record, name):
    """Gives whether it was erased."""
    value, salt, seal = (record[name + end] for end in ('', '_salt', '_digest'))
    if seal is None:
        if name == 'payload' or value is not None or salt is not None:
            raise Broken(record['seq'], f'its {name}_digest is missing')
        return False
    if (value is None) != (salt is None):
        raise Broken(record['seq'], f'its {name} or the salt of it is missing')
    if value is not None and digest(name, salt, value) != seal:
        raise Broken(record['seq'], f'its {name} was changed')
    return value is None


def signed_by(key, record, signature):
    """Whether the PEM file's key made the signature over the record before."""
    statement = b''.join(netstring(each) for each in ('assent-head-1', record['seq'] - 1, record['prev_hash']))
    with tempfile.NamedTemporaryFile() as text, tempfile.NamedTemporaryFile() as proof:
        text.write(statement), text.flush(), proof.write(signature), proof.flush()
        return subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-in', text.name,
                               '-sigfile', proof.name], capture_output=True).returncode == 0


def check_signature(record, payload, key, raw):
    """Gives whether it is the key's."""
    if (payload.get('hash'), payload.get('seq')) != (record['prev_hash'], record['seq'] - 1) or \
            not isinstance(payload.get('key'), str):
        raise Broken(record['seq'], 'it signs another record than the one before it')
    if key is None or payload['key'] != raw:
        return False
    hexadecimal = payload.get('signature')
    if not isinstance(hexadecimal, str) or not re.fullmatch('[0-9a-fA-F]{128}', hexadecimal) or \
            not signed_by(key, record, bytes.fromhex(hexadecimal)):
        raise Broken(record['seq'], 'its signature is not that of the key')
    return True


def payload_of(record):
    try:
        payload = json.loads(record['payload'])
        return payload if isinstance(payload, dict) else {}
    except (TypeError, ValueError, RecursionError):
        return {}


def verify(lines, head=None, key=None):
    """Gives the head's sequence and hash, and which record is signed; else it raises Broken."""
    seq, last, erased, signed = 0, '0' * 64, set(), 0
    raw = key and subprocess.run(['openssl', 'pkey', '-pubin', '-in', key, '-outform', 'DER'], check=True,
                                 capture_output=True).stdout[-32:].hex()
    for line in filter(lambda each: each != b'\n', lines):
        record = read(line, seq + 1)
        if record['seq'] != seq + 1:
            raise Broken(min(record['seq'], seq + 1), 'one is missing, or there twice')
        seq += 1
        if any(record[name] is None for name in ALWAYS):
            raise Broken(seq, 'one of its columns is missing')
        if not re.fullmatch('[0-9a-f]{64}', record['hash']) or record['prev_hash'] != last:
            raise Broken(seq, 'it does not follow the record before it')
        if check_value(record, 'number') | check_value(record, 'payload'):
            erased.add(seq)
        if digest('assent-ledger-1', last, seq, record['at'], record['kind'], record['program'],
                  record['number_digest'], record['payload_digest']) != record['hash']:
            raise Broken(seq, 'it was changed')
        last = record['hash']
        if head and head[0] == seq and head[1] != last:
            raise Broken(seq, 'it is not the head that was kept')
        if record['kind'] == 'erasure':
            names = payload_of(record).get('records')
            erased -= {each for each in (names if isinstance(names, list) else []) if type(each) is int and each < seq}
        if record['kind'] == 'signature' and check_signature(record, payload_of(record), key, raw):
            signed = seq - 1
    if erased:
        raise Broken(min(erased), 'its values are gone and no record tells of their erasure')
    if head and head[0] > seq:
        raise Broken(seq + 1, 'it is missing: the head that was kept is beyond the end')
    if key and not signed:
        raise Broken(seq, 'it is the last, and none is signed by the key')
    return seq, last, signed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('export')
    parser.add_argument('--head', type=lambda text: (int(text.split(':')[0]), text.split(':')[1]))
    parser.add_argument('--public-key')
    options = parser.parse_args()
    try:
        with open(options.export, 'rb') as file:
            print('ledger is whole: head %d:%s, signed up to record %d' % verify(file, options.head, options.public_key))
    except Broken as fault:
        sys.exit(print('ledger is broken at record %d: %s' % fault.args) or 1)


if __name__ == '__main__':
    main()
