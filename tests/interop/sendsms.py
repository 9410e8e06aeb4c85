#!/usr/bin/env python3
"""Our /cgi-bin/sendsms beside Kannel's own: both are asked the same, and answer the same where nothing of ours forbids it."""

import os
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import SENDER  # noqa: E402
from house import fresh_directory, house  # noqa: E402
from kannel import PATIENCE_S, kannel_running  # noqa: E402
from promise import Broken, claim, numbers, opt_in_all, run  # noqa: E402

# Asked of both with a good login: what is said of it, and how both must answer.
SAME = [
    ('one receiver', 'to={ann}&text=Hi', 202, '0: Accepted for delivery'),
    ('two', 'to={ann}+{bob}&text=Hi', 202, '0: Accepted for delivery'),
    ('a line end between them', 'to={ann}%0A{bob}&text=Hi', 202, '0: Accepted for delivery'),
    ('a plus that nobody encoded', 'to=+{ann}&text=Hi', 202, '0: Accepted for delivery'),
    ('what nobody knows', 'to={ann}&text=Hi&colour=red', 202, '0: Accepted for delivery'),
    ('Latin-1', 'to={ann}&text=%F6&charset=ISO-8859-1', 202, '0: Accepted for delivery'),
    ('octets', 'to={ann}&text=%01%02&coding=1', 202, '0: Accepted for delivery'),
    ('a header', 'to={ann}&text=%01%02&udh=%06%05%04%c3%50%c3%50', 202, '0: Accepted for delivery'),
    ('a flash', 'to={ann}&text=Hi&mclass=0', 202, '0: Accepted for delivery'),
    ('no receiver', 'text=Hi', 400, 'Missing receiver number, rejected'),
    ('an empty one', 'to=&text=Hi', 400, 'Empty receiver number not allowed, rejected'),
    ('a coding of 7', 'to={ann}&text=Hi&coding=7', 400, 'Coding field misformed, rejected'),
    ('a class of 9', 'to={ann}&text=Hi&mclass=9', 400, 'MClass field misformed, rejected'),
    ('an mwi of 99', 'to={ann}&text=Hi&mwi=99', 400, 'MWI field misformed, rejected'),
    ('a validity of -2', 'to={ann}&text=Hi&validity=-2', 400, 'Validity field misformed, rejected'),
    ('a deferred of -2', 'to={ann}&text=Hi&deferred=-2', 400, 'Deferred field misformed, rejected'),
    ('a priority of 9', 'to={ann}&text=Hi&priority=9', 400, 'Priority field misformed, rejected'),
    ('a pid of 999', 'to={ann}&text=Hi&pid=999', 400, 'PID field misformed, rejected'),
    ('an rpi of 9', 'to={ann}&text=Hi&rpi=9', 400, 'RPI field misformed, rejected'),
    ('an alt-dcs of 9', 'to={ann}&text=Hi&alt-dcs=9', 400, 'Alt-DCS field misformed, rejected'),
    ('half a header', 'to={ann}&text=Hi&udh=%06%05', 400, 'UDH field misformed, rejected'),
    ('no such charset', 'to={ann}&text=Hi&charset=nope', 400, 'Charset or body misformed, rejected'),
    ('a mask of 99', 'to={ann}&text=Hi&dlr-mask=99', 400, 'DLR-Mask field misformed, rejected'),
    ('a dlr-url that is none', 'to={ann}&text=Hi&dlr-mask=1&dlr-url=foo', 400, 'DLR-URL field misformed, rejected'),
]

# What both say of a delivery: ids and times are each one's own.
REPORT = '/dlr?name={name}&d=%d&p=%p&P=%P&q=%q&Q=%Q&A=%A&k=%k&c=%c&m=%m&M=%M&C=%C&O=%O&u=%u&f=%f&v=%v&g=%g&x=%x&pct=%%'
ALIKE = ('d', 'p', 'P', 'q', 'Q', 'c', 'm', 'M', 'C', 'O', 'u', 'f', 'v', 'g', 'x', 'pct')


class Door:
    """A sendsms, and who is let in there."""

    def __init__(self, name, port, user, password):
        self.name, self.port, self.user, self.password = name, port, user, password

    def ask(self, query, content=None, headers=None, password=None):
        login = urllib.parse.urlencode({'username': self.user, 'password': password or self.password,
                                        'from': SENDER})
        url = f'http://127.0.0.1:{self.port}/cgi-bin/sendsms'
        if query is not None:
            url += f'?{login}&{query}'
        request = urllib.request.Request(url, content, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def post(self, to, content, kind, **more):
        """The text as the body, and the rest in headers."""
        headers = {'Content-Type': kind, 'X-Kannel-Username': self.user, 'X-Kannel-Password': self.password,
                   'X-Kannel-From': SENDER, 'X-Kannel-To': to}
        headers.update({f'X-Kannel-{name.replace("_", "-")}': value for name, value in more.items()})
        return self.ask(None, content, headers)


def prove_answers(doors, ann, bob):
    for words, query, status, text in SAME:
        query = query.format(ann=ann.lstrip('+'), bob=bob.lstrip('+'))
        for door in doors:
            got = door.ask(query)
            claim(f'{words}: {door.name} says {status} {text}', got[0] == status and got[1].startswith(text), got)
    for door in doors:
        got = door.ask(f'to={ann.lstrip("+")}&text=Hi', password='wrong')
        claim(f'a wrong password: {door.name} says 403', got == (403, 'Authorization failed for sendsms'), got)


def prove_texts(doors, carrier, ann):
    """What arrives is the same, whichever door it came through."""
    for words, query, text in (('UTF-8', 'text=%C3%B6+%E2%82%AC', 'ö €'), ('UTF-16', 'text=%01%7B&coding=2', 'Ż'),
                               ('windows-1252', 'text=%80&charset=windows-1252', '€')):
        for door in doors:
            count = len(carrier.submits)
            door.ask(f'to={ann.lstrip("+")}&{query}')
            claim(f'{words} through {door.name} arrives', carrier.wait(lambda: len(carrier.submits) > count) and
                  carrier.submits[-1].text == text, carrier.submits[-1].pdu)


def prove_posted(doors, carrier, ann):
    for words, content, kind, more, text in (
            ('a body', b'uml \xd6', 'text/plain', {}, 'uml Ö'),
            ('a body in UTF-8', b'uml \xc3\x96', 'text/plain; charset=utf-8', {}, 'uml Ö'),
            ('a body of a class', b'Hi', 'text/plain', {'MClass': '1'}, 'Hi')):
        for door in doors:
            count = len(carrier.submits)
            got = door.post(ann, content, kind, **more)
            claim(f'{words} posted to {door.name} is accepted', got[0] == 202, got)
            claim('and arrives', carrier.wait(lambda: len(carrier.submits) > count) and
                  carrier.submits[-1].text == text, carrier.submits[-1].pdu)
    for door in doors:
        got = door.post(ann, b'{}', 'application/json')
        claim(f'JSON: {door.name} says 400', got == (400, 'Invalid content-type'), got)
        got = door.post(ann, b'Hi', 'text/plain', UDH='zz')
        claim(f'a header that is no hexadecimal: {door.name} says 400', got == (400, 'UDH field misformed, rejected'), got)


def prove_reports(doors, carrier, web, ann, stat, kind):
    heard = []
    for door in doors:
        url = f'http://127.0.0.1:{web.port}' + REPORT.format(name=door.name)
        count = len(carrier.submits)
        door.ask(urllib.parse.urlencode({'to': ann, 'text': stat, 'dlr-mask': 31, 'dlr-url': url}))
        claim(f'{door.name}: the carrier has it', carrier.wait(lambda: len(carrier.submits) > count))
        taken = web.hear('/dlr', name=door.name, d='8')
        claim(f'{door.name}: it was taken', taken['A'] == 'ACK/', taken)
        carrier.report(carrier.submits[-1], stat)
        said = web.hear('/dlr', name=door.name, d=str(kind))
        claim(f'{door.name}: and its end, {stat}', f'stat:{stat}' in said['A'] and said['k'].startswith('id:'), said)
        heard.append([{key: each.get(key) for key in ALIKE} for each in (taken, said)])
    claim(f'{stat}: both told the same', heard[0] == heard[1], heard)


def prove_blocks(doors, ours, stranger):
    got = ours.ask(f'to={stranger.lstrip("+")}&text=Hi')
    claim('who never opted in is a failure to a Kannel client', got[0] == 403 and got[1].startswith('no_consent: '), got)


def change(settings):
    settings.http['kannel'] = True
    settings.sections['callbacks'] = {'plain_http': True, 'allow': ['127.0.0.0/8']}


def prove():
    carrier = Carrier()
    directory = fresh_directory('sendsms-boxes')
    try:
        with house('sendsms', carrier.port, change=change) as built:
            if not carrier.wait_bound(1):
                raise Broken('the gateway did not bind')
            ann, bob, stranger = numbers(3)
            opt_in_all(built.gateway, carrier, [ann, bob])
            with kannel_running(directory, built.door_port) as kannel:
                ours = Door('assent', built.gateway.ports[0], 'campaigns', 's3cret12')
                doors = (Door('kannel', kannel.sendsms, 'interop', 'interop'), ours)
                prove_answers(doors, ann, bob)
                prove_texts(doors, carrier, ann)
                prove_posted(doors, carrier, ann)
                prove_reports(doors, carrier, kannel.web, ann, 'DELIVRD', 1)
                prove_reports(doors, carrier, kannel.web, ann, 'UNDELIV', 2)
                prove_reports(doors, carrier, kannel.web, ann, 'EXPIRED', 34)
                prove_blocks(doors, ours, stranger)
                kannel.stop()
    finally:
        carrier.close()


if __name__ == '__main__':
    run(prove)
