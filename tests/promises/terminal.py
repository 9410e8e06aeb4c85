#!/usr/bin/env python3
"""The terminal shows what the API has: messages and what people wrote back, as a table that fits, as
JSON and as CSV; and says by its exit code whether it did what it was asked for."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, SENDER  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402

PATIENCE_S = 30


def on_terminal(gateway, columns, *words):
    """What the command shows on a terminal of so many columns, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    environment = dict(gateway.environment, TERM='xterm')
    process = subprocess.Popen([gateway.binary, *words], stdin=subprocess.DEVNULL, stdout=theirs,
                               stderr=theirs, env=environment)
    os.close(theirs)
    said = b''
    while True:
        try:
            octets = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not octets:
            break
        said += octets
    os.close(ours)
    return process.wait(PATIENCE_S), said.decode().replace('\r\n', '\n')


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def prove_messages(gateway, carrier, people):
    sent = [gateway.http.post('/v1/messages', {'program': PROGRAM, 'to': person, 'client_ref': 'tour',
                                               'text': f'Tour {i}, at 3 pm'}).body['id']
            for i, person in enumerate(people)]
    later = gateway.http.post('/v1/messages', {'program': PROGRAM, 'to': people[0], 'text': 'Tomorrow',
                                               'send_at': now_text(7200)}).body['id']
    until('all are with the carrier', lambda: all(
        gateway.http.get('/v1/messages/' + each).body['status'] in ('sent', 'delivered') for each in sent))
    listed = gateway.command('message', 'list', '--client-ref', 'tour', '--json')
    claim('message list --json is what the API gives', listed.returncode == 0 and json.loads(listed.stdout) ==
          gateway.http.get('/v1/messages?client_ref=tour&limit=100').body['items'], listed.stdout[:300])
    table = rows_of(gateway.command('message', 'list', '--limit', '2', '--csv').stdout)
    claim('as CSV it has a header and so many rows as were asked for',
          [row['id'] for row in table] == [later, sent[-1]], table)
    only = rows_of(gateway.command('message', 'list', '--to', people[1], '--csv').stdout)
    claim('--to picks the messages of one recipient', {row['to'] for row in only} == {people[1]}, only)
    none = gateway.command('message', 'list', '--status', 'failed')
    claim('an empty list is no failure', none.returncode == 0 and none.stdout == '' and
          'no such message' in none.stderr, none)
    wrong = gateway.command('message', 'list', '--status', 'lost')
    claim('a status that is none is an error that names it', wrong.returncode == 1 and '"lost"' in wrong.stderr,
          wrong.stderr)
    shown = gateway.command('message', 'show', sent[0])
    body = gateway.http.get('/v1/messages/' + sent[0]).body
    claim('message show has its parts, its events and the record that allowed it',
          shown.returncode == 0 and body['consent']['ledger_seq'] == body['consent_seq'] and
          all(words in shown.stdout for words in (
              sent[0], 'Tour 0, at 3 pm', body['parts'][0]['carrier_id'], body['events'][-1]['at'],
              'web_form', 'Allowed by this record')), shown.stdout)
    claim('as JSON it is what the API says',
          json.loads(gateway.command('message', 'show', sent[0], '--json').stdout) == body)
    strange = gateway.command('message', 'show', sent[0][:-1] + ('0' if sent[0][-1] != '0' else '1'))
    claim('one that there is not is exit 1', strange.returncode == 1 and 'not_found' in strange.stderr, strange)
    done = gateway.command('message', 'cancel', later, sent[0], '--json')
    rows = json.loads(done.stdout)
    claim('cancel takes back what has not left, says of the other why not, and ends with 1',
          done.returncode == 1 and [row['id'] for row in rows] == [later, sent[0]] and
          rows[0]['status'] == 'cancelled' and rows[1]['code'] == 'has_left', done.stdout + done.stderr)
    claim('taken back again it is exit 0', gateway.command('message', 'cancel', later).returncode == 0 and
          gateway.http.get('/v1/messages/' + later).body['status'] == 'cancelled')
    claim('no id is a usage error', gateway.command('message', 'cancel').returncode == 2)
    return sent


def prove_consent_is_for_its_readers(gateway, sent):
    key = gateway.command('account', 'add', 'sends-only', '--roles', 'sender', '--programs', PROGRAM).stdout.strip()
    own = gateway.http.post('/v1/messages', {'program': PROGRAM, 'to': numbers(1)[0], 'text': 'x'}, key=key).body['id']
    body = gateway.http.get('/v1/messages/' + own, key=key).body
    claim('an account that only sends sees which record allowed its message, and not what the person said',
          body['consent']['ledger_seq'] == body['consent_seq'] and 'payload' not in body['consent'], body)


def prove_inbound(gateway, carrier, people):
    carrier.deliver(people[2], SENDER, 'What does it cost?\x1b[31m', coding='UCS-2')
    until('the text is there', lambda: gateway.http.get('/v1/inbound').body['items'])
    listed = gateway.command('inbound', '--json')
    claim('inbound --json is what the API gives', json.loads(listed.stdout) ==
          gateway.http.get('/v1/inbound').body['items'], listed.stdout)
    rows = rows_of(gateway.command('inbound', '--number', people[2], '--csv').stdout)
    claim('as CSV it has what was made of it', [(row['from'], row['verdict']) for row in rows] ==
          [(people[2], 'none')], rows)
    claim('inbound list is the same', gateway.command('inbound', 'list').stdout == gateway.command('inbound').stdout)
    claim('either JSON or CSV', gateway.command('inbound', '--json', '--csv').returncode == 2)


def prove_status(gateway, carrier):
    until('the ledger was verified', lambda: gateway.http.get('/v1/status').body['ledger']['whole'])
    said = gateway.command('status').stdout
    claim('status says that the ledger is whole, and of a carrier to which all goes nothing',
          'whole when it was last verified' in said and '\ncarrier ' not in said, said)
    gateway.http.post('/v1/carriers/sim/pause', {})
    body = gateway.http.get('/v1/status').body['carriers'][0]
    said = gateway.command('status').stdout
    claim('of one that is paused it says so and why', f"carrier  sim is paused: {body['why']}" in said, said)
    gateway.http.post('/v1/carriers/sim/start', {})
    carrier.drop()
    until('the loss is seen', lambda: gateway.http.get('/v1/status').body['carriers'][0]['last_error'])
    error = gateway.http.get('/v1/status').body['carriers'][0]['last_error']
    said = gateway.command('status').stdout
    claim('and when and how it failed last', f"carrier  sim failed last at {error['at']}: {error['text']}" in said, said)
    claim('--json has all of it', json.loads(gateway.command('status', '--json').stdout)['carriers'][0]['last_error'] == error)


def prove_accounts(gateway):
    listed = rows_of(gateway.command('account', 'list', '--csv').stdout)
    claim('an account that nobody gave a password has none in the list', {row['password_set_at'] for row in listed} == {''}, listed)
    gateway.http.call('PUT', '/v1/accounts/campaigns/password', {'password': 'four words of one'})
    def of_campaigns(rows):
        return next(row['password_set_at'] for row in rows if row['name'] == 'campaigns')
    at = of_campaigns(gateway.http.get('/v1/accounts').body['items'])
    said = gateway.command('account', 'list').stdout
    claim('account list says when it got one', at[:10] in said and 'PASSWORD' in said and
          at == of_campaigns(rows_of(gateway.command('account', 'list', '--csv').stdout)) ==
          of_campaigns(json.loads(gateway.command('account', 'list', '--json').stdout)), said)


def prove_width(gateway, sent):
    for columns in (40, 200):
        for words in (('message', 'list'), ('inbound',), ('queue', 'list'), ('program', 'list'), ('carrier', 'list')):
            code, said = on_terminal(gateway, columns, *words)
            long = [line for line in said.splitlines() if len(line) > columns and not re.search(r' [0-9a-f-]{36}$', line)]
            claim(f'{" ".join(words)} fits {columns} columns and steers no terminal',
                  code == 0 and said and not long and '\x1b' not in said, (code, long))
        code, said = on_terminal(gateway, columns, 'message', 'list')
        claim(f'no id is cut at {columns} columns', all(each in said for each in sent), said)


def prove():
    people = numbers(3)
    with gateway_running('terminal') as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        sent = prove_messages(gateway, carrier, people)
        prove_consent_is_for_its_readers(gateway, sent)
        prove_inbound(gateway, carrier, people)
        prove_width(gateway, sent)
        prove_accounts(gateway)
        prove_status(gateway, carrier)


if __name__ == '__main__':
    run(prove)
