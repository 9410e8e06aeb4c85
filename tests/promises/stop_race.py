#!/usr/bin/env python3
"""STOP wins every race. People leave in the middle of a campaign; once the carrier has read the
answer to a STOP, it reads nothing for that person, on whichever bind, but the one confirmation."""

import random
import threading
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run  # noqa: E402

PEOPLE, STOPS, ROUNDS, SENDERS = 300, 150, 12, 4


def campaign(gateway, people, answers, place):
    """Everybody gets a text a round; each sender has its share of the people."""
    for round_ in range(ROUNDS):
        for number in people[place::SENDERS]:
            answers.append((number, gateway.send(number, f'campaign {round_}').status))


def race(binds, certificates=None):
    chance = random.Random(binds)
    name = f'stop_race-{binds}' + ('-tls' if certificates else '')
    with gateway_running(name, certificates, binds=binds, window=10) as (gateway, carrier):
        people = numbers(PEOPLE)
        opt_in_all(gateway, carrier, people)
        leaving = chance.sample(people, STOPS)
        answers, stops = [], {}
        begin = len(carrier.submits)
        carrier.hold()  # so that windows are full and a queue stands behind them
        sending = [threading.Thread(target=campaign, args=(gateway, people, answers, place),
                                    daemon=True) for place in range(SENDERS)]
        for thread in sending:
            thread.start()
        for number in leaving:  # the carrier goes on by a few answers between two of them
            carrier.wait(lambda: len(carrier.held) >= 5, 1)
            carrier.release(count=10)
            stops[number] = carrier.deliver(number, '+12065550100', 'STOP',
                                            bind=1 + chance.randrange(binds))
        carrier.release()
        answered = carrier.wait(lambda: all(stop.answer for stop in stops.values()), 20)
        claim(f'{binds} binds: each of {STOPS} STOPs was answered', answered,
              [number for number, stop in stops.items() if not stop.answer][:3])
        for thread in sending:
            thread.join(60)
        odd = [answer for answer in answers
               if answer[1] != 202 and not (answer[1] == 403 and answer[0] in stops)]
        claim('each text was taken, or refused since the person had left',
              len(answers) == PEOPLE * ROUNDS and not odd, odd[:3])
        carrier.settle(gateway.turn)
        carrier.wait(lambda: len(carrier.submits) >= begin + PEOPLE * ROUNDS, 1)
        late, confirmed, during = [], {}, 0
        for heard in carrier.submits[begin:]:
            stop = stops.get(heard.number)
            if not stop:
                continue
            if not heard.text.startswith('campaign'):
                confirmed[heard.number] = confirmed.get(heard.number, 0) + 1
            elif heard.order > stop.answer.order:
                late.append((heard.number, heard.text))
            else:
                during += 1
        claim(f'{during} campaign texts came before the answers, none after', not late, late[:3])
        claim('each of them got one confirmation',
              set(confirmed) == set(stops) and set(confirmed.values()) == {1},
              [number for number in stops if confirmed.get(number) != 1][:3])
        stayed = [heard for heard in carrier.submits[begin:] if heard.number not in stops]
        claim('the others got all of their texts', len(stayed) == (PEOPLE - STOPS) * ROUNDS,
              f'{len(stayed)} of {(PEOPLE - STOPS) * ROUNDS}')
        claim('people left while the campaign ran', 0 < during < STOPS * ROUNDS * 3 // 4, during)


def prove():
    race(1)
    race(3)


if __name__ == '__main__':
    run(prove)
