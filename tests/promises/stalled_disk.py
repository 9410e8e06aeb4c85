#!/usr/bin/env python3
"""A disk that stalls for longer than anybody may be silent: nothing is acknowledged meanwhile, no bind is
given up for it, and afterwards all goes on."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import SENDER  # noqa: E402
from load import (accepted_of, claim_bounded, claim_once, memory_kib, refused_of,  # noqa: E402
                  streams_begin)
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402
from smpp import Pdu  # noqa: E402
from trouble import Trouble  # noqa: E402

PEOPLE, SENDERS, BINDS, STALLS, STALL_S = 30, 3, 4, 2, 3


def stall(gateway, carrier, leaver, streams, trouble):
    """In the middle of it a person leaves, and the carrier asks whether we live."""
    until('the load runs', lambda: gateway.turn() or len(accepted_of(streams)) > 50)
    trouble.stall(True)
    time.sleep(STALL_S / 4)
    before = len(accepted_of(streams))
    delivery = carrier.deliver(leaver, SENDER, 'STOP')
    for bind in carrier.bound():
        carrier.send(bind, Pdu('enquire_link'))
    time.sleep(STALL_S * 3 / 4)
    claim('nothing is acknowledged while the disk stalls',
          len(accepted_of(streams)) == before and delivery.answer is None)
    trouble.stall(False)
    claim('the STOP is, afterwards', carrier.wait(lambda: delivery.answer) and
          delivery.answer.pdu.status == 0, delivery.answer)
    until('the load goes on', lambda: gateway.turn() or len(accepted_of(streams)) > before + 50)
    answer = gateway.send(leaver, 'Hi')
    claim('whoever left is out', answer.status == 403, answer)


def prove():
    trouble = Trouble()
    with gateway_running('stalled_disk', environment=trouble.environment, binds=BINDS, window=20,
                         enquire_link=1) as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        client = Sender(gateway.smpp_address)
        client.bind('campaigns', 's3cret12')
        before, binds = memory_kib(gateway), carrier.bound()
        accepted = {}
        for round_ in range(STALLS):
            streams = streams_begin(gateway, people[STALLS:], 1000000 * (round_ + 1), SENDERS)
            stall(gateway, carrier, people[round_], streams, trouble)
            for stream in streams:
                stream.end()
            claim('no send failed', not refused_of(streams) and
                  not any(stream.unanswered for stream in streams), refused_of(streams)[:1])
            accepted.update(accepted_of(streams))
        claim('no bind was given up', carrier.bound() == binds, carrier.bound())
        claim('nor the connection of a sender', client.ask(Pdu('enquire_link')).status == 0)
        claim_once(gateway, carrier, accepted, nothing_else=True)
        claim_bounded(gateway, before)


if __name__ == '__main__':
    run(prove)
