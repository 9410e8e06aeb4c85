#!/usr/bin/env python3
"""The ledger's bytes are what docs/ledger.md says: two verifiers, the gateway's and one that was written from that
page in another language, judge every changed export alike. And a chain that was written anew is found by whoever has the
public key, or the head."""

import hashlib
import json
import os
import re
import subprocess
import sys
import types

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import ROOT  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run  # noqa: E402

PROGRAM = os.path.join(ROOT, 'tools', 'verify-ledger.py')
OTHER = types.ModuleType('verify_ledger')
with open(PROGRAM) as source:
    exec(source.read(), OTHER.__dict__)
COLUMNS = ('at', 'kind', 'program', 'number', 'number_salt', 'number_digest', 'payload', 'payload_salt', 'payload_digest',
           'prev_hash', 'hash')


class Judges:
    """Both verifiers, on the same octets."""

    def __init__(self, gateway, path):
        self.gateway, self.path, self.asked = gateway, path, 0

    def judge(self, lines, *options):
        """None: whole; else the record that both name."""
        with open(self.path, 'wb') as file:
            file.writelines(lines)
        ours = self.gateway.command('ledger', 'verify', '--file', self.path, *options)
        match = re.search(r'broken at record (-?\d+)', ours.stdout)
        named = int(match[1]) if match else None
        other = self.judge_other(lines, **{options[i][2:].replace('-', '_'): options[i + 1]
                                           for i in range(0, len(options), 2)})
        self.asked += 1
        if ours.returncode != (named is not None) or named != other:
            claim('both verifiers agree', False, f'{options}: {ours.stdout + ours.stderr} / record {other}')
        return named

    def judge_other(self, lines, head=None, public_key=None):
        try:
            OTHER.verify(lines, head and (int(head.split(':')[0]), head.split(':')[1]), public_key)
        except OTHER.Broken as fault:
            return fault.args[0]

    def commands_agree(self, *options):
        """As people call them."""
        ours = self.gateway.command('ledger', 'verify', '--file', self.path, *options)
        other = subprocess.run([sys.executable, PROGRAM, self.path, *options], capture_output=True, text=True)
        return ours.returncode == other.returncode and ours.stdout.split()[:3] == other.stdout.split()[:3]


def line_of(record):
    return json.dumps(record, separators=(',', ':')).encode() + b'\n'


def netstrings(*values):
    return b''.join(b'-,' if each is None else b'%d:%s,' % (len(str(each).encode()), str(each).encode())
                    for each in values)


def rewritten(records, keeps_signatures):
    """The chain written anew by somebody who has changed a record, and has no key."""
    last, out = '0' * 64, []
    for record in (dict(each) for each in records):
        if record['kind'] == 'signature' and not keeps_signatures:
            continue
        record['seq'], record['prev_hash'] = len(out) + 1, last
        if record['payload'] and record['kind'] == 'signature':
            payload = dict(json.loads(record['payload']), hash=last, seq=len(out))
            record['payload'] = json.dumps(payload)
            record['payload_digest'] = hashlib.sha256(netstrings('payload', record['payload_salt'],
                                                                 record['payload'])).hexdigest()
        record['hash'] = last = hashlib.sha256(netstrings(
            'assent-ledger-1', last, record['seq'], record['at'], record['kind'], record['program'],
            record['number_digest'], record['payload_digest'])).hexdigest()
        out.append(record)
    return [line_of(each) for each in out]


def changed(value):
    return ('1' if value[:1] != '1' else '2') + value[1:]


def prove_changes(judges, lines, records):
    for column in COLUMNS:
        for record in records[::5]:
            anew = dict(record, **{column: '1' if record[column] is None else changed(record[column])})
            if judges.judge([*lines[:record['seq'] - 1], line_of(anew), *lines[record['seq']:]]) != record['seq']:
                claim('every change is found', False, f'{column} of record {record["seq"]}')
            for gone in (None, 7, 'a\0b'):
                if record[column] is not None:
                    found = judges.judge([*lines[:record['seq'] - 1], line_of(dict(record, **{column: gone})),
                                          *lines[record['seq']:]])
                    if found is None:
                        claim('every change is found', False, f'{column} of record {record["seq"]}: {gone!r}')
    claim('every column of every fifth record changed, taken out, of another type: found by both', True)


def prove_order(judges, lines, head):
    last = len(lines)
    for at in range(0, last - 1, 2):
        if judges.judge([*lines[:at], *lines[at + 1:]]) != at + 1:
            claim('a record taken out is found', False, at + 1)
        if judges.judge([*lines[:at], lines[at + 1], lines[at], *lines[at + 2:]]) != at + 1:
            claim('two records swapped are found', False, at + 1)
        if judges.judge([*lines[:at + 1], *lines[at:]]) is None:
            claim('a record twice is found', False, at + 1)
    claim('records taken out, swapped, doubled: found by both', True)
    for broken in (b'{"seq":2\n', b'[]\n', b'null\n', b'{}\n', b'{"seq":"2"}\n', b'{"seq":2.0}\n', b'{"seq":2,"seq":2}\n',
                   b'\xff\n', b'{"seq":true}\n', b'{"seq":99999999999999999999}\n', lines[1][:-20] + b'\n'):
        if judges.judge([lines[0], broken, *lines[2:]]) != 2:
            claim('a mangled line is found', False, broken)
    claim('mangled lines are found by both', True)
    claim('a tail that was cut off is not seen from inside, and is with a head',
          judges.judge(lines[:-3]) is None and judges.judge(lines[:-3], '--head', head) == last - 2)
    claim('an empty export is whole, and not with a head', judges.judge([]) is None and judges.judge([], '--head', head) == 1)


def prove_signatures(judges, lines, records, head, keys):
    ours, others = keys
    first = next(each['seq'] for each in records if each['kind'] == 'signature')
    claim('with the public key it is whole', judges.judge(lines, '--public-key', ours) is None)
    claim('by another key it is not signed', judges.judge(lines, '--public-key', others) == len(lines))
    forged = [dict(each) for each in records]
    forged[1]['kind'] = 'opt_in'
    for keeps in (False, True):
        anew = rewritten(forged, keeps)
        claim('a chain that was written anew' + (' with the old signatures' if keeps else '') + ' is whole by itself',
              judges.judge(anew) is None)
        claim('and found by the head', judges.judge(anew, '--head', head) is not None)
        claim('and by the public key', judges.judge(anew, '--public-key', ours) in (first, len(anew)))
    cut = [each.replace(b'"kind":"signature"', b'"kind":"signed"') for each in lines]
    claim('a signature that is called something else is found', judges.judge(cut, '--public-key', ours) is not None)


def make_key(directory, name):
    private, public = (os.path.join(directory, name + end) for end in ('.pem', '.pub.pem'))
    subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', private], check=True, capture_output=True)
    subprocess.run(['openssl', 'pkey', '-in', private, '-pubout', '-out', public], check=True)
    return private, public


def prove_key(gateway, private):
    os.chmod(private, 0o640)
    result = gateway.command('check-config', '-c', gateway.config)
    claim('a key that others may read is refused', result.returncode == 1 and 'signing_key' in result.stdout + result.stderr,
          result.stdout + result.stderr)
    os.chmod(private, 0o600)
    claim('one of its owner is not', gateway.command('check-config', '-c', gateway.config).returncode == 0)


def prove():
    with gateway_running('verifiers') as (gateway, carrier):
        private, public = make_key(gateway.directory, 'ours')
        _, other = make_key(gateway.directory, 'other')
        gateway.stop()
        gateway.settings.sections = {'ledger': {'signing_key': private}}
        gateway.write_config()
        prove_key(gateway, private)
        gateway.start()
        carrier.wait_bound(1)
        people = numbers(8)
        opt_in_all(gateway, carrier, people[:6])
        gateway.opt_in(people[6], now_text(-60), opted_in=False)
        for number in people:
            gateway.send(number, 'Hi Zoë')
        stop = carrier.deliver(people[0], '+12065550100', 'STOP')
        carrier.wait(lambda: stop.answer)
        head = gateway.http.get('/v1/ledger/head').body
        claim('the head is asked for signed', len(head['signature']) == 128 and len(head['key']) == 64, head)
        gateway.stop()
        result = gateway.command('ledger', 'export', '--db', gateway.database)
        lines = [each.encode() + b'\n' for each in result.stdout.split('\n') if each]
        records = [json.loads(each) for each in lines]
        claim(f'{len(records)} records, the last one a signature', records[-1]['kind'] == 'signature')
        judges = Judges(gateway, os.path.join(gateway.directory, 'export.ndjson'))
        claim('both find the export whole', judges.judge(lines) is None)
        head = f'{len(records)}:{records[-1]["hash"]}'
        claim('and with its head', judges.judge(lines, '--head', head) is None)
        claim('as people call them too', judges.commands_agree('--head', head, '--public-key', public) and
              not judges.judge(lines[1:]) is None and judges.commands_agree())
        prove_changes(judges, lines, records)
        prove_order(judges, lines, head)
        prove_signatures(judges, lines, records, head, (public, other))
        result = gateway.verify(gateway.database, '--public-key', public)
        claim('the database says up to where it is signed', f'signed up to record {len(records) - 1}' in result.stdout,
              result.stdout)
        claim(f'they were asked {judges.asked} times and agreed', judges.asked > 100)


if __name__ == '__main__':
    run(prove)
