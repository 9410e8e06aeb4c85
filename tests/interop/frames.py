#!/usr/bin/env python3
"""Every kind of frame that the gateway emits, on either side and in each version of SMPP, before
Wireshark's dissector. The peers are the tests' own; the judge is not."""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import SENDER  # noqa: E402
from house import fresh_directory, house  # noqa: E402
from promise import Broken, claim, numbers, run  # noqa: E402
from sender import Sender  # noqa: E402
from smpp import ESM_RECEIPT, ESM_UDH, HEADER, TLV_PAYLOAD, TLV_RECEIPTED_ID, TLV_STATE, Pdu  # noqa: E402
from world import World, time_text  # noqa: E402

BEYOND = 'Żółta łódź ✓ 🏠'
UNKNOWN_COMMAND = 0x99
ESM_INTERMEDIATE = 0x20
CARRIERS = {'sim': {}, 'tx': {'bind': 'transmitter'}, 'rx': {'bind': 'receiver'}}

KINDS = {
    'ESME bind_transceiver', 'ESME bind_transmitter', 'ESME bind_receiver',
    'ESME submit_sm in GSM 03.38', 'ESME submit_sm in UCS-2',
    'ESME submit_sm in GSM 03.38, a part', 'ESME submit_sm in UCS-2, a part',
    'ESME deliver_sm_resp', 'ESME enquire_link', 'ESME enquire_link_resp', 'ESME unbind',
    'ESME unbind_resp', 'ESME generic_nack',
    'MC bind_transceiver_resp with TLV', 'MC bind_transceiver_resp, a refusal',
    'MC bind_transmitter_resp without TLV', 'MC bind_transmitter_resp with TLV',
    'MC bind_receiver_resp with TLV',
    'MC submit_sm_resp with an id of 32', 'MC submit_sm_resp with an id of 8',
    'MC submit_sm_resp, a refusal', 'MC submit_sm_resp, a refusal with its reason',
    'MC query_sm_resp', 'MC query_sm_resp, a refusal', 'MC cancel_sm_resp',
    'MC submit_multi_resp', 'MC submit_multi_resp, a refusal', 'MC submit_multi_resp, a refusal with its reason',
    'MC replace_sm_resp', 'MC replace_sm_resp, a refusal', 'MC deliver_sm, an intermediate notification',
    'MC cancel_sm_resp, a refusal', 'MC data_sm_resp', 'MC data_sm_resp, a refusal',
    'MC deliver_sm in GSM 03.38', 'MC deliver_sm in UCS-2', 'MC deliver_sm, a receipt with TLVs',
    'MC enquire_link', 'MC enquire_link_resp', 'MC unbind', 'MC unbind_resp', 'MC generic_nack',
}


def kind_of_message(pdu):
    if pdu.command == 'deliver_sm' and pdu.esm_class & ESM_RECEIPT:
        has_both = TLV_RECEIPTED_ID in pdu.tlvs and TLV_STATE in pdu.tlvs
        return ', a receipt with TLVs' if has_both else ', a receipt without TLVs'
    if pdu.command == 'deliver_sm' and pdu.esm_class & ESM_INTERMEDIATE:
        return ', an intermediate notification'
    words = ' in UCS-2' if pdu.data_coding == 8 else ' in GSM 03.38'
    return words + (', a part' if pdu.esm_class & ESM_UDH else '')


def kind(frame):
    pdu = frame.pdu
    words = ('MC ' if frame.of_listener else 'ESME ') + pdu.command
    if pdu.command in ('submit_sm', 'deliver_sm'):
        return words + kind_of_message(pdu)
    if pdu.command == 'submit_sm_resp' and not pdu.status:
        return words + f' with an id of {len(pdu.message_id)}'
    if pdu.status and pdu.command.endswith('_resp'):
        return words + ', a refusal' + (' with its reason' if pdu.tlvs else '')
    if pdu.command.startswith('bind_') and pdu.command.endswith('_resp'):
        return words + (' with TLV' if pdu.tlvs else ' without TLV')
    return words


def unknown_command(sequence):
    return struct.pack('>IIII', HEADER.size, UNKNOWN_COMMAND, 0, sequence)


def hear_carrier(carrier, words, command, count=1):
    heard = carrier.wait(lambda: sum(each.pdu.command == command for each in carrier.log) >= count)
    claim(words, heard)


def say_everything_to_the_carrier(built, carrier, ann):
    begin = len(carrier.submits)
    for text, parts in (('Hi {Ann}', 1), ('Hi {Ann} ' * 20, 2), (BEYOND, 1), (BEYOND * 6, 2)):
        claim('a text is accepted', built.gateway.send(ann, text).status == 202)
        begin += parts
        claim('and arrives', carrier.wait(lambda: len(carrier.submits) == begin))
    bind = next(each for each in carrier.bound() if each.mode == 'bind_transceiver')
    carrier.barrier(bind)
    carrier.send_octets(bind, unknown_command(77))
    hear_carrier(carrier, 'a carrier that speaks in tongues is told', 'generic_nack')
    carrier.send(bind, Pdu('unbind'))
    hear_carrier(carrier, 'a carrier may unbind', 'unbind_resp')
    carrier.drop(bind)


def open_client(built, mode, version):
    client = Sender(('127.0.0.1', built.door_port))
    answer = client.bind('campaigns', 's3cret12', mode, version)
    claim(f'{mode} of 0x{version:X}', answer.status == 0, answer)
    return client


def open_clients(built):
    """A transceiver of 3.4, a transmitter of 3.3 and one of 5.0. A receiver comes and goes: what is
    delivered afterwards can go to the transceiver only."""
    receiver = open_client(built, 'bind_receiver', 0x34)
    claim('a client may unbind', receiver.ask(Pdu('unbind')).status == 0)
    return [open_client(built, mode, version) for mode, version in (
        ('bind_transceiver', 0x34), ('bind_transmitter', 0x33), ('bind_transmitter', 0x50))]


def say_everything_at_the_door(built, carrier, clients, ann, stranger):
    transceiver, old, new = clients
    answer = transceiver.submit(SENDER, ann, 'Hi', registered_delivery=0x11)
    claim('a submit_sm is taken', answer.status == 0)
    claim('the carrier has it', carrier.wait(lambda: carrier.submits[-1].text == 'Hi'))
    carrier.settle(built.gateway.turn)
    claim('and its sender is told', transceiver.hear())
    carrier.report(carrier.submits[-1], 'DELIVRD')
    claim('a receipt comes', transceiver.hear())
    carrier.deliver(ann, SENDER, 'Is it [still] for sale?')
    claim('an MO comes', transceiver.hear())
    carrier.deliver(ann, SENDER, BEYOND, coding='UCS-2')
    claim('an MO beyond GSM 03.38 comes', transceiver.hear())
    source = {'source_addr_ton': 1, 'source_addr_npi': 1, 'source_addr': SENDER[1:]}
    destination = {'dest_addr_ton': 1, 'dest_addr_npi': 1, 'destination_addr': ann[1:]}
    asked = transceiver.ask(Pdu('query_sm', message_id=answer.message_id, **source))
    claim('query_sm is answered', asked.status == 0 and asked.message_state == 2, asked)
    claim('one of nothing is refused',
          transceiver.ask(Pdu('query_sm', message_id='x', **source)).status != 0)
    later = transceiver.submit(SENDER, ann, 'Later', schedule_delivery_time='000000010000000R')
    for status in (0, 0x11):
        asked = transceiver.ask(Pdu('cancel_sm', message_id=later.message_id, **source))
        claim(f'cancel_sm is answered with {status:#x}', asked.status == status, asked)
    for client, people, status in ((transceiver, [ann], 0), (transceiver, [ann, stranger], 0),
                                   (transceiver, [stranger], 0x401), (new, [stranger], 0x401)):
        asked = client.ask(Pdu('submit_multi', dest_address=people, short_message=b'Hi', **source))
        claim(f'a submit_multi is answered with {status:#x}', asked.status == status, asked)
    later = transceiver.submit(SENDER, ann, 'Later', schedule_delivery_time='000000010000000R')
    for identity, status in ((later.message_id, 0), (answer.message_id, 0x13)):
        asked = transceiver.ask(Pdu('replace_sm', message_id=identity, short_message=b'Ho', **source))
        claim(f'a replace_sm is answered with {status:#x}', asked.status == status, asked)
    for number, status in ((ann, 0), (stranger, 0x401)):
        asked = transceiver.ask(Pdu('data_sm', tlvs={TLV_PAYLOAD: b'Hi'}, **source,
                                    **dict(destination, destination_addr=number[1:])))
        claim(f'data_sm is answered with {status:#x}', asked.status == status, asked)
    claim('3.3 is taken', old.submit(SENDER, ann, 'Hi').status == 0)
    for client in clients:
        claim('a stranger is refused', client.submit(SENDER, stranger, 'Hi').status == 0x401)
    claim('enquire_link is answered', transceiver.ask(Pdu('enquire_link')).status == 0)
    transceiver.send_octets(unknown_command(99))
    claim('a client that speaks in tongues is told',
          transceiver.receive(lambda pdu: pdu.command == 'generic_nack'))
    refused = Sender(('127.0.0.1', built.door_port))
    claim('a wrong password is refused', refused.bind('campaigns', 'wrong').status != 0)
    refused.close()


def be_silent(built, world, carrier, client):
    """For as long as it takes both sides of the gateway to ask whether the other lives."""
    world.advance(31, built.gateway.turn)
    asked = client.receive(lambda pdu: pdu.command == 'enquire_link')
    claim('a silent client is asked whether it lives', asked)
    client.send(Pdu('enquire_link_resp', asked.sequence))
    hear_carrier(carrier, 'so is a silent carrier', 'enquire_link')


def prove_frames(built, world, carrier):
    if not carrier.wait_bound(len(CARRIERS)):
        raise Broken('the gateway did not bind')
    ann, stranger = numbers(2)
    answer = built.gateway.opt_in(ann, time_text(world.wall_ms - 60000))
    claim('an opt-in is recorded', answer.status == 201, answer)
    claim('and confirmed', carrier.wait(lambda: len(carrier.submits) == 1))
    carrier.settle(built.gateway.turn)
    clients = open_clients(built)
    say_everything_at_the_door(built, carrier, clients, ann, stranger)
    be_silent(built, world, carrier, clients[0])
    say_everything_to_the_carrier(built, carrier, ann)
    built.gateway.terminate()
    claim('a client hears unbind', clients[0].receive(lambda pdu: pdu.command == 'unbind'))
    for client in clients:
        client.close()
    claim('the gateway ends in order', built.gateway.wait() == 0)


def prove():
    carrier = Carrier()
    world = World(os.path.join(fresh_directory('frames-world'), 'world'))
    try:
        with house('frames', carrier.port, CARRIERS, binary='assent-story',
                   environment={'ASSENT_WORLD': world.path}) as built:
            prove_frames(built, world, carrier)
        frames = built.to_carrier.said_by_us() + built.to_door.said_by_us()
        seen = {kind(frame) for frame in frames}
        claim(f'those were all {len(KINDS)} kinds', seen == KINDS,
              f'missing {sorted(KINDS - seen)}, not named {sorted(seen - KINDS)}')
    finally:
        carrier.close()


if __name__ == '__main__':
    run(prove)
