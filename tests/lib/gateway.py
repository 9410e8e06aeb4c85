"""The gateway as a process: started, asked over HTTP, killed and started again on its database."""

import http.client
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import closing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('BUILD', os.path.join(ROOT, 'build'))
PATIENCE_S = 15
KEY = 'c0ffee' * 10 + 'c0de'  # 64 hexadecimal digits
PROGRAM = 'new-lead-nurture'
SENDER = '+12065550100'

DISCLOSURE = ('By checking this box I agree to receive text messages from Market Leader. Message '
              'frequency varies. Message and data rates may apply. Reply STOP to end, HELP for '
              'help.')


# Below those that the system gives to whoever asks for any: so nobody takes one between its choice and its use.
PORTS, PORTS_EACH = range(10240, 32240), 110
next_port = {}  # of each process: they begin apart


def free_ports(count):
    """Ports that nobody has now."""
    found, process = [], os.getpid()
    while len(found) < count:
        port = next_port.get(process, PORTS.start + process * 97 % (len(PORTS) // PORTS_EACH) * PORTS_EACH)
        next_port[process] = port + 1 if port + 1 in PORTS else PORTS.start
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
        found.append(port)
    return found


def config_value(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (list, tuple)):
        return '{' + ', '.join(config_value(each) for each in value) + '}'
    if isinstance(value, (int, float)):
        return str(value)
    return '"' + value.replace('\\', '\\\\').replace('"', '\\"') + '"'


def config_section(kind, title, settings):
    lines = [f'  {key} = {config_value(value)}' for key, value in settings.items()]
    heading = f'{kind} "{title}"' if title else kind
    return heading + ' {\n' + '\n'.join(lines) + '\n}\n'


def program_default(**changes):
    settings = {'owner': 'Market Leader', 'brand': 'Market Leader', 'senders': [SENDER],
                'carriers': ['sim'], 'support': 'support.example.com or 206-555-0199',
                'purpose': 'marketing', 'quiet_hours': 'off'}
    settings.update(changes)
    return settings


class Settings:
    """A config: one carrier, one program and one account that may do everything, until changed."""

    def __init__(self, carrier_port):
        self.http, self.smpp = {}, {}  # what is said of the doors beside where they listen
        self.sections = {}  # others without a title
        self.tls = None  # an ssl.SSLContext to ask an https gateway with
        self.carriers = {'sim': {'host': '127.0.0.1', 'port': carrier_port,
                                 'system_id': 'assent', 'password': 'secret'}}
        self.profiles = {}
        self.programs = {PROGRAM: program_default()}
        self.senders = {}  # what is particular to one
        self.titled = {}  # of other kinds, by kind and title
        self.accounts = {'campaigns': {
            'api_key': '${CAMPAIGNS_KEY}', 'system_id': 'campaigns',
            'password': '${CAMPAIGNS_SMPP}',
            'roles': ['sender', 'consent', 'compliance', 'admin'], 'programs': [PROGRAM]}}

    def add_program(self, name, **settings):
        self.programs[name] = program_default(**settings)
        self.accounts['campaigns']['programs'].append(name)

    def text(self, database, http_port, smpp_port):
        parts = [f'database = {config_value(database)}\ndefault_country = "US"\n',
                 config_section('http', '', {'listen': f'127.0.0.1:{http_port}', **self.http}),
                 config_section('smpp', '', {'listen': f'127.0.0.1:{smpp_port}', **self.smpp})]
        parts += [config_section(kind, '', each) for kind, each in self.sections.items()]
        for kind, sections in (('profile', self.profiles), ('carrier', self.carriers), ('program', self.programs),
                               ('sender', self.senders), ('account', self.accounts)):
            parts += [config_section(kind, title, each) for title, each in sections.items()]
        parts += [config_section(kind, title, each) for (kind, title), each in self.titled.items()]
        return '\n'.join(parts)


class Answer:
    def __init__(self, status, headers, octets):
        self.status = status
        self.headers = headers
        self.octets = octets

    @property
    def body(self):
        try:
            return json.loads(self.octets)
        except ValueError:
            return None

    def __repr__(self):
        return f'{self.status} {self.octets[:400].decode(errors="replace")}'


watchers = []  # each is called with every exchange: method, path, headers, content, answer


class Client:
    """An HTTP connection that is kept; opened anew when the gateway closed it between two calls."""

    def __init__(self, address, key=KEY, tls=None):
        self.address = address
        self.key = key
        self.tls = tls
        self.connection = None

    def call(self, method, path, body=None, headers=None, key=None, content=None):
        headers = dict(headers or {})
        if (key or self.key).strip() and 'Authorization' not in headers:
            headers['Authorization'] = 'Bearer ' + (key or self.key)
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            headers.setdefault('Content-Type', 'application/json')
        answer = self._ask(method, path, content, headers)
        self.tell(method, path, headers, content, answer)
        return answer

    @staticmethod
    def tell(*exchange):
        for watcher in watchers:
            watcher(*exchange)

    def _ask(self, method, path, content, headers):
        is_kept = self.connection is not None
        try:
            return self._call(method, path, content, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if not is_kept or method != 'GET':
                raise  # it may have been heard: asking again is the caller's decision
            return self._call(method, path, content, headers)

    def _call(self, method, path, content, headers):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                *self.address, timeout=PATIENCE_S, context=self.tls) if self.tls else \
                http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.connection.request(method, path, content, headers)
            answer = self.connection.getresponse()
            octets = answer.read()
        except Exception:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return Answer(answer.status, answer.headers, octets)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def get(self, path, **options):
        return self.call('GET', path, **options)

    def post(self, path, body=None, **options):
        return self.call('POST', path, body, **options)


class Gateway:
    def __init__(self, directory, settings, binary='assent', environment=None, key=KEY):
        self.directory = directory
        self.settings = settings
        self.binary = os.path.join(BUILD, binary)
        self.environment = dict(os.environ, CAMPAIGNS_KEY=key, CAMPAIGNS_SMPP='s3cret12',
                                ASSENT_API_KEY=key, **(environment or {}))
        self.key = key
        self.config = os.path.join(directory, 'assent.conf')
        self.database = os.path.join(directory, 'assent.db')
        self.log = os.path.join(directory, 'log')
        self.ports = free_ports(2)
        scheme = 'https' if settings.tls else 'http'
        self.environment['ASSENT_URL'] = self.url = f'{scheme}://127.0.0.1:{self.ports[0]}'
        self.process = None
        self.clients = threading.local()
        self.write_config()

    def write_config(self):
        with open(self.config, 'w') as file:
            file.write(self.settings.text(self.database, *self.ports))

    @property
    def http_address(self):
        return ('127.0.0.1', self.ports[0])

    @property
    def smpp_address(self):
        return ('127.0.0.1', self.ports[1])

    @property
    def http(self):
        """This thread's own connection."""
        if not hasattr(self.clients, 'client'):
            self.clients.client = Client(self.http_address, self.key, self.settings.tls)
        return self.clients.client

    def start(self):
        """Returns when the ready line is there; an AssertionError says why it is not."""
        self.http.close()
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([self.binary, 'serve', '-c', self.config], cwd=ROOT,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, env=self.environment)
        line = self._first_line()
        match = re.fullmatch(r'assent ready http=([^:\s]+):(\d+) smpp=([^:\s]+):(\d+)\n', line)
        if not match:
            self.kill()
            raise AssertionError(f'no ready line but {line!r}; the log ends: {self.log_end()}')
        return self

    def _first_line(self):
        line, end = b'', time.monotonic() + PATIENCE_S
        while not line.endswith(b'\n'):
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        max(0, end - time.monotonic()))
            octet = os.read(self.process.stdout.fileno(), 1) if ready else b''
            if not octet:
                break
            line += octet
        return line.decode(errors='replace')

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process:
            self.process.kill()
            self.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=PATIENCE_S):
        code = self.process.wait(seconds)
        self.process.stdout.close()
        self.http.close()
        return code

    def stop(self):
        self.terminate()
        return self.wait()

    def log_end(self, lines=12):
        with open(self.log, errors='replace') as file:
            return '\n    '.join([''] + [line.rstrip() for line in file][-lines:])

    def misfortune(self):
        """A line of the log that no run may have: a sanitizer's, or a false claim of our own."""
        signs = ('AddressSanitizer', 'LeakSanitizer', 'runtime error:', 'broken claim at')
        with open(self.log, errors='replace') as file:
            return next((line.strip() for line in file if any(s in line for s in signs)), None)

    def reload(self, text=None, times=1):
        """Writes the config, asks for it by SIGHUP, and returns the lines of the log that tell."""
        if text is None:
            self.write_config()
        else:
            with open(self.config, 'w', encoding='utf-8') as file:
                file.write(text)
        before = len(self.log_lines(' reload'))
        for _ in range(times):
            self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + PATIENCE_S
        while len(self.log_lines(' reload')) == before:
            if time.monotonic() > end:
                raise AssertionError('SIGHUP was followed by nothing in the log')
            self.turn()
        self.turn()
        return self.log_lines(' reload')[before:]

    def log_lines(self, *words):
        with open(self.log, errors='replace') as file:
            return [line for line in file if all(word in line for word in words)]

    # Its words on the command line.

    def command(self, *arguments, seconds=60, **options):
        return subprocess.run([self.binary, *arguments], cwd=ROOT, env=self.environment,
                              stdin=options.pop('stdin', subprocess.DEVNULL), text=True,
                              capture_output=True, timeout=seconds, **options)

    def verify(self, database=None, *arguments):
        return self.command('ledger', 'verify', '--db', database or self.database, *arguments)

    # What it shows.

    def turn(self):
        """Any request wakes the loop; due timers ring in the same or the next turn."""
        self.http.get('/healthz')
        self.http.get('/healthz')

    def ledger(self, where='1', *values):
        with closing(sqlite3.connect(f'file:{self.database}?mode=ro', uri=True)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(
                f'select * from ledger where {where} order by seq', values)]

    def message(self, identity):
        return self.http.get('/v1/messages/' + identity)

    def send(self, number, text, program=PROGRAM, headers=None, **more):
        return self.http.post('/v1/messages', dict({'program': program, 'to': number,
                                                    'text': text}, **more), headers=headers)

    def opt_in(self, number, collected_at, program=PROGRAM, **changes):
        return self.http.post('/v1/consents', registration(number, collected_at, program,
                                                           **changes))


def registration(number, collected_at, program=PROGRAM, **changes):
    body = {'program': program, 'phone': number, 'opted_in': True, 'source': 'web_form',
            'product': 'Leads Direct', 'form_url': 'https://leads.example.com/direct',
            'disclosure': DISCLOSURE, 'ip': '203.0.113.9', 'user_agent': 'Mozilla/5.0',
            'collected_at': collected_at}
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}
