#!/usr/bin/env python3
"""A campaign goes on where it was. Its file comes in pieces cut anywhere, and the gateway is killed at random instants of the
upload and of the sending: each row is on disk once and in its place, nobody is texted twice, nobody is forgotten, and the numbers add up."""

import collections
import csv
import http.client
import io
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from promise import Broken, claim, gateway_running, numbers, opt_in_all, run  # noqa: E402

PEOPLE, STRANGERS, IMPORT_KILLS, SEND_KILLS = 150, 12000, 8, 8
LOST = (OSError, http.client.HTTPException)


def rows_of(chance, people):
    """The rows of the file in their order: strangers, people twice, and bad ones."""
    rows = [(f'+1{area}555{last:04d}', f'n{area}{last}') for area in (206, 212, 415, 602)
            for last in range(1000, 1000 + STRANGERS // 4)]
    rows += [(number, f'token-{number[1:]}') for number in people]
    rows += [(number, f'again-{number[1:]}') for number in people[:20]]
    rows += [('12345', 'bad')] * 10
    chance.shuffle(rows)
    return rows


def file_of(rows):
    lines = ['phone,ignored,name'] + [f'{number},"a ""b"",\nc",{name}' for number, name in rows]
    return ('\n'.join(lines) + '\n').encode()


def expected(rows):
    """What becomes of each row before it is sent."""
    seen = set()
    for number, _ in rows:
        yield 'bad' if number == '12345' else 'double' if number in seen else 'waiting'
        seen.add(number)


def kill_in(gateway, seconds):
    timer = threading.Timer(seconds, gateway.kill)
    timer.start()
    return timer


def shown(gateway, campaign):
    return gateway.http.get(f'/v1/campaigns/{campaign}').body


def upload(gateway, campaign, octets, chance):
    """Pieces of any length, each from where the campaign says."""
    path, offset, kills = f'/v1/campaigns/{campaign}/recipients', 0, 0
    while offset < len(octets):
        size = chance.randint(70000, 250000)
        piece, is_last = octets[offset:offset + size], offset + size >= len(octets)
        timer = kill_in(gateway, chance.uniform(0.001, 0.06)) if kills < IMPORT_KILLS else None
        try:
            answer = gateway.http.call('POST', f'{path}?offset={offset}' + '&last=true' * is_last, content=piece,
                                       headers={'Content-Type': 'text/csv'})
            if answer.status != 200 or not offset < answer.body['offset'] <= offset + len(piece):
                raise Broken(f'a piece at {offset}: {answer}')
            said = answer.body['offset']
        except LOST:
            said = 0
        if timer:
            timer.join()
            gateway.start()
            kills += 1
        offset = shown(gateway, campaign)['offset']
        if offset < said:
            raise Broken(f'answered {said}, and {offset} is on disk')
    return kills


def listed(gateway, campaign):
    after = None
    while True:
        rest = '/recipients?limit=1000' + (f'&after={after}' if after else '')
        answer = gateway.http.get(f'/v1/campaigns/{campaign}{rest}', headers={'Accept': 'text/csv'})
        yield from csv.DictReader(io.StringIO(answer.octets.decode()))
        after = answer.headers.get('X-After')
        if not after:
            return


def prove_import(gateway, campaign, rows, chance):
    kills = upload(gateway, campaign, file_of(rows), chance)
    kept = list(listed(gateway, campaign))
    right = [(str(place), '' if status == 'bad' else number, status)
             for place, ((number, _), status) in enumerate(zip(rows, expected(rows)), 1)]
    wrong = [pair for pair in zip([(row['row'], row['phone'], row['status']) for row in kept], right)
             if pair[0] != pair[1]]
    claim(f'{kills} kills of an upload, and all {len(rows)} rows are there once, in their order',
          len(kept) == len(rows) and not wrong, (len(kept), wrong[:2]))


def prove_sending(gateway, carrier, campaign, rows, people, chance):
    unique = {number for number, _ in rows if number != '12345'}
    gateway.http.post(f'/v1/campaigns/{campaign}/start')
    for _ in range(SEND_KILLS):
        time.sleep(chance.uniform(0.005, 0.15))
        gateway.kill()
        gateway.start()
        carrier.wait_bound(1)
    end = time.monotonic() + 60
    while (it := shown(gateway, campaign))['state'] != 'done':
        if time.monotonic() > end:
            raise Broken(f'it is not done: {it}')
        time.sleep(0.05)
    heard = collections.Counter(each.text for each in carrier.submits if each.text.startswith('Hi '))
    unknown = it['messages'].get('unknown', 0)
    first = dict(reversed(rows))  # of a number's rows the first counts
    missing = [number for number in people if not heard[f'Hi {first[number]}']]
    claim(f'{SEND_KILLS} kills of the sending, and nobody was texted twice',
          not heard or max(heard.values()) == 1, heard.most_common(2))
    claim(f'only who opted in was texted; of {len(people)} none is forgotten, {unknown} are in doubt',
          len(heard) + len(missing) == len(people) and len(missing) <= unknown, (len(heard), missing[:3]))
    claim('the numbers add up', it['handed_in'] == it['recipients'] == len(unique) and it['waiting'] == 0 and
          it['accepted'] == sum(it['messages'].values()) == len(people) and
          it['blocked'] == {'no_consent': len(unique) - len(people)}, it)


def prove(seed='1'):
    chance = random.Random(int(seed))
    with gateway_running('campaign_kills', window=5) as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        rows = rows_of(chance, people)
        made = gateway.http.post('/v1/campaigns', {'name': 'kills', 'program': PROGRAM, 'text': 'Hi {name}'})
        claim('the campaign is made', made.status == 201, made)
        prove_import(gateway, made.body['id'], rows, chance)
        prove_sending(gateway, carrier, made.body['id'], rows, people, chance)


if __name__ == '__main__':
    run(prove)
