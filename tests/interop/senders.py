#!/usr/bin/env python3
"""Other people's libraries as clients of our SMPP door: each kind of bind, submits that pass the
gate and submits that do not, submit_multi, replace_sm, receipts, MO, enquire_link, unbind, and a wrong password."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import SENDER  # noqa: E402
from house import PEER_ENVIRONMENT, PEERS, house  # noqa: E402
from peer import Peer  # noqa: E402
from promise import Broken, claim, numbers, opt_in_all, run, until  # noqa: E402

TEXT = 'Hi {Ann}, 5 € a day [for] two?'
BEYOND = 'Żółta łódź ✓ 🏠'


class Client:
    """A connection by one of the libraries to the door."""

    def __init__(self, built, library):
        command = PEERS[library] + ['connect', str(built.door_port)]
        self.peer = Peer(library, command, built.directory, PEER_ENVIRONMENT)
        self.peer.hear('connected')

    def ask(self, request, **fields):
        self.peer.do(request, **fields)
        return self.peer.hear(request + '_resp')

    def bind(self, mode, version=0x34, password='s3cret12'):
        return self.ask(mode, system_id='campaigns', password=password, system_type='',
                        interface_version=version)

    def submit(self, to, text, coding=0, source=SENDER, **fields):
        return self.ask('submit_sm', source_addr_ton=1, source_addr_npi=1, source_addr=source[1:],
                        dest_addr_ton=1, dest_addr_npi=1, destination_addr=to[1:],
                        data_coding=coding, short_message=text, **fields)

    def leave(self):
        answer = self.ask('unbind')
        claim('unbind is answered', answer['status'] == 0, answer)
        self.end()

    def end(self):
        self.peer.hear('closed')
        code = self.peer.end()
        claim('the library had no complaint', code == 0 and not [
            line for line in self.peer.lines if not line.startswith('{')], self.peer.lines[-3:])


def prove_refused(built, library):
    client = Client(built, library)
    answer = client.bind('bind_transceiver', password='wrong')
    claim('a wrong password: ESME_RBINDFAIL', answer['status'] == 0x0D, answer)
    client.end()
    print('  proved: and the connection is closed', flush=True)


def prove_transmitter(built, library, carrier, ann, stranger):
    client = Client(built, library)
    answer = client.bind('bind_transmitter', 0x33)
    claim('bind_transmitter with 3.3', answer['status'] == 0 and answer['system_id'] == 'Assent' and
          'sc_interface_version' not in answer, answer)
    answer = client.submit(ann, TEXT)
    claim('a 3.3 client gets an id of at most 8', answer['status'] == 0 and
          0 < len(answer['message_id']) <= 8, answer)
    claim('the carrier has its text', carrier.wait(lambda: carrier.submits[-1].text == TEXT))
    client.leave()
    client = Client(built, library)
    answer = client.bind('bind_transmitter', 0x50)
    claim('bind_transmitter with 5.0', answer['status'] == 0 and
          answer['sc_interface_version'] == 0x50, answer)
    client.peer.do('submit_sm', source_addr_ton=1, source_addr_npi=1, source_addr=SENDER[1:],
                   dest_addr_ton=1, dest_addr_npi=1, destination_addr=stranger[1:], data_coding=0,
                   short_message='Hi')
    answer = client.peer.hear('submit_sm_resp')
    claim('a 5.0 client reads why a block is one', answer['status'] == 0x401 and
          answer['additional_status_info_text'] == 'no_consent', answer)
    client.leave()


def prove_receiver(built, library, carrier, ann):
    client = Client(built, library)
    claim('bind_receiver', client.bind('bind_receiver')['status'] == 0)
    answer = client.submit(ann, 'Hi')
    claim('a receiver may not submit: ESME_RINVBNDSTS', answer['status'] == 0x04, answer)
    carrier.deliver(ann, SENDER, BEYOND, coding='UCS-2')
    heard = client.peer.hear('deliver_sm')
    claim('it hears an MO beyond GSM 03.38', heard['text'] == BEYOND and
          heard['data_coding'] == 8 and heard['source_addr'] == ann[1:], heard)
    client.leave()


def dashed(identity):
    return '-'.join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))


def prove_message(built, carrier, client, ann, text, coding, stat, state):
    """Submits it and brings its receipt home."""
    answer = client.submit(ann, text, coding, registered_delivery=1)
    identity = answer['message_id']
    claim(f'a text in data_coding {coding} is taken, with an id of 32 hexadecimal digits',
          answer['status'] == 0 and re.fullmatch('[0-9a-f]{32}', identity), answer)
    claim('the carrier has it', carrier.wait(lambda: carrier.submits[-1].text == text))
    until('it is sent', lambda: built.gateway.message(dashed(identity)).body['status'] == 'sent')
    carrier.report(carrier.submits[-1], stat)
    receipt = client.peer.hear('deliver_sm')
    claim(f'its receipt {stat} is understood', receipt['esm_class'] & 0x3C == 4 and
          receipt['receipted_message_id'] == identity and receipt['message_state'] == state and
          receipt['text'].startswith(f'id:{identity} ') and f' stat:{stat} ' in receipt['text'],
          receipt)


def prove_transceiver(built, library, carrier, ann, bob, stranger):
    client = Client(built, library)
    claim('enquire_link is answered before the bind', client.ask('enquire_link')['status'] == 0)
    answer = client.bind('bind_transceiver')
    claim('bind_transceiver with 3.4', answer['status'] == 0 and
          answer['sc_interface_version'] == 0x50, answer)
    prove_message(built, carrier, client, ann, TEXT, 0, 'DELIVRD', 2)
    prove_message(built, carrier, client, ann, BEYOND, 8, 'UNDELIV', 5)
    for words, number, source, status in (('no consent', stranger, SENDER, 0x401),
                                          ('a sender of nobody', ann, '+12065550177', 0x408)):
        answer = client.submit(number, 'Hi', source=source)
        claim(f'{words}: 0x{status:X}', answer['status'] == status and
              not answer.get('message_id'), answer)
    carrier.deliver(bob, SENDER, 'STOP')
    heard = client.peer.hear('deliver_sm')
    claim('a STOP is handed on', heard['text'] == 'STOP' and heard['source_addr'] == bob[1:] and
          heard['esm_class'] & 0x3C == 0, heard)
    answer = client.submit(bob, 'Hi')
    claim('after it: 0x403', answer['status'] == 0x403, answer)
    claim('enquire_link is answered', client.ask('enquire_link')['status'] == 0)
    client.leave()
    return client


def group_fields(library, people):
    """The destinations of a submit_multi, as the library wants them."""
    if library == 'npm smpp':
        return {'dest_address': [{'dest_flag': 1, 'dest_addr_ton': 1, 'dest_addr_npi': 1, 'destination_addr': each[1:]}
                                 for each in people]}
    return {'destination_addr': [each[1:] for each in people], 'dest_addr_ton': [1] * len(people),
            'dest_addr_npi': [1] * len(people)}


def refused_of(answer):
    """{number: status}, as the library gives unsuccess_sme."""
    if 'unsuccess_sme' in answer:
        return {each['destination_addr']: each['error_status_code'] for each in answer['unsuccess_sme']}
    return dict(zip(answer.get('destination_addr', []), answer.get('error_status_code', [])))


def prove_group(built, library, carrier, ann, cid, stranger):
    """submit_multi, query_sm, replace_sm and cancel_sm."""
    source = {'source_addr_ton': 1, 'source_addr_npi': 1, 'source_addr': SENDER[1:]}
    client = Client(built, library)
    client.bind('bind_transceiver')
    answer = client.ask('submit_multi', **source, **group_fields(library, [ann, stranger, cid]), data_coding=0,
                        short_message=TEXT, registered_delivery=1)
    claim('a submit_multi is taken, and its answer names who is refused', answer['status'] == 0 and
          refused_of(answer) == {stranger[1:]: 0x401}, answer)
    claim('the carrier has it twice', carrier.wait(lambda: [each.text for each in carrier.submits[-2:]] == [TEXT] * 2))
    carrier.settle(built.gateway.turn)
    for heard in carrier.submits[-2:]:
        carrier.report(heard, 'DELIVRD')
    receipts = [client.peer.hear('deliver_sm') for _ in range(2)]
    claim('both receipts bear its id', [each['receipted_message_id'] for each in receipts] == [answer['message_id']] * 2 and
          {each['source_addr'] for each in receipts} == {ann[1:], cid[1:]}, receipts)
    state = client.ask('query_sm', message_id=answer['message_id'], **source)
    claim('query_sm: DELIVERED', state['message_state'] == 2, state)
    identity = client.submit(ann, TEXT, schedule_delivery_time='000000010000000R')['message_id']
    answer = client.ask('replace_sm', message_id=identity, **source, schedule_delivery_time='000000000001000R',
                        short_message='Another')
    claim('a replace_sm is taken', answer['status'] == 0, answer)
    claim('the carrier has the new text', carrier.wait(lambda: carrier.submits[-1].text == 'Another'))
    identity = client.submit(ann, TEXT, schedule_delivery_time='000000010000000R')['message_id']
    answer = client.ask('cancel_sm', message_id=identity, **source, dest_addr_ton=1, dest_addr_npi=1,
                        destination_addr=ann[1:])
    claim('a cancel_sm is taken', answer['status'] == 0, answer)
    client.leave()


def prove_end(built, library):
    """The gateway ends while a client is bound."""
    client = Client(built, library)
    client.bind('bind_transceiver')
    built.gateway.terminate()
    claim('our unbind is understood', client.peer.hear('unbind')['status'] == 0)
    client.end()
    claim('and the gateway ends in order', built.gateway.wait() == 0)


def prove_library(library):
    carrier = Carrier()
    try:
        slug = library.replace(':', '').replace(' ', '-').lower()
        with house('sender-' + slug, carrier.port) as built:
            if not carrier.wait_bound(1):
                raise Broken('the gateway did not bind')
            print(f'  -- {library}')
            ann, bob, stranger, cid = numbers(4)
            opt_in_all(built.gateway, carrier, [ann, bob, cid])
            prove_refused(built, library)
            prove_transceiver(built, library, carrier, ann, bob, stranger)
            prove_transmitter(built, library, carrier, ann, stranger)
            prove_group(built, library, carrier, ann, cid, stranger)
            prove_receiver(built, library, carrier, ann)
            prove_end(built, library)
        claim('the carrier heard nothing that SMPP forbids', not carrier.complaints,
              carrier.complaints[:1])
    finally:
        carrier.close()


def prove():
    for library in PEERS:
        prove_library(library)


if __name__ == '__main__':
    run(prove)
