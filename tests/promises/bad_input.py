#!/usr/bin/env python3
"""What is wrong gets an answer that says what, and where; and the gateway lives on."""

import itertools
import json
import signal
import socket
import struct
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, registration  # noqa: E402
from promise import claim, gateway_running, names_line, now_text, run  # noqa: E402
from sender import Gone, Sender  # noqa: E402
from smpp import Pdu  # noqa: E402

NUMBER = '+14155550123'
GOOD = {'program': PROGRAM, 'to': NUMBER, 'text': 'Hi'}


def without(field):
    return {key: value for key, value in GOOD.items() if key != field}


# (what is wrong, body, statuses that are right, a word that the answer must hold)
MESSAGES = (
    ('a text that is no JSON', b'{"program":', (400,), ''),
    ('JSON that is no object', b'[1,2]', (400, 422), ''),
    ('octets that are no UTF-8', b'{"program":"\xff\xfe"}', (400,), ''),
    ('JSON a hundred thousand deep', b'[' * 100000, (400, 413), ''),
    ('no body', b'', (400,), ''),
    ('a missing text', without('text'), (400, 422), 'text'),
    ('a missing number', without('to'), (400, 422), 'to'),
    ('a number that is a number', dict(GOOD, to=14155550123), (400, 422), 'to'),
    ('a number of letters', dict(GOOD, to='call me'), (422,), 'to'),
    ('a number with a letter O', dict(GOOD, to='415-555-012O'), (422,), 'to'),
    ('a number too short', dict(GOOD, to='555-0123'), (422,), 'to'),
    ('a number with an extension', dict(GOOD, to='415 555 0123 x99'), (422,), 'to'),
    ('a text that is a list', dict(GOOD, text=['Hi']), (400, 422), 'text'),
    ('an unknown program', dict(GOOD, program='no-such'), (403, 404, 422), 'program'),
    ('a time that no calendar has', dict(GOOD, send_at='2026-02-30T00:00:00Z'), (400, 422),
     'send_at'),
    ('an unknown encoding', dict(GOOD, encoding='ebcdic'), (400, 422), 'encoding'),
)
CONSENTS = (
    ('no tick box', {'opted_in': None}, (400, 422), 'opted_in'),
    ('a tick box in words', {'opted_in': 'yes'}, (400, 422), 'opted_in'),
    ('an unknown source', {'source': 'telepathy'}, (400, 422), 'source'),
    ('no wording', {'disclosure': None}, (422,), 'disclosure'),
    ('empty wording', {'disclosure': ''}, (422,), 'disclosure'),
    ('no page', {'form_url': None}, (422,), 'form_url'),
    ('a time in words', {'collected_at': 'yesterday'}, (400, 422), 'collected_at'),
    ('a bad number', {'phone': '12'}, (422,), 'phone'),
)
RAW = (
    ('a line that is no request', b'\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'),
    ('a method of nobody', b'BREW /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n'),
    ('a length that is none',
     b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n'),
    ('a header of a megabyte', b'GET /healthz HTTP/1.1\r\nX: ' + b'a' * (1 << 20) + b'\r\n\r\n'),
)


def lives(gateway, words):
    claim(words, gateway.is_running() and gateway.http.get('/healthz').status == 200)


def expect_problem(words, answer, statuses, word):
    body = answer.body if isinstance(answer.body, dict) else {}
    told = json.dumps(body)
    kind = answer.headers.get('Content-Type', '')
    claim(f'{words}: {answer.status} {body.get("code")}',
          answer.status in statuses and kind.startswith('application/problem+json') and
          body.get('code') and word in told, f'{kind} {answer}')


def prove_http(gateway):
    for words, body, statuses, word in MESSAGES:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        expect_problem(words, gateway.http.call('POST', '/v1/messages', content=content),
                       statuses, word)
    for words, changes, statuses, word in CONSENTS:
        body = registration(NUMBER, **{'collected_at': now_text(-60), **changes})
        expect_problem(words, gateway.http.post('/v1/consents', body), statuses, word)
    get = gateway.http.get
    expect_problem('a wrong key', get('/v1/blocks', key='f' * 64), (401,), 'unauthorized')
    expect_problem('a message of nobody', get('/v1/messages/01900000-0000-7000-8000-000000000000'),
                   (404,), '')
    expect_problem('a page of nobody', get('/v1/no-such'), (404,), '')
    expect_problem('a limit in words', get('/v1/blocks?limit=many'), (400, 422), 'limit')
    for words, octets in RAW:
        with socket.create_connection(gateway.http_address, 5) as raw:
            try:
                raw.sendall(octets)
                raw.shutdown(socket.SHUT_WR)
                answer = raw.recv(4096)
            except OSError:
                answer = b''  # it hung up
            status = answer[9:12]
            claim(f'{words}: {status.decode() or "hung up"}', not answer or status[:1] in b'45',
                  answer[:80])
    lives(gateway, 'after all that HTTP it lives')


def header(command_id, body=b'', length=None, sequence=7):
    return struct.pack('>IIII', 16 + len(body) if length is None else length, command_id, 0,
                       sequence) + body


def prove_smpp(gateway):
    cases = (
        ('a length of 15', header(0x15, length=15), 0x02),
        ('a length of two gigabytes', header(0x04, length=0x7FFFFFFF), 0x02),
        ('a command of nobody', header(0x00000666), 0x03),
        ('a submit_sm before the bind', header(0x04, b'\0' * 17), 0x04),
        ('a bind whose system_id has no end', header(0x09, b'a' * 60), None),
        ('an HTTP request', b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', None),
    )
    for words, octets, status in cases:
        client = Sender(gateway.smpp_address)
        client.send_octets(octets)
        try:
            answer = client.receive(lambda pdu: True, 5)
        except Gone:
            answer = None
        claim(f'{words}: {answer.command if answer else "hung up"}',
              answer is None or (answer.status != 0 and status in (None, answer.status)), answer)
        client.close()
    client = Sender(gateway.smpp_address)
    claim('a bind in order is taken', client.bind('campaigns', 's3cret12').status == 0)
    body = b'\0\1\x0112065550100\0\1\x0114155550123\0' + b'\0' * 9 + b'\xc8Hi'
    client.send_octets(header(0x04, body, sequence=99))
    answer = client.receive(lambda pdu: pdu.sequence == 99)
    claim('a text longer than its PDU is refused, and the session stays',
          answer and answer.status != 0 and client.ask(Pdu('enquire_link')).status == 0, answer)
    answer = client.submit('+12065550100', '12', 'Hi')
    claim('a number that is none: ESME_RINVDSTADR', answer.status == 0x0B, answer)
    client.send_octets(header(0x80000004, b'x\0', sequence=4242))
    claim('an answer to nothing changes nothing', client.ask(Pdu('enquire_link')).status == 0)
    client.close()
    lives(gateway, 'after all that SMPP it lives')


def memory_most_mb(gateway):
    with open(f'/proc/{gateway.process.pid}/status') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmHWM')) >> 10


def prove_parts(gateway, carrier):
    """The most parts that there may be, each in another alphabet than the one before, heard in one turn."""
    gateway.process.send_signal(signal.SIGSTOP)
    parts = [carrier.deliver(NUMBER, '+12065550100', 'th' * 33, ('GSM-7', 'UCS-2')[number % 2],
                             udh=bytes([0, 3, 9, 255, number + 1])) for number in range(255)]
    gateway.process.send_signal(signal.SIGCONT)
    claim('255 parts in two alphabets are taken', carrier.wait(lambda: all(each.answer for each in parts)))
    texts = gateway.http.get('/v1/inbound').body['items']
    claim('they are one text', len(texts) == 1 and texts[0]['text'] == 'th' * 33 * 255 and
          texts[0]['parts']['state'] == 'whole', texts)
    claim(f'and take no memory to speak of: {memory_most_mb(gateway)} MB', memory_most_mb(gateway) < 450)


def prove_csv(gateway):
    path = os.path.join(gateway.directory, 'bad.csv')
    head = 'phone,sms_opt_in,source,form_url,disclosure,collected_at\n'
    good = ',yes,web_form,https://x.example.com,I agree to SMS,2025-05-05T05:05:05.000Z\n'
    with open(path, 'w') as file:
        file.write(head + '+14155550150' + good + '"not a number"' + good + '415-555-0151' + good +
                   '4155550152,maybe,web_form,,,\n' + '4155550153,yes\n')
    done = gateway.command('consent', 'import', path, '--program', PROGRAM)
    said = done.stdout + done.stderr
    claim('of five rows three are bad, and the rest goes on', done.returncode == 0, said)
    for line in (3, 5, 6):
        claim(f'line {line} is named', names_line(said, line), said)
    claim('--strict makes that a failure', gateway.command(
        'consent', 'import', path, '--program', PROGRAM, '--strict').returncode == 1)
    claim('a file that is not there is 1', gateway.command(
        'consent', 'import', path + '.none', '--program', PROGRAM).returncode == 1)
    claim('an option that is none is 2', gateway.command('send', '--sideways').returncode == 2)
    lives(gateway, 'after all that CSV it lives')


def prove_config(gateway):
    with open(gateway.config) as file:
        good = file.read()
    line = good.count('\n') + 1
    count = itertools.count()
    cases = (
        ('an unknown key', good + 'colour = "blue"\n', line),
        ('a key given twice', good + 'default_country = "US"\n', line),
        ('a section given twice', good + 'carrier "sim" { host = "127.0.0.1" }\n', line),
        ('a secret that is not set', good.replace('CAMPAIGNS_KEY', 'NOT_SET_AT_ALL'), None),
        ('a bracket that is not closed', good + 'http {\n', None),
        ('a port beyond 65535', good.replace('port = ', 'port = 99'), None),
    )

    def check(text):
        path = os.path.join(gateway.directory, f'bad-{next(count)}.conf')
        with open(path, 'w') as file:
            file.write(text)
        done = gateway.command('check-config', '-c', path)
        return path, done.returncode, done.stdout + done.stderr

    path, code, said = check(good)
    claim('the config in use is in order', code == 0, said)
    for words, text, line in cases:
        path, code, said = check(text)
        claim(f'{words} is told with its file and line',
              code == 1 and os.path.basename(path) in said and
              (line is None or names_line(said, line)), said)


def prove():
    with gateway_running('bad_input') as (gateway, carrier):
        prove_http(gateway)
        prove_smpp(gateway)
        prove_parts(gateway, carrier)
        prove_csv(gateway)
        prove_config(gateway)
        heard = [each.number for each in carrier.submits
                 if each.number not in ('+14155550150', '+14155550151')]
        claim('none of it reached the carrier', not heard, heard[:3])
        second = gateway.command('serve', '-c', gateway.config)
        claim('one serve a database: another says so and ends with 1', second.returncode == 1 and
              'serve' in second.stderr, f'exit {second.returncode}: {second.stderr}')


if __name__ == '__main__':
    run(prove)
