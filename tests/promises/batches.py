#!/usr/bin/env python3
"""Many in one call: each row is judged as the single call would judge it, and is on disk before the answer; asked again
with its key, after a kill too, a batch is answered as it was and nobody is texted twice. That holds for one that was cut in the
middle, by a kill, a full disk or the end of the gateway: it goes on behind the last row that is on disk."""

import json
import os
import resource
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, SENDER, registration  # noqa: E402
from load import claim_once, is_sanitized, peak_kib  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, run  # noqa: E402

PEOPLE, TEXTS, MOST, CROWD, CUT = 40, 2000, 5000, 20, 6000
COMPANY, COMPANY_ROWS = 4, 50000
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
            ('an array of more rows than are allowed', json.dumps([rows[0]] * (MOST + 1)).encode(),
             {'Content-Type': 'application/json'}, 413),
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


def rows_of(people, base, count):
    return [{'program': PROGRAM, 'to': people[at % PEOPLE], 'text': f'T{base + at} a house'} for at in range(count)]


def post_in_thread(gateway, content, headers, key=None):
    """Its answer is in the list, once it is there; nothing, if none came."""
    said = []

    def post():
        try:
            said.append(gateway.http.post('/v1/messages/batch', content=content, headers=headers, key=key))
        except OSError:
            pass
    thread = threading.Thread(target=post)
    thread.start()
    return thread, said


def blocks(gateway):
    with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as database:
        return database.execute("SELECT count(*) FROM ledger WHERE kind = 'block'").fetchone()[0]


def company(gateway):
    """Batches that share the turns with another and take nothing, so that its slices are small and its end far. Each has begun:
    its first row was blocked."""
    row = {'program': PROGRAM, 'to': '+12125559999', 'text': 'Hi'}
    rows, before = lines([row] + [dict(row, dry_run=True)] * (COMPANY_ROWS - 1)), blocks(gateway)
    beside = [post_in_thread(gateway, rows, NDJSON) for _ in range(COMPANY)]
    while blocks(gateway) < before + COMPANY:
        time.sleep(0.01)
    return beside


def rows_done(gateway, key):
    """How many rows of the batch are on disk."""
    with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as database:
        found = database.execute('SELECT rows FROM answer WHERE key = ?', (key.encode(),)).fetchone()
    return found[0] if found else 0


def wait_for_rows(gateway, key):
    end = time.monotonic() + 20
    while not (done := rows_done(gateway, key)):
        if time.monotonic() > end:
            raise SystemExit('no row came to disk')
    return done


def cut(gateway, content, key, end):
    """The batch is cut in its middle. How many of its rows were on disk, and what was answered."""
    beside = company(gateway)
    thread, said = post_in_thread(gateway, content, {'Idempotency-Key': key, **NDJSON})
    wait_for_rows(gateway, key)
    end()
    for each in [thread, *(other for other, _ in beside)]:
        each.join(20)
    return rows_done(gateway, key), said


def prove_cuts(gateway, carrier, people):
    ids = {}
    for place, (words, end) in enumerate((('a kill', gateway.kill), ('an end', gateway.stop))):
        base, key = 10000 * (place + 1), f'cut {place}'
        content = lines(rows_of(people, base, CUT))
        done, said = cut(gateway, content, key, end)
        claim(f'{words} cuts a batch after {done} of {CUT} rows', 0 < done < CUT, done)
        claim('and no 200 is said', not [each for each in said if each.status == 200], said)
        gateway.start()
        carrier.wait_bound(1)
        answer = gateway.http.post('/v1/messages/batch', content=content, headers={'Idempotency-Key': key, **NDJSON})
        found = [json.loads(line) for line in answer.octets.splitlines()]
        claim('the same again answers for all of its rows', answer.status == 200 and len(found) == CUT and
              all('id' in row for row in found), answer)
        ids.update((f'T{base + at}', row['id']) for at, row in enumerate(found))
    count = texts_on_disk(gateway, 'T_____ a house')
    claim('each row is one message', count == (len(ids), len(ids)), count)


def full_disk(gateway):
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def room_again(gateway):
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def texts_on_disk(gateway, pattern):
    with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as database:
        return database.execute('SELECT count(*), count(DISTINCT text) FROM message WHERE text LIKE ?', (pattern,)).fetchone()


def prove_full_disk(gateway, people):
    content, headers = lines(rows_of(people, 70000, 2 * CUT)), {'Idempotency-Key': 'full', **NDJSON}
    done, said = cut(gateway, content, 'full', lambda: full_disk(gateway))
    claim('a full disk cuts a batch: 503, and how many rows are done', said[0].status == 503 and
          0 < said[0].body['rows_done'] == done < 2 * CUT and said[0].headers['Retry-After'], (done, said))
    room_again(gateway)
    answer = gateway.http.post('/v1/messages/batch', content=content, headers=headers)
    claim('the same again goes on behind them', answer.status == 200 and answer.octets.count(b'"id"') == 2 * CUT and
          texts_on_disk(gateway, 'T7____ a house') + texts_on_disk(gateway, 'T8____ a house') ==
          (10000, 10000, 2 * CUT - 10000, 2 * CUT - 10000), answer)

    beside = company(gateway)
    thread, said = post_in_thread(gateway, lines(rows_of(people, 90000, CUT)), NDJSON)
    while not texts_on_disk(gateway, 'T9____ a house')[0]:
        pass
    full_disk(gateway)
    for each in [thread, *(other for other, _ in beside)]:
        each.join(20)
    room_again(gateway)
    rows = [json.loads(line) for line in said[0].octets.splitlines()]
    taken = [row['id'] for row in rows if 'id' in row]
    claim('without a key each row is told what became of it', said[0].status == 200 and len(rows) == CUT and
          0 < len(taken) < CUT and {row['code'] for row in rows[len(taken):]} == {'unavailable'} and
          texts_on_disk(gateway, 'T9____ a house') == (len(taken), len(taken)), (len(rows), len(taken)))


def prove_array_cuts(gateway, carrier, people):
    """An array without a key, cut between two slices, is an array all the same: those on disk, and the others refused."""
    key = gateway.http.post('/v1/accounts', {'name': 'crm', 'roles': ['sender'], 'programs': [PROGRAM]}).body['key']
    for place, (words, code, end) in enumerate((
            ('the end of its account', 'unauthorized', lambda: gateway.http.post('/v1/accounts/crm/revoke', {})),
            ('the end of the gateway', 'unavailable', gateway.stop))):
        slow = company(gateway)
        base = 30000 + 20000 * place
        content, pattern = json.dumps(rows_of(people, base, MOST)).encode(), f'T{base // 1000}___ a house'
        thread, said = post_in_thread(gateway, content, {'Content-Type': 'application/json'}, None if place else key)
        while not texts_on_disk(gateway, pattern)[0]:
            pass
        end()
        for each in [thread, *(other for other, _ in slow)]:
            each.join(20)
        rows = said[0].body or []
        taken = [row['id'] for row in rows if 'id' in row]
        claim(f'an array that {words} cuts is answered as an array, a result a row', said[0].status == 200 and len(rows) == MOST and
              0 < len(taken) < MOST and {row.get('code') for row in rows[len(taken):]} == {code}, said[0].octets[-300:])
        claim('and those beside it are answered whole', all(
            len(found) == 1 and (found[0].octets.count(b'\n') == COMPANY_ROWS or found[0].status == 503) for _, found in slow),
              [found[:1] for _, found in slow])
    gateway.start()
    carrier.wait_bound(1)


def prove_concurrency(gateway, people):
    """The same key twice at once: one of them does it, the other hears so."""
    content, headers = lines(rows_of(people, 40000, CUT)), {'Idempotency-Key': 'at once', **NDJSON}
    threads = [post_in_thread(gateway, content, headers) for _ in range(4)]
    for thread, _ in threads:
        thread.join(30)
    said = [each[0] for _, each in threads]
    statuses = sorted(each.status for each in said)
    claim(f'of four with one key at once each is told the same, or that it is in progress: {statuses}',
          {200, 409} == set(statuses) and len({each.octets for each in said if each.status == 200}) == 1 and
          {each.body['code'] for each in said if each.status == 409} == {'in_progress'}, said)
    claim('and each row is one message', texts_on_disk(gateway, 'T4____ a house') == (CUT, CUT))
    again = gateway.http.post('/v1/messages/batch', content=content, headers=headers)
    claim('and afterwards all of it is told to whoever asks', again.status == 200 and
          again.octets in [each.octets for each in said if each.status == 200])


def prove_size(gateway, stranger):
    """A hundred thousand rows take no more memory than the body and its answer."""
    content = lines([{'program': PROGRAM, 'to': stranger, 'text': 'Hi', 'dry_run': True}] * 100000)
    before = peak_kib(gateway)
    answer = gateway.http.post('/v1/messages/batch', content=content, headers=NDJSON)
    grown, both = peak_kib(gateway) - before, (len(content) + len(answer.octets)) // 1024
    claim(f'100,000 rows: {both} KiB of body and answer, {grown} KiB of memory', answer.status == 200 and
          answer.octets.count(b'\n') == 100000 and (grown < both + (16 << 10) or is_sanitized(gateway)), (grown, both))


def prove_others(gateway, people):
    """Forms and suppressions, in more rows than a turn does."""
    forms = [registration(people[at % PEOPLE], now_text(-60), opted_in=False, contact_ref=str(at)) for at in range(CUT // 2)]
    for path, rows, word in (('consents', forms, 'state'),
                             ('suppressions', [{'phone': '+1646555%04d' % at, 'kind': 'listed', 'note': str(at)} for at in range(CUT // 2)],
                              'status')):
        answer = gateway.http.post(f'/v1/{path}/batch', content=lines([*rows, 'bad']), headers=NDJSON)
        said = [json.loads(line) for line in answer.octets.splitlines()]
        claim(f'{CUT // 2} {path} are answered in their order, and a bad one by its own problem', answer.status == 200 and
              len(said) == CUT // 2 + 1 and said[-1]['code'] == 'malformed' and
              [row['phone'] for row in said[:-1]] == [row['phone'] for row in rows] and all(word in row for row in said[:-1]), said[:2])


def prove_stops_pass(gateway, carrier, people, stranger):
    """Whoever asks during a long batch is answered in the middle of it, and so is a STOP."""
    content = lines([{'program': PROGRAM, 'to': stranger, 'text': 'Hi', 'dry_run': True}] * 60000)
    thread, said = post_in_thread(gateway, content, NDJSON)
    passed, delivery = 0, carrier.deliver(stranger, SENDER, 'STOP')
    claim('a STOP is acknowledged in the middle of a batch', carrier.wait(lambda: delivery.answer) and thread.is_alive())
    while thread.is_alive():
        passed += gateway.http.get('/v1/status').status == 200
    claim(f'{passed} others are answered during a batch of 60,000 rows', passed > 20 and said[0].status == 200 and
          said[0].octets.count(b'\n') == 60000, passed)


def prove_hang_up(gateway, people):
    """A body that comes in part is no batch; one that came whole is done, whoever waits for it."""
    content = lines(rows_of(people, 60000, CUT))
    head = (f'POST /v1/messages/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\nIdempotency-Key: gone\r\n'
            f'Content-Type: application/x-ndjson\r\nContent-Length: {len(content)}\r\n\r\n').encode()
    for words, octets in (('half of a batch', content[:len(content) // 2]), ('a batch', content)):
        with socket.create_connection(gateway.http_address, 10) as client:
            client.sendall(head + octets)
        if octets is not content:
            gateway.turn()
            claim(f'who hangs up in the middle of {words} has sent nothing', rows_done(gateway, 'gone') == 0)
    wait_for_rows(gateway, 'gone')
    answer = gateway.http.post('/v1/messages/batch', content=content, headers={'Idempotency-Key': 'gone', **NDJSON})
    while answer.status == 409:
        answer = gateway.http.post('/v1/messages/batch', content=content, headers={'Idempotency-Key': 'gone', **NDJSON})
    claim('what came whole is done, and its key tells what became of it', answer.status == 200 and
          answer.octets.count(b'"id"') == CUT, answer)


def prove():
    *people, stranger = numbers(PEOPLE + 1)
    with gateway_running('batches') as (gateway, carrier):
        prove_consents(gateway, carrier, people, stranger)
        prove_rows(gateway, people, stranger)
        prove_crowd(gateway, stranger)
        prove_texts(gateway, carrier, people)
        prove_size(gateway, stranger)
        prove_others(gateway, people)
        prove_stops_pass(gateway, carrier, people, stranger)
        prove_cuts(gateway, carrier, people)
        prove_full_disk(gateway, people)
        prove_array_cuts(gateway, carrier, people)
        prove_concurrency(gateway, people)
        prove_hang_up(gateway, people)


if __name__ == '__main__':
    run(prove)
