#!/usr/bin/env python3
"""A lost STOP is worse than an odd octet: one in a deliver_sm that is no proper PDU is found all the
same, confirmed once, and ends what it has to end."""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402

SENDER = '+12065550100'


def deliver_sm(number, text=b'STOP', length=None, service=b'', source=None, ton=1, to=None, tail=b''):
    source = number[1:].encode() if source is None else source
    to = SENDER[1:].encode() if to is None else to
    return (service + b'\0' + bytes([ton, 1]) + source + b'\0' + bytes([1, 1]) + to + b'\0' +
            bytes(3) + b'\0\0' + bytes(4) + bytes([len(text) if length is None else length]) +
            text + tail)


ODD = (
    ('a TLV that is too short', lambda n: deliver_sm(n, tail=bytes.fromhex('9999000961'))),
    ('three octets behind the text', lambda n: deliver_sm(n, tail=bytes(3))),
    ('a payload that ends too early',
     lambda n: deliver_sm(n, b'', tail=bytes.fromhex('04240010') + b'STOP')),
    ('a service_type that is too long', lambda n: deliver_sm(n, service=b'CMTLONGSERVICE')),
    ('an address with blanks behind', lambda n: deliver_sm(n, to=SENDER[1:].encode() + b' ' * 20)),
    ('a source with a blank in front', lambda n: deliver_sm(n, source=b' ' + n[1:].encode())),
    ('a source that calls itself alphanumeric', lambda n: deliver_sm(n, ton=5)),
    ('an sm_length that is too small', lambda n: deliver_sm(n, length=3)),
    ('an sm_length that is too large', lambda n: deliver_sm(n, length=5)),
)


def prove():
    with gateway_running('odd_stops') as (gateway, carrier):
        people = numbers(len(ODD))
        opt_in_all(gateway, carrier, people)
        for place, ((words, body), number) in enumerate(zip(ODD, people)):
            begin = len(carrier.submits)
            octets = body(number)
            head = struct.pack('>4I', 16 + len(octets), 5, 0, 0x1000 + place)
            carrier.binds[0].responses[0x1000 + place] = None  # one is expected
            carrier.send_octets(carrier.binds[0], head + octets)
            until(f'{words}: an answer', lambda: gateway.turn() or any(
                heard.number == number for heard in carrier.submits[begin:]))
            carrier.settle(gateway.turn)
            heard = [each for each in carrier.submits[begin:] if each.number == number]
            claim(f'{words}: the STOP is confirmed once', len(heard) == 1, heard)
            claim('and the next text is refused', gateway.send(number, 'Hi').status == 403)


if __name__ == '__main__':
    run(prove)
