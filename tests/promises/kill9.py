#!/usr/bin/env python3
"""Yes means on disk. A stream of sends, five kills at random instants: what was answered with 202
reaches the carrier once, or is unknown; nothing reaches it twice; and the day of the account has just the parts that are
on disk."""

import random
import os
import sqlite3
import sys
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import Settings  # noqa: E402
from load import accepted_of, claim_once, refused_of, send, streams_begin  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run  # noqa: E402

PEOPLE, KILLS, SENDERS = 60, 5, 3
CAMPAIGNS = Settings(0).accounts['campaigns']


def claim_quota(gateway):
    with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as db:
        counted = db.execute("select sum(parts) from account_day where account = 'campaigns'").fetchone()[0]
        handed_in = db.execute("select sum(parts) from message where account = 'campaigns'").fetchone()[0]
    claim('the days of the account have the parts of its messages', counted == handed_in, (counted, handed_in))


def prove(seed='1'):
    chance = random.Random(int(seed))
    accepted, unanswered, refused = {}, [], []
    with gateway_running('kill9', accounts={'campaigns': {**CAMPAIGNS, 'quota': 1000000}}) as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        for round_ in range(KILLS):
            base = 1000000 * (round_ + 1)
            streams = streams_begin(gateway, people, base, SENDERS)
            goal = len(carrier.submits) + chance.randint(20, 400)
            carrier.wait(lambda: len(carrier.submits) >= goal, 4)
            gateway.kill()
            for stream in streams:
                stream.end()
                unanswered += stream.unanswered
            accepted.update(accepted_of(streams))
            refused += refused_of(streams)
            gateway.start()
            carrier.wait_bound(1)
        claim(f'{KILLS} kills, {len(accepted)} answers of 202, {len(unanswered)} without an answer',
              len(accepted) > 100 and not refused, refused[:1])
        for token, number in unanswered:
            answer = send(gateway, number, token)
            claim(f'{token}, asked again with its key, is answered 202', answer.status == 202,
                  answer)
            accepted[token] = answer.body['id']
        claim_quota(gateway)
        claim_once(gateway, carrier, accepted, KILLS * 100, nothing_else=True)


if __name__ == '__main__':
    run(prove)
