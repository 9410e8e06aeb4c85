#!/usr/bin/env python3
"""TLS on all three ways: whoever can't prove its name gets no password and no text, what isn't TLS
is turned away, and a STOP wins its race as it does without."""

import os
import socket
import ssl
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

import stop_race  # noqa: E402
from certificates import Certificates  # noqa: E402
from gateway import BUILD, SENDER, Client  # noqa: E402
from promise import (Broken, claim, gateway_running, names_line, numbers, opt_in_all,  # noqa: E402
                     run, until)
from sender import Sender  # noqa: E402


def log_has(gateway, *words):
    with open(gateway.log, errors='replace') as file:
        return any(all(word in line for word in words) for line in file)


def prove_carrier(gateway, carrier, ann):
    client = carrier.bound()[0].sock
    claim(f'the bind is {client.version()}, and we showed our own certificate',
          client.version() in ('TLSv1.2', 'TLSv1.3') and
          ('commonName', 'client') in [pair for each in client.getpeercert()['subject']
                                       for pair in each])
    opt_in_all(gateway, carrier, [ann])
    delivery = carrier.deliver(ann, SENDER, 'Hello?')
    claim('an MO is taken', carrier.wait(lambda: delivery.answer))


def prove_sender(gateway, carrier, certificates, ann):
    sender = Sender(gateway.smpp_address, certificates.client())
    answer = sender.bind('campaigns', 's3cret12')
    claim('a sender binds over TLS', answer.status == 0, answer)
    begin = len(carrier.submits)
    count = 200
    for number in range(count):
        sender.send(sender.submit_pdu(SENDER, ann, f'Text {number}'))
    taken = [sender.receive(lambda pdu: pdu.command == 'submit_sm_resp') for _ in range(count)]
    claim(f'{count} submits in a row are taken', all(each.status == 0 for each in taken))
    claim('and all of them reach the carrier',
          carrier.wait(lambda: len(carrier.submits) >= begin + count) and
          {heard.text for heard in carrier.submits[begin:]} >=
          {f'Text {number}' for number in range(count)})
    sender.close()
    plain = Sender(gateway.smpp_address)
    plain.send_octets(bytes.fromhex('0000001000000015' + '00' * 8))
    claim('a sender without TLS is turned away', plain.is_closed() and not plain.inbox)
    until('the log says so', lambda: log_has(gateway, 'closed', 'TLS'))
    plain.close()
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        old = certificates.old_client()
    try:
        Sender(gateway.smpp_address, old)
        refused = None
    except ssl.SSLError as error:
        refused = error
    claim('so is TLS 1.1', refused and 'protocol version' in str(refused).lower().replace('_', ' '),
          refused)


def prove_strangers(gateway, certificates):
    """Senders have to show a certificate of the authority that ca_file names."""
    for words, name, why in (('without a certificate', None, 'did not return a certificate'),
                             ('with one of another authority', 'stranger', 'self-signed certificate')):
        context = certificates.client(name)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # which tells within the handshake
        try:
            Sender(gateway.smpp_address, context)
            refused = None
        except OSError as error:
            refused = error
        claim(f'a sender {words} is turned away', refused)
        until('the log says why', lambda: log_has(gateway, 'closed', why))


def prove_http(gateway, certificates):
    version = gateway.http.connection.sock.version()
    claim(f'HTTP is {version}', version in ('TLSv1.2', 'TLSv1.3'))
    answer = gateway.http.call('POST', '/v1/messages', content=b'[' * 900_000)
    claim('a large body arrives whole: it is judged by what it says', answer.status == 400, answer)
    answer = Client(gateway.http_address).get('/healthz')
    claim('a client without TLS is told so, and nothing else', answer.status == 400 and answer.body['code'] == 'malformed' and
          'https://' in answer.body['detail'] and answer.headers['Connection'] == 'close', answer)
    with socket.create_connection(gateway.http_address, 8) as garbage:
        garbage.sendall(b'\0\1\2\3 hello\r\n\r\n')
        claim('and octets of something else end it', b'HTTP' not in garbage.recv(100))
    with socket.create_connection(gateway.http_address, 8) as raw, \
            certificates.client().wrap_socket(raw, server_hostname='localhost') as client:
        client.sendall(b'hello\r\n\r\n')
        said = client.recv(4000)
        claim('what is no request is refused over TLS as well', said.startswith(b'HTTP/1.1 400') and b'"malformed"' in said, said)
    stranger = Client(gateway.http_address, tls=ssl.create_default_context())
    try:
        stranger.get('/healthz')
        refused = None
    except ssl.SSLError as error:
        refused = error
    claim('one that does not know the authority does not believe us', refused)
    result = gateway.command('status', '--ca', certificates.file('ca.pem'))
    claim('assent status --ca asks over https', result.returncode == 0 and 'sim' in result.stdout,
          result)
    result = gateway.command('status')
    claim('without it, it does not believe the gateway, and says so',
          result.returncode == 1 and 'not believed' in result.stderr and '--ca' in result.stderr,
          result)
    gateway.environment['ASSENT_CA'] = certificates.file('ca.pem')
    result = gateway.command('status')
    claim('ASSENT_CA says it too', result.returncode == 0, result)


def why_of(gateway):
    carriers = gateway.http.get('/v1/status').body['carriers']
    return carriers[0]['binds'][0]['why'] or ''


def prove_refusals(gateway, carrier, certificates):
    """The carrier shows other certificates; the gateway must not bind."""
    good = carrier.tls
    for words, context, why in (
            ('whose certificate is for another host', certificates.server('other'),
             'ostname mismatch'),
            ('whose certificate has expired', certificates.server('expired'), 'has expired'),
            ('whose certificate is of an unknown authority', certificates.server('stranger'),
             'self-signed certificate')):
        carrier.tls = context
        begin, refusals = len(carrier.log), len(carrier.refusals)
        carrier.drop()
        until(f'a carrier {words} was tried',
              lambda: len(carrier.refusals) > refusals and why in why_of(gateway), 30)
        claim(f'a carrier {words} hears nothing; status and log say why',
              len(carrier.log) == begin and log_has(gateway, 'carrier bind lost', why),
              why_of(gateway))
    carrier.tls = good
    if not carrier.wait_bound(1, 60):
        raise Broken('the gateway did not come back')
    until('the gateway has read that it is bound', lambda: not why_of(gateway))
    claim('once it shows the right one again, it is bound', True)


def prove_config(gateway, certificates):
    path = os.path.join(gateway.directory, 'wrong.conf')
    for words, section, line, said in (
            ('a certificate without a key', 'http {\n certificate = "%(good)s.pem"\n}', 2,
             'no private_key'),
            ('a key of another certificate',
             'smpp {\n certificate = "%(good)s.pem"\n private_key = "%(other)s.key"\n}', 3,
             'not the key'),
            ('an authority of senders and no certificate of ours', 'smpp {\n ca_file = "%(ca)s.pem"\n}', 2,
             'without a certificate'),
            ('a file that is not there',
             'carrier "x" { host = "h" system_id = "i"\n tls = true\n ca_file = "%(none)s.pem" }',
             3, 'No such file'),
            ('an authority and no TLS',
             'carrier "x" { host = "h" system_id = "i"\n ca_file = "%(ca)s.pem" }', 2,
             'without tls')):
        names = {name: certificates.file(name) for name in ('good', 'other', 'none', 'ca')}
        with open(path, 'w') as file:
            file.write(section % names + '\n')
        result = gateway.command('check-config', '-c', path)
        claim(f'{words} is an error at its line',
              result.returncode == 1 and said in result.stderr and
              any(names_line(each, line) for each in result.stderr.splitlines() if said in each),
              result.stderr)


def prove():
    certificates = Certificates(os.path.join(BUILD, 'promises', 'tls-certificates'))
    with gateway_running('tls', certificates) as (gateway, carrier):
        ann = numbers(1)[0]
        prove_carrier(gateway, carrier, ann)
        prove_sender(gateway, carrier, certificates, ann)
        prove_strangers(gateway, certificates)
        prove_http(gateway, certificates)
        prove_config(gateway, certificates)
        prove_refusals(gateway, carrier, certificates)
    stop_race.race(3, certificates)


if __name__ == '__main__':
    run(prove)
