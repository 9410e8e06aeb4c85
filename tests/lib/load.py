"""Texts in numbers: sent by one or several at once, and afterwards looked for at the carrier. Each has a
token of its own, T and a number, as its first word."""

import collections
import http.client
import threading

from promise import claim, until

SETTLED = ('sent', 'delivered', 'unknown')
BOUND_KIB = 24 * 1024  # what VmRSS may grow by under any fault


def send(gateway, number, token):
    return gateway.send(number, f'{token} a house', headers={'Idempotency-Key': token})


class Stream(threading.Thread):
    """Sends one text after the other until it is told to end, or the gateway is gone."""

    def __init__(self, gateway, people, tokens):
        super().__init__(daemon=True)
        self.gateway, self.people, self.tokens = gateway, people, tokens
        self.accepted = {}    # token: id
        self.unanswered = []  # (token, number): asked, and no answer came
        self.refused = []     # (token, answer), of answers other than 202
        self.is_over = False

    def run(self):
        for token in self.tokens:
            number = self.people[int(token[1:]) % len(self.people)]
            try:
                answer = send(self.gateway, number, token)
            except (OSError, http.client.HTTPException):
                self.unanswered.append((token, number))
                return
            if answer.status == 202:
                self.accepted[token] = answer.body['id']
            else:
                self.refused.append((token, answer))
            if self.is_over:
                return

    def end(self):
        self.is_over = True
        self.join(20)


def streams_begin(gateway, people, base, count):
    streams = [Stream(gateway, people, [f'T{base + 300000 * place + at}' for at in range(20000)])
               for place in range(count)]
    for stream in streams:
        stream.start()
    return streams


def accepted_of(streams):
    return {token: identity for stream in streams for token, identity in stream.accepted.items()}


def refused_of(streams):
    return [each for stream in streams for each in stream.refused]


def send_all(gateway, people, base, count):
    """{token: id} of what was answered 202, which must be all."""
    accepted = {}
    for at in range(count):
        token = f'T{base + at}'
        answer = send(gateway, people[at % len(people)], token)
        if answer.status == 202:
            accepted[token] = answer.body['id']
    claim(f'{count} sends are answered 202', len(accepted) == count, len(accepted))
    return accepted


def tokens_heard(carrier):
    return collections.Counter(each.text.split()[0] for each in list(carrier.submits)
                               if each.text.startswith('T'))


def states_settled(gateway, accepted, states):
    """Whether each has left; states is {token: state}, filled in."""
    for token, identity in accepted.items():
        if states.get(token) not in SETTLED:
            states[token] = (gateway.message(identity).body or {}).get('status')
    return all(states[token] in SETTLED for token in accepted)


def claim_once(gateway, carrier, accepted, doubt_most=0, nothing_else=False):
    """nothing_else: the carrier heard no token but these."""
    states = {}
    until('each is sent or in doubt', lambda: states_settled(gateway, accepted, states), 25)
    carrier.settle(gateway.turn)
    heard = tokens_heard(carrier)
    lost = [token for token in accepted if states[token] != 'unknown' and not heard[token]]
    twice = [token for token in heard if heard[token] > 1]
    doubt = sum(state == 'unknown' for state in states.values())
    claim(f'of {len(accepted)} none is lost, none is heard twice, {doubt} are in doubt',
          not lost and not twice and doubt <= doubt_most, (lost[:3], twice[:3], doubt))
    if nothing_else:
        strange = set(heard) - set(accepted)
        claim('nothing was heard that was not accepted', not strange, list(strange)[:3])


def status_kib(gateway, name):
    with open(f'/proc/{gateway.process.pid}/status', encoding='ascii') as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


def memory_kib(gateway):
    return status_kib(gateway, 'VmRSS')


def peak_kib(gateway):
    return status_kib(gateway, 'VmHWM')


def is_sanitized(gateway):
    with open(gateway.binary, 'rb') as binary:
        return b'__asan_init' in binary.read()


def claim_bounded(gateway, before, more_kib=0):
    """The address sanitizer keeps what was freed, up to 256 MiB, and shadows the rest: there the
    bound says little."""
    grown, most = memory_kib(gateway) - before, BOUND_KIB + more_kib
    if is_sanitized(gateway):
        most = 2 * most + (256 << 10)
    claim(f'memory grew by {grown} KiB, below {most}', grown < most)
