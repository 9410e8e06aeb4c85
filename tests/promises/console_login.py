#!/usr/bin/env python3
"""Logging in to the console, by many at once, by guessers, by clients that hang up, in the middle of a kill: nobody comes in
who shouldn't, nothing waits for scrypt, and no password is written anywhere."""

import fcntl
import http.client
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from urllib.parse import urlencode

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from certificates import Certificates  # noqa: E402
from gateway import BUILD  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402

RIGHT, WRONG = 'four words of one', 'guess number %d of many'
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}


class Login(threading.Thread):
    """One from an address of its own on the loopback."""

    def __init__(self, gateway, address, name='campaigns', password=RIGHT, hangs_up=False):
        super().__init__()
        self.gateway, self.address, self.hangs_up = gateway, address, hangs_up
        self.fields = {'name': name, 'password': password}
        self.status = self.headers = None

    def run(self):
        connection = http.client.HTTPConnection(*self.gateway.http_address, timeout=100, source_address=(self.address, 0))
        try:
            connection.request('POST', '/login', urlencode(self.fields), FORM)
            if not self.hangs_up:
                response = connection.getresponse()
                self.body, self.status, self.headers = response.read(), response.status, response.headers
        except OSError:
            pass
        connection.close()

    @property
    def cookie(self):
        return re.match(r'assent_session=([0-9a-f]{64});', self.headers['Set-Cookie'])[1]

    def now(self):
        self.start()
        self.join()
        return self


def logged(gateway, words):
    with open(gateway.log, encoding='utf-8', errors='replace') as file:
        return sum(words in line for line in file)


def session(gateway, cookie):
    return gateway.http.call('GET', '/v1/session', key=' ', headers={'Cookie': f'assent_session={cookie}'})


def by_terminal(gateway, *typed):
    """`assent account password campaigns` on a terminal: its exit code, and what is drawn."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([gateway.binary, 'account', 'password', 'campaigns'], stdin=theirs, stdout=theirs, stderr=theirs,
                               env=gateway.environment, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(theirs)
    drawn, asked = b'', 0
    try:
        while octets := os.read(ours, 65536):
            drawn += octets
            while drawn.count(b': ') > asked and asked < len(typed):
                os.write(ours, typed[asked].encode() + b'\n')
                asked += 1
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(60), drawn.decode()


def by_pipe(gateway, text, *options):
    return subprocess.run([gateway.binary, 'account', 'password', 'campaigns', *options], input=text, text=True,
                          capture_output=True, env=gateway.environment, timeout=60)


def prove_commands(gateway):
    code, drawn = by_terminal(gateway, RIGHT, RIGHT)
    claim('a terminal is asked twice, and shows nothing of it', code == 0 and RIGHT not in drawn and 'again' in drawn, drawn)
    claim('it logs in', Login(gateway, '127.0.0.2').now().status == 303)
    code, drawn = by_terminal(gateway, RIGHT + '!', RIGHT)
    claim('two that differ change nothing', code == 1 and 'not the same' in drawn, drawn)
    claim('and the old one logs in', Login(gateway, '127.0.0.2').now().status == 303)
    said = by_pipe(gateway, 'short\n')
    claim('one that is too short says so', said.returncode == 1 and '12 characters' in said.stderr, said.stderr)
    said = by_pipe(gateway, '')
    claim('and so does an empty pipe', said.returncode == 1 and 'empty' in said.stderr, said.stderr)
    claim('--remove ends it', by_pipe(gateway, '', '--remove').returncode == 0 and
          Login(gateway, '127.0.0.2').now().status == 401)
    claim('a pipe sets it', by_pipe(gateway, RIGHT + '\nmore\n').returncode == 0 and
          Login(gateway, '127.0.0.2').now().status == 303)


def prove_crowd(gateway, carrier, ann):
    """Each of the sums takes a quarter of a second; a message is a matter of milliseconds."""
    crowd = [Login(gateway, f'127.0.1.{n}') for n in range(1, 41)]
    for each in crowd:
        each.start()
    begin = len(carrier.submits)
    until('some login is under way', lambda: any(each.is_alive() for each in crowd))
    answer = gateway.send(ann, 'Meanwhile')
    claim('a message is taken while logins wait', answer.status == 202, answer)
    claim('and reaches the carrier before the last of them is answered',
          carrier.wait(lambda: len(carrier.submits) > begin) and any(each.is_alive() for each in crowd))
    for each in crowd:
        each.join()
    answers = [each.status for each in crowd]
    claim('of forty at once those are let in that can wait, and the rest told to come again',
          set(answers) == {303, 503} and answers.count(303) >= 16, answers)
    claim('with Retry-After', all(each.headers['Retry-After'] for each in crowd if each.status == 503))
    cookies = [each.cookie for each in crowd if each.status == 303]
    claim('each has a session of its own', len(set(cookies)) == len(cookies))
    alive = [session(gateway, cookie).status for cookie in cookies].count(200)
    claim('of which an account keeps 16', alive == 16, alive)


def prove_guessers(gateway):
    flood = [Login(gateway, '127.0.2.1', name='anybody', password=WRONG % (n % 2)) for n in range(32)]
    for each in flood:
        each.start()
    claim('one address that tries many at once keeps no other out', Login(gateway, '127.0.2.2').now().status == 303)
    for each in flood:
        each.join()
    answers = [each.status for each in flood]
    claim('of it two are looked at at a time', 503 in answers and set(answers) <= {401, 429, 503}, answers)
    while len(answers) < 50 and answers[-1] != 429:
        answers.append(Login(gateway, '127.0.2.1', name='nobody', password=WRONG % 1).now().status)
    claim('it is told of six wrong ones, the same or not', answers.count(401) == 6, answers)
    claim('and has to wait, with the right one too', Login(gateway, '127.0.2.1').now().status == 429)
    for n in range(1, 7):
        last = Login(gateway, f'127.0.3.{n}', name='stranger', password=WRONG % n).now()
        claim(f'guess {n} at a name from one more address is wrong', last.status == 401, last.status)
    claim('and then the name has to wait, though there is none like it',
          Login(gateway, '127.0.3.99', name='stranger', password=WRONG % 99).now().status == 429)
    claim('others have not', Login(gateway, '127.0.3.98', name='other', password=WRONG % 98).now().status == 401)
    for n in range(1, 7):
        Login(gateway, '127.0.4.1', name='nobody else', password=WRONG % n, hangs_up=True).now()
        until('a guess is judged though its client has hung up', lambda: logged(gateway, 'why=wrong account=- peer=127.0.4.1') == n)
    claim('and counts', Login(gateway, '127.0.4.1', name='nobody else', password=RIGHT).now().status == 429)


def prove_kills(gateway):
    ended = []
    for _ in range(3):
        crowd = [Login(gateway, f'127.0.5.{n}') for n in range(1, 9)]
        for each in crowd:
            each.start()
        until('one is let in', lambda: gateway.http.get('/healthz') and any(each.status == 303 for each in crowd))
        gateway.kill()
        for each in crowd:
            each.join()
        gateway.start()
        cookie = next(each.cookie for each in crowd if each.status == 303)
        ended.append(session(gateway, cookie).status)
    claim('a session ends with the gateway', ended == [401] * 3, ended)
    claim('and the password stands', Login(gateway, '127.0.0.3').now().status == 303)
    crowd = [Login(gateway, f'127.0.6.{n}') for n in range(1, 9)]
    for each in crowd:
        each.start()
    until('one is let in', lambda: gateway.http.get('/healthz') and any(each.status == 303 for each in crowd))
    claim('SIGTERM while logins wait is an orderly end', gateway.stop() == 0)
    for each in crowd:
        each.join()
    gateway.start()


def prove_silence(gateway, cookie):
    """Neither the log nor any file of the database has what was typed."""
    names = [gateway.log] + [gateway.database + end for end in ('', '-wal')]
    written = b''.join(open(name, 'rb').read() for name in names if os.path.exists(name))
    secrets = [RIGHT, WRONG[:12], cookie, session(gateway, cookie).body['csrf']]
    found = [secret for secret in secrets if secret.encode() in written]
    claim('no password, cookie or token is in the log or the database', not found, found)


def prove_tls():
    certificates = Certificates(os.path.join(BUILD, 'promises', 'console_login_certificates'))
    with gateway_running('console_login_tls', certificates, environment={'ASSENT_CA': certificates.file('ca.pem')}) as (gateway, _):
        said = by_pipe(gateway, RIGHT + '\n')
        claim('a password is set over TLS', said.returncode == 0, said.stderr)
        answer = gateway.http.call('POST', '/login', key=' ', headers=FORM,
                                   content=urlencode({'name': 'campaigns', 'password': RIGHT}).encode())
        claim('and the cookie is for TLS alone', answer.status == 303 and
              answer.headers['Set-Cookie'].endswith('; HttpOnly; SameSite=Strict; Secure'), answer.headers)


def prove():
    [ann] = numbers(1)
    with gateway_running('console_login') as (gateway, carrier):
        opt_in_all(gateway, carrier, [ann])
        prove_commands(gateway)
        prove_crowd(gateway, carrier, ann)
        prove_guessers(gateway)
        prove_kills(gateway)
        prove_silence(gateway, Login(gateway, '127.0.0.4').now().cookie)
    prove_tls()


if __name__ == '__main__':
    run(prove)
