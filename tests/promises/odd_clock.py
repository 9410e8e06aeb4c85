#!/usr/bin/env python3
"""The clock of the machine is set, years ahead and hours back, under load: ids stay unique and rise, nothing
expires, nothing waits, a STOP is confirmed at once, and nothing is sent twice."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import SENDER  # noqa: E402
from load import accepted_of, claim_once, refused_of, streams_begin  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402
from trouble import Trouble  # noqa: E402

HOUR_S, YEAR_S = 3600, 365 * 86400
JUMPS_S = (2 * YEAR_S, -3 * HOUR_S, 40 * YEAR_S, -1 * YEAR_S, HOUR_S, 0)
SENDERS, MANY, WINDOW = 3, 60, 20


def jump(gateway, carrier, leaver, streams):
    before = len(accepted_of(streams))
    told = len(carrier.to(leaver))
    carrier.deliver(leaver, SENDER, 'STOP')
    claim('a STOP is confirmed at once', carrier.wait(lambda: len(carrier.to(leaver)) == told + 1))
    claim('and heeded', gateway.send(leaver, 'Hi').body['code'] == 'opted_out')
    until('the load goes on', lambda: gateway.turn() or len(accepted_of(streams)) > before + MANY)


def claim_rising(streams):
    for stream in streams:
        ids = list(stream.accepted.values())
        claim('each id is above the one before it', ids == sorted(set(ids)))


def prove():
    trouble = Trouble()
    with gateway_running('odd_clock', environment=trouble.environment, binds=2,
                         window=WINDOW) as (gateway, carrier):
        people = numbers(40)
        opt_in_all(gateway, carrier, people)
        leaving, staying = people[:len(JUMPS_S)], people[len(JUMPS_S):]
        streams = streams_begin(gateway, staying, 1000000, SENDERS)
        for leaver, by_s in zip(leaving, JUMPS_S):
            trouble.set_clock(by_s)
            print(f'  the clock is set by {by_s / HOUR_S:.0f} hours:')
            jump(gateway, carrier, leaver, streams)
        for stream in streams:
            stream.end()
        claim('no send failed', not refused_of(streams) and
              not any(stream.unanswered for stream in streams), refused_of(streams)[:1])
        claim_rising(streams)
        claim_once(gateway, carrier, accepted_of(streams), nothing_else=True)
        before = gateway.send(staying[0], 'one more').body['id']
        trouble.set_clock(-HOUR_S)
        gateway.stop()
        gateway.start()
        after = gateway.send(staying[0], 'another one').body['id']
        claim('started with the clock behind, it takes it as it is',
              gateway.message(after).body['created_at'] < now_text(-HOUR_S / 2))
        claim('and ids go on to rise', after > before)
        trouble.set_clock(0)


if __name__ == '__main__':
    run(prove)
