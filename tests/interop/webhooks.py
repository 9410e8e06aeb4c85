#!/usr/bin/env python3
"""The npm package standardwebhooks as the receiver of our events: each kind verifies, by either secret while there are two;
another secret, a changed octet and an old time do not."""

import base64
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD, SENDER, Settings  # noqa: E402
from promise import Broken, claim, gateway_running, numbers, opt_in_all, run  # noqa: E402
from receiver import SECRET, Receiver  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
OLD = 'whsec_' + base64.b64encode(b'the one that was before, longer!').decode()
TYPES = {'consent.changed', 'message.sent', 'message.delivered', 'message.failed', 'message.inbound', 'webhook.test'}


class Library:
    def __init__(self):
        environment = dict(os.environ, NODE_PATH=os.path.join(BUILD, 'interop', 'node_modules'))
        self.process = subprocess.Popen(['node', os.path.join(HERE, 'webhooks.js')], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment, text=True)

    def read(self, heard, secret, body=None, **changes):
        headers = {name: heard.headers[name] for name in ('webhook-id', 'webhook-timestamp', 'webhook-signature')}
        headers.update({name.replace('_', '-'): value for name, value in changes.items()})
        asked = {'secret': secret, 'headers': headers, 'body': base64.b64encode(body or heard.body).decode()}
        self.process.stdin.write(json.dumps(asked) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def gather(gateway, carrier, receiver, people):
    """Has one of each kind happen."""
    opt_in_all(gateway, carrier, people)
    for number in people:
        gateway.send(number, 'Grüße, 5 € — ✓')
    wanted = 2 * len(people)
    if not carrier.wait(lambda: len(carrier.submits) >= wanted, 20):
        raise Broken('the carrier did not hear all')
    for heard, stat in zip(carrier.submits[-2:], ('DELIVRD', 'UNDELIV')):
        carrier.report(heard, stat, '000')
    carrier.deliver(people[0][1:], SENDER[1:], 'Merci ✓ "quoted" \\ back', 'UCS-2')
    gateway.command('webhook', 'test')
    receiver.wait(3 * len(people) + 4, 20)
    return receiver.all


def prove():
    receiver, library = Receiver(), Library()
    account = {**Settings(0).accounts['campaigns'], 'callback_url': receiver.url, 'callback_secret': SECRET,
               'callback_secret_old': OLD}
    sections = {'callbacks': {'allow': ['127.0.0.0/8'], 'plain_http': True}}
    with gateway_running('interop-webhooks', accounts={'campaigns': account}, sections=sections) as (gateway, carrier):
        heard = gather(gateway, carrier, receiver, numbers(2))
        claim('one of each kind was posted', {each.type for each in heard} == TYPES, {each.type for each in heard})
        for secret, name in ((SECRET, 'secret'), (OLD, 'secret before it')):
            said = [library.read(each, secret) for each in heard]
            claim(f'the library verifies all {len(heard)} by the {name}, and reads what they say',
                  all(one.get('event') == each.event for one, each in zip(said, heard)), said)
        one = heard[0]
        claim('by another secret it does not', 'error' in library.read(one, 'whsec_' + base64.b64encode(b'x' * 24).decode()))
        claim('nor with an octet changed', 'error' in library.read(one, SECRET, one.body.replace(b'true', b'tru3')[:-1] + b' '))
        claim('nor under another id', 'error' in library.read(one, SECRET, webhook_id='another'))
        claim('nor at another time', 'error' in library.read(one, SECRET, webhook_timestamp=str(
            int(one.headers['webhook-timestamp']) - 3600)))
    library.close()
    receiver.close()


if __name__ == '__main__':
    run(prove)
