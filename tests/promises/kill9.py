#!/usr/bin/env python3
"""Yes means on disk. A stream of sends, five kills at random instants: what was answered with 202
reaches the carrier once, or is unknown; nothing reaches it twice."""

import collections
import http.client
import random
import threading
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402

PEOPLE, KILLS, SENDERS = 60, 5, 3
FINAL = ('sent', 'delivered', 'unknown')


class Stream(threading.Thread):
    """Sends one text after the other, each with its own words, until the gateway is gone."""

    def __init__(self, gateway, people, tokens):
        super().__init__(daemon=True)
        self.gateway, self.people, self.tokens = gateway, people, tokens
        self.accepted = {}    # token: id
        self.unanswered = []  # (token, number): asked, and no answer came
        self.refused = []     # answers other than 202

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


def send(gateway, number, token):
    return gateway.send(number, f'{token} a house', headers={'Idempotency-Key': token})


def prove(seed='1'):
    chance = random.Random(int(seed))
    accepted, unanswered, refused = {}, [], []
    with gateway_running('kill9') as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        confirmations = len(carrier.submits)
        for round_ in range(KILLS):
            base = 1000000 * (round_ + 1)
            streams = [Stream(gateway, people, [f'T{base + 300000 * place + count}'
                                                for count in range(20000)])
                       for place in range(SENDERS)]
            for stream in streams:
                stream.start()
            goal = len(carrier.submits) + chance.randint(20, 400)
            carrier.wait(lambda: len(carrier.submits) >= goal, 4)
            gateway.kill()
            for stream in streams:
                stream.join(20)
                accepted.update(stream.accepted)
                unanswered += stream.unanswered
                refused += stream.refused
            gateway.start()
            carrier.wait_bound(1)
        claim(f'{KILLS} kills, {len(accepted)} answers of 202, {len(unanswered)} without an answer',
              len(accepted) > 100 and not refused, refused[:1])
        for token, number in unanswered:
            answer = send(gateway, number, token)
            claim(f'{token}, asked again with its key, is answered 202', answer.status == 202,
                  answer)
            accepted[token] = answer.body['id']

        states = {}

        def is_settled():
            for token, identity in accepted.items():
                if states.get(token) not in FINAL:
                    states[token] = (gateway.message(identity).body or {}).get('status')
            return all(state in FINAL for state in states.values())
        until('each is sent or unknown', is_settled, 25)
        carrier.settle(gateway.turn)
        heard = collections.Counter(each.text.split()[0]
                                    for each in carrier.submits[confirmations:])
        twice = [token for token, count in heard.items() if count > 1]
        claim('the carrier read nothing twice', not twice, twice[:3])
        lost = [token for token, state in states.items() if state != 'unknown' and not heard[token]]
        claim('everything that is sent was read by the carrier', not lost, lost[:3])
        strange = set(heard) - set(accepted)
        claim('the carrier read nothing that nobody sent', not strange, list(strange)[:3])
        doubt = sum(state == 'unknown' for state in states.values())
        claim(f'{doubt} are in doubt, no more than could be under way', doubt <= KILLS * 100)


if __name__ == '__main__':
    run(prove)
