#!/usr/bin/env python3
"""Plays stories: conversations between a form, a sender, a handset, a carrier and the gateway.

  talk.py            all stories beside this file
  talk.py NAME ...   these
  talk.py --check    reads all stories and plays none
  talk.py --words    every sentence that a story may say

A story is a .talk file whose name is a promise. A line is a sentence; # begins a remark. Sentences
are declared below with @says: <slots> are filled, [clauses] may be left out, | parts alternatives.
The real daemon runs, with a clock and a disk that only the story moves. Nothing here sleeps: "hears
nothing" is known by an enquire_link on each bind, whose answer comes after all that was before it.

"carrier hears" names the next text for that number that was not named yet: pieces between stars, in
that order, whatever the case. At its end each story also promises: the carrier heard no text that
the story does not name and no octet that SMPP forbids, the gateway lives, its log holds no broken
claim, and the ledger verifies.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import resource
import shutil
import socket
import sqlite3
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import datetime, timezone
from http.client import HTTPException
from subprocess import TimeoutExpired
from urllib.parse import parse_qsl, quote, urlencode

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'lib'))

from browser import Browser  # noqa: E402
from carrier import Carrier  # noqa: E402
import gateway as gateways  # noqa: E402
import walk  # noqa: E402
from form import Page  # noqa: E402
from gateway import BUILD, PROGRAM, ROOT, SENDER, Gateway, Settings, registration  # noqa: E402
from openapi import Document  # noqa: E402
from receiver import SECRET, Receiver  # noqa: E402
from sender import Gone, Sender  # noqa: E402
from smpp import (CODINGS, TLV_CONGESTION, TLV_PAYLOAD, TLV_SAR_REF, Pdu, message_body, message_text, text_decode,  # noqa: E402
                  text_encode)
from world import World, time_text  # noqa: E402

BINARY = os.environ.get('ASSENT_STORY', 'assent-story')

SLOTS = {
    'text': r'"((?:[^"\\]|\\.)*)"',
    'number': r'(\+\d+|"[^"]*"|[A-Z]\w*)',
    'event': r'(\w+\.\w+)',
    'word': r'([\w.:/-]+)',
    'count': r'(\d+)',
    'span': r'(\d+(?:ms|s|m|h|d))',
    'status': r'([\dx]{3}|0x[0-9A-F]+)',
    'value': r'(.+?)',
    'object': r'(\{.*\})',
    'list': r'(\[.*\])',
    'hex': r'([0-9a-f?]+|nothing)',  # ? stands for any digit
    'octet': r'(0x[0-9A-Fa-f]{2})',
    'tag': r'(0x[0-9A-Fa-f]{4})',
}
CARRIER_KEYS = ('profile', 'receipt_deadline', 'receipt_by_text', 'receipt_text_first', 'later_status', 'throttle', 'retry', 'statuses', 'source_ton', 'source_npi', 'dest_ton', 'dest_npi', 'plus', 'validity',
                'validity_limit', 'registered_delivery', 'service_type', 'priority_flag', 'parts_wait', 'message_id', 'throttle_pause', 'host', 'password', 'bind', 'binds', 'window', 'throughput', 'enquire_link',
                'response_timeout', 'country', 'opt_out_statuses', 'opt_out_errors', 'tlvs',
                'data_coding_0', 'long_messages')
SPANS = {'ms': 0.001, 's': 1, 'm': 60, 'h': 3600, 'd': 86400}

# (pattern as written, compiled, names of its slots, method, is it for the beginning)
sentences = []


class Untrue(Exception):
    """What the story says is not so."""

    def __init__(self, expected, got):
        super().__init__(f'expected {expected} got {got}')


class Unreadable(Exception):
    """No sentence of the language."""


def says(pattern, beginning=False):
    """<slot>, <name:slot>, [clause], and words. `beginning`: said before the gateway runs."""
    names = []

    def slot(match):
        name, _, kind = match.group(1).partition(':')
        names.append(name)
        return SLOTS.get(kind or name) or f'({kind})'

    expression = pattern.replace('+', r'\+')
    expression = re.sub(r'\s*\[', r'(?:\\s+', expression).replace(']', ')?')
    expression = re.sub(r'<([^<>]+)>', slot, expression)
    expression = re.sub(r' ', r'\\s+', expression)

    def declare(method):
        sentences.append((pattern, re.compile(expression), names, method, beginning))
        return method
    return declare


def read_sentence(line):
    for pattern, expression, names, method, beginning in sentences:
        match = expression.fullmatch(line)
        if match:
            return method, dict(zip(names, match.groups())), beginning
    raise Unreadable('expected a sentence of the language (talk.py --words) got ' + line)


def read_story(path):
    """[(line number, method, what fills its slots, is it for the beginning)]"""
    story = []
    with open(path, encoding='utf-8') as file:
        for count, line in enumerate(file, 1):
            line = re.sub(r'\s+#.*|^#.*', '', line).strip()
            if line:
                try:
                    story.append((count, *read_sentence(line)))
                except Unreadable as error:
                    raise Unreadable(f'line {count}: {error}') from None
    return story


def unquote(text):
    if text is None:
        return None
    return re.sub(r'\\(.)', lambda m: {'n': '\n'}.get(m.group(1), m.group(1)), text)


def seconds_of(span):
    amount, unit = re.fullmatch(r'(\d+)(\D+)', span).groups()
    return int(amount) * SPANS[unit]


def is_like(pattern, text):
    """The pieces between the stars of the pattern, in this order, whatever the case."""
    at = 0
    for piece in pattern.lower().split('*'):
        at = text.lower().find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def is_part(wanted, got):
    """Whether all that is wanted is there, however deep; a list must be as long."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(is_part(value, got.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(is_part, wanted, got))
    return wanted == got


def key_id(key):
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def is_hex(pattern, hex):
    return len(pattern) == len(hex) and all(a in ('?', b) for a, b in zip(pattern, hex))


def objects_in(body):
    """Every JSON object inside a body, whatever the shape of the list around it."""
    if isinstance(body, dict):
        yield body
        for value in body.values():
            yield from objects_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from objects_in(value)


STATES = {'SCHEDULED': 0, 'ENROUTE': 1, 'DELIVRD': 2, 'EXPIRED': 3, 'DELETED': 4, 'UNDELIV': 5, 'REJECTD': 8}
SPELLINGS = {None: lambda identity: None,
             'in decimal': lambda identity: str(int(identity, 16)),
             'in capitals': str.upper,
             'with zeros': lambda identity: '0000' + identity,
             'cut to 5': lambda identity: identity[:5],
             'of another': lambda identity: '77' + identity[2:]}


class Stage:
    """One story as it is played."""

    def __init__(self, name):
        self.directory = os.path.join(BUILD, 'story', name)
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        self.world = World(os.path.join(self.directory, 'world'))
        self.carrier = Carrier({'assent': 'secret', 'other': 'secret'})
        self.settings = Settings(self.carrier.port)
        self.gateway = None
        self.names = {}
        self.messages = []     # ids, in the order of their 202
        self.campaigns = []    # ids, in the order of their 201: sentences speak of the last
        self.taken = set()     # orders of the submits that the story has named
        self.last_heard = {}   # number: the submits of its last text
        self.last = None       # the submit that was named last
        self.registrations = {}
        self.delivery = None
        self.answer = None     # to what was asked last, of those that a story may look at
        self.browsers = {}     # by what the story calls them
        self.keys = {}         # account: its API keys, in their order
        self.thousand = []     # idle HTTP connections
        self.follower, self.followed = None, ''  # who follows a campaign's events, and what they heard
        self.receivers = {}    # account: its SMPP client, and the texts that it was handed
        self.listeners = {}    # who gets events over HTTP, by name
        self.event = None      # the event that the story named last
        self.esmes = {}        # senders that speak SMPP
        self.called = None     # where the gateway calls one of them
        self.submitted = []    # their message_ids, and what was submitted, in the order of the answers
        self.page = None       # of a form, as somebody has it before them
        self.awaited = []      # requests of theirs that left together: (esme, pdu, status)

    def close(self):
        clients = [client for client, _ in self.receivers.values()] + list(self.esmes.values())
        for each in self.thousand + [self.follower] * bool(self.follower) + clients + [self.called] * bool(self.called) + list(self.listeners.values()):
            each.close()
        if self.gateway:
            self.gateway.kill()
        self.carrier.close()

    def number(self, word):
        word = word.strip('"')
        return self.names.get(word, word)

    def e164(self, word):
        digits = re.sub(r'\D', '', self.number(word))
        return '+' + ('1' + digits if len(digits) == 10 else digits)

    # Time and quiet.

    def begin(self):
        self.gateway = Gateway(self.directory, self.settings, BINARY,
                               {'ASSENT_WORLD': self.world.path})
        self.start()

    def start(self):
        self.gateway.start()
        if self.carrier.listener and not self.carrier.wait_bound(self.binds()):
            raise Untrue(f'{self.binds()} binds', len(self.carrier.bound()))
        self.settle()

    def binds(self):
        return sum(each.get('binds', 1) for each in self.settings.carriers.values())

    def settle(self):
        if self.gateway.is_running():
            self.carrier.settle(self.gateway.turn)
        for name, esme in list(self.esmes.items()):
            try:
                esme.tend()
            except Gone:
                del self.esmes[name]

    def go_on(self, seconds):
        step_s = 1 if seconds <= 900 else 10 if seconds <= 7200 else 60
        self.world.advance(seconds, self.settle, step_s)

    # What was heard and not yet named.

    def unheard(self, number=None):
        with self.carrier.lock:
            return [heard for heard in self.carrier.submits
                    if heard.order not in self.taken and number in (None, heard.number)]

    def next_text(self, number):
        """The submits of the next text for that number, all its parts, or []."""
        waiting = self.unheard(number)
        if not waiting:
            return []
        reference, total, _ = waiting[0].part
        parts = [heard for heard in waiting if heard.part[:2] == (reference, total)][:total]
        return parts if len(parts) == total else []

    def take(self, number):
        self.settle()
        self.carrier.wait(lambda: self.next_text(number), 3)
        parts = self.next_text(number)
        if parts and [part.part[2] for part in parts] != list(range(1, len(parts) + 1)):
            raise Untrue('the parts in order', [part.part for part in parts])
        self.taken.update(part.order for part in parts)
        if parts:
            self.last_heard[number] = parts
            self.last = parts[-1]
        return parts

    def expect_text(self, text, number, source=None, parts=None):
        heard = self.take(number)
        self.submit_heard = heard
        whole = ''.join(part.text for part in heard)
        if not heard:
            raise Untrue(f'"{text}" for {number}', 'nothing')
        if not is_like(text, whole):
            raise Untrue(f'"{text}" for {number}', f'"{whole}"')
        if source and '+' + heard[0].pdu.source_addr != source:
            raise Untrue(f'it from {source}', heard[0].pdu.source_addr)
        if parts and len(heard) != parts:
            raise Untrue(f'{parts} parts', len(heard))

    def expect_answer(self, answer, status, word):
        """An answer of the HTTP API: its status, and its code, state or status."""
        if not re.fullmatch((status or '2xx').replace('x', r'\d'), str(answer.status)):
            raise Untrue(status or '2xx', answer)
        body = answer.body if isinstance(answer.body, dict) else {}
        if word and word not in (body.get('code'), body.get('state'), body.get('status'), body.get('verdict')):
            raise Untrue(f'{status} {word}', answer)
        if answer.status >= 400 and not body.get('code'):
            raise Untrue('a problem with its code', answer)

    def eventually(self, expected, ask):
        """Asks until the answer is true, a bounded number of turns."""
        for _ in range(20):
            self.settle()
            is_so, got = ask()
            if is_so:
                return
        raise Untrue(expected, got)

    # The beginning: who is who, and what the config says. Later on the config is another one, which
    # counts from when the gateway reloads.

    @says('<name:word> is <number>', beginning=True)
    def _name(self, name, number):
        self.names[name] = self.number(number)

    @says('it is <moment:word>', beginning=True)
    def _moment(self, moment):
        wanted = datetime.fromisoformat(moment.replace('Z', '+00:00'))
        self.world.turn_wall(round(wanted.timestamp() * 1000) - self.world.wall_ms)

    @says('with <key:word> = <value>', beginning=True)
    def _setting(self, key, value):
        section = (self.settings.carriers['sim'] if key in CARRIER_KEYS
                   else self.settings.programs[PROGRAM])
        section[key] = json.loads(value)
        if key == 'data_coding_0':
            self.carrier.zero = section[key]

    @says('with <key:word> of profile <name:word> = <value>', beginning=True)
    def _profile_setting(self, key, name, value):
        self.settings.profiles.setdefault(name, {})[key] = json.loads(value)

    @says('with <key:word> of carrier <name:word> = <value>', beginning=True)
    def _carrier_setting(self, key, name, value):
        self.settings.carriers[name][key] = json.loads(value)

    @says('with <key:word> of account = <value>', beginning=True)
    def _account_setting(self, key, value):
        self.settings.accounts['campaigns'][key] = json.loads(value)
        if value == 'null':
            del self.settings.accounts['campaigns'][key]

    @says('with <kind:campaign|brand|route> <name:text> and <key:word> = <value> [and <key2:word> = <value2:value>] '
          '[and <key3:word> = <value3:value>] [and <key4:word> = <value4:value>]', beginning=True)
    def _titled(self, kind, name, **pairs):
        self.settings.titled[kind, name] = {pairs['key' + end]: json.loads(pairs['value' + end])
                                            for end in ('', '2', '3', '4') if pairs['key' + end]}

    @says('without <kind:campaign|brand|route> <name:text>', beginning=True)
    def _not_titled(self, kind, name):
        del self.settings.titled[kind, name]

    @says('with account <name:word> [for words <words:value>]', beginning=True)
    def _account(self, name, words):
        self.settings.accounts[name] = {
            'api_key': name * 20, 'system_id': name, 'password': 's3cret', 'roles': ['sender'],
            'programs': [PROGRAM], 'inbound_words': json.loads(words or '[]')}

    @says('with an account for each role', beginning=True)
    def _roles(self):
        for role in walk.ROLES:
            self.settings.accounts[role] = {'api_key': (role * 20)[:64], 'roles': [role], 'programs': [PROGRAM]}

    @says('without account <name:word>', beginning=True)
    def _no_account(self, name):
        del self.settings.accounts[name]

    @says('with keyword <word> answered <reply:text> [and <key:word> = <value>] [and <key2:word> = <value2:value>]',
          beginning=True)
    def _keyword(self, word, reply, **pairs):
        more = {pairs['key' + end]: json.loads(pairs['value' + end]) for end in ('', '2') if pairs['key' + end]}
        self.settings.titled['keyword', word] = {'programs': list(self.settings.programs), 'words': [word],
                                                 'reply': unquote(reply), **more}

    @says('carrier refuses transceivers by <command:word>', beginning=True)
    def _no_transceiver(self, command):
        self.carrier.no_transceiver = command

    @says('with <key:word> of sender <number> = <value>', beginning=True)
    def _sender_setting(self, key, number, value):
        self.settings.senders.setdefault(self.number(number), {})[key] = json.loads(value)

    @says('with carrier <name:text>', beginning=True)
    def _carrier(self, name):
        self.settings.carriers[name] = dict(self.settings.carriers['sim'], system_id='other',
                                            binds=1)

    @says('without carrier <name:text>', beginning=True)
    def _no_carrier(self, name):
        del self.settings.carriers[name]

    @says('gateway reloads [<count> times at once] [-> <fate:refused>]')
    def _reload(self, count, fate):
        word = 'reload refused' if fate else 'reloaded '
        lines = self.gateway.reload(times=int(count or 1))
        if not all(word in line for line in lines):
            raise Untrue(word, lines)
        self.settle()

    @says('with program <name:text> of <owner:text> from <number> [on <carrier:text>] '
          '[and <key:word> = <value>] [and <key2:word> = <value2:value>] [and <key3:word> = <value3:value>]',
          beginning=True)
    def _program(self, name, owner, number, carrier, **pairs):
        more = {pairs['key' + end]: json.loads(pairs['value' + end])
                for end in ('', '2', '3') if pairs['key' + end]}
        self.settings.add_program(name, owner=owner, brand=owner, senders=[self.number(number)],
                                  carriers=[carrier or 'sim'], **more)

    @says('with <only:only|also> sender <number>', beginning=True)
    def _sender(self, only, number):
        program = self.settings.programs[PROGRAM]
        program['senders'] = ([] if only == 'only' else program['senders']) + [self.number(number)]

    # The form, and what staff writes down.

    @says('form <tick:ticked|unticked|silent> by <number> [as <source:word>] [in <program:text>] '
          '[collected <span> <side:ago|ahead>] [without <field:word>] '
          '[saying <key:word> <value:text>] [-> <status> [<word>]]')
    def _form(self, tick, number, source, program, span, side, field, key, value, status, word):
        distance = seconds_of(span) * 1000 if span else 0
        at = self.world.wall_ms + round(distance if side == 'ahead' else -distance)
        body = registration(self.number(number), time_text(at), program or PROGRAM)
        body['opted_in'] = tick == 'ticked'
        body['source'] = source or 'web_form'
        if tick == 'silent':
            del body['opted_in']
        if field:
            del body[field]
        if key:
            body[key] = unquote(value)
        self.registrations[number] = body
        self.expect_answer(self.gateway.http.post('/v1/consents', body), status, word)

    @says('form of <number> again [-> <status> [<word>]]')
    def _form_again(self, number, status, word):
        answer = self.gateway.http.post('/v1/consents', self.registrations[number])
        self.expect_answer(answer, status, word)

    @says('<number> has opted in [in <program:text>]')
    def _opted_in(self, number, program):
        self._form('ticked', number, None, program, None, None, None, None, None, '201',
                   'opted_in')
        self.expect_text('', self.e164(number))
        self.settle()

    @says('staff revokes <number> by <channel:word> [in <program:text>] [-> <status>]')
    def _revoke(self, number, channel, program, status):
        body = {'channel': channel, 'note': 'asked us to end it'}
        if program:
            body['program'] = program
        answer = self.gateway.http.post(f'/v1/consents/{self.e164(number)}/revoke', body)
        self.expect_answer(answer, status, None)

    @says('staff suppresses <number> as <kind:word> [since <span> ago] [asked <asked:span> ago] '
          '[answer <answer:word>] [-> <status> [<word>]]')
    def _suppress(self, number, kind, span, asked, answer, status, word):
        body = {'phone': self.number(number), 'kind': kind, 'note': 'told by a story'}
        if span:
            body['date'] = time_text(self.world.wall_ms - round(seconds_of(span) * 1000))
        if asked:  # the Reassigned Numbers Database, about a consent of that day
            body['date'] = time_text(self.world.wall_ms - round(seconds_of(asked) * 1000))[:10]
        if answer:
            body['answer'] = answer
        self.expect_answer(self.gateway.http.post('/v1/suppressions', body), status or '201', word)
        self.settle()

    @says('staff takes <number> off the list [-> <status> [<word>]]')
    def _unlist(self, number, status, word):
        path = f'/v1/suppressions/{self.e164(number)}/remove'
        self.expect_answer(self.gateway.http.post(path, {}), status or '200', word)
        self.settle()

    @says('consent of <number> says <text>')
    def _consent_says(self, number, text):
        answer = self.gateway.http.get('/v1/consents/' + self.e164(number))
        if not is_like(unquote(text), answer.body['programs'][0]['why']):
            raise Untrue(text, answer)

    @says('staff reads what <number> wrote as <decision:opt_out|none> [-> <status> [<word>]]')
    def _decide(self, number, decision, status, word):
        found = self.reviews(number)
        if not found:
            raise Untrue(f'a review of {number}', 'none')
        path = f'/v1/reviews/{found[0]["id"]}/resolve'
        body = {'decision': decision, 'note': 'read by a person'}
        self.expect_answer(self.gateway.http.post(path, body), status or '200', word)
        self.settle()

    # Operations.

    @says('staff <verb:pauses|resumes> the program [<program:text>] [-> <status> [<word>]]')
    def _tap(self, verb, program, status, word):
        path = f'/v1/programs/{program or PROGRAM}/{verb[:-1]}'
        self.expect_answer(self.gateway.http.post(path, {}), status or '200', word)

    @says('staff <verb:pauses|resumes> all programs [-> <status> [<word>]]')
    def _taps(self, verb, status, word):
        self.expect_answer(self.gateway.http.post(f'/v1/programs/{verb[:-1]}', {}), status or '200', word)

    @says('staff <verb:starts|stops|pauses|drains> carrier <name:word> [-> <status> [<word>]]')
    def _order(self, verb, name, status, word):
        answer = self.gateway.http.post(f'/v1/carriers/{name}/{verb[:-1]}', {})
        self.expect_answer(answer, status or '200', word)
        self.settle()

    # Accounts of the database, and their keys in the order in which they were made.

    def shown(self, account):
        answer = self.gateway.http.get('/v1/accounts?limit=1000')
        return next(each for each in answer.body['items'] if each['name'] == account)

    @says('each word of the API\'s document is so')
    def _walk(self):
        post = self.gateway.http.post
        campaign = post('/v1/campaigns', {'name': 'walked', 'program': PROGRAM, 'text': 'Hi'}).body['id']
        webhook = self.gateway.http.get('/v1/webhooks').body['items'][0]['id']
        names = {'webhook': webhook, 'seq': '1', 'id': self.messages[-1], 'friend': self.number('Ann'), 'phone': '+14155550199', 'program': PROGRAM, 'carrier': 'sim',
                 'campaign': campaign, 'review': self.gateway.http.get('/v1/reviews').body['items'][0]['id'],
                 'account': post('/v1/accounts', {'name': 'walked', 'roles': ['sender']}).body['name']}
        keys = {role: self.settings.accounts[role]['api_key'] for role in walk.ROLES}
        try:
            walk.Walk(document, self.gateway, names, keys).go()
        except walk.Untold as error:
            raise Untrue('what /v1/openapi.json says', error) from None

    @says('staff adds account <name:word> [as <role:word>] [with <fields:object>] [-> <status> [<word>]]')
    def _add_account(self, name, role, fields, status, word):
        body = {'name': name, 'roles': [role or 'sender'], 'programs': [PROGRAM], **json.loads(fields or '{}')}
        answer = self.gateway.http.post('/v1/accounts', body)
        self.expect_answer(answer, status or '201', word)
        if answer.status == 201:
            self.keys[name] = [answer.body['key']]

    @says('staff sets account <name:word> to <fields:object> [-> <status> [<word>]]')
    def _set_account(self, name, fields, status, word):
        self.expect_answer(self.gateway.http.post(f'/v1/accounts/{name}/set', json.loads(fields)), status or '200', word)

    @says('account <name:word> has used <count> of today')
    def _used_today(self, name, count):
        if self.shown(name)['used_today'] != int(count):
            raise Untrue(count, self.shown(name))

    @says('account <name:word> sends <text> to <number> [-> <status> [<word>]]')
    def _account_sends(self, name, text, number, status, word):
        body = {'program': PROGRAM, 'to': self.number(number), 'text': unquote(text)}
        self.note_answer(self.gateway.http.post('/v1/messages', body, key=self.keys[name][-1]), status, word)

    @says('staff rotates account <name:word> [with an overlap of <overlap:span>] [-> <status> [<word>]]')
    def _rotate(self, name, overlap, status, word):
        body = {'overlap_seconds': int(seconds_of(overlap))} if overlap else None
        answer = self.gateway.http.post(f'/v1/accounts/{name}/rotate', body)
        self.expect_answer(answer, status or '201', word)
        if answer.status == 201:
            self.keys[name].append(answer.body['key'])

    @says('staff revokes account <name:word> [<which:key> <count>] [<which2:no> key] [-> <status> [<word>]]')
    def _revoke_account(self, name, which, count, which2, status, word):
        body = {'key_id': key_id(self.keys[name][int(count) - 1])} if which else {'key_id': ''} if which2 else {}
        self.expect_answer(self.gateway.http.post(f'/v1/accounts/{name}/revoke', body), status or '200', word)

    @says('account <name:word> asks by key <count> [-> <status> [<word>]]')
    def _ask_by(self, name, count, status, word):
        self.answer = self.gateway.http.get('/v1/status', key=self.keys[name][int(count) - 1])
        self.expect_answer(self.answer, status or '200', word)

    @says('account <name:word> asks by <key:text> [for <address:text>] [-> <status> [<word>]]')
    def _ask_by_text(self, name, key, address, status, word):
        """`for`: as a proxy hands it on."""
        headers = {'X-Forwarded-For': address} if address else None
        self.answer = self.gateway.http.get('/v1/status', key=unquote(key), headers=headers)
        self.expect_answer(self.answer, status or '200', word)

    @says('it is to come back in <span>')
    def _retry_after(self, span):
        if self.answer.headers.get('Retry-After') != str(int(seconds_of(span))):
            raise Untrue(f'Retry-After of {span}', self.answer.headers)

    @says('key <count> of account <name:word> was used <span> ago')
    def _used(self, count, name, span):
        wanted = time_text(self.world.wall_ms - int(seconds_of(span) * 1000))
        identity = key_id(self.keys[name][int(count) - 1])
        got = [each['last_used_at'] for each in self.shown(name)['keys'] if each['id'] == identity]
        if got != [wanted]:
            raise Untrue(wanted, got)

    @says('staff looks at <path:text> and sees <fields:object>')
    def _looks_at(self, path, fields):
        """fields: parts of the answer's, however deep."""
        def ask():
            answer = self.gateway.http.get('/v1/' + unquote(path))
            return is_part(json.loads(fields), answer.body), answer
        self.eventually(fields, ask)

    @says('staff turns the pages of <path:text> and sees <items:list>')
    def _turns_pages(self, path, items):
        """Page by page, from one `after` to the next; items: parts of each, in that order."""
        got, after = [], ''
        while after is not None and len(got) <= len(json.loads(items)):
            body = self.gateway.http.get('/v1/' + unquote(path) + (after and '&after=' + after)).body
            got += body['items']
            after = body['after']
        if not is_part(json.loads(items), got):
            raise Untrue(items, got)

    @says('staff looks at <path:text> -> <status> [<word>]')
    def _looks_in_vain(self, path, status, word):
        self.expect_answer(self.gateway.http.get('/v1/' + unquote(path)), status, word)

    @says('carrier <name:word> is given <rate:value> parts a second')
    def _rate(self, name, rate):
        def ask():
            answer = self.gateway.http.get('/v1/status')
            got = [each['rate'] for each in answer.body['carriers'] if each['name'] == name]
            return got == [json.loads(rate)] or bool(
                got and got[0] and abs(got[0] - (json.loads(rate) or 0)) < 0.01), answer
        self.eventually(rate, ask)

    @says('carrier <name:word> is <state:running|paused|draining|stopped|removed|gone>')
    def _carrier_is(self, name, state):
        def ask():
            answer = self.gateway.http.get('/v1/carriers')
            found = [each for each in objects_in(answer.body) if each.get('name') == name]
            return (found[0]['state'] if found else 'gone') == state, answer
        self.eventually(state, ask)

    @says('route of <number> [from <source:number>] [in <program:text>] [for <account:word>] is <carrier:word> '
          '[by <route:text>] [held by <hold:word>]')
    def _route(self, number, source, program, account, carrier, route, hold):
        query = {'to': self.number(number), 'program': program or PROGRAM, 'account': account,
                 'from': source and self.number(source)}
        path = '/v1/route?' + urlencode({key: value for key, value in query.items() if value})
        meant = {'carrier': carrier, 'route': route, 'hold': hold or 'none'}

        def ask():
            answer = self.gateway.http.get(path)
            return answer.status == 200 and meant.items() <= answer.body.items(), answer
        self.eventually(meant, ask)

    @says('queue [of the <lane:replies>] [in <program:text>] [from <source:number>] [by <route:text>] has <count> held '
          'by <hold:word> [for <span>]')
    def _queue(self, lane, program, source, route, count, hold, span):
        meant = {'program': program or PROGRAM, 'lane': lane or 'messages'}
        if source:
            meant['sender'] = self.number(source)
        if route:
            meant['route'] = route
        until = span and time_text(self.world.wall_ms + round(seconds_of(span) * 1000))

        def ask():
            answer = self.gateway.http.get('/v1/queue')
            found = [each for each in objects_in(answer.body) if meant.items() <= each.items()]
            is_so = bool(found) and found[0]['queued'] == int(count) and (
                found[0]['hold'] == hold) and (until is None or found[0]['until'] == until)
            return is_so, answer
        self.eventually(f'{count} held by {hold} {span or ""}'.strip(), ask)

    # The sender.

    @says('sender sends <text> to <number> [in <program:text>] [from <source:number>] '
          '[with key <key:word>] [within <span>] [-> <status> [<word>]]')
    def _send(self, text, number, program, source, key, span, status, word):
        body = {'program': program or PROGRAM, 'to': self.number(number), 'text': unquote(text)}
        if source:
            body['from'] = self.number(source)
        if span:
            body['expires_at'] = time_text(self.world.wall_ms + round(seconds_of(span) * 1000))
        headers = {'Idempotency-Key': key} if key else None
        self.note_answer(self.gateway.http.post('/v1/messages', body, headers=headers), status, word)

    @says('sender sends <fields:object> to <number> [with key <key:word>] [-> <status> [<word>]]')
    def _send_fields(self, fields, number, key, status, word):
        body = {'program': PROGRAM, 'to': self.number(number), **json.loads(fields)}
        headers = {'Idempotency-Key': key} if key else None
        self.note_answer(self.gateway.http.post('/v1/messages', body, headers=headers), status, word)

    @says('message <count> shows <fields:object>')
    def _shows(self, count, fields):
        self.settle()
        answer = self.gateway.message(self.messages[int(count) - 1])
        for name, value in json.loads(fields).items():
            if answer.body.get(name) != value:
                raise Untrue(f'{name} = {value}', answer.body.get(name))

    def note_answer(self, answer, status, word):
        self.answer = answer
        """Of a send: the messages are counted from their 202."""
        self.expect_answer(answer, status or '202', word)
        if answer.status == 202 and answer.body['id'] not in self.messages:
            self.messages.append(answer.body['id'])

    @says('sender would send <text> to <number> as <encoding:gsm7|ucs2> in <count> segments '
          '[with <key:word> <value:text>]')
    def _would_send(self, text, number, encoding, count, key, value):
        body = {'program': PROGRAM, 'to': self.number(number), 'text': unquote(text),
                'dry_run': True}
        answer = self.gateway.http.post('/v1/messages', body)
        wanted = {'encoding': encoding, 'segments': int(count)}
        if key:
            wanted[key] = unquote(value)
        if not isinstance(answer.body, dict) or not wanted.items() <= answer.body.items():
            raise Untrue(wanted, answer)

    # Campaigns. In their files @Ann stands for Ann's number.

    @says('campaign of <text> [with <fields:object>] [-> <status> [<word>]]')
    def _campaign(self, text, fields, status, word):
        body = {'name': 'spring', 'program': PROGRAM, 'text': unquote(text), **json.loads(fields or '{}')}
        body.update((name, time_text(self.world.wall_ms + round(seconds_of(value[1:]) * 1000)))
                    for name, value in body.items() if name.endswith('_at') and value[:1] == '+')
        answer = self.gateway.http.post('/v1/campaigns', body)
        self.expect_answer(answer, status or '201', word)
        if answer.status == 201:
            self.campaigns.append(answer.body['id'])

    @says('sequence with <fields:object> [-> <status> [<word>]]')
    def _sequence(self, fields, status, word):
        body = {'name': 'nurture', 'program': PROGRAM, **json.loads(fields)}
        answer = self.gateway.http.post('/v1/campaigns', body)
        self.expect_answer(answer, status or '201', word)
        if answer.status == 201:
            self.campaigns.append(answer.body['id'])

    @says('step <count> of the sequence shows <fields:object>')
    def _step_shows(self, count, fields):
        def ask():
            answer = self.ask_campaign()
            return json.loads(fields).items() <= answer.body['steps'][int(count) - 1].items(), answer
        self.eventually(fields, ask)

    @says('<number> is <status:waiting|held|finished|ended> in the sequence [at step <count>] [for <reason:word>]')
    def _stands(self, number, status, count, reason):
        def ask():
            answer = self.ask_campaign(f'/enrolments?status={status}')
            mine = [item for item in answer.body['items'] if item['phone'] == self.e164(number)]
            return (mine and mine[0]['step'] == (int(count) if count else mine[0]['step'])
                    and mine[0]['reason'] == reason), answer
        self.eventually(f'{number} {status}', ask)

    @says('<number> is not in the sequence')
    def _stands_not(self, number):
        self.settle()
        answer = self.ask_campaign('/enrolments')
        if any(item['phone'] == self.e164(number) for item in answer.body['items']):
            raise Untrue(f'{number} is not in it', answer)

    def ask_campaign(self, rest='', content=None, kind=None):
        path = f'/v1/campaigns/{self.campaigns[-1]}{rest}'
        if content is None:
            return self.gateway.http.get(path)
        return self.gateway.http.call('POST', path, content=content, headers={'Content-Type': kind})

    @says('campaign gets <rows:text> [from octet <count>] [as <form:NDJSON>] [<last:and no more>] [-> <status> [<word>]]')
    def _recipients(self, rows, count, form, last, status, word):
        content = re.sub(r'@(\w+)', lambda match: self.e164(match.group(1)), unquote(rows))
        rest = f'/recipients?offset={count or 0}' + ('&last=true' if last else '')
        kind = 'application/x-ndjson' if form else 'text/csv'
        self.answer = self.ask_campaign(rest, content.encode(), kind)
        self.expect_answer(self.answer, status or '200', word)

    @says('campaign gets <count> empty lines [-> <status> [<word>]]')
    def _empty_lines(self, count, status, word):
        self.answer = self.ask_campaign('/recipients?offset=0', b'\n' * int(count), 'text/csv')
        self.expect_answer(self.answer, status or '200', word)

    @says('with <door:word> of http = <value>', beginning=True)
    def _http_setting(self, door, value):
        self.settings.http[door] = json.loads(value)

    def ask_door(self, path, query, login, **options):
        """As clients of other gateways do: a name in braces is its number, without the plus."""
        query = re.sub(r'\{dlr ([^}]*)\}', lambda found: self.receiver_url(found[1]), unquote(query))
        query = re.sub(r'\{many (\d+)\}', lambda found: '+'.join(
            str(12065551000 + n) for n in range(int(found[1]))), query)
        query = re.sub(r'\{long (\d+)\}', lambda found: 'x' * int(found[1]), query)
        query = re.sub(r'\{(\w+)\}', lambda name: self.number(name[1]).lstrip('+'), query)
        if login not in query:
            query = f'{login}campaigns&password=s3cret12&from={SENDER.lstrip("+")}&{query}'
        method = options.pop('method', 'POST' if 'content' in options else 'GET')
        self.answer = self.gateway.http.call(method, f'{path}?{query}', key=' ', **options)
        return self.answer

    def expect_told(self, status):
        if self.answer.status != int(status):
            raise Untrue(status, self.answer)

    def browser(self, which):
        return self.browsers.setdefault(which, Browser(self.gateway))

    @says('<which:browser|other browser> [<method:HEAD|POST|OPTIONS|DELETE|PUT>] asks for <path:text> [with <headers:object>] '
          '[saying <body:text>] [-> <status> [<word>]]')
    def _browser_asks(self, which, method, path, headers, body, status, word):
        """{cookie} and {token} stand for those of this browser, also where the other's session is meant: `other browser`."""
        browser = self.browser(which)
        content = None if body is None else browser.filled(unquote(body)).encode('latin-1')
        self.answer = browser.ask(method or 'GET', unquote(path), json.loads(browser.filled(headers or '{}')), content=content)
        self.expect_told(status or '200')
        if word and self.answer.body['code'] != word:
            raise Untrue(word, self.answer)

    @says('browser asks for it again [-> <status>]')
    def _browser_asks_again(self, status):
        browser = self.browser('browser')
        self.answer = browser.ask('GET', browser.path, {'If-None-Match': browser.tag})
        self.expect_told(status or '304')

    @says('<which:browser|other browser> logs in as <name:text> with <password:text> [and <headers:object>] [-> <status>]')
    def _logs_in(self, which, name, password, headers, status):
        fields = {'name': unquote(name), 'password': unquote(password).replace('{megabyte}', 'x' * 1000000)}
        self.answer = self.browser(which).post_form('/login', fields, json.loads(headers or '{}'))
        self.expect_told(status or '303')

    @says('<which:browser|other browser> logs out [-> <status>]')
    def _logs_out(self, which, status):
        browser = self.browser(which)
        self.answer = browser.post_form('/logout', {'csrf': browser.token})
        self.expect_told(status or '303')

    @says('<which:browser|other browser> is logged in as <name:word>')
    def _is_logged_in(self, which, name):
        answer = self.browser(which).ask('GET', '/v1/session')
        if answer.status != 200 or answer.body['account'] != name:
            raise Untrue(name, answer)

    @says('<which:browser|other browser> is not logged in')
    def _is_not_logged_in(self, which):
        answer = self.browser(which).ask('GET', '/v1/session')
        if answer.status != 401:
            raise Untrue('no session', answer)

    @says('its cookie is <cookie:text>')
    def _cookie_is(self, cookie):
        given = self.browser('browser').given or ''
        if not re.fullmatch(re.escape(unquote(cookie)).replace('\\?', '[0-9a-f]{64}'), given):
            raise Untrue(unquote(cookie), given)

    @says('it shows <text>')
    def _shows(self, text):
        if unquote(text) not in self.answer.octets.decode():
            raise Untrue(unquote(text), self.answer)

    @says('staff gives account <name:word> the password <password:text> [-> <status> [<word>]]')
    def _gives_password(self, name, password, status, word):
        answer = self.gateway.http.call('PUT', f'/v1/accounts/{name}/password', {'password': json.loads(f'"{password}"')})
        self.expect_answer(answer, status or '200', word)

    @says('staff takes the password of account <name:word> [-> <status> [<word>]]')
    def _takes_password(self, name, status, word):
        self.expect_answer(self.gateway.http.call('DELETE', f'/v1/accounts/{name}/password'), status or '200', word)

    @says('with the audit kept for <term:text>', beginning=True)
    def _audit_term(self, term):
        self.settings.sections['retention'] = {'audit': unquote(term)}

    @says('audit [asked <query:text>] has <count> records')
    def _audit_count(self, query, count):
        answer = self.gateway.http.get('/v1/audit?' + self.filled(unquote(query or '')))
        if len(answer.body['items']) != int(count):
            raise Untrue(count, answer)

    @says('audit [asked <query:text>] shows <account:word> by <by:word> doing <action:text> [on <subject:text>] [about <number>] [-> <status>]')
    def _audit_shows(self, query, account, by, action, subject, number, status):
        """The newest record."""
        answer = self.gateway.http.get('/v1/audit?' + self.filled(unquote(query or '')))
        wanted = {'account': None if account == 'nobody' else account, 'by': by, 'action': unquote(action), 'subject': unquote(subject), 'address': '127.0.0.1',
                  'number': number and self.number(number), 'status': int(status) if status else None}
        got = answer.body['items'] and {name: answer.body['items'][0][name] for name in wanted}
        if got != wanted:
            raise Untrue(wanted, got or answer)

    @says('its header <name:word> is nothing')
    def _header_is_nothing(self, name):
        if name in self.answer.headers:
            raise Untrue(f'no {name}', self.answer.headers)

    @says('its header <name:word> is <value:text>')
    def _header_is(self, name, value):
        if self.answer.headers.get(name) != unquote(value):
            raise Untrue(f'{name}: {unquote(value)}', self.answer.headers)

    @says('it is the file <name:word>')
    def _is_file(self, name):
        with open(os.path.join(ROOT, 'web', name), 'rb') as file:
            if file.read() != self.answer.octets:
                raise Untrue(f'web/{name}', self.answer)

    # The gateway's own form, in a browser: what is typed goes into the page that was shown last.

    @says('with a form', beginning=True)
    def _with_form(self):
        self.settings.http['public_url'] = 'https://sms.example.com'
        self.settings.programs[PROGRAM].update(optin=True, terms='https://example.com/terms',
                                               privacy='https://example.com/privacy')

    @says('form is opened [at <path:text>] [with <headers:object>] [-> <status>]')
    def _form_opened(self, path, headers, status):
        self.browse('GET', unquote(path) or f'/optin/{PROGRAM}', None, json.loads(headers or '{}'))
        self.expect_told(status or '200')

    @says('<tick:ticked|unticked> form is sent for <phone:text> [with <fields:\{.*?\}>] [and headers <headers:object>] [-> <status>]')
    def _form_sent(self, tick, phone, fields, headers, status):
        more = {'phone': unquote(phone), **json.loads(fields or '{}')}
        self.sent = self.page.action, urlencode(self.page.filled(tick == 'ticked', more)).encode()
        self.browse('POST', *self.sent, json.loads(headers or '{}'))
        self.expect_told(status or '200')

    @says('same form is sent again [-> <status>]')
    def _form_sent_again(self, status):
        self.browse('POST', *self.sent, {})
        self.expect_told(status or '200')

    @says('form with the ticket before is sent for <phone:text> [to <path:text>] [-> <status>]')
    def _ticket_before(self, phone, path, status):
        """Of the form that was sent last, or, `to` another place, of the page."""
        fields = dict(parse_qsl(self.sent[1].decode())) if not path else self.page.filled(True, {})
        fields['phone'] = unquote(phone)
        self.browse('POST', unquote(path) or self.sent[0], urlencode(fields).encode(), {})
        self.expect_told(status or '200')

    @says('<count> forms are sent from <address:text>')
    def _forms_from(self, count, address):
        for each in range(int(count)):
            self._form_opened(None, None, None)
            self._form_sent('unticked', f'415 555 {1000 + each}', None, json.dumps({'X-Forwarded-For': unquote(address)}), None)

    @says('its header <name:word> is missing')
    def _header_is_missing(self, name):
        if name in self.answer.headers:
            raise Untrue(f'no {name}', self.answer.headers)

    @says('form of <octets:count> octets comes [as <kind:text>] [-> <status>]')
    def _form_of_octets(self, octets, kind, status):
        headers = {'Content-Type': unquote(kind)} if kind else {}
        self.browse('POST', self.page.action, b'phone=' + b'5' * (int(octets) - 6), headers)
        self.expect_told(status or '413')

    def browse(self, method, path, content, headers):
        headers = {'User-Agent': 'Mozilla/5.0', 'Content-Type': 'application/x-www-form-urlencoded', **headers}
        if content is None:
            del headers['Content-Type']
        self.answer = self.gateway.http.call(method, path, content=content, headers=headers, key=' ')
        kind = self.answer.headers.get('Content-Type', '')
        self.page = Page(self.answer.octets.decode(), path, self.page) if kind.startswith('text/html') else self.page
        self.settle()

    @says('page <says:says|says nothing of> <text>')
    def _page_says(self, says, text):
        if is_like(unquote(text), self.page.text) != (says == 'says'):
            raise Untrue(f'it {says} {text}', self.page.text)

    @says('program <name:text> has <form:value> as its form')
    def _program_form(self, name, form):
        items = self.gateway.http.get('/v1/programs').body['items']
        got = next(each['optin_url'] for each in items if each['name'] == name)
        if got != json.loads(form):
            raise Untrue(form, got)

    @says('page is in <language:word>')
    def _page_language(self, language):
        if self.page.language != language:
            raise Untrue(language, self.page.language)

    @says('page tells at <field:word> <text>')
    def _page_tells(self, field, text):
        if not is_like(unquote(text), self.page.told_at(field)):
            raise Untrue(f'{text} at {field}', self.page.told_at(field))

    @says('page keeps <value:text> in <field:word>')
    def _page_keeps(self, value, field):
        if self.page.fields.get(field) != unquote(value):
            raise Untrue(f'{field} = {value}', self.page.fields)

    @says('page has its box unticked')
    def _page_box(self):
        if self.page.is_ticked is not False:
            raise Untrue('an unticked box', self.page.is_ticked)

    @says('newest record of <number> has <fields:object>')
    def _newest_record(self, number, fields):
        payload = self.newest_payload(number)
        for name, value in json.loads(fields).items():
            if payload.get(name) != value:
                raise Untrue(f'{name} = {value!r}', payload)

    @says('newest record of <number> has the wording of the page')
    def _record_of_page(self, number):
        payload = self.newest_payload(number)
        if payload['disclosure'] != self.page.before.wording:
            raise Untrue(self.page.before.wording, payload['disclosure'])

    def newest_payload(self, number):
        self.settle()
        history = self.gateway.http.get('/v1/consents/' + self.e164(number)).body['history']
        return history[-1]['payload']

    @says('Kannel client asks [only for the <head:head> of] <query:text> [-> <status>]')
    def _kannel_asks(self, head, query, status):
        self.ask_door('/cgi-bin/sendsms', query, 'username=', **({'method': 'HEAD'} if head else {}))
        self.expect_told(status or '202')

    @says('Kannel client posts <body:text> as <kind:text> with <headers:object> [-> <status>]')
    def _kannel_posts(self, body, kind, headers, status):
        content = self.filled(unquote(body)).encode('latin-1')
        headers = {name: self.filled(value) for name, value in json.loads(headers).items()}
        self.answer = self.gateway.http.call('POST', '/cgi-bin/sendsms', content=content, key=' ',
                                             headers={'Content-Type': unquote(kind), **headers})
        self.expect_told(status or '202')

    def receiver_url(self, path):
        """Of the receiver without a name, encoded as a value of a query."""
        return quote('http://127.0.0.1:%d%s' % (self.listen(None).port, path), safe='')

    @says('receiver [<name:word>] is asked <wanted:text> [with <body:text>]')
    def _receiver_is_asked(self, name, wanted, body):
        """`*` stands for anything within a value."""
        self.settle_events(again_too=True)
        heard = self.listeners[name].next(5)
        if heard is None:
            raise Untrue(wanted, 'nothing')
        for text, got in ((wanted, f'{heard.method} {heard.path}'), (body, heard.body.decode())):
            pattern = '[^&]*'.join(map(re.escape, self.filled(unquote(text)).split('*'))) if text else ''
            if not re.fullmatch(pattern, got):
                raise Untrue(self.filled(text or '""'), got)

    @says('Jasmin client asks <query:text> [-> <status>]')
    def _jasmin_asks(self, query, status):
        self.ask_door('/send', query, 'username=')
        self.expect_told(status or '200')

    @says('Jasmin client posts <fields:object> [-> <status>]')
    def _jasmin_posts(self, fields, status):
        body = {'username': 'campaigns', 'password': 's3cret12', 'from': SENDER.lstrip('+'),
                **json.loads(self.filled(fields))}
        self.answer = self.gateway.http.call('POST', '/send', body, key=' ')
        self.expect_told(status or '200')

    @says('it is told a message id')
    def _told_id(self):
        found = re.fullmatch(r'Success "([0-9a-f-]{36})"', self.answer.octets.decode())
        if not found:
            raise Untrue('Success "UUID"', self.answer)
        self.messages.append(found[1])

    def filled(self, text):
        return re.sub(r'\{(\w+)\}', lambda name: self.number(name[1]).lstrip('+'), text)

    @says('it is told <text>')
    def _told(self, text):
        wanted = self.filled(unquote(text))
        if self.answer.octets.decode() != wanted:
            raise Untrue(wanted, self.answer)

    @says('the answer shows <fields:object>')
    def _answer_shows(self, fields):
        for name, value in json.loads(fields).items():
            if self.answer.body.get(name) != value:
                raise Untrue(f'{name} = {value}', self.answer)

    @says('sender <verb:starts|checks|pauses|resumes|cancels> the campaign [-> <status> [<word>]]')
    def _campaign_order(self, verb, status, word):
        rest = {'starts': 'start', 'checks': 'start'}.get(verb, verb[:-1] if verb != 'cancels' else 'cancel')
        body = b'{"dry_run":true}' if verb == 'checks' else b'{}'
        self.expect_answer(self.ask_campaign('/' + rest, body, 'application/json'), status or '200', word)

    @says('an account that is <role:word> alone <verb:starts|pauses|resumes|cancels> the campaign [-> <status> [<word>]]')
    def _campaign_order_of(self, role, verb, status, word):
        rest = verb[:-1] if verb != 'cancels' else 'cancel'
        answer = self.gateway.http.post(f'/v1/campaigns/{self.campaigns[-1]}/{rest}', {}, key=self.settings.accounts[role]['api_key'])
        self.expect_answer(answer, status or '200', word)

    @says('an account that is <role:word> alone looks at the <what:campaign|recipients> and sees <fields:object>')
    def _campaign_seen_by(self, role, what, fields):
        rest = '' if what == 'campaign' else '/' + what
        answer = self.gateway.http.get(f'/v1/campaigns/{self.campaigns[-1]}{rest}', key=self.settings.accounts[role]['api_key'])
        if not is_part(json.loads(fields), answer.body):
            raise Untrue(fields, answer.body)

    @says('campaign shows <fields:object>')
    def _campaign_shows(self, fields):
        wanted = json.loads(fields)

        def ask():
            answer = self.ask_campaign()
            return all(answer.body.get(name) == value for name, value in wanted.items()), answer
        self.eventually(fields, ask)

    def follow(self):
        self.settle()
        self.follower.settimeout(0.05)
        try:
            while True:
                octets = self.follower.recv(65536)
                self.followed += octets.decode() if octets else '<end>'
                if not octets:
                    return
        except (TimeoutError, socket.timeout):
            pass

    def follow_by(self, key, what='campaign', who=None):
        who = who or f'Authorization: Bearer {key}'
        path = f'campaigns/{self.campaigns[-1]}' if what == 'campaign' else what
        self.follower, self.followed = socket.create_connection(self.gateway.http_address), ''
        self.follower.sendall(f'GET /v1/{path}/events HTTP/1.1\r\nHost: here\r\n'
                              f'{who}\r\n\r\n'.encode())

    @says('somebody follows the <what:campaign|status>')
    def _follows(self, what):
        self.follow_by(self.gateway.key, what)

    @says('browser follows the <what:campaign|status>')
    def _browser_follows(self, what):
        self.follow_by(None, what, f'Cookie: assent_session={self.browser("browser").cookie}')

    @says('account <name:word> follows the campaign by key <count>')
    def _follows_by(self, name, count):
        self.follow_by(self.keys[name][int(count) - 1])

    @says('somebody follows the campaign by <key:text>')
    def _follows_by_text(self, key):
        self.follow_by(unquote(key))

    @says('who follows hears <kind:progress|status|end> with <fields:object>')
    def _follower_hears(self, kind, fields):
        """status: the newest, whatever was told in between."""
        skip = r'(?s:.*)' if kind == 'status' else ''
        for _ in range(20):
            self.follow()
            match = re.search(skip + r'event: (\w+)\ndata: (.*)\n\n', self.followed)
            if match:
                break
        if not match or match.group(1) != kind:
            raise Untrue(kind, self.followed)
        self.followed = self.followed[match.end():]
        heard = json.loads(match.group(2))
        for name, value in json.loads(fields).items():
            if not is_part(value, heard.get(name)):
                raise Untrue(f'{name} = {value}', heard)

    @says('who follows hears <what:no more|nothing new|that it goes on>')
    def _follower_hears_no_more(self, what):
        self.follow()
        heard, self.followed = self.followed, ''
        expression = {'no more': r'(\s*3\r\n:\n\n)*\s*0\r\n\r\n(<end>)?|<end>', 'nothing new': r'\s*', 'that it goes on': r'\s*3\r\n:\n\n\s*'}[what]
        if not re.fullmatch(expression, heard):
            raise Untrue(what, repr(heard))

    @says('row <count> of the campaign is <status:word> [<code:word>]')
    def _row(self, count, status, code):
        def ask():
            answer = self.ask_campaign(f'/recipients?status={status}')
            rows = [item for item in answer.body['items'] if item['row'] == int(count)]
            return rows and rows[0]['status'] == status and code in (None, rows[0]['code']), answer
        self.eventually(f'row {count} {status}', ask)

    @says('campaign has <count> messages <text>')
    def _campaign_messages(self, count, text):
        answer = self.gateway.http.get(f'/v1/messages?campaign={self.campaigns[-1]}')
        like = [item for item in answer.body['items']
                if is_like(text, item['text'] or '') and item['campaign'] == self.campaigns[-1]]
        if len(like) != int(count) or len(answer.body['items']) != int(count):
            raise Untrue(count, answer)

    @says('staff erases what is known of <number> [-> <status>]')
    def _erase(self, number, status):
        answer = self.gateway.http.post(f'/v1/consents/{self.number(number)}/erase', {'before_term': True})
        self.expect_answer(answer, status or '200', None)

    @says('sender gets no 202 for <text> to <number>')
    def _no_202(self, text, number):
        try:
            answer = self.gateway.send(self.number(number), unquote(text))
        except (OSError, HTTPException):
            return  # it hung up: that is no 202 either
        if answer.status < 500:
            raise Untrue('no answer or 5xx', answer)

    @says('message <count> is <state:word> [<reason:word>]')
    def _message(self, count, state, reason):
        identity = self.messages[int(count) - 1]

        def ask():
            answer = self.gateway.message(identity)
            body = answer.body or {}
            is_so = body.get('status') == state and (
                reason is None or f'"{reason}"' in json.dumps(body))
            return is_so, answer
        self.eventually(f'{state} {reason or ""}'.strip(), ask)

    @says('message <count> says <text>')
    def _message_says(self, count, text):
        """As its reason, or as one of its events."""
        def ask():
            answer = self.gateway.message(self.messages[int(count) - 1])
            body = answer.body or {}
            said = [body.get('reason')] + [event.get('what') for event in body.get('events', [])]
            return text in said, answer
        self.eventually(text, ask)

    @says('somebody begins to ask over HTTP')
    def _slow_begins(self):
        self.slow = socket.create_connection(self.gateway.http_address, 8)
        self.slow.sendall(b'GET /healthz HTTP/1.1\r\n')
        self.settle()

    @says('somebody asks a little more')
    def _slow_goes_on(self):
        self.slow.sendall(b'X-Wait: 1\r\n')
        self.settle()

    @says('somebody <does:is answered|is too late>')
    def _slow_ends(self, does):
        if does == 'is answered':
            self.slow.sendall(b'Host: x\r\n\r\n')
        octets = self.slow.recv(15)
        if octets != (b'HTTP/1.1 408 Re' if does == 'is too late' else b'HTTP/1.1 200 OK'):
            raise Untrue(does, octets)

    @says('a thousand connect over HTTP and ask nothing')
    def _thousand(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.thousand = [socket.create_connection(self.gateway.http_address, 8, (f'127.0.1.{at // 100 + 1}', 0))
                         for at in range(1000)]
        self.settle()

    @says('the thousand are shown out')
    def _thousand_out(self):
        self.settle()
        if any(each.recv(1) for each in self.thousand):
            raise Untrue('the end of each connection', 'octets')

    @says('the ids of the messages rise')
    def _rising(self):
        if self.messages != sorted(set(self.messages)):
            raise Untrue('ids that rise', self.messages)

    # A sender that speaks SMPP. One whose name is left out is "esme".

    def esme(self, name):
        return self.esmes[name or 'esme']

    def expect_status(self, answer, status):
        wanted = int(status, 16) if status else 0
        if answer is None or answer.status != wanted:
            raise Untrue(f'status 0x{wanted:X}', answer)

    def ask_as(self, name, pdu, status):
        """The answer, or None where the request is held back."""
        esme = self.esme(name)
        if esme.held is not None:
            esme.send(pdu)
            self.awaited.append((esme, pdu, status))
            return None
        answer = esme.ask(pdu)
        self.note_submit(pdu, answer, status)
        self.settle()
        return answer

    def note_submit(self, pdu, answer, status):
        self.expect_status(answer, status)
        if not answer.status and pdu.command in ('submit_sm', 'submit_multi'):
            self.submitted.append((answer.message_id, pdu))

    def source_fields(self, source=None):
        return {'source_addr_ton': 1, 'source_addr_npi': 1, 'source_addr': (source or SENDER)[1:]}

    def destination_fields(self, number):
        return {'dest_addr_ton': 1, 'dest_addr_npi': 1, 'destination_addr': self.e164(number)[1:]} if number else {}

    def message_fields(self, text, coding, receipts, span, validity, service):
        return {'data_coding': CODINGS[coding or 'GSM-7'], 'registered_delivery': int(receipts or '0', 16),
                'short_message': text_encode(unquote(text), CODINGS[coding or 'GSM-7']),
                'schedule_delivery_time': self.smpp_time(span), 'validity_period': self.smpp_time(validity),
                'service_type': service or ''}

    def smpp_time(self, span):
        """So long from now (3.4 7.1.1)."""
        if not span:
            return ''
        moment = datetime.fromtimestamp(self.world.wall_ms / 1000 + seconds_of(span), timezone.utc)
        return moment.strftime('%y%m%d%H%M%S') + '000+'

    @says('esme [<name:word>] binds [as <mode:transmitter|receiver|transceiver>] [of <account:word>] [in <version:word>] '
          '[-> <status>]')
    def _esme_binds(self, name, mode, account, version, status):
        esme = Sender(self.gateway.smpp_address)
        self.esmes[name or 'esme'] = esme
        self.bind_esme(esme, mode, account, version, status)

    def bind_esme(self, esme, mode=None, account=None, version=None, status=None):
        settings = self.settings.accounts[account or 'campaigns']
        password = settings['password'].replace('${CAMPAIGNS_SMPP}', 's3cret12')
        self.expect_status(esme.bind(settings['system_id'], password, 'bind_' + (mode or 'transceiver'),
                                     int((version or '3.4').replace('.', ''), 16)), status)
        self.settle()

    @says('esme can be called', beginning=True)
    def _esme_callable(self):
        self.called = socket.create_server(('127.0.0.1', 0))
        self.called.setblocking(False)
        self.settings.accounts['campaigns'].update(
            outbind_host='127.0.0.1', outbind_port=self.called.getsockname()[1], outbind_system_id='assent',
            outbind_password='open')

    def next_call(self):
        self.settle()
        try:
            sock, _ = self.called.accept()
        except BlockingIOError:
            return None
        return Sender(None, sock=sock)

    @says('esme [<name:word>] is called and <does:hangs up|binds> [as <mode:transmitter|receiver|transceiver>] '
          '[of <account:word>] [-> <status>]')
    def _esme_called(self, name, does, mode, account, status):
        esme = self.next_call()
        if esme is None:
            raise Untrue('a call', 'none')
        self.esmes[name or 'esme'] = esme
        outbind = esme.receive(lambda pdu: pdu.command == 'outbind')
        if (outbind.system_id, outbind.password) != ('assent', 'open'):
            raise Untrue('outbind of assent with its password', outbind)
        if does == 'hangs up':
            self._esme_leaves(name)
        else:
            self.bind_esme(esme, mode or 'receiver', account, None, status)

    @says('nobody is called')
    def _nobody_called(self):
        if self.next_call():
            raise Untrue('no call', 'one')

    @says('esme [<name:word>] hears <text> from <number>')
    def _esme_hears_text(self, name, text, number):
        self.settle()
        heard = self.esme(name).hear()
        if heard is None or heard.source_addr != self.e164(number)[1:] or message_text(heard) != unquote(text):
            raise Untrue(f'{text} from {number}', heard)

    @says('esme [<name:word>] is handed <text> from <number> and keeps silent')
    def _esme_handed(self, name, text, number):
        self.settle()
        self.handed = self.esme(name).receive(lambda pdu: pdu.command == 'deliver_sm')
        if self.handed is None or message_text(self.handed) != unquote(text):
            raise Untrue(f'{text} from {number}', self.handed)

    @says('esme [<name:word>] answers what it was handed')
    def _esme_answers_late(self, name):
        self.esme(name).send(Pdu('deliver_sm_resp', self.handed.sequence, message_id=''))
        self.settle()

    @says('esme [<name:word>] is shown out')
    def _esme_shown_out(self, name):
        esme = self.esmes.pop(name or 'esme')
        unbind = esme.receive(lambda pdu: pdu.command == 'unbind')
        if unbind is None:
            raise Untrue('an unbind', 'none')
        esme.send(Pdu('unbind_resp', unbind.sequence))
        if not esme.is_closed():
            raise Untrue('the end of the connection', 'none')
        esme.close()
        self.settle()

    @says('esme [<name:word>] leaves')
    def _esme_leaves(self, name):
        self.esmes.pop(name or 'esme').close()
        self.settle()

    @says('esme [<name:word>] holds what it says')
    def _esme_holds(self, name):
        self.esme(name).hold()

    @says('esme [<name:word>] says it all at once')
    def _esme_says(self, name):
        self.esme(name).let_go()
        for esme, pdu, status in self.awaited:
            self.note_submit(pdu, esme.answer_to(pdu), status)
        self.awaited = []
        self.settle()

    @says('esme [<name:word>] submits <text> to <number> [from <source:number>] [in <coding:GSM-7|Latin-1|UCS-2>] '
          '[asking for <receipts:word>] [due in <span>] [valid for <validity:span>] [of service <service:word>] [-> <status>]')
    def _esme_submits(self, name, text, number, source, coding, receipts, span, validity, service, status):
        self.ask_as(name, Pdu('submit_sm', **self.source_fields(source), **self.destination_fields(number),
                              **self.message_fields(text, coding, receipts, span, validity, service)), status)

    @says('esme [<name:word>] submits <fields:object> to <number> [-> <status>]')
    def _esme_submits_fields(self, name, fields, number, status):
        """Of submit_sm, octets as hexadecimal; `tlvs` by their tags."""
        fields = json.loads(fields)
        tlvs = {int(tag, 16): bytes.fromhex(value) for tag, value in fields.pop('tlvs', {}).items()}
        fields['short_message'] = bytes.fromhex(fields.pop('octets', ''))
        answer = self.ask_as(name, Pdu('submit_sm', tlvs=tlvs, **self.source_fields(),
                                       **self.destination_fields(number), **fields), status)
        if answer and not answer.status:
            digits = answer.message_id
            self.messages.append('-'.join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))

    @says('esme [<name:word>] submits <text> to all of <them:text> [asking for <receipts:word>] [due in <span>] '
          '[but <refused:text>] [-> <status>]')
    def _esme_submits_to_all(self, name, text, them, receipts, span, refused, status):
        dests = [self.e164(each) if self.number(each)[0] == '+' else each for each in them.split(', ')]
        answer = self.ask_as(name, Pdu('submit_multi', dest_address=dests, **self.source_fields(),
                                       **self.message_fields(text, None, receipts, span, None, None)), status)
        wanted = dict(each.split(' with ') for each in (refused or '').split(', ') if each)
        wanted = {self.number(each).lstrip('+'): int(code, 16) for each, code in wanted.items()}
        if answer and not answer.status and answer.unsuccess_sme != wanted:
            raise Untrue(wanted, answer.unsuccess_sme)

    def id_fields(self, count):
        return {'message_id': self.submitted[int(count) - 1][0], **self.source_fields()}

    @says('esme [<name:word>] cancels submit <count> [to <number>] [-> <status>]')
    def _esme_cancels(self, name, count, number, status):
        self.ask_as(name, Pdu('cancel_sm', **self.id_fields(count), **self.destination_fields(number)), status)

    @says('esme [<name:word>] cancels all to <number> [of service <service:word>] [-> <status>]')
    def _esme_cancels_all(self, name, number, service, status):
        self.ask_as(name, Pdu('cancel_sm', service_type=service or '', **self.source_fields(),
                              **self.destination_fields(number)), status)

    @says('esme [<name:word>] replaces submit <count> by <text> [in <coding:GSM-7|Latin-1|UCS-2>] [from <source:number>] '
          '[asking for <receipts:word>] [due in <span>] [valid for <validity:span>] [<payload:as payload>] [-> <status>]')
    def _esme_replaces(self, name, count, text, coding, source, receipts, span, validity, payload, status):
        fields = self.message_fields(text, coding, receipts, span, validity, None)
        del fields['service_type'], fields['data_coding']
        tlvs = {TLV_PAYLOAD: fields.pop('short_message')} if payload else None
        identity = {**self.id_fields(count), **self.source_fields(source and self.number(source))}
        self.ask_as(name, Pdu('replace_sm', tlvs=tlvs, **identity, **fields), status)

    @says('esme [<name:word>] is told that submit <count> is <stat:word> [-> <status>]')
    def _esme_queries(self, name, count, stat, status):
        answer = self.ask_as(name, Pdu('query_sm', **self.id_fields(count)), status)
        if answer.message_state != STATES[stat]:
            raise Untrue(stat, answer)

    @says('esme [<name:word>] hears <stat:word> for <number> of submit <count> [submitted <span> ago] [<kind:on its way>]')
    def _esme_hears(self, name, stat, number, count, span, kind):
        self.settle()
        receipt = self.esme(name).hear()
        identity, text = self.submitted[int(count) - 1][0], receipt and message_text(receipt)
        wanted = [f'id:{identity} ', f' stat:{stat} ']
        if span:
            submitted = datetime.fromtimestamp(self.world.wall_ms / 1000 - seconds_of(span), timezone.utc)
            wanted.append(submitted.strftime(' submit date:%y%m%d%H%M '))
        if (receipt is None or receipt.source_addr != self.e164(number)[1:] or
                receipt.esm_class != (0x20 if kind else 0x04) or not all(each in text for each in wanted)):
            raise Untrue(f'{stat} for {number} of {identity}', receipt and (receipt, text))

    @says('esme [<name:word>] is told of a load of <least:count> to <most:count>')
    def _esme_load(self, name, least, most):
        answer = self.esme(name).ask(Pdu('query_sm', **self.id_fields(1)))
        load = answer.tlvs.get(TLV_CONGESTION)
        if load is None or not int(least) <= load[0] <= int(most):
            raise Untrue(f'congestion_state {least} to {most}', answer)

    @says('esme [<name:word>] is told of no load')
    def _esme_no_load(self, name):
        answer = self.esme(name).ask(Pdu('query_sm', **self.id_fields(1)))
        if answer.tlvs:
            raise Untrue('no TLV', answer)

    @says('esme [<name:word>] hears nothing')
    def _esme_hears_nothing(self, name):
        self.settle()
        esme = self.esme(name)
        esme.ask(Pdu('enquire_link'))
        heard = [each for each in esme.inbox if each.command == 'deliver_sm']
        if heard:
            raise Untrue('nothing', heard)

    # The handset.

    @says('handset <number> writes <text> [to <to:number>] [in <coding:GSM-7|packed|Turkish|ASCII|Latin-1|Cyrillic|Hebrew|UCS-2|binary>] '
          '[as <payload:payload>] [behind a <header:header>] [in <count> parts] '
          '[on <bind:bind 1|bind 2|bind 3|another bind|carrier sim|carrier away>] '
          '[-> <fate:unanswered|not taken>]')
    def _write(self, number, text, to, coding, payload, header, count, bind, fate):
        source, text, coding = self.number(number), unquote(text), coding or 'GSM-7'
        to = self.number(to) if to else SENDER
        options = dict(coding=coding, payload=bool(payload), bind=self.place_of(bind, source),
                       ton=1 if source.startswith('+') else 5)
        if count:
            octets = text_encode(text, CODINGS[coding])
            size = -(-len(octets) // int(count))
            size += size % 2  # a character of UCS-2 stays whole
            for place in range(int(count)):
                udh = bytes([0x00, 3, 0x5A, int(count), place + 1])
                piece = octets[place * size:(place + 1) * size]
                self.delivery = self.carrier.deliver(source, to, udh=udh, octets=piece, **options)
                self.expect_response(fate)
            return
        if header:  # ports, as a phone's application would write them: 3GPP 23.040 9.2.3.24.4
            options['udh'] = bytes([0x05, 4, 0x0B, 0x84, 0x23, 0xF0])
        self.delivery = self.carrier.deliver(source, to, text, **options)
        self.expect_response(fate)

    @says('handset <number> sends part <part:count> of <total:count> <text> [in <coding:GSM-7|Latin-1|UCS-2|octets>] '
          '[of its text <reference:count>] [by <way:UDH8|UDH16|SAR>] [behind element <element:word>] [to <to:number>] '
          '[as <form:payload|data_sm>] [on <bind:bind 1|bind 2|bind 3|another bind|carrier sim|carrier away>] '
          '[-> <fate:unanswered|not taken>]')
    def _write_part(self, number, part, total, text, coding, reference, way, element, to, form, bind, fate):
        """In octets: the text is hexadecimal, of UCS-2."""
        source, coding, reference = self.number(number), coding or 'GSM-7', int(reference or 7)
        octets = (bytes.fromhex(text) if coding == 'octets' else text_encode(unquote(text), CODINGS[coding]))
        mark = bytes([int(total), int(part)])
        udh, tlvs = bytes.fromhex(element or ''), {}
        if way == 'SAR':
            tlvs = {0x020C: reference.to_bytes(2, 'big'), 0x020E: mark[:1], 0x020F: mark[1:]}
        elif way == 'UDH16':
            udh += bytes([8, 4]) + reference.to_bytes(2, 'big') + mark
        else:
            udh += bytes([0, 3, reference]) + mark
        self.delivery = self.carrier.deliver(
            source, self.number(to) if to else SENDER, octets=octets, udh=udh or None, tlvs=tlvs,
            coding='UCS-2' if coding == 'octets' else coding, payload=form is not None,
            bind=self.place_of(bind, source), ton=1 if source.startswith('+') else 5,
            command='data_sm' if form == 'data_sm' else 'deliver_sm')
        self.expect_response(fate)

    def place_of(self, bind, number):
        """Which of the receiving binds, counted from 1: 'bind 2', 'another bind' than that of the
        last text to this number, or the first of 'carrier sim'."""
        if bind is None:
            return None
        word = bind.split()[1]
        if bind.startswith('bind'):
            return int(word)
        if bind == 'another bind':
            busy = self.last_heard[number][0].bind
            choice = [each is not busy for each in self.carrier.bound() if each.receives]
        else:
            name = self.settings.carriers[word]['system_id']
            choice = [each.name == name for each in self.carrier.bound() if each.receives]
        return 1 + choice.index(True)

    @says('carrier delivers it again [-> <fate:unanswered|not taken>]')
    def _redeliver(self, fate):
        self.delivery = self.carrier.deliver_pdu(self.delivery.pdu)
        self.expect_response(fate)

    def expect_response(self, fate):
        delivery = self.delivery
        if fate == 'unanswered':
            self.settle()
            if delivery.answer:
                raise Untrue('no deliver_sm_resp', delivery.answer.pdu)
            return
        self.carrier.wait(lambda: delivery.answer or not delivery.bind.open)
        is_taken = delivery.answer is not None and delivery.answer.pdu.status == 0
        if is_taken == (fate == 'not taken'):
            raise Untrue('no ESME_ROK' if is_taken else 'deliver_sm_resp',
                         delivery.answer and delivery.answer.pdu)

    @says('it was answered with <status>')
    def _answered_with(self, status):
        got = self.delivery.answer and self.delivery.answer.pdu.status
        if got != int(status, 16):
            raise Untrue(status, got)

    # The carrier.

    @says('carrier hears <text> for <number> [from <source:number>] [in <count> parts]')
    def _hear(self, text, number, source, count):
        self.expect_text(unquote(text), self.e164(number), source and self.number(source),
                         count and int(count))

    @says('its <field:word> is <value>')
    def _field(self, field, value):
        for heard in self.submit_heard:  # each part alike (F195, F246)
            got = getattr(heard.pdu, field)
            if got != (int(value, 16) if value.startswith('0x') else json.loads(value)):
                raise Untrue(f'{field} {value}', got)

    @says('carrier hears part <part:count> of <total:count> for <number>')
    def _hear_part(self, part, total, number):
        """One alone, whose others went elsewhere or not at all."""
        self.settle()
        waiting = self.unheard(self.e164(number))
        got = waiting[0].part[1:] if waiting else None
        if got != (int(total), int(part)):
            raise Untrue(f'part {part} of {total}', got)
        self.taken.add(waiting[0].order)

    @says('carrier has the last text for <number> by <how:header|wide header|SAR|payload>, '
          'part <count> as <octets:text>')
    def _have_octets(self, number, how, count, octets):
        """The octets of the text behind its header: all of them, or the first, then a star."""
        heard = self.last_heard[self.e164(number)]
        pdu = heard[int(count) - 1].pdu
        udh, body = message_body(pdu)
        ways = {'header': udh[:2] == bytes([0x00, 3]), 'wide header': udh[:2] == bytes([0x08, 4]),
                'SAR': TLV_SAR_REF in pdu.tlvs and not udh, 'payload': TLV_PAYLOAD in pdu.tlvs}
        got = [name for name, is_so in ways.items() if is_so]
        wanted = octets.replace(' ', '')
        is_same = body.hex().startswith(wanted[:-1]) if wanted[-1:] == '*' else body.hex() == wanted
        if got != [how] or not is_same:
            raise Untrue(f'{how} {octets}', f'{got} {body.hex()}')

    @says('carrier has the octets <octets:text> of the last text for <number> under <coding:word>')
    def _have_text(self, octets, number, coding):
        pdu = self.last_heard[self.e164(number)][0].pdu
        got = pdu.short_message.hex()
        if got != octets.replace(' ', '') or pdu.data_coding != int(coding, 16):
            raise Untrue(f'{octets} under {coding}', f'{got} under 0x{pdu.data_coding:02X}')

    @says('carrier hears <text> for <number>, <least:count> to <most:count> times')
    def _hear_often(self, text, number, least, most):
        self.settle()
        heard = 0
        while self.next_text(self.e164(number)):
            self.expect_text(unquote(text), self.e164(number))
            heard += 1
        if not int(least) <= heard <= int(most):
            raise Untrue(f'"{text}" {least} to {most} times', f'{heard} times')

    @says('carrier hears octets <hex> for <number> [behind <header:hex>] [under <coding:octet>]')
    def _hear_octets(self, hex, number, header, coding):
        """The next submit, whether it is a part or not."""
        self.settle()
        number = self.e164(number)
        self.carrier.wait(lambda: self.unheard(number), 3)
        waiting = self.unheard(number)
        if not waiting:
            raise Untrue(f'octets for {number}', 'nothing')
        self.last = waiting[0]
        self.submit_heard = [self.last]
        self.last_heard[number] = waiting[:1]
        self.taken.add(self.last.order)
        udh, octets = message_body(self.last.pdu)
        got = octets.hex() or 'nothing', (udh and bytes([len(udh)]) + udh).hex() or 'nothing', self.last.pdu.data_coding
        if not is_hex(hex, got[0]) or not is_hex(header or 'nothing', got[1]) or (
                coding and got[2] != int(coding, 16)):
            raise Untrue((hex, header, coding), (*got[:2], f'0x{got[2]:02X}'))

    @says('its TLV <tag> is <hex>')
    def _its_tlv(self, tag, hex):
        value = self.last.pdu.tlvs.get(int(tag, 16))
        if (value is None) != (hex == 'nothing') or (value is not None and value.hex() != hex):
            raise Untrue(f'{tag} = {hex}', value and value.hex())

    @says('carrier hears nothing [for <number>]')
    def _hear_nothing(self, number):
        self.settle()
        rest = self.unheard(number and self.e164(number))
        if rest:
            raise Untrue('nothing', [f'{heard.number} "{heard.text}"' for heard in rest])

    @says('carrier hears the answer')
    def _hear_answer(self):
        self.expect_response(None)

    @says('carrier hears every answer')
    def _hear_every_answer(self):
        self.carrier.wait(lambda: not self.carrier.unanswered())
        if self.carrier.unanswered():
            raise Untrue('a deliver_sm_resp for each', [each.pdu for each in self.carrier.unanswered()])

    @says('carrier holds answers')
    def _hold(self):
        self.carrier.hold()

    @says('carrier answers what it held [with <status>]')
    def _release(self, status):
        self.carrier.release(status and int(status, 16))
        self.settle()

    @says('carrier answers what it held backwards')
    def _release_backwards(self):
        self.carrier.turn_held()
        self._release(None)

    @says('carrier answers what it held <times:twice|under other numbers>')
    def _release_oddly(self, times):
        with self.carrier.lock:
            held = list(self.carrier.held)
        if times == 'twice':
            self._release(None)
        for heard in held:
            self.carrier.answer_again(heard, 0x40000000 if times != 'twice' else 0)
        self.carrier.forget_held()
        self._release(None)

    @says('carrier never answers what it held')
    def _forget(self):
        self.carrier.forget_held()
        self.carrier.release()

    @says('carrier <does:falls silent|speaks again>')
    def _silence(self, does):
        self.carrier.is_mute = does == 'falls silent'

    @says('carrier answers <number> with <status>')
    def _answer_number(self, number, status):
        self.carrier.statuses[self.e164(number)] = int(status, 16)

    @says('carrier answers part <count> for <number> with <status>')
    def _answer_part(self, count, number, status):
        self.carrier.statuses[self.e164(number), int(count)] = int(status, 16)

    @says('carrier answers with <status>')
    def _answer(self, status):
        self.carrier.status = int(status, 16)

    @says('carrier answers as usual')
    def _answer_as_usual(self):
        self.carrier.status = 0
        self.carrier.statuses.clear()
        self.carrier.release()

    @says('carrier drops [bind <count>]')
    def _drop(self, count):
        self.carrier.drop(self.carrier.bound()[int(count) - 1] if count else None)
        self.settle()

    @says('carrier goes away')
    def _leave(self):
        self.carrier.leave()
        self.settle()

    @says('carrier comes back')
    def _return(self):
        self.carrier.listen()

    @says('carrier sees <count> binds')
    def _binds(self, count):
        self.settle()
        self.carrier.wait(lambda: len(self.carrier.bound()) == int(count), 3)
        if len(self.carrier.bound()) != int(count):
            raise Untrue(f'{count} binds', len(self.carrier.bound()))

    @says('carrier has had <count> connections')
    def _connections(self, count):
        self.settle()
        if len(self.carrier.binds) != int(count):
            raise Untrue(f'{count} connections', len(self.carrier.binds))

    @says('carrier refuses binds with <status>')
    def _refuse_binds(self, status):
        self.carrier.bind_status = int(status, 16)

    @says('carrier takes binds')
    def _take_binds(self):
        self.carrier.bind_status = 0

    @says('carrier wants password <password:text>')
    def _password(self, password):
        self.carrier.accounts['assent'] = password

    @says('gateway binds again')
    def _bind_again(self):
        for _ in range(300):
            if len(self.carrier.bound()) >= self.binds():
                return
            self.go_on(1)
        raise Untrue('it bound within five minutes', len(self.carrier.bound()))

    @says('carrier stops reading')
    def _stop_reading(self):
        self.carrier.read(False)

    @says('carrier reads again')
    def _read_again(self):
        self.carrier.read(True)
        self.settle()

    @says('carrier reports <stat:word> for <number> [part <count>] [err <err:word>] '
          '[by its id <spelt:in decimal|in capitals|with zeros|cut to 5|of another>] [by the id of <other:number>] '
          '[<plain:as an ordinary text>] [-> <fate:not taken>]')
    def _report(self, stat, number, count, err, spelt, other, plain, fate):
        parts = self.last_heard[self.e164(number)]
        others = self.last_heard[self.e164(other)][0].message_id if other else None
        for part in [parts[int(count) - 1]] if count else parts:
            self.delivery = self.carrier.report(part, stat, err or '000',
                                                identity=others or SPELLINGS[spelt](part.message_id),
                                                marked=not plain)
            self.expect_response(fate)

    @says('sender takes message <count> back [-> <status> [<word>]]')
    def _take_back(self, count, status, word):
        answer = self.gateway.http.call('DELETE', f'/v1/messages/{self.messages[int(count) - 1]}')
        self.expect_answer(answer, status or '200', word)

    # Receivers of events, over HTTP. The secret of an account is that of tests/lib/receiver.py.

    def listen(self, name):
        if name not in self.listeners:
            self.listeners[name] = Receiver()
        return self.listeners[name]

    @says('with a receiver [<name:word>] [for account <account:word>] [<only:of messages>] '
          '[<not_told:that nobody is told of>]', beginning=True)
    def _receiver(self, name, account, only, not_told):
        """of messages: it takes all other events, and they are no part of the story."""
        listener = self.listen(name)
        listener.only = 'message.' if only else ''
        self.settings.sections.setdefault('callbacks', {}).update(allow=['127.0.0.0/8'], plain_http=True)
        if not not_told:
            self.settings.accounts[account or 'campaigns'].update(callback_url=listener.url, callback_secret=SECRET)

    @says('without a receiver', beginning=True)
    def _no_receiver(self):
        del self.settings.accounts['campaigns']['callback_url']

    @says('sender sends <text> to <number>, to be told at <name:word>')
    def _send_told(self, text, number, name):
        body = {'program': PROGRAM, 'to': self.number(number), 'text': unquote(text),
                'callback_url': self.listeners[name].url}
        self.note_answer(self.gateway.http.post('/v1/messages', body), None, None)

    @says('with <key:word> of callbacks = <value>', beginning=True)
    def _callbacks(self, key, value):
        self.settings.sections.setdefault('callbacks', {})[key] = json.loads(value)

    @says('receiver [<name:word>] answers <status:count> [and asks for <span>]')
    def _receiver_answers(self, name, status, span):
        listener = self.listen(name)
        listener.headers = [('retry-after', str(round(seconds_of(span))))] if span else []
        listener.answers = int(status)

    @says('receiver [<name:word>] <does:hangs up|falls silent|redirects|talks without end|'
          'cuts its answer short|cuts its refusal short|breaks off in its head>')
    def _receiver_does(self, name, does):
        self.listen(name).answers = does

    @says('receiver [<name:word>] goes away')
    def _receiver_goes(self, name):
        self.listeners[name].close()

    @says('receiver [<name:word>] comes back')
    def _receiver_comes(self, name):
        self.listeners[name] = Receiver(self.listeners[name].port)

    @says('receiver [<name:word>] hears <type:event> [for <number>] [as <status:word>] [<again:again>]')
    def _receiver_hears(self, name, type, number, status, again):
        self.settle()
        wanted = number and self.e164(number)

        def is_of_person(type):  # the two have an order each, and none between them
            return type in ('message.inbound', 'consent.changed')

        def is_about(heard):
            return not wanted or (wanted in (heard.data.get('to'), heard.data.get('from'), heard.data.get('phone')) and
                                  is_of_person(heard.type) == is_of_person(type))
        heard = self.listeners[name].next(5, is_about)
        if heard is None:
            raise Untrue(type, 'nothing')
        if heard.type != type or (status and heard.data.get('status') != status):
            raise Untrue(f'{type} {status or ""}', f'{heard.type} {heard.data}')
        if not heard.is_signed(SECRET):
            raise Untrue('it signed', dict(heard.headers))
        if bool(again) != (self.event is not None and self.event.identity == heard.identity):
            raise Untrue('the same id' if again else 'another id', heard.identity)
        self.event = heard
        self.settle_events(again_too=True)

    @says('the event says <fields:object>')
    def _event_says(self, fields):
        for name, value in json.loads(fields).items():
            got = self.event.data.get(name)
            if got != value:
                raise Untrue(f'{name} = {value}', got)

    @says('the event is of the campaign')
    def _event_of_campaign(self):
        if self.event.data.get('campaign') != self.campaigns[-1]:
            raise Untrue(self.campaigns[-1], self.event.data.get('campaign'))

    @says('receiver [<name:word>] hears nothing')
    def _receiver_hears_nothing(self, name):
        self.settle_events()
        heard = self.listeners[name].next(0)
        if heard is not None:
            raise Untrue('nothing', f'{heard.type} {heard.data}')

    def metric(self, line):
        lines = self.gateway.http.get('/metrics').octets.decode().splitlines()
        return next((float(each.rsplit(' ', 1)[1]) for each in lines if each.rsplit(' ', 1)[0] == line), None)

    def settle_events(self, again_too=False):
        """Until nothing is being posted any more: what could go has gone."""
        self.settle()
        end = time.monotonic() + 5
        while self.metric('assent_webhooks_under_way') and time.monotonic() < end:
            if not again_too:
                time.sleep(0.01)
            elif any(each.answers == 'falls silent' for each in self.listeners.values()):
                return
        self.settle()

    @says('<count> events wait [for <account:word>]')
    def _events_wait(self, count, account):
        def ask():
            got = self.metric(f'assent_webhooks_waiting{{account="{account or "campaigns"}"}}')
            return got == int(count), got
        self.settle_events()
        self.eventually(f'{count} events wait', ask)

    @says('<count> events are <status:waiting|delivered|dead> [for <account:word>] [-> <refused:404|422>]')
    def _events_are(self, count, status, account, refused):
        self.settle_events()
        of = f'&account={account}' if account else ''
        answer = self.gateway.http.get(f'/v1/webhooks?status={status}{of}')
        self.expect_answer(answer, refused or '200', None)
        if not refused and len(answer.body['items']) != int(count):
            raise Untrue(f'{count} {status}', [(each['type'], each['why']) for each in answer.body['items']])

    @says('staff sends the event again [-> <status> [<word>]]')
    def _event_again(self, status, word):
        path = f'/v1/webhooks/{self.event.identity}'
        self.expect_answer(self.gateway.http.post(path + '/replay'), status or '202', word)
        self.expect_answer(self.gateway.http.get(path), '404' if status == '404' else '200', None)

    @says('staff sends all dead events again, which are <count>')
    def _dead_again(self, count):
        answer = self.gateway.http.post('/v1/webhooks/replay', {})
        self.expect_answer(answer, '202', None)
        if answer.body != {'replayed': int(count), 'more': False}:
            raise Untrue(f'{count} sent again', answer.body)

    @says('staff tries the receiver [<count> times] [-> <status> [<word>]]')
    def _try_receiver(self, count, status, word):
        for _ in range(int(count or 1)):
            self.expect_answer(self.gateway.http.post('/v1/webhooks/test', {}), status or '202', word)

    # Time, the process, the disk.

    @says('clock +<span>')
    def _clock(self, span):
        self.go_on(seconds_of(span))

    @says('wall clock <side:forward|back> <span>')
    def _wall(self, side, span):
        ms = round(seconds_of(span) * 1000)
        self.world.turn_wall(ms if side == 'forward' else -ms)
        self.settle()

    @says('gateway killed')
    def _kill(self):
        self.gateway.kill()

    @says('gateway starts')
    def _start(self):
        self.start()

    @says('staff backs up the database')
    def _back_up(self):
        said = self.gateway.command('backup', self.gateway.database + '.copy', '--db', self.gateway.database)
        if said.returncode:
            raise Untrue('a copy', said.stderr)

    @says('gateway starts on the backup')
    def _start_on_copy(self):
        for suffix in ('', '-wal', '-shm'):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.gateway.database + suffix)
        os.rename(self.gateway.database + '.copy', self.gateway.database)
        self.start()

    @says('restoration <does:holds|does not hold> back, <count> set aside')
    def _restoration(self, does, count):
        shown = self.gateway.http.get('/v1/restoration').body
        if shown['holds'] != (does == 'holds') or shown['set_aside'] != int(count):
            raise Untrue((does, count), shown)

    @says('staff vouches for the opt-outs with <fields:object> [-> <status> [<word>]]')
    def _vouch(self, fields, status, word):
        self.expect_answer(self.gateway.http.post('/v1/restoration/confirm', json.loads(fields)), status or '200', word)

    @says('gateway stops')
    def _stop(self):
        self.gateway.terminate()
        for _ in range(40):  # twice the five seconds that open submits are awaited
            try:
                code = self.gateway.wait(0.25)
            except TimeoutExpired:
                self.world.step(250)
                for bind in self.carrier.bound():
                    self.carrier.send(bind, Pdu('enquire_link'))  # wakes it; HTTP may be closed
                continue
            if code:
                raise Untrue('exit 0', code)
            return
        raise Untrue('an end', 'none within ten seconds')

    @says('gateway ends by itself')
    def _end(self):
        if self.gateway.wait() == 0:
            raise Untrue('an exit code that says why', 0)

    @says('disk <state:full|fine|fails to sync|fails to write>')
    def _disk(self, state):
        self.world.disk(state)

    @says('sender sends <text> to <number> [within <term:span>] <later:span> later, and the disk stalls for <span> '
          '[while the carrier <answers:answers>] [-> <status> [<word>]]')
    def _send_stalled(self, text, number, term, later, span, answers, status, word):
        answered = []
        body = {'program': PROGRAM, 'to': self.number(number), 'text': unquote(text)}
        if term:
            body['expires_at'] = time_text(self.world.wall_ms + round(seconds_of(term) * 1000))
        sending = threading.Thread(target=lambda: answered.append(
            self.gateway.http.post('/v1/messages', body)), daemon=True)
        self.world.disk('stalls')
        self.world.step(round(seconds_of(later) * 1000))
        sending.start()
        while not self.world.is_stalled and sending.is_alive():
            sending.join(0.001)
        self.world.step(round(seconds_of(span) * 1000))
        if answers:
            self.carrier.release()
            self.carrier.idle()
        if not sending.is_alive():
            raise Untrue('no answer while the disk stalls', 'one')
        self.world.disk('fine')
        sending.join()
        self.note_answer(answered[0], status, word)
        self.settle()

    # What is on record.

    @says('consent of <number> [in <program:text>] is <state:word> '
          '[<eligible:eligible|not eligible>]')
    def _consent(self, number, program, state, eligible):
        program = program or PROGRAM
        answer = self.gateway.http.get('/v1/consents/' + self.e164(number))
        body = answer.body if isinstance(answer.body, dict) else {}
        found = [each for each in objects_in(body)
                 if 'state' in each and 'eligible' in each and each.get('program') == program]
        found += [each[program] for each in objects_in(body)
                  if isinstance(each.get(program), dict) and 'state' in each[program]]
        if not found or found[0]['state'] != state:
            raise Untrue(state, answer)
        if eligible and found[0]['eligible'] is not (eligible == 'eligible'):
            raise Untrue(eligible, answer)

    def reviews(self, number):
        """Newest first."""
        digits = self.e164(number).replace('+', '%2B')
        return self.gateway.http.get('/v1/reviews?number=' + digits).body['items']

    @says('review of <number> is <state:open|opt_out|none|overdue|missing>')
    def _review(self, number, state):
        self.settle()
        found = self.reviews(number)
        is_state = found[0]['status'] if found else 'missing'
        if is_state != state:
            raise Untrue(state, found)

    @says('block log names <code:word> for <number>')
    def _blocks(self, code, number):
        self.settle()
        digits = self.e164(number)
        answer = self.gateway.http.get('/v1/blocks?number=' + digits.replace('+', '%2B'))
        for each in objects_in(answer.body):
            if digits in each.values() and code in each.values():
                return
        raise Untrue(f'{code} for {digits}', answer)

    @says('block log has nothing of <number>')
    def _no_blocks(self, number):
        self.settle()
        answer = self.gateway.http.get('/v1/blocks?number=' + self.e164(number).replace('+', '%2B'))
        if any(self.e164(number) in each.values() for each in objects_in(answer.body)):
            raise Untrue('no block', answer)

    @says('inbound list has the octets <octets:text> under <coding:word>')
    def _inbound_octets(self, octets, coding):
        wanted = {'encoding': 'binary', 'data_coding': int(coding, 16),
                  'data': base64.b64encode(bytes.fromhex(octets)).decode()}
        answer = self.gateway.http.get('/v1/inbound')
        if not any(wanted.items() <= each.items() for each in objects_in(answer.body)):
            raise Untrue(wanted, answer)

    @says('inbound list has <text> [as <word>] [<state:whole|waiting|incomplete|late_part>] '
          '[with <came:count> of its <total:count> parts] [for port <port:count>] [saying <effect:text>]')
    def _inbound(self, text, word, state, came, total, port, effect):
        self.settle()
        answer = self.gateway.http.get('/v1/inbound?limit=50')
        for each in objects_in(answer.body):
            values = [value for value in each.values() if isinstance(value, str)]
            parts, ports = each.get('parts') or {}, each.get('ports') or {}
            wanted = unquote(text)
            is_there = (any(is_like(wanted, value) for value in values) if '*' in wanted
                        else wanted in values)
            if (is_there and (word is None or word in values) and
                    (state is None or parts.get('state') == state) and
                    (came is None or [parts.get('came'), parts.get('total')] == [int(came), int(total)]) and
                    (port is None or ports.get('to') == int(port)) and
                    (effect is None or is_like(unquote(effect), each['effect']))):
                return
        raise Untrue(f'"{text}" {word or ""} {state or ""}'.strip(), answer)

    @says('inbound list has <count> texts')
    def _inbound_count(self, count):
        self.settle()
        answer = self.gateway.http.get('/v1/inbound?limit=50')
        texts = [each for each in objects_in(answer.body) if 'verdict' in each]
        if len(texts) != int(count):
            raise Untrue(f'{count} texts', answer)

    @says('queue [in <program:text>] is <state:stuck|not stuck>')
    def _stuck(self, program, state):
        self.settle()
        program = program or PROGRAM
        listed = [each['program'] for each in self.gateway.http.get('/v1/status').body['stuck']]
        line = f'assent_queue_stuck{{program="{program}"}} '
        metrics = self.gateway.http.get('/metrics').octets.decode()
        with open(self.gateway.log, errors='replace') as file:
            lines = [each for each in file if f'stuck program={program} ' in each]
        is_stuck = state == 'stuck'
        if (program in listed) != is_stuck or line + str(int(is_stuck)) not in metrics.splitlines():
            raise Untrue(state, listed or 'none in the list')
        if len(lines) % 2 != is_stuck:
            raise Untrue('a line of the log for each change', lines)
        shown = self.gateway.command('status', '--url', 'http://%s:%d' % self.gateway.http_address).stdout
        if ('STUCK' in shown) != bool(listed):
            raise Untrue('it in assent status', shown)

    @says('account <name:word> was handed <texts:value>')
    def _handed(self, name, texts):
        """All texts since it began, in their order: those that it receives over SMPP, and those it may read."""
        self.settle()
        if name not in self.receivers:
            client = Sender(self.gateway.smpp_address)
            if client.bind(name, 's3cret', 'bind_receiver').status:
                raise Untrue('a bind of ' + name, 'none')
            self.receivers[name] = (client, [])
        client, heard = self.receivers[name]
        client.ask(Pdu('enquire_link'))
        while any(pdu.command == 'deliver_sm' for pdu in client.inbox):
            pdu = client.hear()
            heard.append(text_decode(pdu.short_message, pdu.data_coding))
            client.ask(Pdu('enquire_link'))
        answer = self.gateway.http.get('/v1/inbound?limit=50', key=name * 20)
        read = [each['text'] for each in objects_in(answer.body) if 'verdict' in each][::-1]
        if heard != json.loads(texts) or read != heard:
            raise Untrue(texts, f'{heard} over SMPP, {read} over HTTP')

    @says('unmatched receipts of <name:word>: <count>')
    def _unmatched(self, name, count):
        def ask():
            answer = self.gateway.http.get(f'/v1/carriers/{name}/receipts')
            self.unmatched = answer.body["items"]
            return len(self.unmatched) == int(count), answer
        self.eventually(count, ask)

    @says('unmatched receipt says <text>')
    def _unmatched_says(self, text):
        if not any(unquote(text) in str(value) for each in self.unmatched for value in each.values()):
            raise Untrue(text, self.unmatched)

    @says('metric <name:word> [of <labels:object>] is <count>')
    def _metric(self, name, labels, count):
        if labels:
            name += '{%s}' % ','.join(f'{label}="{word}"' for label, word in json.loads(labels).items())

        def ask():
            lines = self.gateway.http.get('/metrics').octets.decode().splitlines()
            got = [line for line in lines if line.startswith(name + ' ')]
            return got == [f'{name} {count}'], got
        self.eventually(f'{name} {count}', ask)

    @says('somebody <does:changes|mends> the kind of record <count> on the disk')
    def _tamper(self, does, count):
        """Behind the gateway's back."""
        sql = "update ledger set kind = kind || 'x' where seq = ?" if does == 'changes' else (
            "update ledger set kind = substr(kind, 1, length(kind) - 1) where seq = ?")
        with closing(sqlite3.connect(self.gateway.database)) as db, db:
            db.execute(sql, (int(count),))

    @says('ledger has a record of <number>')
    def _recorded(self, number):
        if not self.gateway.ledger('number = ?', self.e164(number)):
            raise Untrue('a record', 'none')

    @says('ledger verifies')
    def _verify(self):
        result = self.gateway.verify()
        if result.returncode:
            raise Untrue('a whole chain', (result.stdout + result.stderr).strip())

    def end(self):
        """What every story promises, unsaid."""
        if self.gateway.is_running():
            self._hear_nothing(None)
        elif self.gateway.process.returncode not in (0, -9):
            raise Untrue('a gateway that lives', f'exit {self.gateway.process.returncode}')
        self.world.disk('fine')
        if self.carrier.complaints:
            raise Untrue('SMPP as specified', self.carrier.complaints[0])
        if self.gateway.misfortune():
            raise Untrue('a quiet log', self.gateway.misfortune())
        self._verify()


def play(name, story, document):
    """None, or what went wrong."""
    stage = Stage(name)
    count = 0
    faults = []
    gateways.watchers[:] = [lambda *exchange: faults.append(document.judge(*exchange))]
    try:
        for count, method, slots, beginning in story:
            if not beginning and stage.gateway is None:
                stage.begin()
            method(stage, **slots)
            if any(faults):
                raise Untrue('what /v1/openapi.json says', next(filter(None, faults)))
        count = 'end'
        stage.end()
    except Exception as error:  # whatever it is, the next story is played
        words = str(error) if isinstance(error, (Untrue, AssertionError)) else repr(error)
        if stage.gateway and stage.gateway.process and not stage.gateway.is_running():
            words += f'; the gateway ended with {stage.gateway.process.poll()}'
        return f'line {count}: {words} (log: {os.path.relpath(stage.directory)}/log)'
    finally:
        stage.close()
    return None


def check_story(name):
    """None, or why it can't be read."""
    try:
        read_story(os.path.join(HERE, name + '.talk'))
    except (Unreadable, FileNotFoundError) as error:
        return str(error)
    return None


document = None  # of the API: every exchange of every story is held to it


def play_story(name):
    """What went wrong, or None, and what the story has seen of the document."""
    document.seen.clear()
    trouble = check_story(name) or play(name, read_story(os.path.join(HERE, name + '.talk')), document)
    return trouble, document.seen


def main(arguments):
    global document
    if arguments == ['--words']:
        print('\n'.join(sorted(pattern for pattern, *_ in sentences)))
        return 0
    checking = arguments == ['--check']
    names = [] if checking else [os.path.basename(a).removesuffix('.talk') for a in arguments]
    is_whole = not names
    names = names or sorted(f[:-5] for f in os.listdir(HERE) if f.endswith('.talk'))
    failed, seen = 0, set()
    if not checking:
        os.makedirs(os.path.join(BUILD, 'story'), exist_ok=True)
        world = World(os.path.join(BUILD, 'story', 'world'))
        document = Document.of_binary(os.path.join(BUILD, BINARY), {'ASSENT_WORLD': world.path})
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name, told in zip(names, pool.map(check_story if checking else play_story, names)):
            trouble = told if checking else told[0]
            seen.update(() if checking else told[1])
            failed += trouble is not None
            print(f'FAILED {name} {trouble}' if trouble else f'ok {name}', flush=True)
    print(f'{len(names) - failed} of {len(names)} stories {"read" if checking else "hold"}')
    if is_whole and not checking:
        failed += tell_unseen(document.unseen(seen))
    return 1 if failed or not names else 0


def tell_unseen(unseen):
    """What the document says and no story has shown; gives how much that is."""
    for each in unseen:
        print(f'FAILED no story has seen what /v1/openapi.json says: {each}')
    return len(unseen)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
