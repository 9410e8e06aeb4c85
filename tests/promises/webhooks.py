#!/usr/bin/env python3
"""What becomes of messages reaches the receiver: signed so that openssl says so, over TLS that is verified, whatever the
receiver does, over kills; and a receiver that never answers, with ten thousand events waiting, slows nobody down."""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from certificates import Certificates  # noqa: E402
from gateway import BUILD, PROGRAM, Client, Settings  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from receiver import SECRET, Receiver, key_of  # noqa: E402

CAMPAIGNS = Settings(0).accounts['campaigns']
OTHER_KEY = 'b0bb1e' * 10 + 'b0bb'
MANY = 10000


def account(receiver, **more):
    return {**CAMPAIGNS, 'callback_url': receiver.url, 'callback_secret': SECRET, **more}


@contextlib.contextmanager
def world(name, receiver, callbacks=None, accounts=None, window=100, **more):
    """A gateway whose account has that receiver."""
    made = {'campaigns': account(receiver, **more), **(accounts or {})}
    sections = {'callbacks': {'allow': ['127.0.0.0/8'], 'plain_http': True, **(callbacks or {})}}
    with gateway_running(name, accounts=made, sections=sections, window=window) as (gateway, carrier):
        yield gateway, carrier


def events(gateway, query=''):
    return gateway.http.get('/v1/webhooks' + query).body['items']


def openssl_signature(heard, secret):
    text = f'{heard.identity}.{heard.headers["webhook-timestamp"]}.'.encode() + heard.body
    command = ['openssl', 'dgst', '-sha256', '-mac', 'HMAC', '-macopt', 'hexkey:' + key_of(secret).hex(), '-binary']
    mac = subprocess.run(command, input=text, capture_output=True, check=True).stdout
    return 'v1,' + subprocess.run(['base64'], input=mac, capture_output=True, check=True).stdout.decode().strip()


def prove_signature():
    receiver = Receiver()
    with world('webhooks-signature', receiver, callback_secret_old='the one before') as (gateway, _):
        result = gateway.command('webhook', 'test', '--json')
        claim('assent webhook test says that the receiver took it', result.returncode == 0 and
              json.loads(result.stdout)[0]['status'] == 'delivered', result)
        heard = receiver.next(5)
        claim('what it posts is JSON with its type', heard.type == 'webhook.test' and
              heard.headers['content-type'] == 'application/json', dict(heard.headers))
        signatures = heard.headers['webhook-signature'].split(' ')
        claim('openssl makes the same two signatures, of the secret and of the one before it',
              signatures == [openssl_signature(heard, SECRET), openssl_signature(heard, 'the one before')], signatures)
        claim('its time is now', abs(int(heard.headers['webhook-timestamp']) - time.time()) < 30)
        receiver.answers = 500
        result = gateway.command('webhook', 'test')
        claim('a receiver that answers 500 has not taken it: exit 1, and the table says why',
              result.returncode == 1 and 'answered 500' in result.stdout, result)
    receiver.close()


def prove_tls():
    certificates = Certificates(os.path.join(BUILD, 'promises', 'webhooks-certificates'))
    for identity, ca_file, host, is_good in (
            ('good', 'ca.pem', 'localhost', True), ('good', '', 'localhost', False), ('other', 'ca.pem', 'localhost', False),
            ('expired', 'ca.pem', 'localhost', False), ('stranger', 'ca.pem', 'localhost', False)):
        receiver = Receiver(tls=certificates.server(identity, asks=False))
        callbacks = {'plain_http': False, **({'ca_file': certificates.file(ca_file)} if ca_file else {})}
        with world('webhooks-tls', receiver, callbacks) as (gateway, _):
            gateway.settings.accounts['campaigns']['callback_url'] = f'https://{host}:{receiver.port}/'
            gateway.reload()
            result = gateway.command('webhook', 'test', '--json')
            event = json.loads(result.stdout)[0]
            claim(f'a receiver of certificate {identity}, with {ca_file or "no authorities of its own"}, is ' +
                  ('posted to' if is_good else 'not'), (event['status'] == 'delivered') == is_good and
                  (receiver.count > 0) == is_good, event)
        receiver.close()


def prove_manners():
    receiver = Receiver()
    with world('webhooks-manners', receiver, {'timeout': '1s'}) as (gateway, _):
        for answers, taken, why in (('hangs up', False, ''), ('falls silent', False, 'no answer within 1 s'),
                                    ('redirects', False, 'redirects are not followed'), (404, False, 'answered 404'),
                                    ('talks without end', True, ''), ('cuts its answer short', True, ''),
                                    ('stops in its answer', True, ''), ('drips', True, ''),
                                    ('breaks off in its head', False, ''), (204, True, ''), (299, True, '')):
            receiver.answers = answers
            result = gateway.command('webhook', 'test', '--json')
            event = json.loads(result.stdout)[0]
            claim(f'a receiver that {"answers " * isinstance(answers, int)}{answers} has ' +
                  ('' if taken else 'not ') + 'taken it',
                  (event['status'] == 'delivered') == taken and why in (event['why'] or ''), event)
        claim('nobody was led elsewhere', not any(heard.path == '/elsewhere' for heard in receiver.all))
        drips = Receiver()
        drips.answers = 'drips'
        gateway.settings.accounts['campaigns']['callback_url'] = drips.url
        gateway.reload()
        began = time.monotonic()
        gateway.command('webhook', 'test')
        claim('one that answers an octet now and then holds it no longer than the timeout', time.monotonic() - began < 5)
        drips.close()
    receiver.close()


def prove_reach():
    receiver = Receiver()
    with world('webhooks-reach', receiver, {'allow': []}) as (gateway, _):
        for host in ('127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '2130706433', '0x7f.1', '127.1', '[::ffff:127.0.0.1]',
                     'localhost.'):
            gateway.settings.accounts['campaigns']['callback_url'] = f'http://{host}:{receiver.port}/'
            gateway.reload()
            result = gateway.command('webhook', 'test', '--json')
            event = json.loads(result.stdout or '[{}]')[0]
            claim(f'{host} is not reached', event.get('status') == 'waiting' and receiver.count == 0, event)
    receiver.close()


def prove_replay():
    receiver = Receiver()
    receiver.answers = 410
    people = numbers(3)
    with world('webhooks-replay', receiver, accounts={'admin': {'api_key': OTHER_KEY, 'roles': ['admin']}}) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        until('all are given up', lambda: len(events(gateway, '?status=dead')) == 6)
        claim('what was given up is listed, and filtered', len(events(gateway, '?status=dead&type=consent.changed&limit=4')) == 4 and
              not events(gateway, '?status=dead&type=message.sent') and not events(gateway, '?status=waiting'))
        claim('the status says so', gateway.http.get('/v1/status').body['webhooks'] ==
              [{'account': 'campaigns', 'waiting': 0, 'since': None, 'dead': 6}], gateway.http.get('/v1/status').body['webhooks'])
        admin = Client(gateway.http_address, OTHER_KEY)
        theirs = admin.get('/v1/webhooks?account=campaigns').body['items']
        claim('an administrator sees them from outside', len(theirs) == 6 and all(event['event'] is None for event in theirs))
        claim('others see them not', admin.get('/v1/webhooks?account=nobody').status == 404 and
              gateway.http.get('/v1/webhooks?account=admin').status in (200, 403) and
              gateway.http.get('/v1/webhooks?status=odd').status == 422)
        first = events(gateway, '?status=dead')[-1]
        receiver.answers = 200
        answer = gateway.http.post(f'/v1/webhooks/{first["id"]}/replay')
        claim('one is sent again', answer.status == 202 and answer.body['status'] == 'waiting', answer)
        until('it is delivered', lambda: events(gateway, '?status=delivered'))
        claim('it is the same event', receiver.all[-1].identity == first['id'] and receiver.all[-1].event == first['event'])
        result = gateway.command('webhook', 'replay', '--all')
        claim('all others are', result.stdout == '5 events go again\n', result)
        until('they are delivered', lambda: len(events(gateway, '?status=delivered')) == 6)
        order = [heard.data['may_text'] for heard in receiver.all[-5:] if heard.data['phone'] == people[1]]
        claim('in their order', order == [False, True], order)
        result = gateway.command('webhook', 'list', '--status', 'delivered', '--csv')
        claim('assent webhook list shows them', result.stdout.count('\n') == 7 and 'consent.changed' in result.stdout, result)
        claim('an id that is none is 404', gateway.http.post('/v1/webhooks/nothing/replay').status == 404)
        answer = gateway.http.post(f'/v1/consents/{people[2]}/revoke', {'channel': 'call'})
        until('the revocation is told', lambda: len(events(gateway)) == 7)
        answer = gateway.http.post(f'/v1/consents/{people[2]}/erase', {'before_term': True})
        claim('who is erased is erased from the events', answer.status == 200 and len(events(gateway)) == 4, answer)
    receiver.close()


def send_many(gateway, people, count, first=0, place=lambda n: {}, client=None):
    """So many messages as a batch."""
    for start in range(first, first + count, 5000):
        rows = [{'program': PROGRAM, 'to': people[n % len(people)], 'text': f'n {n}', 'client_ref': f'r{n}', **place(n)}
                for n in range(start, min(start + 5000, first + count))]
        answer = (client or gateway.http).post('/v1/messages/batch', content=json.dumps(rows).encode())
        claim(f'{len(rows)} messages are accepted', answer.status == 200 and
              all(row.get('status') == 'queued' for row in answer.body), str(answer)[:300])


def waiting_in(gateway):
    with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
        return db.execute("select count(*) from webhook where state < 3 and account = 'campaigns'").fetchone()[0]


def latencies(gateway, client, people, count):
    times = []
    for n in range(count):
        began = time.monotonic()
        answer = client.post('/v1/messages', {'program': PROGRAM, 'to': people[n % len(people)], 'text': f'quick {n}'})
        times.append(time.monotonic() - began)
        if answer.status != 202:
            raise AssertionError(answer)
    return sorted(times)


def prove_silence():
    silent, lively = Receiver(keeps=False), Receiver()
    people = numbers(50)
    other = account(lively, api_key=OTHER_KEY, system_id='other')
    with world('webhooks-silence', silent, accounts={'other': other}, window=1000) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        client = Client(gateway.http_address, OTHER_KEY)
        quiet = latencies(gateway, client, people, 300)
        silent.answers = 'falls silent'
        send_many(gateway, people, MANY)
        until(f'{MANY} events wait for a receiver that never answers', lambda: waiting_in(gateway) >= MANY, 60)
        heard_before = lively.count
        loud = latencies(gateway, client, people, 300)
        claim(f'sends are answered as before: {quiet[150] * 1000:.1f} ms and {loud[150] * 1000:.1f} ms in the middle, '
              f'{quiet[-3] * 1000:.0f} ms and {loud[-3] * 1000:.0f} ms at worst', loud[150] < 5 * quiet[150] + 0.02 and loud[-3] < 1)
        claim('the other account hears of its own at once', lively.wait(heard_before + 300, 10), lively.count - heard_before)
        claim('few of the others were tried', silent.count < MANY / 10, silent.count)
        claim('all messages left', carrier.wait(lambda: len(carrier.submits) >= MANY + 650, 30), len(carrier.submits))
        silent.answers = 200
        result = gateway.command('webhook', 'test', '--json')
        claim('a test goes before all that waits', result.returncode == 0 and
              json.loads(result.stdout)[0]['tries'] == 1, result)
        gateway.kill()
        silent.gone.set()
        before = silent.count
        gateway.start()
        carrier.wait_bound(1)
        claim('a receiver that answers again gets what waited, after a kill as well', silent.wait(before + 2000, 60),
              silent.count - before)
        claim('and none of it waits any more', waiting_in(gateway) <= MANY + 200 - 1900, waiting_in(gateway))
    silent.close()
    lively.close()


def prove_crowd():
    """Each message names a place of its own, and at none of them is anybody."""
    lively = Receiver()
    people = numbers(50)
    other = account(lively, api_key=OTHER_KEY, system_id='other')
    with world('webhooks-crowd', lively, accounts={'other': other}, window=1000) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        client = Client(gateway.http_address, OTHER_KEY)
        quiet = latencies(gateway, client, people, 200)
        send_many(gateway, people, 3000, place=lambda n: {'callback_url': f'http://127.9.{n // 250}.{n % 250 + 1}:9/'})
        before = lively.count
        loud = latencies(gateway, client, people, 200)
        claim(f'with 3,000 receivers that nobody is at, sends are answered as before: {quiet[100] * 1000:.1f} ms and '
              f'{loud[100] * 1000:.1f} ms in the middle', loud[100] < 5 * quiet[100] + 0.02 and loud[-3] < 1, loud[-5:])
        claim('the other account hears of its own at once', lively.wait(before + 200, 10), lively.count - before)
        with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
            until('each of them was tried', lambda: db.execute(
                "select count(*) from webhook where origin like 'http://127.9.%' and tries > 0").fetchone()[0] == 3000, 60)
        print('  proved: each of them was tried', flush=True)
    lively.close()


def prove_black_holes():
    """Hundreds of places of one account take connections and say nothing: a place beside them hears of its own at once."""
    lively, silent = Receiver(), Receiver(keeps=False, host='0.0.0.0')
    silent.answers = 'falls silent'
    people = numbers(50)
    with world('webhooks-black-holes', lively, {'timeout': '4s'}, window=1000) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        send_many(gateway, people, 300, place=lambda n: {
            'callback_url': f'http://127.9.{n % 300 // 100}.{n % 100 + 1}:{silent.port}/'})
        with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
            until('each place has failed', lambda: db.execute(
                "select count(distinct origin) from webhook where origin like 'http://127.9.%' and tries > 0").fetchone()[0] == 300, 60)
        before, began = lively.count, time.monotonic()
        send_many(gateway, people, 200)
        claim('a receiver beside 300 that never answer hears of all of its own at once', lively.wait(before + 200, 3),
              (lively.count - before, time.monotonic() - began))
    silent.close()
    lively.close()


def prove_slowness():
    """Receivers that take each event, slowly, with all that may be under way: an account beside them, and a receiver beside them
    in their own account, hear of theirs at once."""
    slow, lively = [Receiver(keeps=False) for _ in range(2)], Receiver()
    people = numbers(50)
    keys = [OTHER_KEY, 'c0bb1e' * 10 + 'c0bb']
    others = {name: account(receiver, api_key=key, system_id=name[:8], callback_parallel=parallel)
              for name, receiver, key, parallel in (('other', slow[1], keys[0], 64), ('lively', lively, keys[1], 8))}
    with world('webhooks-slowness', slow[0], accounts=others, window=1000, callback_parallel=64) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        other, quick = (Client(gateway.http_address, key) for key in keys)
        until('all were told of the opt-ins', lambda: lively.count >= 50 and all(each.count >= 50 for each in slow))
        for each in slow:
            each.count, each.delay_s = 0, 4
        send_many(gateway, people, 600)
        send_many(gateway, people, 600, client=other)
        until('both have all they may have', lambda: all(each.count >= 64 for each in slow))
        before, began = lively.count, time.monotonic()
        send_many(gateway, people, 200, client=quick)
        claim('an account beside two that are slow hears of all of its own at once', lively.wait(before + 200, 3),
              (lively.count - before, time.monotonic() - began))
        for each in slow:
            each.delay_s = 0
        until('the slow ones have all', lambda: waiting_in(gateway) == 0, 60)
        places = [Receiver(keeps=False) for _ in range(10)]
        for each in places:
            each.delay_s = 4
        before = lively.count
        send_many(gateway, people, 1000, place=lambda n: {'callback_url': places[n % 10].url})
        until('ten slow places have all that the account may have', lambda: sum(each.count for each in places) >= 64)
        send_many(gateway, people, 100, place=lambda n: {'callback_url': lively.url})
        claim('a place beside ten that are slow hears of all of its own at once', lively.wait(before + 100, 8), lively.count - before)
        for each in places:
            each.delay_s = 0
        until('nothing waits', lambda: waiting_in(gateway) == 0, 60)
    for each in (*slow, *places, lively):
        each.close()


def plant(gateway, count, state, at):
    """So many events of that instant, as a gateway left them. It doesn't run."""
    with contextlib.closing(sqlite3.connect(gateway.database)) as db:
        first = db.execute('select coalesce(max(id), 0) + 1 from webhook').fetchone()[0]
        db.executemany(
            'insert into webhook (id, tail, account, origin, line, number, type, form, state, at, due_at, until, done_at, tries, '
            "status, why, method, url, headers, body) values (?, 1, 'campaigns', '', ?, 0, 'message.sent', 1, ?, ?, ?, ?, ?, 1, 0, '', "
            "'POST', '', '', ?)", ((first + n, first + n, state, at, at, at + 86400000, at, '{' + 700 * ' ' + '}') for n in range(count)))
        db.commit()


def prove_removal():
    """Whatever the rate of events was, what is over is removed at ten thousand a second or so, in slices that keep nobody waiting."""
    receiver = Receiver()
    people = numbers(10)
    other = account(receiver, api_key=OTHER_KEY, system_id='other')
    with world('webhooks-removal', receiver, accounts={'other': other}) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        client = Client(gateway.http_address, OTHER_KEY)
        quiet = latencies(gateway, client, people, 200)
        for state, words in ((3, 'delivered events of the day before yesterday'), (2, 'events that nobody took in a day')):
            gateway.kill()
            plant(gateway, MANY * 4, state, int(time.time() - 2 * 86400) * 1000)
            if state == 2:
                del gateway.settings.accounts['campaigns']['callback_url']
                gateway.write_config()
            gateway.start()
            carrier.wait_bound(1)
            client, began = Client(gateway.http_address, OTHER_KEY), time.monotonic()
            loud = latencies(gateway, client, people, 200)
            with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
                until(f'{MANY * 4} {words} are gone', lambda: db.execute(
                    "select count(*) from webhook where account = 'campaigns' and state = ? and at < ?",
                    (state, int(time.time() - 86400) * 1000)).fetchone()[0] == 0, 15)
            claim(f'{MANY * 4} {words} are gone in {time.monotonic() - began:.1f} s, and sends are answered meanwhile: '
                  f'{quiet[100] * 1000:.1f} ms and {loud[100] * 1000:.1f} ms in the middle', loud[-3] < 0.5, loud[-5:])
    receiver.close()


def prove_kill():
    """Kills while events are made and posted: each message has one sent event with one id, and the receiver gets it."""
    receiver = Receiver()
    people = numbers(20)
    with world('webhooks-kill', receiver, window=1000) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        for round_ in range(4):
            receiver.answers = 503 if round_ % 2 else 200
            send_many(gateway, people, 500, 500 * round_)
            carrier.wait(lambda: len(carrier.submits) >= 20 + 500 * round_ + 100, 5)
            gateway.kill()
            gateway.start()
            carrier.wait_bound(1)
        receiver.answers = 200
        gateway.reload()  # whoever was left alone is tried at once
        until('nothing is queued', lambda: gateway.http.get('/v1/status').body['queue']['queued'] == 0)
        gateway.command('webhook', 'replay', '--all')
        until('all are told', lambda: waiting_in(gateway) == 0, 90)
        ids = {}
        for heard in receiver.all:
            if heard.type == 'message.sent':
                ids.setdefault(heard.data['id'], set()).add(heard.identity)
        with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
            sent = db.execute("select count(*) from message where account = 'campaigns' and state = 5").fetchone()[0]
        claim(f'each of {sent} messages that were sent was told, as one event', len(ids) == sent and
              all(len(each) == 1 for each in ids.values()), (len(ids), [each for each in ids.values() if len(each) > 1][:2]))
    receiver.close()


def prove_order():
    """A receiver of every mood, and kills in the midst of posting: the events of each message come in their order."""
    moods = random.Random(4)
    receiver = Receiver()
    receiver.answers = lambda: moods.choice([200, 200, 200, 204, 503, 500, 'hangs up', 'cuts its answer short',
                                             'breaks off in its head', 'talks without end', 'drips', 'falls silent'])
    people = numbers(20)
    with world('webhooks-order', receiver, {'timeout': '1s'}, window=1000) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        for round_ in range(5):
            before = len(carrier.submits)
            send_many(gateway, people, 200, 200 * round_)
            carrier.wait(lambda: len(carrier.submits) >= before + 200, 20)
            for heard in carrier.submits[before:]:
                carrier.report(heard, 'DELIVRD')
            time.sleep(moods.random())
            gateway.kill()
            gateway.start()
            carrier.wait_bound(1)
        receiver.answers = 200
        until('all are told', lambda: gateway.reload() and waiting_in(gateway) == 0, 120)
        told, ids = {}, {}
        for heard in receiver.all:
            if (heard.type or '').startswith('message.'):
                told.setdefault(heard.data['id'], []).append(heard.type)
                ids.setdefault((heard.data['id'], heard.type), set()).add(heard.identity)
        wrong = [types for types in told.values() if types != sorted(types, key=('message.sent', 'message.delivered').index)]
        claim(f'the events of {len(told)} messages came in their order, each again until it was taken', not wrong, wrong[:2])
        claim('again as the same event', all(len(each) == 1 for each in ids.values()))
        with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
            ended = dict(db.execute("select state, count(*) from message where account = 'campaigns' group by state"))
        claim('none is missing', ended.get(7, 0) > 500 and sum('message.delivered' in each for each in told.values()) == ended[7],
              (ended, len(told)))
    receiver.close()


def prove(only=''):
    for proof in (prove_signature, prove_tls, prove_manners, prove_reach, prove_replay, prove_crowd, prove_black_holes,
                  prove_slowness, prove_removal, prove_order, prove_kill, prove_silence):
        if not only or only in proof.__name__:
            proof()


if __name__ == '__main__':
    run(prove)
