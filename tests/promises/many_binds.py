#!/usr/bin/env python3
"""A thousand binds idle and twenty busy ones run in little memory, and no message is lost when half of them are cut.

One process speaks for all senders. What ends each part is that everything was said and answered, never a time; the
cuts come at places that a fixed seed chose."""

import os
import random
import resource
import selectors
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, SENDER  # noqa: E402
from load import is_sanitized, memory_kib  # noqa: E402
from promise import Broken, claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from smpp import Framer, Pdu, decode, message_text, text_encode  # noqa: E402

IDLE, BUSY = 1000, 20
EACH = 150           # messages of a busy one
WINDOW = 10
MOST_KIB = 150 * 1000
PATIENCE_S = 60      # for what must happen, all of it; nothing is waited for that must not
MODES = ('bind_transmitter', 'bind_receiver', 'bind_transceiver')


class Client:
    """A sender, and what it has been told."""

    def __init__(self, crowd, name, account, mode):
        self.crowd, self.name, self.account, self.mode = crowd, name, account, mode
        self.unsaid = []      # texts that are still to be submitted
        self.receipts = set()  # ids of which one came
        self.taken = {}       # text: id
        self.begin()

    def begin(self):
        self.sock = socket.create_connection(self.crowd.address)
        self.sock.setblocking(False)
        self.framer, self.sequence, self.open = Framer(), 0, {}
        self.is_bound = False
        self.crowd.selector.register(self.sock, selectors.EVENT_READ, self)
        self.ask(Pdu(self.mode, system_id=self.account, password='s3cret12', interface_version=0x34))

    def cut(self):
        """Without a word: what was on its way is lost."""
        self.crowd.selector.unregister(self.sock)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.sock.close()

    def send(self, pdu):
        self.sock.setblocking(True)
        self.sock.sendall(pdu.encode())
        self.sock.setblocking(False)

    def ask(self, pdu, note=None):
        self.sequence += 1
        pdu.sequence = self.sequence
        self.open[self.sequence] = note
        self.send(pdu)

    def go_on(self):
        while self.is_bound and self.unsaid and len(self.open) < WINDOW:
            number, text = self.unsaid.pop()
            self.ask(Pdu('submit_sm', source_addr_ton=1, source_addr_npi=1, source_addr=SENDER[1:], dest_addr_ton=1,
                         dest_addr_npi=1, destination_addr=number[1:], registered_delivery=1,
                         short_message=text_encode(text)), text)

    def read(self):
        octets = self.sock.recv(65536)
        if not octets:
            raise Broken(f'{self.name} was shown out')
        for frame in self.framer.feed(octets):
            self.hear(decode(frame))
        self.go_on()

    def hear(self, pdu):
        if pdu.command == 'enquire_link':
            self.send(Pdu('enquire_link_resp', pdu.sequence))
        elif pdu.command == 'deliver_sm':
            self.receipts.add(message_text(pdu).split()[0].removeprefix('id:'))
            self.send(Pdu('deliver_sm_resp', pdu.sequence, message_id=''))
            self.crowd.count_answer()
        else:
            self.hear_answer(pdu)

    def hear_answer(self, pdu):
        text = self.open.pop(pdu.sequence)
        if pdu.status:
            raise Broken(f'{self.name}: {pdu}')
        if text is None:
            self.is_bound = True
            return
        self.taken[text] = pdu.message_id
        self.crowd.count_answer()


class Crowd:
    """All of them, and when who is cut."""

    def __init__(self, address):
        self.address = address
        self.selector = selectors.DefaultSelector()
        self.chance = random.Random(4711)
        self.clients, self.cuts, self.cut_count = [], set(), 0
        self.answers = 0
        self.may_cut = []  # each once

    def add(self, count, name, account, mode=None):
        for i in range(count):
            self.clients.append(Client(self, f'{name} {i}', account, mode or MODES[i % 3]))
        self.serve(lambda: all(each.is_bound for each in self.clients), f'{count} {name} ones are bound')

    def plan(self, who, answers):
        """Each of `who` is cut once, at some time before so many more answers have come."""
        self.may_cut = self.chance.sample(who, len(who))
        self.cuts = [self.answers + self.chance.randrange(answers) for _ in who]
        self.cuts.sort(reverse=True)

    def count_answer(self):
        self.answers += 1

    def cut_who_is_due(self):
        while self.cuts and self.cuts[-1] <= self.answers:
            self.cuts.pop()
            client = self.may_cut.pop()
            client.cut()
            self.cut_count += 1
            client.begin()

    def serve(self, is_so, words):
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end:
                raise Broken(f'not within {PATIENCE_S} s: {words}')
            for key, _ in self.selector.select(0.2):
                if key.fileobj is key.data.sock:
                    key.data.read()
            self.cut_who_is_due()
        claim(words, True)

    def close(self):
        for each in self.clients:
            each.sock.close()


def most_kib(gateway):
    with open(f'/proc/{gateway.process.pid}/status') as status:
        return next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))


def prove_messages(gateway, carrier, crowd, people):
    """Half of all are cut while the busy ones submit; then some of the busy ones while receipts come."""
    busy = [each for each in crowd.clients if each.account == 'campaigns']
    for place, client in enumerate(busy):
        client.unsaid = [(people[i % len(people)], f'message {place}/{i}') for i in range(EACH)]
    idle = [each for each in crowd.clients if each not in busy]
    crowd.plan(crowd.chance.sample(idle, IDLE // 2) + crowd.chance.sample(busy, BUSY // 2), BUSY * EACH * 8 // 10)
    before = len(carrier.submits)
    for client in busy:
        client.go_on()
    crowd.serve(lambda: not any(each.unsaid or each.open for each in busy) and not crowd.cuts,
                f'all of the {BUSY * EACH} messages were handed in, and {(IDLE + BUSY) // 2} binds were cut meanwhile')
    taken = {text: identity for each in busy for text, identity in each.taken.items()}
    claim(f'{len(taken)} of them were answered', BUSY * EACH - WINDOW * BUSY // 2 <= len(taken) <= BUSY * EACH)
    texts = lambda: [heard.text for heard in carrier.submits[before:]]  # noqa: E731
    crowd.serve(lambda: set(taken) <= set(texts()), 'what was answered reaches the carrier')
    claim('and nothing reaches it twice', len(texts()) == len(set(texts())))
    return busy, taken


def prove_receipts(gateway, carrier, crowd, busy, taken):
    sent = [heard for heard in carrier.submits if heard.text.startswith('message ')]
    crowd.serve(lambda: all(heard.answered for heard in sent), 'the carrier has taken them')
    carrier.settle(gateway.turn)
    crowd.plan(crowd.chance.sample(busy, BUSY // 2), len(sent) // 2)
    deliveries = [carrier.report(heard, 'DELIVRD') for heard in sent]
    heard = lambda: {identity for each in busy for identity in each.receipts}  # noqa: E731
    crowd.serve(lambda: set(taken.values()) <= heard() and not crowd.cuts,
                'each has its receipt, though receivers were cut meanwhile')
    claim('the carrier has every answer', carrier.wait(lambda: all(each.answer for each in deliveries)))


def prove_record(gateway, taken):
    items, after = {}, ''
    while True:
        page = gateway.http.get(f'/v1/messages?limit=500{after}').body
        items.update({each['id'].replace('-', ''): each['status'] for each in page['items']})
        if not page['after']:
            break
        after = '&after=' + page['after']
    claim('and each is in the database, delivered', all(items.get(each) == 'delivered' for each in taken.values()),
          [items.get(each) for each in taken.values() if items.get(each) != 'delivered'][:5])


def prove():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    with gateway_running('many_binds', accounts={'idle': {
            'system_id': 'idle', 'password': 's3cret12', 'roles': ['sender'], 'programs': [PROGRAM],
            'inbound': []}}) as (gateway, carrier):
        people = numbers(BUSY)
        opt_in_all(gateway, carrier, people)
        alone = memory_kib(gateway)
        crowd = Crowd(gateway.smpp_address)
        crowd.add(IDLE, 'idle', 'idle')
        idle = memory_kib(gateway)
        print(f'  memory: {alone} KiB alone, {idle} KiB with {IDLE} binds, {(idle - alone) * 1024 // IDLE} octets each',
              flush=True)
        crowd.add(BUSY, 'busy', 'campaigns', 'bind_transceiver')
        busy, taken = prove_messages(gateway, carrier, crowd, people)
        prove_receipts(gateway, carrier, crowd, busy, taken)
        prove_record(gateway, taken)
        until('all of them are bound', lambda: f'assent_smpp_sessions {IDLE + BUSY}\n' in
              gateway.http.get('/metrics').octets.decode())
        most = most_kib(gateway)
        claim(f'at no time it had more than 150 MB: {most} KiB', most < MOST_KIB or is_sanitized(gateway))
        crowd.close()


if __name__ == '__main__':
    run(prove)
