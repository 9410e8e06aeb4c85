#!/usr/bin/env python3
"""A sequence goes on where it was. People opt in and get its steps while the gateway is killed again and again at random instants:
nobody gets a step twice, everybody gets each of them (or its message says that it is unknown whether), and who entered is who has a
confirmation that was taken."""

import collections
import json
import os
import random
import sqlite3
import sys
import time
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, run, until  # noqa: E402

PEOPLE, KILLS = 48, 8
STEPS = [{'after': f'{after}s', 'text': f'step {i + 1}'} for i, after in enumerate((0, 1, 0, 1, 0, 1))]
TEXTS = [step['text'] for step in STEPS]


def rows(gateway, query):
    with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
        return db.execute(query).fetchall()


def opt_in(gateway, people, at):
    """Posted until it is answered: the same form twice is one."""
    for person in people:
        until(f'{person} is registered', lambda: gateway.opt_in(person, at).status in (200, 201))


def prove_kills(gateway, carrier, people, chance):
    """Some opt in between two kills, while those before them are at their steps."""
    slice_size = len(people) // KILLS
    for i in range(KILLS):
        opt_in(gateway, people[i * slice_size:(i + 1) * slice_size], now_text(-60))
        carrier.settle(gateway.turn)  # a confirmation in doubt is sent again, but only after a minute
        time.sleep(chance.uniform(0, 0.7))  # an instant of the outside's choosing
        gateway.kill()
        gateway.start()
        carrier.wait_bound(1)


def everybody_is_through(gateway):
    taken = rows(gateway, 'select count(*) from consent where confirmation = 2')[0][0]
    finished = rows(gateway, 'select count(*) from enrolment where status = 3')[0][0]
    on_their_way = rows(gateway, 'select count(*) from message where state < 5')[0][0]
    return taken == finished == PEOPLE and on_their_way == 0


def claim_steps(gateway, carrier):
    entered = rows(gateway, 'select number from enrolment')
    heard = collections.Counter((each.number, each.text) for each in carrier.submits if each.text in TEXTS)
    kept = rows(gateway, 'select number, text, state from message where campaign > 0')
    claim(f'{len(entered)} people entered, each once', len(entered) == len(set(entered)) == PEOPLE, len(entered))
    claim('no step came twice', all(count == 1 for count in heard.values()), heard.most_common(1))
    claim('nor was one handed in twice', len({(number, text) for number, text, _ in kept}) == len(kept))
    claim('and everybody was given each of them', len(kept) == PEOPLE * len(STEPS), len(kept))
    doubt = [(number, text) for number, text, state in kept if state == 6]
    missing = [each for each in kept if heard[f'+{each[0]}', each[1]] == 0]
    claim(f'what the carrier never heard is unknown ({len(doubt)} are)', {(n, t) for n, t, _ in missing} <= set(doubt), missing[:1])


def create(gateway, steps, *words):
    file = os.path.join(gateway.directory, 'steps.json')
    with open(file, 'w', encoding='utf-8') as out:
        out.write(steps)
    return gateway.command('campaign', 'create', '--name', 'nurture', '--program', PROGRAM, '--steps', file, *words)


def claim_create(gateway):
    """Its id."""
    made = create(gateway, json.dumps(STEPS))
    claim('`assent campaign create --steps` makes a sequence', made.returncode == 0, made.stderr)
    torn = create(gateway, '[{"after": "1h",\n"text"')
    claim('a file that is no JSON is refused by its line', torn.returncode == 1 and 'line 2' in torn.stderr, torn.stderr)
    bad = create(gateway, '[{"after": "soon", "text": "Hi"}]')
    claim('and bad steps by their number', bad.returncode == 1 and 'step 1: after' in bad.stderr, bad.stderr)
    both = create(gateway, '[]', '--text', 'Hi')
    claim('a text beside steps is a mistake of use', both.returncode == 2, both.stderr)
    return made.stdout.strip()


def claim_listed(gateway, campaign):
    listed = gateway.command('campaign', 'enrolments', campaign, '--status', 'finished', '--limit', '0', '--json')
    claim('the terminal lists them', len(json.loads(listed.stdout)) == PEOPLE, listed)
    table = gateway.command('campaign', 'show', campaign)
    claim('and shows the sequence', table.returncode == 0 and 'steps' in table.stdout, table)


def prove(seed='1'):
    people = numbers(PEOPLE)
    with gateway_running('sequence') as (gateway, carrier):
        campaign = claim_create(gateway)
        path = f'/v1/campaigns/{campaign}'
        claim('it is running', gateway.http.post(path + '/start', {}).body['state'] == 'running')
        prove_kills(gateway, carrier, people, random.Random(int(seed)))
        until('everybody is through', lambda: everybody_is_through(gateway), 150)
        claim_steps(gateway, carrier)
        shown = gateway.http.get(path).body
        claim('it counts them right', shown['finished'] == shown['enrolled'] == PEOPLE and
              all(step['handed_in'] == PEOPLE and step['waiting'] == 0 for step in shown['steps']), shown)
        claim_listed(gateway, campaign)


if __name__ == '__main__':
    run(prove)
