#!/usr/bin/env python3
"""Carriers and senders that misbehave, and a machine that runs short: others are served all the
while, nothing acknowledged is lost or sent twice, memory stays bounded, and all recovers by itself."""

import os
import random
import resource
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from load import claim_bounded, claim_once, memory_kib, send_all, tokens_heard  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402

PEOPLE = 30
TEXTS, CUTS, WINDOW = 600, 4, 20
BODIES, READERS = 200, 100
GUESTS_KIB = 2 * 96 * 1024  # GUESTS_OCTETS may wait, in buffers that may be half empty


class Reporter(threading.Thread):
    """Sends a receipt for each text, on any bind, and again until it is acknowledged."""

    def __init__(self, carrier, chance):
        super().__init__(daemon=True)
        self.carrier, self.chance = carrier, chance
        self.next = len(carrier.submits)
        self.is_over = False

    def run(self):
        while not self.is_over or self.next < len(self.carrier.submits):
            if self.carrier.wait(lambda: self.next < len(self.carrier.submits), 0.2) and (
                    self.report(self.carrier.submits[self.next])):
                self.next += 1

    def report(self, heard):
        count = len(self.carrier.bound())
        try:
            delivery = self.carrier.report(heard, 'DELIVRD',
                                           bind=count and 1 + self.chance.randrange(count))
        except AssertionError:  # it was cut between the two
            self.carrier.wait_bound(1)
            return False
        self.carrier.wait(lambda: delivery.answer or not delivery.bind.open)
        return delivery.answer is not None

    def end(self):
        self.is_over = True
        self.join(20)


def cut_at_random(gateway, carrier, people):
    chance = random.Random(1)
    accepted = {}
    load = threading.Thread(
        target=lambda: accepted.update(send_all(gateway, people, 1000000, TEXTS)), daemon=True)
    reporter = Reporter(carrier, random.Random(2))
    reporter.start()
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
    reporter.end()
    states = {gateway.message(identity).body['status'] for identity in accepted.values()}
    claim('each receipt met its message', states <= {'delivered', 'unknown'}, states)


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


def bodies_without_end(gateway, carrier, people):
    """Nobody needs a key to begin a body: all of them together may not fill the memory, the second
    time no more than the first."""
    head = b'POST /v1/messages HTTP/1.1\r\nHost: x\r\n'
    chunk = b'FA0\r\n' + b' ' * 4000 + b'\r\n'
    bodies = (head + b'Content-Length: 1000000\r\n\r\n' + b' ' * 999999,
              head + b'Transfer-Encoding: chunked\r\n\r\n' + chunk * 250)
    for round_, body in enumerate(bodies):
        slow = [socket.create_connection(gateway.http_address, 5) for _ in range(BODIES)]
        for each in slow:
            try:
                each.sendall(body)
            except OSError:
                pass  # it was shown out meanwhile
        claim_once(gateway, carrier,
                   send_all(gateway, people, 6000000 + 100000 * round_, TEXTS // 6))
        for each in slow:
            each.close()


def readers_that_take_nothing(gateway, carrier, people):
    """They ask for much, again and again."""
    ask = (f'GET /v1/messages?limit=1000 HTTP/1.1\r\nHost: x\r\n'
           f'Authorization: Bearer {gateway.key}\r\n\r\n').encode()
    slow = [socket.create_connection(gateway.http_address, 5) for _ in range(READERS)]
    for each in slow:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        each.sendall(ask * 3)
    claim_once(gateway, carrier, send_all(gateway, people, 7000000, TEXTS // 6))
    for each in slow:
        each.close()


def claim_quietly(is_so, words):
    if not is_so:
        claim(words, False)


def cpu_seconds(gateway):
    with open(f'/proc/{gateway.process.pid}/stat') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def descriptors_run_out(gateway, carrier, people):
    pid = gateway.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    in_use = len(os.listdir(f'/proc/{pid}/fd'))
    gateway.http.get('/healthz')
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 20, before[1]))
    many = [socket.create_connection(address, 5) for _ in range(100)
            for address in (gateway.http_address, gateway.smpp_address)]
    accepted = send_all(gateway, people, 5000000, TEXTS // 6)
    for bind in carrier.bound()[:3]:
        carrier.drop(bind)
    spent = cpu_seconds(gateway)
    time.sleep(1)
    spent = cpu_seconds(gateway) - spent
    claim(f'without descriptors it rests: {spent:.2f} s of the processor in a second', spent < 0.3)
    for each in many:
        each.close()
    gateway.http.close()
    until('a new connection is served', lambda: gateway.http.get('/healthz').status == 200)
    client = Sender(gateway.smpp_address)
    claim('one on SMPP too', client.bind('campaigns', 's3cret12').status == 0)
    client.close()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    claim_once(gateway, carrier, accepted, WINDOW * 3)


# What happens, and what VmRSS may grow by meanwhile beside the usual, in KiB.
FAULTS = (('binds cut at random', cut_at_random, 0),
          ('a carrier that does not read', a_carrier_that_does_not_read, 0),
          ('answers out of order, twice, and to nothing', answers_out_of_order_and_twice, 0),
          ('idle, slow and senseless connections', idle_slow_and_garbage, 0),
          ('bodies that never end', bodies_without_end, GUESTS_KIB),
          ('readers that take nothing', readers_that_take_nothing, GUESTS_KIB),
          ('no descriptors left', descriptors_run_out, 0))


def prove(*names):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    people = numbers(PEOPLE)
    with gateway_running('faults', binds=6, window=WINDOW) as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        for words, fault, more_kib in FAULTS:
            if names and fault.__name__ not in names:
                continue
            print(f'  {words}:')
            before = memory_kib(gateway)
            fault(gateway, carrier, people)
            claim_bounded(gateway, before, more_kib)
            claim('all six binds are there', carrier.wait_bound(6, 20))


if __name__ == '__main__':
    run(prove)
