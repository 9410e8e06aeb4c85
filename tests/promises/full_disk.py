#!/usr/bin/env python3
"""A full disk, under load: nothing is promised that can't be kept, nothing that was is lost, a STOP that can't
be written is not acknowledged and ends the texts to that person all the same, and when there is room again
all goes on by itself. Once as a limit on the size of files, and once as a file system that is really full."""

import contextlib
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD, SENDER  # noqa: E402
from load import (accepted_of, claim_bounded, claim_once, memory_kib, refused_of,  # noqa: E402
                  streams_begin, tokens_heard)
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402

PEOPLE, SENDERS, WINDOW, MANY = 40, 3, 20, 100
ESME_RSYSERR = 0x08


class Limit:
    """A limit that files may not grow beyond: what a quota does, for any user."""
    database = None

    def fill(self, gateway):
        self.before = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, self.before[1]))

    def make_room(self, gateway):
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, self.before)


class Disk:
    """A file system of its own, on which the database lies."""

    def __init__(self, directory):
        self.directory = directory
        self.database = os.path.join(directory, 'assent.db')
        self.filler = os.path.join(directory, 'filler')

    def fill(self, gateway):
        with open(self.filler, 'wb', buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b'x' * 4096)
        # A file of the database itself may still have a piece of a page: let it use it up.

    def make_room(self, gateway):
        os.remove(self.filler)


@contextlib.contextmanager
def disk_mounted(mebibytes):
    """A Disk; None where we may not mount one."""
    directory = os.path.join(BUILD, 'promises', 'full_disk.mount')
    os.makedirs(directory, exist_ok=True)
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={mebibytes}m', 'tmpfs', directory],
                             capture_output=True, check=False).returncode == 0
    try:
        yield Disk(directory) if mounted else None
    finally:
        if mounted:
            subprocess.run(['umount', '-l', directory], check=True)


def submit_while_full(gateway, number):
    """What an SMPP sender hears."""
    client = Sender(gateway.smpp_address)
    client.bind('campaigns', 's3cret12')
    answer = client.submit(SENDER, number, 'over SMPP')
    client.close()
    claim('a sender on SMPP hears ESME_RSYSERR', answer.status == ESME_RSYSERR, answer)


def stop_while_full(carrier, leaver):
    delivery = carrier.deliver(leaver, SENDER, 'STOP')
    carrier.wait(lambda: delivery.answer or not delivery.bind.open)
    claim('a STOP is not acknowledged',
          delivery.answer is None or delivery.answer.pdu.status != 0, delivery.answer)
    return delivery


def redeliver(gateway, carrier, delivery):
    """As carriers do, until it is acknowledged."""
    for _ in range(20):
        carrier.wait_bound(1, 20)
        again = carrier.deliver_pdu(delivery.pdu)
        if carrier.wait(lambda: again.answer or not again.bind.open) and again.answer:
            break
    claim('the STOP, delivered again, is acknowledged',
          again.answer is not None and again.answer.pdu.status == 0)


def fill_under_load(gateway, carrier, people, disk):
    """What happens from the first 503 until there is room again; gives the STOP and what was accepted."""
    leaver, stranger = people[0], numbers(PEOPLE + 1)[-1]
    streams = streams_begin(gateway, people[1:], 1000000, SENDERS)
    until('much is accepted', lambda: gateway.turn() or len(accepted_of(streams)) >= MANY)
    disk.fill(gateway)
    until('nothing is accepted', lambda: gateway.turn() or len(refused_of(streams)) >= MANY)
    submit_while_full(gateway, people[1])
    stop = stop_while_full(carrier, leaver)
    claim('a registration is answered 503', gateway.opt_in(stranger, now_text(-60)).status == 503)
    claim('it lives, and says so', gateway.http.get('/healthz').status == 200)
    disk.make_room(gateway)
    before = len(accepted_of(streams))
    until('there is room, and much is accepted again',
          lambda: gateway.turn() or len(accepted_of(streams)) >= before + MANY)
    for stream in streams:
        stream.end()
    odd = [answer for _, answer in refused_of(streams) if answer.status != 503]
    claim(f'{len(refused_of(streams))} sends were answered 503, and {len(accepted_of(streams))} 202',
          not odd and not any(stream.unanswered for stream in streams), odd[:1])
    return stop, accepted_of(streams)


def goes_on(gateway, carrier, people, stop, accepted):
    leaver = people[0]
    redeliver(gateway, carrier, stop)
    claim('whoever left is out', gateway.send(leaver, 'Hi').body.get('code') == 'opted_out')
    claim_once(gateway, carrier, accepted, WINDOW, nothing_else=True)
    told = [heard.text for heard in carrier.to(leaver)]
    claim('and got the one confirmation', len(told) == 2, told)  # the first is of the opt-in


def start_while_full(gateway):
    """A page may still be free, or the WAL may have room in itself: then it starts."""
    with contextlib.suppress(AssertionError):
        gateway.start()
    claim('started on a full disk it runs, or says why it can\'t', gateway.is_running() or
          gateway.process.returncode == 1 and 'can\'t be' in gateway.log_end(1),
          gateway.log_end(2))
    gateway.kill()


def killed_while_full(gateway, carrier, people, disk):
    """Once there is room it knows everything that it had acknowledged."""
    streams = streams_begin(gateway, people[1:], 9000000, SENDERS)
    until('much is accepted', lambda: gateway.turn() or len(accepted_of(streams)) >= MANY)
    disk.fill(gateway)
    until('nothing is accepted', lambda: gateway.turn() or len(refused_of(streams)) >= 10)
    gateway.kill()
    for stream in streams:
        stream.end()
    accepted = accepted_of(streams)
    start_while_full(gateway)
    disk.make_room(gateway)
    gateway.start()
    carrier.wait_bound(1)
    states = {token: gateway.message(identity).status for token, identity in accepted.items()}
    claim(f'after kill -9 on a full disk each of {len(accepted)} is there',
          set(states.values()) == {200}, states)
    heard = tokens_heard(carrier)
    claim('and nothing was heard twice', not [token for token in heard if heard[token] > 1])


def prove_on(name, disk):
    with gateway_running(f'full_disk-{name}', database=disk.database,
                         window=WINDOW) as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        before = memory_kib(gateway)
        stop, accepted = fill_under_load(gateway, carrier, people, disk)
        goes_on(gateway, carrier, people, stop, accepted)
        claim_bounded(gateway, before)
        if isinstance(disk, Disk):
            killed_while_full(gateway, carrier, people, disk)


def prove():
    print('  a limit on the size of files:')
    prove_on('limit', Limit())
    with disk_mounted(32) as disk:
        if disk is None:
            print('  not proved: a file system of 32 MiB can\'t be mounted here (that needs root)')
            return
        print('  a file system of 32 MiB:')
        prove_on('mount', disk)


if __name__ == '__main__':
    run(prove)
