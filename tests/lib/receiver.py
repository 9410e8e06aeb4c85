"""A receiver of events: an HTTP server that keeps what was posted to it and answers as it is told."""

import base64
import hashlib
import hmac
import json
import queue
import socket
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler

SECRET = 'whsec_' + base64.b64encode(b'a secret of receivers, 32 octets').decode()


def key_of(secret):
    return base64.b64decode(secret[6:]) if secret.startswith('whsec_') else secret.encode()


class Heard:
    """One request, as it came."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.identity = headers.get('webhook-id')
        try:
            self.event = json.loads(body)
        except ValueError:
            self.event = {}

    @property
    def type(self):
        return self.event.get('type')

    @property
    def data(self):
        return self.event.get('data', {})

    def is_signed(self, secret):
        text = f'{self.identity}.{self.headers.get("webhook-timestamp")}.'.encode() + self.body
        mac = base64.b64encode(hmac.new(key_of(secret), text, hashlib.sha256).digest()).decode()
        return 'v1,' + mac in self.headers.get('webhook-signature', '').split(' ')


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        super().setup()
        self.server.receiver.open.add(self.connection)

    def finish(self):
        self.server.receiver.open.discard(self.connection)
        super().finish()

    def take(self):
        length = int(self.headers.get('content-length', 0))
        heard = Heard(self.command, self.path, self.headers, self.rfile.read(length))
        self.server.receiver.heard(self, heard)

    do_GET = do_POST = take

    def answer(self, status, headers=()):
        body = b'' if status == 204 else b'ok'
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # who hangs up does so on purpose


class Receiver:
    """answers: a status, one of `take_manners`, or what gives one of them each time."""

    def __init__(self, port=0, tls=None, keeps=True, host='127.0.0.1'):
        self.answers = 200
        self.delay_s = 0  # before any answer
        self.only = ''  # types that begin so are heard; others are taken and forgotten
        self.headers = []
        self.came = queue.Queue()
        self.unnamed = []
        self.all = []
        self.keeps = keeps
        self.count = 0
        self.open = set()  # connections
        self.lock = threading.Lock()
        self.gone = threading.Event()
        self.server = Server((host, port), Handler)
        self.server.receiver = self
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.scheme = 'https' if tls else 'http'
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f'{self.scheme}://127.0.0.1:{self.port}/hooks?token=t1'

    def heard(self, handler, heard):
        if not (heard.type or '').startswith(self.only):
            handler.answer(200)
            return
        with self.lock:
            self.count += 1
            answers, headers = self.answers, list(self.headers)
            if self.keeps:
                self.all.append(heard)
        self.came.put(heard)
        if callable(answers):
            answers = answers()
        if self.delay_s:
            self.gone.wait(self.delay_s)
        if isinstance(answers, int):
            handler.answer(answers, headers)
            return
        handler.close_connection = True
        self.take_manners(handler, answers)

    def take_manners(self, handler, answers):
        """What else than a status it may answer."""
        if answers == 'redirects':
            handler.answer(302, [('location', f'http://127.0.0.1:{self.port}/elsewhere')])
        elif answers == 'falls silent':
            self.gone.wait(60)
        elif answers == 'talks without end':
            self.talk(handler, b'x' * 4096, 0)
        elif answers == 'drips':
            self.talk(handler, b'x', 0.2)
        elif answers == 'cuts its answer short':
            handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok')
        elif answers == 'cuts its refusal short':
            handler.wfile.write(b'HTTP/1.1 410 Gone\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nno')
        elif answers == 'breaks off in its head':
            handler.wfile.write(b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Len')
        elif answers == 'stops in its answer':
            handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok')
            self.gone.wait(60)

    def talk(self, handler, piece, pause_s):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100000):
            handler.wfile.write(piece)
            if self.gone.wait(pause_s) if pause_s else self.gone.is_set():
                return

    def next(self, seconds, wanted=lambda heard: True):
        """The first that is wanted of what came and was not named, or None."""
        end = time.monotonic() + seconds
        while True:
            found = next((heard for heard in self.unnamed if wanted(heard)), None)
            if found:
                self.unnamed.remove(found)
                return found
            try:
                self.unnamed.append(self.came.get(timeout=max(0, end - time.monotonic())))
            except queue.Empty:
                return None

    def wait(self, count, seconds):
        end = time.monotonic() + seconds
        while self.count < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.count >= count

    def close(self):
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has gone by itself
