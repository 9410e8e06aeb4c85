#!/usr/bin/env python3
"""The gateway as a client of carriers that other people's libraries speak for: confirmation, texts
in every dress, receipts, STOP, enquire_link and unbind, both ways."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import SENDER  # noqa: E402
from house import PEER_ENVIRONMENT, PEERS, fresh_directory, house  # noqa: E402
from peer import Peer  # noqa: E402
from promise import claim, now_text, numbers, run, until  # noqa: E402

SHORT = 'Hi {Ann}, [the] house at ~5 € a day? Ask @us: £, Å, Ω & ¿no?'
LONG = 'Zimmer {frei} für 5 € | ' * 15  # 405 septets: three parts
BEYOND = 'Żółta łódź ✓ 🏠'
LONG_BEYOND = 'Κατοικία — ✓ 🏠 ' * 12


def submits_of(carrier, count):
    return [carrier.hear('submit_sm') for _ in range(count)]


def message_is(gateway, identity, status):
    return gateway.message(identity).body.get('status') == status


def prove_text(house, carrier, person, words, text, coding, count):
    """Sends it and returns (its id, the submit_sm that the carrier's library decoded)."""
    answer = house.gateway.send(person, text)
    claim(f'{words} is accepted', answer.status == 202, answer)
    parts = submits_of(carrier, count)
    claim(f'{words} arrives whole, in {count} part(s)',
          ''.join(part['text'] for part in parts) == text and
          all(part['data_coding'] == coding and part['destination_addr'] == person[1:] and
              part['source_addr'] == SENDER[1:] for part in parts), parts)
    headers = [part['udh'][-4:] for part in parts] if count > 1 else []
    claim(f'{words} numbers its parts', headers == [f'{count:02x}{place:02x}' for place in range(
        1, count + 1)] if count > 1 else not parts[0]['udh'], headers)
    return answer.body['id'], parts


def deliver(carrier, source, text, **fields):
    carrier.do('deliver_sm', source_addr_ton=1, source_addr_npi=1, source_addr=source,
               dest_addr_ton=1, dest_addr_npi=1, destination_addr=SENDER[1:], data_coding=0,
               short_message=text, **fields)


def report(carrier, part, stat, state):
    deliver(carrier, part['destination_addr'],
            f'id:{part["message_id"]} sub:001 dlvrd:001 submit date:2611231800 '
            f'done date:2611231801 stat:{stat} err:000 text:',
            esm_class=4, receipted_message_id=part['message_id'], message_state=state)
    answer = carrier.hear('deliver_sm_resp')
    claim(f'a receipt {stat} is taken', answer['status'] == 0, answer)


def prove_texts(house, carrier, ann):
    gateway = house.gateway
    identity, parts = prove_text(house, carrier, ann, 'a text with extension characters', SHORT, 0,
                                 1)
    until('it is sent', lambda: message_is(gateway, identity, 'sent'))
    report(carrier, parts[0], 'DELIVRD', 2)
    until('it is delivered', lambda: message_is(gateway, identity, 'delivered'))
    print('  proved: and makes it delivered', flush=True)
    identity, parts = prove_text(house, carrier, ann, 'a long text', LONG, 0, 3)
    until('it is sent', lambda: message_is(gateway, identity, 'sent'))
    for part in parts:
        report(carrier, part, 'DELIVRD', 2)
    until('it is delivered', lambda: message_is(gateway, identity, 'delivered'))
    identity, parts = prove_text(house, carrier, ann, 'a text beyond GSM 03.38', BEYOND, 8, 1)
    until('it is sent', lambda: message_is(gateway, identity, 'sent'))
    report(carrier, parts[0], 'UNDELIV', 5)
    until('it is failed', lambda: message_is(gateway, identity, 'failed'))
    prove_text(house, carrier, ann, 'a long text beyond it', LONG_BEYOND, 8, 3)


def prove_stop(house, carrier, ann):
    deliver(carrier, ann[1:], 'STOP')
    claim('a STOP is taken', carrier.hear('deliver_sm_resp')['status'] == 0)
    reply = carrier.hear('submit_sm')
    claim('it is confirmed', reply['destination_addr'] == ann[1:] and
          'unsubscribed' in reply['text'], reply)
    answer = house.gateway.send(ann, 'Hi')
    claim('then a send is opted_out', answer.status == 403 and
          answer.body['code'] == 'opted_out', answer)
    carrier.do('enquire_link')
    claim('our enquire_link_resp is understood', carrier.hear('enquire_link_resp')['status'] == 0)
    claim('and she got nothing but the one confirmation',
          not [each for each in carrier.events if each['event'] == 'submit_sm'], carrier.events)


def prove_carrier(library):
    slug = library.replace(':', '').replace(' ', '-').lower()
    directory = fresh_directory('carrier-peer-' + slug)
    carrier = Peer(library, PEERS[library] + ['listen'], directory, PEER_ENVIRONMENT)
    try:
        port = carrier.hear('listening')['port']
        with house('carrier-' + slug, port, {'sim': {'enquire_link': 1}}) as built:
            ann = numbers(1)[0]
            bind = carrier.hear('bind_transceiver')
            claim(f'{library} takes our bind', (bind['system_id'], bind['password'],
                  bind['interface_version']) == ('assent', 'secret', 0x34), bind)
            claim('an opt-in is recorded', built.gateway.opt_in(ann, now_text(-60)).status == 201)
            confirmation = carrier.hear('submit_sm')
            claim('its confirmation arrives', 'opted in' in confirmation['text'] and
                  confirmation['destination_addr'] == ann[1:], confirmation)
            prove_texts(built, carrier, ann)
            prove_stop(built, carrier, ann)
            claim('our enquire_link is understood', carrier.hear('enquire_link')['status'] == 0)
            carrier.do('unbind')
            claim('our unbind_resp is understood', carrier.hear('unbind_resp')['status'] == 0)
            claim('we bind anew', carrier.hear('bind_transceiver')['system_id'] == 'assent')
            carrier.do('enquire_link')  # once it is answered, the bind's response was read
            carrier.hear('enquire_link_resp')
            claim('the gateway ends in order', built.gateway.stop() == 0)
            claim('our unbind is understood', carrier.hear('unbind')['status'] == 0)
        claim('the library had no complaint', not carrier.process.poll() and
              not [line for line in carrier.lines if not line.startswith('{')], carrier.lines[-3:])
    finally:
        code = carrier.end()
    claim(f'{library} ends by itself', code == 0, code)


def prove():
    for library in PEERS:
        prove_carrier(library)


if __name__ == '__main__':
    run(prove)
