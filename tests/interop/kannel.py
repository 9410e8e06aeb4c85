#!/usr/bin/env python3
"""Kannel as a client of our SMPP door: its bearerbox binds, its smsbox sends and hears over HTTP.
The gate stands between it and a scripted carrier."""

import contextlib
import http.server
import os
import sys
import threading
import time
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import SENDER, free_ports  # noqa: E402
from house import fresh_directory, house  # noqa: E402
from peer import Program  # noqa: E402
from promise import Broken, claim, numbers, opt_in_all, run  # noqa: E402

PATIENCE_S = 20
SBIN = '/usr/sbin'  # where Debian puts Kannel's boxes, and a user's PATH does not look
TEXT = 'Hi {Ann}, 5 € a day [for] two?'
BEYOND = 'Żółta łódź ✓'

# What Kannel's dlr-mask and %d say (its User Guide, "Delivery reports").
DELIVERED, UNDELIVERABLE, SMSC_SUCCESS, SMSC_REJECT = 1, 2, 8, 16
MASK_ALL = 31

CONFIG = '''
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = interop
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = assent
host = 127.0.0.1
port = {door}
transceiver-mode = true
smsc-username = campaigns
smsc-password = s3cret12
system-type = ""
source-addr-ton = 1
source-addr-npi = 1
source-addr-autodetect = false
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-interface = 127.0.0.1
sendsms-port = {sendsms}

group = sendsms-user
username = interop
password = interop

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{web}/mo?from=%p&to=%P&text=%b&coding=%c"
'''


class Web:
    """What Kannel calls: every request is kept, and answered with nothing."""

    def __init__(self):
        self.calls = []
        self.news = threading.Condition()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                fields = urllib.parse.parse_qs(parts.query, encoding='latin-1')
                with web.news:
                    web.calls.append((parts.path, {key: each[0] for key, each in fields.items()}))
                    web.news.notify_all()
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hear(self, path, **wanted):
        """The next call of that path with these fields, which is then used up."""
        end = time.monotonic() + PATIENCE_S
        with self.news:
            while True:
                for each in self.calls:
                    if each[0] == path and wanted.items() <= each[1].items():
                        self.calls.remove(each)
                        return each[1]
                if not self.news.wait(end - time.monotonic()):
                    raise Broken(f'Kannel did not call {path} with {wanted}, but: {self.calls}')

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Kannel:
    def __init__(self, directory, door_port, web):
        self.directory = directory
        self.web = web
        admin, box, self.sendsms = free_ports(3)
        self.config = os.path.join(directory, 'kannel.conf')
        with open(self.config, 'w') as file:
            file.write(CONFIG.format(admin=admin, box=box, sendsms=self.sendsms, door=door_port,
                                     web=web.port))
        self.bearerbox = self.smsbox = None

    def start(self):
        self.bearerbox = self.box('bearerbox')
        self.bearerbox.wait_line('MAIN: Start-up done')
        self.smsbox = self.box('smsbox')
        self.bearerbox.wait_line('Client connected from')
        self.smsbox.wait_line('Connected to bearerbox')

    def box(self, name):
        return Program(name, [os.path.join(SBIN, name), '-v', '0', self.config], self.directory)

    def send(self, to, text, name, **fields):
        """What its sendsms says; its reports about the message will come with that name."""
        report = f'http://127.0.0.1:{self.web.port}/dlr?name={name}&type=%d&reply=%A'
        query = urllib.parse.urlencode(dict({
            'username': 'interop', 'password': 'interop', 'from': SENDER, 'to': to, 'text': text,
            'charset': 'UTF-8', 'dlr-mask': MASK_ALL, 'dlr-url': report}, **fields))
        url = f'http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms?{query}'
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()

    def report(self, name, kind):
        return self.web.hear('/dlr', name=name, type=str(kind))

    def stop(self):
        """Both boxes end on SIGTERM; their exit codes."""
        return [box.stop() for box in (self.smsbox, self.bearerbox)]

    def kill(self):
        for box in (self.smsbox, self.bearerbox):
            if box and box.process.poll() is None:
                box.process.kill()
                box.end()


@contextlib.contextmanager
def kannel_running(directory, door_port):
    web = Web()
    kannel = Kannel(directory, door_port, web)
    try:
        kannel.start()
        yield kannel
    finally:
        kannel.kill()
        web.close()


def prove_bind(kannel):
    kannel.bearerbox.wait_line('type_name: bind_transceiver_resp')
    claim('its bearerbox binds as a transceiver', kannel.bearerbox.wait_line('system_id: "Assent"'))


def prove_message(kannel, carrier, ann, name, text, stat, kind, **fields):
    status, words = kannel.send(ann, text, name, **fields)
    claim(f'{name}: sendsms is accepted', status == 202, words)
    claim(f'{name}: the carrier has it', carrier.wait(
        lambda: carrier.submits[-1].text == text and carrier.submits[-1].number == ann),
        carrier.submits[-1].pdu)
    kannel.report(name, SMSC_SUCCESS)
    print(f'  proved: {name}: Kannel reports that we took it', flush=True)
    carrier.report(carrier.submits[-1], stat)
    said = kannel.report(name, kind)
    claim(f'{name}: and its end, {stat}', f'stat:{stat}' in said['reply'], said)


def prove_block(kannel, carrier, number, name, status):
    begin = len(carrier.to(number))
    kannel.send(number, 'Hi', name)
    said = kannel.report(name, SMSC_REJECT)
    claim(f'{name}: Kannel reports a reject', said['type'] == str(SMSC_REJECT), said)
    kannel.bearerbox.wait_line(f'command_status: {status} = 0x{status:08x}')
    claim(f'{name}: with our status 0x{status:X}, and nothing reached the carrier',
          len(carrier.to(number)) == begin)


def prove_inbound(kannel, carrier, person, words, text, coding):
    carrier.deliver(person, SENDER, text, coding=coding)
    heard = kannel.web.hear('/mo')
    octets = heard['text'].encode('latin-1')
    read = octets.decode('utf-16-be' if coding == 'UCS-2' else 'utf-8')
    claim(f'{words} reaches its service', read == text and
          heard['from'].lstrip('+') == person[1:] and heard['to'].lstrip('+') == SENDER[1:], heard)


def prove_all(built, kannel, carrier, ann, bob, stranger):
    prove_bind(kannel)
    prove_message(kannel, carrier, ann, 'a-text', TEXT, 'DELIVRD', DELIVERED)
    prove_message(kannel, carrier, ann, 'a-failure', 'Hi', 'UNDELIV', UNDELIVERABLE)
    prove_message(kannel, carrier, ann, 'beyond-gsm', BEYOND, 'DELIVRD', DELIVERED, coding=2)
    prove_block(kannel, carrier, stranger, 'no-consent', 0x401)
    prove_inbound(kannel, carrier, ann, 'an MO', 'Is it [still] for sale?', 'GSM-7')
    prove_inbound(kannel, carrier, ann, 'an MO beyond GSM 03.38', BEYOND, 'UCS-2')
    prove_inbound(kannel, carrier, bob, 'a STOP', 'STOP', 'GSM-7')
    prove_block(kannel, carrier, bob, 'opted-out', 0x403)
    line = kannel.bearerbox.wait_line('type_name: enquire_link_resp')
    claim('our enquire_link_resp is understood', line)
    codes = kannel.stop()
    claim('both boxes end in order', codes == [0, 0], codes)
    claim('and unbind', kannel.bearerbox.wait_line('type_name: unbind_resp'))


def prove():
    carrier = Carrier()
    directory = fresh_directory('kannel-boxes')
    try:
        with house('kannel', carrier.port) as built:
            if not carrier.wait_bound(1):
                raise Broken('the gateway did not bind')
            ann, bob, stranger = numbers(3)
            opt_in_all(built.gateway, carrier, [ann, bob])
            with kannel_running(directory, built.door_port) as kannel:
                prove_all(built, kannel, carrier, ann, bob, stranger)
        claim('the carrier heard nothing that SMPP forbids', not carrier.complaints,
              carrier.complaints[:1])
    finally:
        carrier.close()


if __name__ == '__main__':
    run(prove)
