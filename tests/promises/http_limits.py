#!/usr/bin/env python3
"""What the HTTP door refuses, asked over raw sockets: each limit and each way to be no request has a problem of its own, by
RFC 9457, with a code; nothing that was refused is done, and who keeps to the limits is served meanwhile."""

import contextlib
import json
import os
import resource
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from load import is_sanitized, memory_kib, peak_kib  # noqa: E402
from promise import claim, gateway_running, numbers, run, until  # noqa: E402

PATIENCE_S = 20
MB = 1 << 20
CRLF = b'\r\n'


class Raw:
    """A connection, octet by octet."""

    def __init__(self, gateway, tls=None):
        self.socket = socket.create_connection(gateway.http_address, PATIENCE_S)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self.file = self.socket.makefile('rb')

    def say(self, *pieces):
        for piece in pieces:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.socket.sendall(piece)

    def hear(self, method='GET'):
        """(status, headers, body); None: it was closed in silence."""
        line = self.file.readline()
        if not line:
            return None
        headers = {}
        while (field := self.file.readline()) not in (b'', CRLF):
            name, _, value = field.decode().partition(':')
            headers[name.lower()] = value.strip()
        status = int(line.split()[1])
        length = 0 if method == 'HEAD' or status == 100 else int(headers.get('content-length', 0))
        return status, headers, self.file.read(length)

    def is_closed(self):
        return self.file.read(1) == b''

    def close(self):
        self.file.close()
        self.socket.close()


def ask(gateway, *pieces):
    raw = Raw(gateway)
    raw.say(*pieces)
    answer = raw.hear()
    is_closed = raw.is_closed() if answer and answer[1].get('connection') == 'close' else False
    raw.close()
    return answer, is_closed


def problem_of(answer):
    if answer is None or answer[1].get('content-type') != 'application/problem+json':
        return None
    found = json.loads(answer[2])
    return found if found['status'] == answer[0] and found['title'] and found['detail'] else None


def claim_refused(gateway, words, status, code, *pieces):
    answer, is_closed = ask(gateway, *pieces)
    found = problem_of(answer)
    claim(f'{words}: {status} {code}', found is not None and answer[0] == status and found['code'] == code and is_closed,
          answer)
    return answer


def head(gateway, method='POST', path='/v1/messages/batch', **fields):
    lines = [f'{method} {path} HTTP/1.1', 'Host: x', f'Authorization: Bearer {gateway.key}']
    lines += [f'{name.replace("_", "-")}: {value}' for name, value in fields.items()]
    return '\r\n'.join(lines + ['', '']).encode()


GET = b'GET /healthz HTTP/1.1\r\nHost: x\r\n'
POST = b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
BROKEN = (
    ('no request line', b'hello\r\n\r\n'),
    ('two words only', b'GET /healthz\r\n\r\n'),
    ('four words', b'GET /healthz or so HTTP/1.1\r\nHost: x\r\n\r\n'),
    ('octets of something else', b'\x00\x01\x02\x03'),
    ('a TLS handshake', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    ('an empty line in front', CRLF + GET + CRLF),
    ('no path', b'GET healthz HTTP/1.1\r\nHost: x\r\n\r\n'),
    ('a path with an octet beyond ASCII', b'GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n'),
    ('no Host', b'GET /healthz HTTP/1.1\r\n\r\n'),
    ('Host twice', GET + b'Host: y\r\n\r\n'),
    ('a line without a colon', GET + b'Hello\r\n\r\n'),
    ('a blank in front of the colon', GET + b'Content-Length : 0\r\n\r\n'),
    ('a folded line', GET + b'X: 1\r\n 2\r\n\r\n'),
    ('a NUL in the head', GET + b'X: \x00\r\n\r\n'),
    ('a bare CR in the head', GET + b'X: a\rb\r\n\r\n'),
    ('a tab in front of a value', POST + b'Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n'),
    ('Content-Length that is no number', POST + b'Content-Length: ten\r\n\r\n'),
    ('Content-Length below 0', POST + b'Content-Length: -1\r\n\r\n'),
    ('Content-Length with a plus', POST + b'Content-Length: +2\r\n\r\n{}'),
    ('Content-Length twice', POST + b'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}'),
    ('two lengths in one', POST + b'Content-Length: 2, 2\r\n\r\n{}'),
    ('length and chunks', POST + b'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('chunks twice', POST + b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('another coding', POST + b'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    ('chunks of HTTP/1.0', POST.replace(b'1.1', b'1.0') + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('a GET with a body', GET + b'Content-Length: 2\r\n\r\n{}'),
    ('a DELETE with chunks', b'DELETE /v1/messages/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('a chunk without a size', POST + b'Transfer-Encoding: chunked\r\n\r\n\r\n'),
    ('a chunk whose size is no number', POST + b'Transfer-Encoding: chunked\r\n\r\nxyz\r\n'),
    ('a chunk below 0', POST + b'Transfer-Encoding: chunked\r\n\r\n-2\r\n{}'),
    ('a chunk with an extension', POST + b'Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n'),
    ('a chunk longer than it says', POST + b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n'),
    ('a size without end', POST + b'Transfer-Encoding: chunked\r\n\r\n' + b'0' * 50),
    ('fields behind the chunks', POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\nIdempotency-Key: x\r\n\r\n'),
)


def prove_broken(gateway):
    for words, octets in BROKEN:
        claim_refused(gateway, words, 400, 'malformed', octets)
    claim_refused(gateway, 'HTTP/2', 505, 'version_not_spoken', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    claim_refused(gateway, 'a method that is none', 405, 'method_not_allowed', b'BREW /coffee HTTP/1.1\r\nHost: x\r\n\r\n')
    claim_refused(gateway, 'TRACE', 405, 'method_not_allowed', b'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n')
    claim_refused(gateway, 'an expectation that nobody knows', 417, 'expectation_failed',
                  POST + b'Content-Length: 2\r\nExpect: 200-ok\r\n\r\n')
    claim_refused(gateway, 'a POST of no length with Connection', 411, 'length_required', POST + b'Connection: keep-alive\r\n\r\n')
    claim_refused(gateway, 'a head of 16 KB', 431, 'headers_too_large', GET + b'X: ' + b'x' * (16 << 10))
    claim_refused(gateway, 'a target of 16 KB', 431, 'headers_too_large', b'GET /' + b'x' * (16 << 10))
    claim_refused(gateway, '101 fields', 431, 'headers_too_large', GET + b'X: 1\r\n' * 100 + CRLF)


def prove_bodies(gateway):
    """The limit of each route; what is too large is said before it is sent."""
    claim_refused(gateway, 'a body of 1 MB and an octet', 413, 'too_large', POST + f'Content-Length: {MB + 1}\r\n\r\n'.encode())
    claim_refused(gateway, 'one that is sent all the same', 413, 'too_large',
                  POST + f'Content-Length: {4 * MB}\r\n\r\n'.encode(), b' ' * 4 * MB)
    claim_refused(gateway, 'chunks of more than 1 MB', 413, 'too_large',
                  POST + b'Transfer-Encoding: chunked\r\n\r\n', *[b'10000\r\n' + b' ' * 65536 + CRLF] * 17)
    ndjson = {'Content_Type': 'application/x-ndjson'}
    answer, _ = ask(gateway, head(gateway, Content_Length=2 * 200001, **ndjson), b'1\n' * 200001)
    claim('a batch of more than 200,000 lines: 413 too_large', answer[0] == 413 and problem_of(answer)['code'] == 'too_large')
    claim_refused(gateway, 'a batch above its limit', 413, 'too_large', head(gateway, Content_Length=64 * MB + 1, **ndjson))
    key, gateway.key = gateway.key, 'nobody'
    claim_refused(gateway, 'a large body of a stranger', 401, 'unauthorized', head(gateway, Content_Length=2 * MB, **ndjson))
    claim_refused(gateway, 'chunks of a stranger', 401, 'unauthorized', head(gateway, Transfer_Encoding='chunked', **ndjson))
    gateway.key = key
    raw = Raw(gateway)
    raw.say(POST + b'Expect: 100-continue\r\nContent-Length: 2\r\n\r\n')
    claim('who asks whether to go on is told to', raw.hear()[0] == 100)
    raw.say(b'{}')
    claim('and is answered then', raw.hear()[0] == 401)
    raw.close()
    answer = claim_refused(gateway, 'who asks whether a body that is too large may come', 413, 'too_large',
                           POST + f'Expect: 100-continue\r\nContent-Length: {9 * MB}\r\n\r\n'.encode())
    claim('is told no at once', answer[0] == 413)


def prove_good(gateway):
    """What is unusual and right is served."""
    for words, octets in (('a head octet by octet', GET + CRLF), ('LF alone', GET.replace(CRLF, b'\n') + b'\n'),
                          ('an absolute target', b'GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n')):
        raw = Raw(gateway)
        raw.say(*[octets[at:at + 1] for at in range(len(octets))])
        claim(f'{words} is served', raw.hear()[0] == 200)
        raw.close()
    send = json.dumps({'program': PROGRAM, 'to': 'nobody', 'text': 'Hi'}).encode()
    chunks = b''.join(b'%x\r\n%c\r\n' % (1, octet) for octet in send) + b'0\r\n\r\n'
    fields = {'Content_Type': 'application/json'}
    for words, pieces in (('a body in chunks of one octet', (head(gateway, path='/v1/messages', Transfer_Encoding='chunked', **fields), chunks)),
                          ('a body in two halves', (head(gateway, path='/v1/messages', Content_Length=len(send), **fields), send[:9], send[9:]))):
        answer, _ = ask(gateway, *pieces)
        claim(f'{words} is read', problem_of(answer)['code'] == 'invalid_number', answer)
    raw = Raw(gateway)
    raw.say(head(gateway, path='/v1/programs/pause', method='HEAD') + GET + CRLF)
    answer = raw.hear('HEAD')
    claim('a HEAD is answered without a body', answer[0] == 405 and raw.hear()[0] == 200, answer)
    raw.close()


def prove_pipelines(gateway):
    """Requests behind each other are answered in their order, and a broken one ends it behind the answers before it."""
    raw = Raw(gateway)
    raw.say((GET + CRLF) * 5)
    claim('five at once are answered five times', [raw.hear()[0] for _ in range(5)] == [200] * 5)
    raw.say((GET + CRLF) * 3 + b'nonsense\r\n\r\n' + GET + CRLF)
    said = [raw.hear() for _ in range(4)]
    claim('the broken fourth is refused behind the third, and the fifth is not heard',
          [each[0] for each in said] == [200, 200, 200, 400] and problem_of(said[3]) and raw.is_closed(), said)
    raw.close()
    raw = Raw(gateway)
    raw.say(GET + CRLF + POST + f'Content-Length: {MB + 1}\r\n\r\n'.encode())
    claim('a body that is too large, too', [raw.hear()[0] for _ in range(2)] == [200, 413] and raw.is_closed())
    raw.close()
    body = (GET + CRLF) * 2
    raw = Raw(gateway)
    raw.say(head(gateway, path='/v1/messages', Content_Length=len(body), Content_Type='application/json') + body + GET + CRLF)
    claim('a body that looks like requests is a body', [raw.hear()[0] for _ in range(2)] == [400, 200])
    raw.close()


def prove_lasts(gateway):
    """What comes behind a client's last request is no request: nothing is answered behind its answer, into its body."""
    send = head(gateway, path='/v1/messages', Content_Type='application/json', Content_Length=2)
    for words, octets, status in (
            ('an empty line behind a request of HTTP/1.0', send.replace(b'HTTP/1.1', b'HTTP/1.0') + b'{}\r\n', 422),
            ('one behind a request with Connection: close', GET + b'Connection: close\r\n\r\n\r\n', 200),
            ('a request behind one whose Connection has close in it', GET + b'Connection: x, close\r\n\r\n' + GET + CRLF, 200),
            ('what is no length', send.replace(b'Content-Length: 2', b'Connection: close') + b'{}', 400)):
        raw = Raw(gateway)
        raw.say(octets)
        said = raw.file.read()
        claim(f'{words} is answered by nothing', said.startswith(b'HTTP/1.') and int(said.split()[1]) == status and
              said.count(b'HTTP/1.') == 1 and b'\r\nConnection: close\r\n' in said, said)
        raw.close()


def prove_hang_ups(gateway):
    """Whoever leaves in the middle leaves nothing behind."""
    pieces = (b'P', POST, POST + b'Content-Length: 100\r\n\r\n', POST + b'Content-Length: 100\r\n\r\n{',
              POST + b'Transfer-Encoding: chunked\r\n\r\n', POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{', POST * 9)
    for octets in pieces:
        for _ in range(5):
            with socket.create_connection(gateway.http_address, PATIENCE_S) as client:
                client.sendall(octets)
    claim('who hangs up in the middle is in nobody\'s way', gateway.http.get('/healthz').status == 200)


def heard_of(client):
    try:
        return client.recv(12)
    except ConnectionResetError:
        return b''


def prove_connections(gateway):
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace(
        'http {', 'http {\n connections = 30\n connections_per_address = 20'))
    gateway.http.close()
    many = [Raw(gateway) for _ in range(19)]
    claim('within the limit of an address all are served', gateway.http.get('/healthz').status == 200)
    answer, is_closed = ask(gateway)
    claim('above it: 503, and when to come again', answer[0] == 503 and problem_of(answer)['code'] == 'unavailable' and
          answer[1]['retry-after'] and is_closed, answer)
    others = [socket.socket() for _ in range(10)]
    for at, each in enumerate(others):
        each.bind((f'127.0.1.{at // 5 + 1}', 0))
        each.connect(gateway.http_address)
        each.sendall(GET + CRLF)
    claim('other addresses are served', all(each.recv(15) == b'HTTP/1.1 200 OK' for each in others))
    last = socket.socket()
    last.bind(('127.0.2.1', 0))
    last.connect(gateway.http_address)
    claim('until there are too many in all: 503', last.recv(12) == b'HTTP/1.1 503')
    for each in [*many, *others, last]:
        each.close()
    claim('once they have gone there is room', ask(gateway, GET + CRLF)[0][0] == 200)
    crowd = [socket.create_connection(gateway.http_address, PATIENCE_S) for _ in range(400)]
    for each in crowd:
        with contextlib.suppress(OSError):
            each.sendall(GET + CRLF)
    said = [heard_of(each) for each in crowd]
    claim(f"of 400 at once {said.count(b'HTTP/1.1 200')} are served and {said.count(b'HTTP/1.1 503')} told no",
          said.count(b'HTTP/1.1 200') >= 19 and said.count(b'HTTP/1.1 503') > 100)
    for each in crowd:
        each.close()
    claim('and afterwards there is room', ask(gateway, GET + CRLF)[0][0] == 200)
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


def upload(gateway, octets, row):
    """A large batch, of which the last octet is not sent."""
    raw = Raw(gateway)
    raw.say(head(gateway, Content_Type='application/x-ndjson', Content_Length=octets))
    for at in range(0, octets - MB, MB):
        raw.say(row * (MB // len(row)))
    return raw


def prove_room(gateway):
    """Large bodies together take no more than they may, and leave nothing behind."""
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace('http {', 'http {\n large_bodies_mb = 100'))
    row = b'[' + b' ' * 1021 + b']\n'
    before = memory_kib(gateway)
    first = upload(gateway, 60 * MB, row)
    answer = claim_refused(gateway, 'a large body for which there is no room', 503, 'unavailable',
                           head(gateway, Content_Type='application/x-ndjson', Content_Length=41 * MB))
    claim('is told when to come again', answer[1].get('retry-after'))
    claim_refused(gateway, 'chunks as well, once they have grown', 503, 'unavailable',
                  head(gateway, Content_Type='application/x-ndjson', Transfer_Encoding='chunked'),
                  *[b'100000\r\n' + row * 1024 + CRLF] * 41)
    second = Raw(gateway)
    second.say(head(gateway, Content_Type='application/x-ndjson', Content_Length=40 * MB))
    claim('what is small is served meanwhile', gateway.http.get('/v1/status').status == 200)
    second.close()
    first.say(row * 1024)
    status, _, body = first.hear()
    claim('60 MB are a batch of 61,440 rows', status == 200 and body.count(b'\n') == 60 * 1024, status)
    first.close()
    claim('and then there is room again', ask(gateway, head(gateway, Content_Type='application/x-ndjson', Content_Length=2 * MB),
                                             row * 2048)[0][0] == 200)
    until(f'the memory of large bodies is given back: {before} KiB before',
          lambda: gateway.turn() or memory_kib(gateway) < before + (24 << 10) or is_sanitized(gateway))
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


def prove_unread(gateway):
    """Batches whose answers nobody takes are no way around it: what an answer will take is looked for before a row is done."""
    room, clients, rows = 100, 40, 30000
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace('http {', f'http {{\n large_bodies_mb = {room}'))
    before, many = memory_kib(gateway), [Raw(gateway) for _ in range(clients)]
    for raw in many:
        raw.say(head(gateway, Content_Type='application/x-ndjson', Content_Length=8 * rows), b'{"a":1}\n' * rows)
    said = [int(raw.file.readline().split()[1]) for raw in many]
    peak = peak_kib(gateway)
    claim(f'of {clients} batches that get large answers {said.count(200)} are done and {said.count(503)} told to come again',
          set(said) == {200, 503}, said)
    claim(f'all of it takes {(peak - before) // 1024} MB, of {room} MB that it may', peak < before + ((room + 40) << 10) or
          is_sanitized(gateway))
    for raw in many:
        raw.close()
    until('there is room again', lambda: ask(gateway, head(gateway, Content_Type='application/x-ndjson', Content_Length=8 * rows),
                                             b'{"a":1}\n' * rows)[0][0] == 200)
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


def prove_unread_lists(gateway):
    """Nor are pages of lists."""
    room, clients = 20, 60
    rows = b''.join(b'{"phone":"+1646555%04d","kind":"listed","note":"%s"}\n' % (at, b'x' * 1000) for at in range(1000))
    path = '/v1/suppressions/batch'
    answer, _ = ask(gateway, head(gateway, path=path, Content_Type='application/x-ndjson', Content_Length=len(rows)), rows)
    claim('a thousand numbers are listed', answer[0] == 200, answer)
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace('http {', f'http {{\n large_bodies_mb = {room}'))
    asks = head(gateway, 'GET', '/v1/suppressions?limit=1000')
    answer, _ = ask(gateway, asks)
    fit, many = (room << 20) // len(answer[2]), [Raw(gateway) for _ in range(clients)]
    claim('a page of them is a large answer', answer[0] == 200 and len(answer[2]) > MB, len(answer[2]))
    for raw in many:
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.say(asks)
    said = [int(raw.file.readline().split()[1]) for raw in many]
    claim(f'of {clients} pages that nobody takes {said.count(200)} are given and the others told to come again',
          set(said) == {200, 503} and said.count(200) <= fit, said)
    claim('small answers are given meanwhile', gateway.http.get('/v1/status').status == 200)
    for raw in many:
        raw.close()
    until('there is room again', lambda: ask(gateway, asks)[0][0] == 200)
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


def prove_works(gateway):
    """So many batches of an account are worked on at a time."""
    body, most = b'1\n' * 2000, 100
    many = [Raw(gateway) for _ in range(most + 30)]
    for raw in many:
        raw.say(head(gateway, Content_Type='application/x-ndjson', Content_Length=len(body)), body)
    said = [raw.hear() for raw in many]
    refused = [answer for answer in said if answer[0] == 503]
    claim(f'of {len(many)} batches of an account at once {len(refused)} are told when to come again',
          0 < len(refused) <= len(many) - most and {answer[0] for answer in said} == {200, 503} and
          all('100 of an account' in problem_of(answer)['detail'] and answer[1]['retry-after'] for answer in refused), refused[:1])
    for raw in many:
        raw.close()


def slices_kept(gateway, key):
    """In how many turns the rows of a batch came to disk."""
    with contextlib.closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True)) as database:
        return database.execute('SELECT count(*) FROM answer_rows WHERE key = ?', (key.encode(),)).fetchone()[0]


def prove_dense(gateway):
    """JSON that takes long to read keeps nobody waiting: a turn takes so much of it, and of a batch a row like that at a time."""
    row = b'{"a":[' + b'1,' * ((1 << 19) - 20) + b'1]}\n'
    many = [Raw(gateway) for _ in range(20)]
    for raw in many:
        raw.say(head(gateway, path='/v1/messages', Content_Type='application/json', Content_Length=len(row)), row[:-1])
    for _ in range(len(row) // (8 << 10)):  # a turn reads 16 KB of each; then all but the last octet is there
        gateway.turn()
    for raw in many:
        raw.say(row[-1:])
    said = [raw.hear() for raw in many]
    claim('of 20 bodies that take long some are told to come again', {answer[0] for answer in said} == {422, 503} and
          all(answer[1]['retry-after'] for answer in said if answer[0] == 503), [answer[0] for answer in said])
    for raw in many:
        raw.close()
    rows, key = 12, 'dense'
    answer, _ = ask(gateway, head(gateway, Content_Type='application/x-ndjson', Content_Length=rows * len(row), Idempotency_Key=key),
                    row * rows)
    claim(f'a batch of {rows} rows that take long is done a row a turn', answer[2].count(b'"invalid_field"') == rows and
          slices_kept(gateway, key) == rows, (answer[0], slices_kept(gateway, key)))


def prove_slow(gateway):
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace('http {', 'http {\n request_timeout = "1s"'))
    clients = []
    for words, octets in (('a head', GET), ('a body', POST + b'Content-Length: 100\r\n\r\n{'),
                          ('chunks', POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{')):
        clients.append((words, Raw(gateway)))
        clients[-1][1].say(octets)
    large = Raw(gateway)
    large.say(head(gateway, Content_Type='application/x-ndjson', Content_Length=8 * MB))
    for words, raw in clients:
        answer = raw.hear()
        claim(f'{words} that is not whole in time: 408', answer and answer[0] == 408 and
              problem_of(answer)['code'] == 'timed_out' and raw.is_closed(), answer)
        raw.close()
    large.say((b'[' + b' ' * 1021 + b']\n') * 8 * 1024)
    answer = large.hear()
    claim('a large body has longer', answer[0] == 200, answer[0])
    large.close()
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


OURS, OTHERS = 'https://crm.example.com', 'https://evil.example.com'


def cors_of(gateway, method, path, origin, **fields):
    """(status, the headers of CORS, Vary)"""
    raw = Raw(gateway)
    origin = {'Origin': origin} if origin else {}
    raw.say(head(gateway, method, path, **origin, **fields))
    status, headers, _ = raw.hear(method)
    raw.close()
    return status, {name: value for name, value in headers.items() if name.startswith('access-control-')}, headers.get('vary')


def prove_cors(gateway):
    asks = {'Access_Control_Request_Method': 'POST', 'Access_Control_Request_Headers': 'authorization,content-type'}
    for method, status in (('GET', 200), ('OPTIONS', 405)):
        claim(f'unless it is configured no page of another origin may ask: {method}',
              cors_of(gateway, method, '/v1/status', OURS, **asks) == (status, {}, None))
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports).replace(
        'http {', f'http {{\n cors_origins = {{ "{OURS}", "http://localhost:3000" }}'))
    status, found, vary = cors_of(gateway, 'OPTIONS', '/v1/messages', OURS, **asks)
    claim('a preflight of an origin that is listed is answered with what is at that path',
          status == 204 and vary == 'Origin' and found['access-control-allow-origin'] == OURS and
          found['access-control-allow-methods'] == 'POST, GET, HEAD' and
          'Idempotency-Key' in found['access-control-allow-headers'], found)
    claim('never with credentials', 'access-control-allow-credentials' not in found)
    status, found, vary = cors_of(gateway, 'GET', '/v1/status', OURS)
    claim('an answer may be read by it', status == 200 and vary == 'Origin' and found == {
        'access-control-allow-origin': OURS, 'access-control-expose-headers': 'Allow, Retry-After, WWW-Authenticate'}, found)
    status, found, _ = cors_of(gateway, 'POST', '/v1/messages', OURS, Content_Length=MB + 1)
    claim('a refusal too', status == 413 and found['access-control-allow-origin'] == OURS)
    for words, path, origin in (('another origin', '/v1/messages', OTHERS), ('an origin that begins like it', '/v1/messages', OURS + '.evil.com'),
                                ('null', '/v1/messages', 'null'), ('no origin', '/v1/messages', None)):
        claim(f'{words} may not', cors_of(gateway, 'OPTIONS', path, origin, **asks) == (405, {}, 'Origin') and
              cors_of(gateway, 'GET', '/v1/status', origin)[1] == {})
    for path in ('/', '/metrics', '/healthz'):
        claim(f'nor may anybody at {path}', cors_of(gateway, 'OPTIONS', path, OURS, **asks)[1:] == ({}, None) and
              cors_of(gateway, 'GET', path, OURS)[1:] == ({}, None))
    claim('a path that is none has no preflight', cors_of(gateway, 'OPTIONS', '/v1/nothing', OURS, **asks)[0] == 404)
    gateway.reload(gateway.settings.text(gateway.database, *gateway.ports))


def prove():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with gateway_running('http_limits') as (gateway, carrier):
        for proof in (prove_broken, prove_bodies, prove_good, prove_pipelines, prove_lasts, prove_hang_ups, prove_connections, prove_slow,
                      prove_room, prove_unread, prove_unread_lists, prove_works, prove_dense, prove_cors):
            proof(gateway)
        claim('nothing was sent', not carrier.submits and numbers(1))


if __name__ == '__main__':
    run(prove)
