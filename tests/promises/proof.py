#!/usr/bin/env python3
"""The consent packet: all of a number and nothing of others, in a page that no stranger's text can get out of, and in a
JSON whose digests show every change."""

import copy
import html.parser
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, Client  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run  # noqa: E402

EVIL = '"\'></td></pre></bdi><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">\u202e{} &lt;'
SAID = '"\'></td></pre></bdi><script>alert(1)</script><img src=x onerror=alert(2)>'  # in GSM 03.38
TAGS = {'html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'h2', 'p', 'pre', 'table', 'thead', 'tbody', 'tr', 'th', 'td',
        'bdi', 'span', 'code', 'br', 'strong'}
ATTRIBUTES = {('html', 'lang'), ('meta', 'charset'), ('meta', 'http-equiv'), ('meta', 'content'), ('meta', 'name'),
              ('span', 'class'), ('p', 'class'), ('th', 'colspan')}
EMPTY = {'meta', 'br'}
OTHER_KEY = 'ab' * 32
SENDER_KEY = 'cd' * 32


class Page(html.parser.HTMLParser):
    """What a browser would make of it: every tag and attribute is looked at, tags must close in order."""

    def __init__(self, text):
        super().__init__()
        self.text, self.open, self.faults = [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f'never closed: {self.open}')

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS or any((tag, name) not in ATTRIBUTES for name, _ in attributes):
            self.faults.append(f'<{tag} {attributes}>')
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f'</{tag}>')

    def handle_data(self, data):
        if not self.open or self.open[-1] != 'style':
            self.text.append(data)


def make_key(directory):
    private, public = (os.path.join(directory, 'ledger' + end) for end in ('.pem', '.pub.pem'))
    subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', private], check=True, capture_output=True)
    os.chmod(private, 0o600)
    subprocess.run(['openssl', 'pkey', '-in', private, '-pubout', '-out', public], check=True)
    return private, public


def live(gateway, carrier, person, other):
    """A history in which everything that a stranger may write is hostile."""
    opt_in_all(gateway, carrier, [other])
    answer = gateway.opt_in(person, now_text(-60), product=EVIL, form_url='javascript:' + EVIL, disclosure=EVIL,
                            user_agent=EVIL, ip=EVIL[:90], contact_ref=EVIL)
    claim('a hostile form is taken as it is', answer.status == 201, answer)
    carrier.wait(lambda: person in {heard.number for heard in carrier.submits})
    carrier.settle(gateway.turn)
    for text in (EVIL, 'Hi there'):
        claim('a text is taken', gateway.send(person, text, client_ref=EVIL).status == 202)
        gateway.send(other, 'Hi other')
    body = {'program': PROGRAM, 'to': person, 'wap_push': {'url': 'https://a.example/"><script>alert(1)</script>', 'title': EVIL}}
    answer = gateway.http.post('/v1/messages', body)
    claim('a push is taken', answer.status == 202, answer)
    for text in (SAID, 'hours', 'HELP', 'STOP', '<b>stop</b>'):
        heard = carrier.deliver(person, '+12065550100', text)
        carrier.wait(lambda: heard.answer)
    carrier.settle(gateway.turn)
    claim('after the STOP a text is blocked', gateway.send(person, EVIL, client_ref=EVIL).status == 403)
    answer = gateway.http.post(f'/v1/consents/{person[1:]}/revoke', {'channel': 'letter', 'note': EVIL, 'program': PROGRAM})
    claim('a letter with a hostile note', answer.status == 201, answer)


def prove_content(packet, person, other):
    kinds = [each['kind'] for each in packet['records']]
    claim('it has what the person did, and the block', kinds.count('registration') == 1 and kinds.count('opt_out') >= 2 and
          kinds.count('block') == 1, kinds)
    purposes = [each['purpose'] for each in packet['messages']]
    claim('it has every text with its purpose', sorted(set(purposes)) ==
          ['campaign', 'confirmation', 'help_reply', 'keyword_reply', 'stop_reply'] and purposes.count('campaign') == 3, purposes)
    sequences = {each['seq'] for each in packet['records']}
    claim('every text names a record of the packet, and its seal', all(
        each['tries'] and each['tries'][-1]['seal'] and (each['tries'][-1]['consent_seq'] in sequences or
                                                         each['purpose'] == 'help_reply')
        for each in packet['messages']), packet['messages'])
    claim('every reply that the person wrote is there', len(packet['inbound']) == 5 and packet['inbound'][0]['text'] == SAID)
    asked = [each['id'] for each in packet['inbound'] if each['text'] == 'hours']
    claim('the answer to a keyword names the text and the consent', [
        (each['answers'], each['tries'][-1]['consent_seq'] in sequences) for each in packet['messages']
        if each['purpose'] == 'keyword_reply'] == [(asked[0], True)], packet['messages'])
    claim('nothing of anybody else is', other not in json.dumps(packet) and 'Hi other' not in json.dumps(packet))


def prove_page(text, packet):
    page = Page(text)
    claim('the page has no tag and no attribute but its own, and each tag closes', not page.faults, page.faults[:3])
    seen = ''.join(page.text)
    claim('what was hostile is there to be read', seen.count(EVIL) >= 6, seen.count(EVIL))
    claim('it may load nothing and run nothing', "default-src 'none'" in text and '<script' not in text)
    claim('every hash of a record is on it', all(each['hash'] in seen for each in packet['records'] + packet['seals']))


def changes(packet):
    """Each a packet with one thing changed, and its name."""
    def other(value):
        if isinstance(value, int):
            return value + 1
        return ('1' if value[:1] != '1' else '2') + value[1:]

    for name in ('records', 'seals'):
        for key in packet[name][0]:
            anew = copy.deepcopy(packet)
            if anew[name][0][key] is not None:
                anew[name][0][key] = other(anew[name][0][key])
                yield f'{key} of one of the {name}', anew
    at = next(i for i, each in enumerate(packet['messages']) if each['purpose'] == 'campaign')
    reply = next(i for i, each in enumerate(packet['messages']) if each['answers'])
    for key in ('id', 'program', 'from', 'purpose', 'text', 'salt'):
        anew = copy.deepcopy(packet)
        anew['messages'][at][key] = other(anew['messages'][at][key])
        yield f'{key} of a text', anew
    push = next(i for i, each in enumerate(packet['messages']) if 'cargo' in each)
    for key, value in (('cargo', packet['messages'][push]['cargo'].replace('"data"', '"dat"')), ('cargo', ''), ('text', 'x')):
        anew = copy.deepcopy(packet)
        anew['messages'][push][key] = value
        yield f'{key} of a push', anew
    for key in ('try', 'carrier', 'consent_seq'):
        anew = copy.deepcopy(packet)
        anew['messages'][at]['tries'][-1][key] = other(anew['messages'][at]['tries'][-1][key])
        yield f'{key} of a text', anew
    for key, value in (('phone', numbers(9)[-1]), ('format', 'assent-proof-0')):
        anew = copy.deepcopy(packet)
        anew[key] = value
        yield key, anew
    anew = copy.deepcopy(packet)
    anew['messages'][reply]['answers'] = None
    yield 'what a reply answers', anew
    anew = copy.deepcopy(packet)
    anew['seals'] = []
    yield 'the seals taken out', anew
    anew = copy.deepcopy(packet)
    anew['records'].reverse()
    yield 'the order of the records', anew


def prove_digests(gateway, packet, public):
    path = os.path.join(gateway.directory, 'packet.json')

    def verify(anew, *options, indent=None):
        with open(path, 'w') as file:
            json.dump(anew, file, indent=indent)
        return gateway.command('ledger', 'verify', '--file', path, *options)

    result = verify(packet, '--public-key', public)
    claim('the packet verifies, and its head is signed', result.returncode == 0 and 'packet is whole' in result.stdout and
          'signed' in result.stdout, result.stdout + result.stderr)
    claim('indented too', verify(packet, indent=2).returncode == 0)
    count = 0
    for name, anew in changes(packet):
        result, count = verify(anew), count + 1
        if result.returncode == 0:
            claim('every change is found', False, name)
    claim(f'{count} changes of one thing each are found', count > 25)
    for key, value in (('seq', 1), ('hash', '0' * 64), ('signature', '0' * 128)):
        anew = copy.deepcopy(packet)
        anew['head'][key] = value
        anew['signature'] = None
        claim(f'a head with another {key} is not signed', verify(anew, '--public-key', public).returncode == 1)
    for odd in ({'format': 'assent-proof-1'}, {'format': 'assent-proof-1', 'records': [7], 'messages': {}, 'seals': [None]},
                dict(packet, messages=[{'tries': [{'seal': {'seq': 1, 'path': [{}] * 99}}]}])):
        claim('an odd packet harms nobody', verify(odd, '--public-key', public).returncode == 1)


def prove_readers(gateway, person):
    other = Client(gateway.http_address, OTHER_KEY)
    packet = other.get(f'/v1/consents/{person[1:]}/proof').body
    claim('who oversees another program of another owner sees nothing of it', not packet['records'] and not packet['messages'] and
          not packet['inbound'] and not packet['consents'] and not packet['optouts'], packet)
    answer = Client(gateway.http_address, SENDER_KEY).get(f'/v1/consents/{person[1:]}/proof')
    claim('who has not the role gets none', answer.status == 403 and answer.body['code'] == 'role_required', answer)


def prove_records(gateway, packet):
    """What the packet ties together, one by one."""
    record = packet['records'][0]
    path = f'/v1/ledger/{record["seq"]}'
    answer = gateway.http.get(path)
    claim('a record of the ledger is shown alone, as the packet has it', answer.body == record, answer)
    answer = Client(gateway.http_address, OTHER_KEY).get(path)
    claim('and to who oversees another program not at all', answer.status == 404, answer)
    forth, back = (gateway.http.get(f'/v1/ledger?newest={newest}&limit=1000').body['items'] for newest in ('false', 'true'))
    claim('asked for the newest first, the ledger is the same backwards', len(forth) > 3 and forth == back[::-1])
    first = gateway.http.get('/v1/ledger?newest=true&limit=2').body
    second = gateway.http.get(f'/v1/ledger?newest=true&limit=2&after={first["after"]}').body
    claim('page by page too', first['items'] + second['items'] == back[:4], (first, second))


def prove():
    with gateway_running('proof') as (gateway, carrier):
        private, public = make_key(gateway.directory)
        gateway.stop()
        gateway.settings.sections = {'ledger': {'signing_key': private}}
        gateway.settings.titled['keyword', 'hours'] = {'programs': [PROGRAM], 'words': ['HOURS'], 'reply': '{brand}: 9 to 5. STOP ends.'}
        gateway.settings.add_program('elsewhere', owner='Elsewhere', brand='Elsewhere', senders=['+12065550177'])
        gateway.settings.accounts['overseer'] = {'api_key': OTHER_KEY, 'roles': ['compliance'], 'programs': ['elsewhere']}
        gateway.settings.accounts['seller'] = {'api_key': SENDER_KEY, 'roles': ['sender'], 'programs': ['new-lead-nurture']}
        gateway.write_config()
        gateway.start()
        carrier.wait_bound(1)
        person, other = numbers(4)[2:]
        live(gateway, carrier, person, other)
        path = f'/v1/consents/{person[1:]}/proof'
        packet = gateway.http.get(path).body
        prove_content(packet, person, other)
        answer = gateway.http.get(path, headers={'Accept': 'text/html'})
        claim('asked for a page it gives one, with a policy of its own', answer.headers['Content-Type'].startswith('text/html') and
              "default-src 'none'" in answer.headers['Content-Security-Policy'])
        prove_page(answer.octets.decode(), packet)
        prove_digests(gateway, packet, public)
        prove_readers(gateway, person)
        prove_records(gateway, packet)
        online = gateway.command('proof', person, '--json')
        claim('the command gives the same', json.loads(online.stdout)['records'] == packet['records'], online.stderr)
        offline = gateway.command('proof', person, '--db', gateway.database, '--json')
        claim('so does the database, while the gateway runs', json.loads(offline.stdout)['messages'] == packet['messages'],
              offline.stderr)
        gateway.stop()
        offline = gateway.command('proof', person, '--db', gateway.database, '--json')
        claim('and when it does not', json.loads(offline.stdout)['inbound'] == packet['inbound'])
        target = os.path.join(gateway.directory, 'packet.html')
        claim('a page goes into a file', gateway.command('proof', person, '--db', gateway.database, '--output',
                                                         target).returncode == 0)
        with open(target) as file:
            prove_page(file.read(), packet)
        checked = gateway.command('ledger', 'verify', '--file', target)
        claim('a page is no packet that can be checked, and not called a broken one', checked.returncode == 1 and
              'JSON' in checked.stderr and 'broken' not in checked.stdout, checked)
        unknown = gateway.command('proof', '+14155550199', '--db', gateway.database, '--json')
        claim('a number that nobody knows has an empty packet', json.loads(unknown.stdout)['records'] == [] and
              unknown.returncode == 0)


if __name__ == '__main__':
    run(prove)
