#!/usr/bin/env python3
"""An answer that is lost on its way makes nobody believe that nothing was sent: the terminal asks again, in a way that
texts nobody twice, and where it can't find out, it says that it doesn't know, and how to ask."""

import collections
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402

TEXT = 'Your tour is at 3 pm.'


class Handler(BaseHTTPRequestHandler):
    """Hands the request to the gateway, and its answer back or not."""

    protocol_version = 'HTTP/1.1'

    def pass_on(self):
        content = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        server = self.server
        self.close_connection = True
        if server.is_gone(self.command, self.path):
            if server.then:
                self.send_error(server.then)
            return
        onward = http.client.HTTPConnection(*server.gateway, timeout=15)
        onward.request(self.command, self.path, content or None, dict(self.headers))
        answer = onward.getresponse()
        octets = answer.read()
        onward.close()
        if server.loses(self.command, self.path):
            return
        self.send_response(answer.status)
        self.send_header('Content-Type', answer.headers['Content-Type'])
        self.send_header('Content-Length', str(len(octets)))
        self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(octets)

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *words):
        pass


class Way(ThreadingHTTPServer):
    """A way to the gateway on which answers to what is so ("POST /v1/messages$") are lost, so many times. `deaf`: once one
    was lost, nothing gets through any more, and `then` is the answer to all that tries to."""

    daemon_threads = True

    def __init__(self, gateway, what, times=1, deaf=False, then=None):
        super().__init__(('127.0.0.1', 0), Handler)
        self.gateway, self.what, self.times, self.deaf, self.then = gateway.http_address, what, times, deaf, then
        self.lost, self.lock = 0, threading.Lock()
        self.environment = dict(gateway.environment, ASSENT_URL=f'http://127.0.0.1:{self.server_port}')
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def loses(self, method, path):
        with self.lock:
            is_lost = re.search(self.what, f'{method} {path}') is not None and self.lost < self.times
            self.lost += is_lost
            return is_lost

    def is_gone(self, method, path):
        return self.deaf and self.lost > 0


def start(gateway, way, *words):
    return subprocess.Popen([gateway.binary, *words], env=way.environment, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ends(process):
    said, complained = process.communicate(timeout=60)
    return process.returncode, said, complained


def interrupt_once_lost(process, way):
    until('an answer was lost', lambda: way.lost > 0)
    process.send_signal(signal.SIGINT)


def texts_of(carrier, gateway, person):
    carrier.settle(gateway.turn)
    return sum(each.number == person and TEXT in each.text for each in carrier.submits)


def prove_one(gateway, carrier, people):
    words = ('send', '--program', PROGRAM, '--text', TEXT, '--to')
    way = Way(gateway, 'POST /v1/messages$', times=2)
    code, said, complained = ends(start(gateway, way, *words, people[0]))
    claim('a message whose answer is lost is asked about again, and the person is texted once', code == 0 and
          'accepted' in said and way.lost == 2 and texts_of(carrier, gateway, people[0]) == 1, said + complained)
    way = Way(gateway, 'POST /v1/messages$', deaf=True)
    sending = start(gateway, way, *words, people[1])
    interrupt_once_lost(sending, way)
    code, said, complained = ends(sending)
    key = re.search(r'--idempotency-key (\S+) ', complained)
    claim('interrupted before that is found out, it says that it is not known, and with which key to ask', code == 1 and
          "it isn't known whether the text to" in complained and key and 'not sent' not in complained, complained)
    again = gateway.command(*words, people[1], '--idempotency-key', key[1])
    claim('with that key the same command tells, and texts nobody twice', again.returncode == 0 and
          'accepted' in again.stdout and texts_of(carrier, gateway, people[1]) == 1, again)
    nobody = dict(gateway.environment, ASSENT_URL='http://127.0.0.1:1')
    done = subprocess.run([gateway.binary, *words, people[2]], env=nobody, capture_output=True, text=True, timeout=60)
    claim('where there is no gateway it was not sent, and that is said at once', done.returncode == 1 and
          'not sent to' in done.stderr and 'no gateway answers' in done.stderr, done.stderr)


def newest(gateway):
    return gateway.http.get('/v1/campaigns').body['items'][0]


def write_people(gateway, name, people):
    path = os.path.join(gateway.directory, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('phone\n' + ''.join(person + '\n' for person in people))
    return path


def heard_once(gateway, carrier, before, people):
    carrier.wait(lambda: len(carrier.submits) >= before + len(people), 20)
    carrier.settle(gateway.turn)
    return collections.Counter(each.number for each in carrier.submits[before:]) == collections.Counter(people)


def prove_campaign(gateway, carrier, people):
    path = write_people(gateway, 'people.csv', people)
    words = ('send', '--program', PROGRAM, '--csv', path, '--text', TEXT)
    for what in ('POST /v1/campaigns$', 'last=true$', '/start$'):
        before, made = len(carrier.submits), len(gateway.http.get('/v1/campaigns').body['items'])
        way = Way(gateway, what)
        code, said, complained = ends(start(gateway, way, *words))
        claim(f'a lost answer to {what} makes no second campaign and no second text', code == 0 and way.lost == 1 and
              f'{len(people)} accepted' in said and heard_once(gateway, carrier, before, people) and
              len(gateway.http.get('/v1/campaigns').body['items']) == made + 1, said + complained)
    before, way = len(carrier.submits), Way(gateway, '/start$', times=99)
    sending = start(gateway, way, *words)
    interrupt_once_lost(sending, way)
    code, said, complained = ends(sending)
    claim('interrupted while it asks whether a campaign was started, it looks, and says that the gateway goes on',
          code == 1 and 'the gateway goes on with it' in complained and 'nothing is sent' not in complained and
          heard_once(gateway, carrier, before, people), complained)


def begin_unknown(gateway, people):
    way = Way(gateway, '/start$', deaf=True)
    path = write_people(gateway, 'deaf.csv', people)
    sending = start(gateway, way, 'send', '--program', PROGRAM, '--csv', path, '--text', TEXT)
    interrupt_once_lost(sending, way)
    return sending, newest(gateway)['id']


def prove_unknown(sending, name):
    code, said, complained = ends(sending)
    claim('where that can not be asked, it says that it is not known, and how to ask', code == 1 and
          "isn't known whether the campaign was started" in complained and f'assent campaign show {name}' in complained and
          'nothing is sent' not in complained, complained)


def prove_created(gateway):
    before = len(gateway.http.get('/v1/campaigns').body['items'])
    way = Way(gateway, 'POST /v1/campaigns$')
    code, said, complained = ends(start(gateway, way, 'campaign', 'create', '--name', 'lost', '--program', PROGRAM,
                                        '--text', TEXT))
    claim('a campaign whose answer is lost is made once', code == 0 and newest(gateway)['id'] == said.strip() and
          len(gateway.http.get('/v1/campaigns').body['items']) == before + 1, said + complained)
    name = said.strip()
    way = Way(gateway, '/cancel$')
    code, said, complained = ends(start(gateway, way, 'campaign', 'cancel', name, '--json'))
    claim('an order to a campaign whose answer is lost is given again, which changes nothing', code == 0 and
          way.lost == 1 and json.loads(said)['state'] == 'cancelled' == newest(gateway)['state'], said + complained)
    way = Way(gateway, '/cancel$', deaf=True, then=401)
    code, said, complained = ends(start(gateway, way, 'campaign', 'cancel', name))
    claim('and where nobody says what became of it, that is said', code == 1 and "isn't known whether it was done" in complained, complained)
    way = Way(gateway, 'POST /v1/programs/')
    code, said, complained = ends(start(gateway, way, 'program', 'pause', PROGRAM))
    claim('what is not asked again is said not to be known', code == 1 and "it isn't known whether it was done" in complained, complained)
    gateway.command('program', 'resume', PROGRAM)


def prove_settled_by_nothing(gateway, people):
    """The first try was taken; what the second hears says nothing of that."""
    words = ('send', '--program', PROGRAM, '--text', TEXT, '--to', people[0])
    for status in (400, 401, 408, 413):
        way = Way(gateway, 'POST /v1/messages$', deaf=True, then=status)
        code, said, complained = ends(start(gateway, way, *words))
        claim(f'{status} behind a lost answer leaves it unknown whether the text was accepted', code == 1 and way.lost == 1 and
              "isn't known whether the text to" in complained and '--idempotency-key' in complained, complained)
    sent = gateway.send(people[0], TEXT, send_at=now_text(7200)).body['id']
    code, said, complained = ends(start(gateway, Way(gateway, '^DELETE ', deaf=True, then=401), 'message', 'cancel', sent, '--csv'))
    claim('and whether a message was taken back', code == 1 and f'{sent},not known' in said and 'may have been taken' in said, said)
    way = Way(gateway, 'nothing', deaf=True, then=401)
    way.lost = 1
    code, said, complained = ends(start(gateway, way, *words))
    claim('401 to the first try is a plain no', code == 1 and 'not sent' in complained and 'may have been' not in complained, complained)


def prove_taken_back(gateway, people):
    sent = gateway.send(people[0], TEXT, send_at=now_text(7200)).body['id']
    way = Way(gateway, '^DELETE ')
    code, said, complained = ends(start(gateway, way, 'message', 'cancel', sent, '--csv'))
    claim('a message whose taking back got no answer is taken back again, which changes nothing', code == 0 and
          way.lost == 1 and f'{sent},cancelled' in said, said + complained)


def prove_json(gateway, people):
    way = Way(gateway, 'POST /v1/messages$', deaf=True)
    sending = start(gateway, way, 'send', '--program', PROGRAM, '--text', TEXT, '--to', people[2], '--json')
    interrupt_once_lost(sending, way)
    code, said, complained = ends(sending)
    answer = json.loads(said)
    claim('as JSON that has a code of its own', code == 1 and answer['code'] == 'unanswered' and
          answer['idempotency_key'] in complained and answer['to'] == people[2], said)


def prove():
    people = numbers(5)
    with gateway_running('lost_answers') as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        unknown = begin_unknown(gateway, people[3:])  # it asks for as long as a gateway may need to come back
        prove_one(gateway, carrier, people)
        prove_json(gateway, people)
        prove_campaign(gateway, carrier, people)
        prove_created(gateway)
        prove_taken_back(gateway, people)
        prove_settled_by_nothing(gateway, people)
        prove_unknown(*unknown)


if __name__ == '__main__':
    run(prove)
