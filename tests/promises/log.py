#!/usr/bin/env python3
"""A log tells one message's story with one grep, and holds no text and no whole number."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, opt_in_all, run, until  # noqa: E402

NUMBER = '+14155550123'
WORDS = 'a house by the lake'


def story(gateway, identity):
    with open(gateway.log, errors='replace') as log:
        return [line for line in log if f'msg={identity}' in line]


def prove():
    with gateway_running('log') as (gateway, carrier):
        opt_in_all(gateway, carrier, [NUMBER])
        identity = gateway.send(NUMBER, WORDS).body['id']
        until('it is sent', lambda: gateway.message(identity).body['status'] == 'sent')
        carrier.report(carrier.to(NUMBER)[-1], 'DELIVRD')
        until('it is delivered',
              lambda: gateway.message(identity).body['status'] == 'delivered')
        lines = story(gateway, identity)
        for words in STEPS:
            claim(f'the story holds: {words}', sum(words in line for line in lines) == 1, lines)
        at = [next(i for i, line in enumerate(lines) if words in line) for words in STEPS]
        claim('in this order', at == sorted(at), lines)
        given = gateway.message(identity).body['parts'][0]['carrier_id']
        claim('the carrier and its id of the part are named',
              f'carrier=sim part=1 of=1 carrier_id={given}' in lines[at[1]], (given, lines[at[1]]))
        with open(gateway.log, errors='replace') as log:
            text = log.read()
        claim('neither the text nor the whole number stands in the log',
              WORDS not in text and NUMBER[1:] not in text)


STEPS = ('new -> sending', 'part taken', 'sending -> sent', 'sent -> delivered')

if __name__ == '__main__':
    run(prove)
