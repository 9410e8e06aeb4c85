#!/usr/bin/env python3
"""Carriers and senders that misbehave, and a machine that runs short: others are served all the
while, nothing acknowledged is lost or sent twice, memory stays bounded, and all recovers by itself."""

import collections
import os
import random
import resource
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402

PEOPLE = 30
TEXTS, CUTS, WINDOW = 600, 4, 20
BOUND_KIB = 24 * 1024  # what VmRSS may grow by in any one of these


def memory_kib(gateway):
    with open(f'/proc/{gateway.process.pid}/status') as status:
        return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))


def bound_of(gateway):
    """The address sanitizer keeps what was freed, up to 256 MiB: there the bound says nothing."""
    with open(gateway.binary, 'rb') as binary:
        return BOUND_KIB if b'__asan_init' not in binary.read() else BOUND_KIB + (256 << 10)


def send_all(gateway, people, base, count):
    """{token: id} of what was answered 202, which must be all."""
    accepted = {}
    for at in range(count):
        token = f'T{base + at}'
        answer = gateway.send(people[at % len(people)], f'{token} a house')
        if answer.status == 202:
            accepted[token] = answer.body['id']
    claim(f'{count} sends are answered 202', len(accepted) == count, len(accepted))
    return accepted


def tokens_heard(carrier):
    return collections.Counter(each.text.split()[0] for each in carrier.submits
                               if each.text.startswith('T'))


def claim_once(gateway, carrier, accepted, doubt_most=0):
    states = {}

    def is_settled():
        for token, identity in accepted.items():
            if states.get(token) not in ('sent', 'delivered', 'unknown'):
                states[token] = gateway.message(identity).body['status']
        return all(state in ('sent', 'delivered', 'unknown') for state in states.values())
    until('each is sent or in doubt', is_settled, 25)
    carrier.settle(gateway.turn)
    heard = tokens_heard(carrier)
    lost = [token for token in accepted if states[token] != 'unknown' and not heard[token]]
    twice = [token for token in accepted if heard[token] > 1]
    doubt = sum(state == 'unknown' for state in states.values())
    claim(f'none is lost, none is heard twice, {doubt} are in doubt',
          not lost and not twice and doubt <= doubt_most, (lost[:3], twice[:3], doubt))


def cut_at_random(gateway, carrier, people):
    chance = random.Random(1)
    accepted = {}
    load = threading.Thread(
        target=lambda: accepted.update(send_all(gateway, people, 1000000, TEXTS)), daemon=True)
    load.start()
    for _ in range(CUTS):
        goal = len(carrier.submits) + chance.randint(20, TEXTS // 8)
        carrier.wait(lambda: len(carrier.submits) >= goal and len(carrier.bound()) >= 3, 4)
        for bind in chance.sample(carrier.bound(), 3):
            carrier.drop(bind)
    load.join(20)
    claim('all sends under the cuts were answered', len(accepted) == TEXTS, len(accepted))
    claim('the cut binds come back', carrier.wait_bound(6, 20))
    claim_once(gateway, carrier, accepted, CUTS * 3 * WINDOW)  # what was on the wire at a cut


def a_carrier_that_does_not_read(gateway, carrier, people):
    carrier.read(False)
    accepted = send_all(gateway, people, 2000000, TEXTS)
    carrier.read(True)
    claim_once(gateway, carrier, accepted)


def answers_out_of_order_and_twice(gateway, carrier, people):
    carrier.hold()
    accepted = send_all(gateway, people, 3000000, TEXTS // 6)
    claim('the carrier has them, unanswered', carrier.wait(
        lambda: sum(token in accepted for token in tokens_heard(carrier)) == len(accepted)))
    with carrier.lock:
        random.Random(2).shuffle(carrier.held)
    for heard in list(carrier.held):  # of nobody, before the one that is right
        carrier.send_octets(heard.bind, struct.pack('>IIII', 18, 0x80000004, 0, 0x7ffffff0)
                            + b'x\0')
    first = carrier.held[0]
    carrier.release()
    carrier.send_octets(first.bind, struct.pack('>IIII', 18, 0x80000004, 0, first.pdu.sequence)
                        + b'y\0')
    claim_once(gateway, carrier, accepted)


def idle_slow_and_garbage(gateway, carrier, people):
    open_ones = [socket.create_connection(gateway.http_address, 5) for _ in range(1000)]
    slow = open_ones[:20]
    request = b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
    for octet in request[:-1]:
        for each in slow:
            each.sendall(bytes([octet]))
    for address in (gateway.http_address, gateway.smpp_address):
        for octets in (random.Random(3).randbytes(3000), b'\0\0\0\x40\0\0\0\x09', b'\xff' * 16):
            each = socket.create_connection(address, 5)
            open_ones.append(each)
            each.sendall(octets)
    claim_once(gateway, carrier, send_all(gateway, people, 4000000, TEXTS // 6))
    for each in slow:
        each.sendall(request[-1:])
        claim_quietly(each.recv(15).startswith(b'HTTP/1.1 200'), 'a slow one is answered')
    print('  proved: whoever asks octet by octet is answered in the end')
    for each in open_ones:
        each.close()


def claim_quietly(is_so, words):
    if not is_so:
        claim(words, False)


def descriptors_run_out(gateway, carrier, people):
    pid = gateway.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    in_use = len(os.listdir(f'/proc/{pid}/fd'))
    gateway.http.get('/healthz')
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 20, before[1]))
    many = [socket.create_connection(address, 5) for _ in range(100)
            for address in (gateway.http_address, gateway.smpp_address)]
    accepted = send_all(gateway, people, 5000000, TEXTS // 6)
    for each in many:
        each.close()
    gateway.http.close()
    until('a new connection is served', lambda: gateway.http.get('/healthz').status == 200)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    claim_once(gateway, carrier, accepted)


FAULTS = (('binds cut at random', cut_at_random),
          ('a carrier that does not read', a_carrier_that_does_not_read),
          ('answers out of order, twice, and to nothing', answers_out_of_order_and_twice),
          ('idle, slow and senseless connections', idle_slow_and_garbage),
          ('no descriptors left', descriptors_run_out))


def prove(*names):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    people = numbers(PEOPLE)
    with gateway_running('faults', binds=6, window=WINDOW) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        bound_kib = bound_of(gateway)
        for words, fault in FAULTS:
            if names and fault.__name__ not in names:
                continue
            print(f'  {words}:')
            before = memory_kib(gateway)
            fault(gateway, carrier, people)
            grown = memory_kib(gateway) - before
            claim(f'memory grew by {grown} KiB, below {bound_kib}', grown < bound_kib)
            claim('all six binds are there', carrier.wait_bound(6, 20))


if __name__ == '__main__':
    run(prove)
