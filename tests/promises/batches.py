#!/usr/bin/env python3
"""Many in one call: each row is judged as the single call would judge it, and is on disk before the answer; asked again
with its key, after a kill too, a batch is answered as it was and nobody is texted twice."""

import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, registration  # noqa: E402
from load import claim_once  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, run  # noqa: E402

PEOPLE, TEXTS, MOST, CROWD = 40, 2000, 5000, 20
NDJSON = {'Content-Type': 'application/x-ndjson'}


def outcome(row):
    return row.get('code') or row.get('state') or row['status']


def lines(rows):
    return '\n'.join(json.dumps(row) for row in rows).encode()


def prove_consents(gateway, carrier, people, stranger):
    rows = [registration(each, now_text(-60)) for each in people]
    rows[1:1] = [registration(stranger, now_text(-60), opted_in=False),
                 registration(people[0], now_text(-60), disclosure=None), 'a word']
    answer = gateway.http.post('/v1/consents/batch', rows)
    claim('each form is judged by itself, in their order', answer.status == 200 and
          [outcome(row) for row in answer.body] ==
          ['opted_in', 'not_eligible', 'missing_evidence', 'malformed'] + ['opted_in'] * (PEOPLE - 1), answer)
    claim('each that opted in gets the confirmation',
          carrier.wait(lambda: set(people) <= {heard.number for heard in carrier.submits}, 20))
    claim('and nobody else', stranger not in {heard.number for heard in carrier.submits})
    carrier.settle(gateway.turn)
    answer = gateway.http.post('/v1/consents/batch', content=lines(rows[:1]), headers=NDJSON)
    claim('the same form again changes nothing', answer.status == 200 and
          json.loads(answer.octets)['state'] == 'opted_in' and b'confirmation' not in answer.octets, answer)


def prove_rows(gateway, people, stranger):
    send = {'program': PROGRAM, 'text': 'Hi'}
    rows = [dict(send, to=stranger), dict(send, to='12'), dict(send, to=people[0], text=''),
            dict(send, to=people[0], dry_run=True), [], dict(send, to=people[0], nonsense=1)]
    said = gateway.http.post('/v1/messages/batch', rows).body
    claim('each text is judged by itself, and a block names its person', [row.get('code') for row in said] ==
          ['no_consent', 'invalid_number', 'invalid_text', None, 'malformed', 'invalid_field'] and
          said[0]['to'] == stranger and said[3]['verdict'] == 'allowed', said)
    for words, content, headers, status in (
            ('more rows than are allowed', lines([rows[0]] * (MOST + 1)), NDJSON, 413),
            ('no array', b'{"program": "x"}', {'Content-Type': 'application/json'}, 400),
            ('an array cut short', b'[{"to": "1"}', {'Content-Type': 'application/json'}, 400),
            ('a body of another type', b'x', {'Content-Type': 'text/csv'}, 415)):
        answer = gateway.http.post('/v1/messages/batch', content=content, headers=headers)
        claim(f'{words} is refused whole: {status}', answer.status == status, answer)
    claim('no row is an empty answer', gateway.http.post('/v1/messages/batch', []).body == [])


def prove_crowd(gateway, stranger):
    """Many large batches at once: what doesn't fit into a turn is asked to come again, and none waits for all."""
    rows = lines([{'program': PROGRAM, 'to': stranger, 'text': 'Hi', 'dry_run': True}] * MOST)
    head = (f'POST /v1/messages/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n'
            f'Content-Type: application/x-ndjson\r\nContent-Length: {len(rows)}\r\n\r\n').encode()
    clients = [socket.create_connection(gateway.http_address, 30) for _ in range(CROWD)]
    threads = [threading.Thread(target=each.sendall, args=(head + rows,)) for each in clients]
    for each in threads:
        each.start()
    said = [each.makefile('rb').readline().split()[1] for each in clients]
    claim(f'each of {CROWD} is answered 200 or 503', set(said) <= {b'200', b'503'} and b'200' in said, said)
    for each in clients:
        each.close()
    answer = gateway.http.post('/v1/messages/batch', content=rows, headers=NDJSON)
    claim('and afterwards there is room again', answer.status == 200, answer.status)


def prove_texts(gateway, carrier, people):
    rows = [{'program': PROGRAM, 'to': people[at % PEOPLE], 'text': f'T{at} a house'} for at in range(TEXTS)]
    headers = {'Idempotency-Key': 'batch 1', **NDJSON}
    answer = gateway.http.post('/v1/messages/batch', content=lines(rows), headers=headers)
    gateway.kill()
    said = [json.loads(line) for line in answer.octets.splitlines()]
    claim(f'{TEXTS} lines are answered by as many lines', answer.status == 200 and
          answer.headers['Content-Type'] == 'application/x-ndjson' and len(said) == TEXTS and
          all('id' in row for row in said), answer.status)
    gateway.start()
    carrier.wait_bound(1)
    again = gateway.http.post('/v1/messages/batch', content=lines(rows), headers=headers)
    claim('after a kill, asked again with its key it is answered as it was', again.status == 200 and
          again.octets == answer.octets and again.headers['Content-Type'] == 'application/x-ndjson', again.status)
    other = gateway.http.post('/v1/messages/batch', content=lines(rows[1:]), headers=headers)
    claim('with another body the key is refused', other.status == 422, other)
    claim_once(gateway, carrier, {f'T{at}': row['id'] for at, row in enumerate(said)}, TEXTS)


def prove():
    *people, stranger = numbers(PEOPLE + 1)
    with gateway_running('batches') as (gateway, carrier):
        prove_consents(gateway, carrier, people, stranger)
        prove_rows(gateway, people, stranger)
        prove_crowd(gateway, stranger)
        prove_texts(gateway, carrier, people)


if __name__ == '__main__':
    run(prove)
