#!/usr/bin/env python3
"""SIGHUP takes over what is another in the config and leaves alone what is the same; a file that can't be
used leaves the one in force, and the log says why. Nothing is lost by it and nothing is sent twice."""

import collections
import os
import shutil
import signal
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from certificates import Certificates  # noqa: E402
from gateway import BUILD, SENDER, free_ports  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402

ROUNDS = 12


def is_refused(gateway, text, why):
    lines = gateway.reload(text)
    return 'reload refused' in lines[0] and gateway.log_lines(why)


def prove_programs(gateway, carrier, ann):
    old = open(gateway.config, encoding='utf-8').read()
    binds = list(carrier.binds)
    new = old.replace('new-lead-nurture', 'evening-news').replace('+12065550100', '+12065550188')
    program = new[new.index('program "evening-news"'):]
    program = program[:program.index('\n}') + 3]
    both = old.replace('programs = {', 'programs = {"evening-news", ') + program
    gateway.reload(both)
    claim('a new program is there', gateway.send(ann, 'Hi', program='evening-news').status == 403)
    claim('and has nobody\'s consent but its own',
          gateway.send(ann, 'Hi', program='evening-news').body['code'] == 'no_consent')
    claim('the old one goes on', gateway.send(ann, 'Hi').status == 202)
    until('the text', lambda: gateway.turn() or any(
        heard.text == 'Hi' and heard.number == ann for heard in carrier.submits))
    claim('over the same bind', list(carrier.binds) == binds and carrier.binds[0].receives)
    gateway.reload(both.replace('+12065550188', '+12065550189'))
    claim('a sender that went is no sender any more',
          gateway.send(ann, 'Hi', **{'program': 'evening-news', 'from': '+12065550188'}).body['code']
          == 'sender_not_allowed')
    claim('a bad file leaves the old one in force, and is named with its line',
          is_refused(gateway, both.replace('brand', 'brrand'), 'has errors') and
          gateway.log_lines('brrand', gateway.config + ':'))
    port, another = gateway.ports[0], free_ports(1)[0]
    claim('where it listens needs a restart, and it says so',
          is_refused(gateway, both.replace(f':{port}', f':{another}'), 'http: listen is another'))
    claim('and so does the database',
          is_refused(gateway, both.replace('assent.db', 'other.db'), 'database is another'))
    claim('the old one is still in force', gateway.send(ann, 'Hi').status == 202)


class Stream(threading.Thread):
    """Sends one text after the other until it is told to end."""

    def __init__(self, gateway, people, name):
        super().__init__(daemon=True)
        self.gateway, self.people, self.name = gateway, people, name
        self.accepted = {}  # token: id
        self.others = []    # answers other than 202
        self.is_over = False

    def run(self):
        while not self.is_over:
            token = f'{self.name}{len(self.accepted)}'
            answer = self.gateway.send(self.people[len(self.accepted) % len(self.people)], token)
            if answer.status != 202:
                self.others.append(answer)
                return
            self.accepted[token] = answer.body['id']


def other_settings(gateway, carrier, round_):
    """One thing of the carriers after the other is changed."""
    carriers = gateway.settings.carriers
    sim = carriers['sim']
    if round_ % 4 == 0:
        sim['binds'] = 1 + round_ % 3
    elif round_ % 4 == 1:
        sim['password'] = carrier.accounts['assent'] = f'pass{round_}'
    elif round_ % 4 == 2:
        carriers['other'] = dict(sim, system_id='other', password='secret', window=5)
        gateway.settings.programs['new-lead-nurture']['carriers'] = ['other', 'sim']
    else:
        del carriers['other']
        gateway.settings.programs['new-lead-nurture']['carriers'] = ['sim']


def prove_load(gateway, carrier):
    people = numbers(40)
    gateway.reload()
    carrier.accounts['other'] = 'secret'
    opt_in_all(gateway, carrier, people[1:])
    begin = len(carrier.submits)
    streams = [Stream(gateway, people, name) for name in 'AB']
    for stream in streams:
        stream.start()
    for round_ in range(ROUNDS):
        other_settings(gateway, carrier, round_)
        lines = gateway.reload(times=1 + round_ % 2)
        if not all('reloaded' in line for line in lines):
            claim('each reload is done', False, lines)
        goal = len(carrier.submits) + 50
        carrier.wait(lambda: len(carrier.submits) >= goal, 10)
    for stream in streams:
        stream.is_over = True
        stream.join(20)
    accepted = {token: each for stream in streams for token, each in stream.accepted.items()}
    others = [each for stream in streams for each in stream.others]
    claim(f'{ROUNDS} reloads under load, {len(accepted)} answers, all of them 202',
          len(accepted) > 100 and not others, others[:1])
    states = {}

    def are_sent():
        for token in accepted:
            if states.get(token) != 'sent':
                states[token] = gateway.message(accepted[token]).body['status']
        return set(states.values()) == {'sent'}
    until('each is sent', are_sent)
    heard = collections.Counter(each.text for each in carrier.submits[begin:])
    claim('the carrier read each of them once', heard == collections.Counter(list(accepted)),
          [each for each in heard if heard[each] > 1][:3])


def prove_stopping(gateway, carrier):
    """What leaves must not come back."""
    ann, = numbers(1)
    carrier.hold()
    begin = len(carrier.submits)
    gateway.send(ann, 'open')
    carrier.wait(lambda: len(carrier.submits) > begin)
    gateway.terminate()
    until('it is stopping', lambda: gateway.log_lines('stopping: no new work'))
    gateway.process.send_signal(signal.SIGHUP)
    until('a reload while it stops is refused', lambda: gateway.log_lines('the gateway is stopping'))
    binds = len(carrier.binds)
    carrier.release()
    claim('and it ends as it would have, with no new bind',
          gateway.wait() == 0 and len(carrier.binds) == binds)


def shown_by(address, certificates):
    """The certificate that a new handshake with the gateway shows."""
    with socket.create_connection(address, 8) as plain:
        with certificates.client().wrap_socket(plain, server_hostname='localhost') as sock:
            return sock.getpeercert()['serialNumber']


def renew(certificates, *names):
    for name in names:
        for end in ('.pem', '.key'):
            shutil.copy(certificates.file('renewed' + end), certificates.file(name + end))


def subject_seen(bind):
    return dict(pair for each in bind.sock.getpeercert()['subject'] for pair in each)['commonName']


def prove_certificates(gateway, carrier, certificates):
    ann, = numbers(1)
    opt_in_all(gateway, carrier, [ann])
    text = open(gateway.config, encoding='utf-8').read()
    doors = (gateway.http_address, gateway.smpp_address)
    before = [shown_by(door, certificates) for door in doors]
    sender = Sender(gateway.smpp_address, certificates.client())
    sender.bind('campaigns', 's3cret12')
    key = open(certificates.file('good.key'), encoding='utf-8').read()
    shutil.copy(certificates.file('other.key'), certificates.file('good.key'))
    claim('a key of another certificate: the reload is refused, and the log says why',
          is_refused(gateway, text, 'is not the key of the certificate'))
    claim('and each door shows what it showed',
          [shown_by(door, certificates) for door in doors] == before)
    with open(certificates.file('good.key'), 'w', encoding='utf-8') as file:
        file.write(key)
    renew(certificates, 'good', 'client')
    gateway.reload(text)
    after = [shown_by(door, certificates) for door in doors]
    claim('renewed in place: each door shows the new one to who comes now',
          after[0] == after[1] and after[0] not in before, (before, after))
    sender.send(sender.submit_pdu(SENDER, ann, 'Old session'))
    taken = sender.receive(lambda pdu: pdu.command == 'submit_sm_resp')
    claim('a sender that was there goes on', taken and taken.status == 0, taken)
    sender.close()
    claim('and so does the bind to the carrier',
          len(carrier.binds) == 1 and carrier.wait(
              lambda: any(each.text == 'Old session' for each in carrier.submits)))
    claim('which knows us by the old one', subject_seen(carrier.binds[0]) == 'client')
    carrier.drop()
    until('it binds anew', lambda: gateway.turn() or carrier.bound())
    claim('and by the new one when we bind again', subject_seen(carrier.bound()[0]) == 'renewed')


def prove():
    with gateway_running('reload') as (gateway, carrier):
        ann, = numbers(1)
        opt_in_all(gateway, carrier, [ann])
        prove_programs(gateway, carrier, ann)
        prove_load(gateway, carrier)
        prove_stopping(gateway, carrier)
    certificates = Certificates(os.path.join(BUILD, 'promises', 'reload-certificates'))
    with gateway_running('reload-tls', certificates) as (gateway, carrier):
        prove_certificates(gateway, carrier, certificates)


if __name__ == '__main__':
    run(prove)
