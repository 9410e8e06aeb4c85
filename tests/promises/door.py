#!/usr/bin/env python3
"""The door of senders who speak SMPP: bind, submit, hear; and every block with its own status."""

import re
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, SENDER  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402
from smpp import (CODINGS, ESM_UDH, TLV_ADDITIONAL_STATUS, TLV_PAYLOAD, TLV_RECEIPTED_ID, TLV_SAR_REF,  # noqa: E402
                  TLV_SAR_SEQ, TLV_SAR_TOTAL, TLV_STATE, Pdu, message_body, message_part,
                  message_text, text_encode)


ENQUIRE_LINK, PARAM_RETRIEVE = 0x15, 0x22


def client_of(gateway, mode='bind_transceiver', version=0x34):
    client = Sender(gateway.smpp_address)
    answer = client.bind('campaigns', 's3cret12', mode, version)
    claim(f'{mode} with version 0x{version:02X} is taken', answer.status == 0, answer)
    return client


def prove_binds(gateway):
    for words, system_id, password, status in (
            ('a wrong password', 'campaigns', 'wrong', 0x0E),
            ('an unknown system_id', 'nobody', 's3cret12', 0x0F)):
        client = Sender(gateway.smpp_address)
        answer = client.bind(system_id, password)
        claim(f'{words} is refused', answer.status in (status, 0x0D, 0x0E, 0x0F), answer)
        client.close()
    client = Sender(gateway.smpp_address)
    claim('enquire_link is answered before the bind', client.ask(Pdu('enquire_link')).status == 0)
    client.close()
    client = client_of(gateway, 'bind_receiver')
    answer = client.submit(SENDER, numbers(1)[0], 'Hi')
    claim('a receiver may not submit', answer.status == 0x04, answer)
    client.close()


def refused(gateway, words, status, source=None, login=('campaigns', 's3cret12')):
    client = Sender(gateway.smpp_address, source=source)
    answer = client.bind(*login)
    claim(f'{words}: 0x{status:02X}', answer.status == status, answer)
    client.close()


def prove_guard(gateway):
    """Sessions of an account come from where it says, no more of them than it may have; and who guesses is shut out."""
    near, hears = ('near', 's3cret34'), ('hears', 's3cret56', 'bind_receiver')
    refused(gateway, 'from an address that the account does not name', 0x0D, login=near)
    clients = [Sender(gateway.smpp_address, source='127.0.0.2') for _ in range(3)]
    claim('from one that it names it may come, twice', [each.bind(*near).status for each in clients[:2]] == [0, 0])
    claim('a third session is one too many', clients[2].bind(*near).status == 0x05)
    clients[0].ask(Pdu('unbind'))
    for each in clients:
        each.close()
    later = Sender(gateway.smpp_address, source='127.0.0.2')
    until('where one has gone another may come', lambda: later.bind(*near).status == 0)
    later.close()
    stale = Sender(gateway.smpp_address, source='127.0.0.4')
    for _ in range(8):
        refused(gateway, 'the same wrong password again and again', 0x0D, '127.0.0.4', ('campaigns', 'ofold'))
    claim('is no guess', stale.bind('campaigns', 's3cret12').status == 0)
    stale.close()
    for guess in '123':
        refused(gateway, 'a guess', 0x0D, '127.0.0.3', ('campaigns', guess))
    own = Sender(gateway.smpp_address, source='127.0.0.3')
    claim('a right login of its own is taken', own.bind(*hears).status == 0)
    own.close()
    for guess in '456':
        refused(gateway, 'and forgives no guess', 0x0D, '127.0.0.3', ('campaigns', guess))
    refused(gateway, 'then even the right password', 0x0D, '127.0.0.3')
    own = Sender(gateway.smpp_address, source='127.0.0.3')
    claim('but that which was right from there before', own.bind(*hears).status == 0)
    own.close()
    client = client_of(gateway)
    claim('from elsewhere the account may bind', client.ask(Pdu('enquire_link')).status == 0)
    client.close()
    claim('it is counted', 'assent_smpp_shut_out_total 1' in gateway.http.get('/metrics').octets.decode())


def prove_roles(gateway, ann):
    """Without the role of a sender an account may hear, and neither send nor ask."""
    client = Sender(gateway.smpp_address)
    claim('it may bind as a receiver', client.bind('hears', 's3cret56', 'bind_receiver').status == 0)
    answer = client.ask(Pdu('data_sm', source_addr=SENDER[1:], source_addr_ton=1, source_addr_npi=1, dest_addr_ton=1,
                            dest_addr_npi=1, destination_addr=ann[1:], tlvs={TLV_PAYLOAD: b'Hi'}))
    claim('data_sm over it is refused', answer.status == 0x45, answer)
    client.close()


def prove_messages(gateway, carrier, ann, bob, stranger):
    client = client_of(gateway)
    begin = len(carrier.submits)
    answer = client.submit(SENDER, ann, 'Hi {Ann}', registered_delivery=1)
    claim('submit_sm of one who said yes: ESME_ROK and an id of 32 hexadecimal digits',
          answer.status == 0 and re.fullmatch('[0-9a-f]{32}', answer.message_id), answer)
    identity = answer.message_id
    claim('the carrier heard it', carrier.wait(lambda: len(carrier.submits) > begin) and
          carrier.submits[begin].text == 'Hi {Ann}')
    dashed = '-'.join((identity[:8], identity[8:12], identity[12:16], identity[16:20],
                       identity[20:]))
    until('it is sent', lambda: (gateway.message(dashed).body or {}).get('status') == 'sent')
    carrier.report(carrier.submits[begin], 'DELIVRD')
    receipt = client.hear()
    claim('its receipt comes as deliver_sm, with the id in text and TLV',
          receipt and receipt.esm_class & 0x3C == 4 and
          f'id:{identity} ' in message_text(receipt) and 'stat:DELIVRD' in message_text(receipt) and
          receipt.tlvs[TLV_RECEIPTED_ID].rstrip(b'\0').decode() == identity and
          receipt.tlvs[TLV_STATE] == b'\x02', receipt)
    carrier.deliver(ann, SENDER, 'Is it still for sale?')
    heard = client.hear()
    claim('what she writes comes as deliver_sm', heard and heard.esm_class & 0x3C == 0 and
          message_text(heard) == 'Is it still for sale?' and heard.source_addr == ann[1:], heard)
    carrier.deliver(ann, SENDER, octets=b'\x00\xff\x80', coding='binary')
    heard = client.hear()
    claim('what is no text comes as the octets that it is', heard and heard.data_coding == 4 and
          heard.short_message == b'\x00\xff\x80', heard)
    carrier.deliver(ann, SENDER, 'Şimdi mi?', coding='Turkish')
    heard = client.hear()
    claim('a text in national tables comes as one that every client reads',
          heard and message_text(heard) == 'Şimdi mi?' and heard.data_coding == 8, heard)
    for words, number, source, status in (
            ('no consent', stranger, SENDER, 0x401),
            ('a sender of nobody', ann, '+12065550177', 0x408),
            ('a number that is none', '12', SENDER, 0x0B)):
        answer = client.submit(source, number, 'Hi')
        claim(f'{words}: 0x{status:03X}', answer.status == status, answer)
    carrier.deliver(bob, SENDER, 'STOP')
    heard = client.hear()
    claim('a STOP is handed on as well', heard and message_text(heard) == 'STOP', heard)
    answer = client.submit(SENDER, bob, 'Hi')
    claim('after it: 0x403', answer.status == 0x403, answer)
    claim('enquire_link is answered', client.ask(Pdu('enquire_link')).status == 0)
    client.sequence += 1
    client.send_octets(struct.pack('>IIII', 18, PARAM_RETRIEVE, 0, client.sequence) + b'x\0')
    answer = client.receive(lambda pdu: pdu.sequence == client.sequence)
    claim('what it does not offer is answered with ESME_RINVCMDID', answer.status == 3, answer)
    claim('unbind is answered, and the connection ends',
          client.ask(Pdu('unbind')).status == 0 and client.is_closed())
    client.close()


def prove_parts(gateway, carrier, ann, stranger):
    """A text that its sender cut goes on in its parts, each judged by itself."""
    client = client_of(gateway)
    for words, headers, coding, texts in (
            ('by UDH', [b'\5\0\3\x2a\2\1', b'\5\0\3\x2a\2\2'], 'GSM-7', ('A' * 153, 'B{}')),
            ('by UDH of 16 bits', [b'\6\x08\4\x12\x34\2\1', b'\6\x08\4\x12\x34\2\2'], 'UCS-2', ('Ł' * 66, 'plain'))):
        begin = len(carrier.submits)
        for header, text in zip(headers, texts):
            pdu = client.submit_pdu(SENDER, ann, text, coding, esm_class=ESM_UDH)
            pdu.fields['short_message'] = header + pdu.fields['short_message']
            answer = client.ask(pdu)
            claim(f'a part {words} is taken', answer.status == 0, answer)
        claim('both go out', carrier.wait(lambda: len(carrier.submits) >= begin + 2))
        heard = [each.pdu for each in carrier.submits[begin:begin + 2]]
        claim('in one alphabet, and with their headers', [each.esm_class for each in heard] == [ESM_UDH] * 2 and
              [bytes(each.short_message[:len(headers[0])]) for each in heard] == headers and
              {each.data_coding for each in heard} == {CODINGS[coding]} and
              [message_body(each)[1] for each in heard] == [text_encode(each, CODINGS[coding]) for each in texts],
              [each.short_message for each in heard])
    begin = len(carrier.submits)
    sar = {TLV_SAR_REF: b'\0\x07', TLV_SAR_TOTAL: b'\2'}
    for number, text in ((1, b'One '), (2, b'Two')):
        pdu = client.submit_pdu(SENDER, ann, text.decode())
        pdu.tlvs = {**sar, TLV_SAR_SEQ: bytes([number])}
        claim('a part by SAR is taken', client.ask(pdu).status == 0)
    claim('and goes out by UDH', carrier.wait(lambda: len(carrier.submits) >= begin + 2) and
          [message_part(each.pdu) for each in carrier.submits[begin:]] == [(7, 2, 1), (7, 2, 2)])
    pdu = client.submit_pdu(SENDER, stranger, 'Hi', esm_class=ESM_UDH)
    pdu.fields['short_message'] = b'\5\0\3\x2b\2\1Hi'
    claim('a part to a stranger is refused like everything else', client.ask(pdu).status == 0x401)
    pdu = client.submit_pdu(SENDER, ann, 'Hi', esm_class=ESM_UDH)
    pdu.fields['short_message'] = b'\5\0\3\x2b\2\1' + b'A' * 154
    claim('a part that is more than one is refused', client.ask(pdu).status == 0x01)
    client.close()


def prove_groups(gateway, carrier, ann, stranger):
    """As many as the text allows, and no more."""
    client = client_of(gateway)
    source = {'source_addr_ton': 1, 'source_addr_npi': 1, 'source_addr': SENDER[1:]}
    for words, people, status in (('nobody', [], 0x33), ('254 times the same stranger', [stranger] * 254, 0x401),
                                  ('255 destinations', [ann] * 255, 0x33)):
        answer = client.ask(Pdu('submit_multi', dest_address=people, short_message=b'Hi', **source))
        claim(f'a submit_multi to {words}: 0x{status:02X}', answer.status == status, answer)
    many = numbers(260)[6:]
    begin = len(carrier.submits)
    answer = client.ask(Pdu('submit_multi', dest_address=[ann] + many[:253], short_message=b'Hi all', **source))
    claim('of 254 the one that said yes is sent to, and 253 are named', answer.status == 0 and
          answer.unsuccess_sme == {each[1:]: 0x401 for each in many[:253]} and
          carrier.wait(lambda: [each.text for each in carrier.submits[begin:]] == ['Hi all']))
    client.send_octets(struct.pack('>IIII', 43, 0x21, 0, 777) + b'\0\1\1' + SENDER[1:].encode() + b'\0\1\3' + bytes(10))
    answer = client.receive(lambda pdu: pdu.sequence == 777)
    claim('a dest_flag that is none: 0x40', answer.status == 0x40, answer)
    client.close()
    client = client_of(gateway, version=0x50)
    answer = client.ask(Pdu('submit_multi', dest_address=[ann] + many[:254], short_message=b'Hi', **source))
    claim('in 5.0 it may be 255', answer.status == 0 and len(answer.unsuccess_sme) == 254, answer)
    client.close()


def deviations(gateway):
    found = re.findall(r'^assent_sender_deviations_total{deviation="(\w+)"} (\d+)$',
                       gateway.http.get('/metrics').octets.decode(), re.M)
    return {name: int(count) for name, count in found}


def prove_deviations(gateway):
    """What a peer does against the text is forgiven, and counted by name."""
    before = deviations(gateway)
    client = client_of(gateway)
    client.send_octets(struct.pack('>IIII', 24, ENQUIRE_LINK, 0, 77) + bytes(8))
    claim('octets behind an enquire_link are forgiven', client.receive(lambda pdu: pdu.sequence == 77))
    after = deviations(gateway)
    claim('and counted by name', sum(after.values()) == sum(before.values()) + 1, after)
    client.close()
    until('it is gone', lambda: 'assent_smpp_sessions 0' in gateway.http.get('/metrics').octets.decode())
    claim('also when it has gone', deviations(gateway) == after, after)


def prove_bad_headers(gateway, carrier, ann):
    """What a phone's header can't mean is no part: the text stands alone, and its carrier is counted."""
    sar = {TLV_SAR_REF: b'\0\7', TLV_SAR_TOTAL: b'\2', TLV_SAR_SEQ: b'\1'}
    for name, options in (('part_impossible', {'udh': bytes([0, 3, 7, 2, 3])}),
                          ('header_broken', {'udh': bytes([0, 9, 7, 2, 1])}),
                          ('header_too_long', {'octets': b'\x20text', 'esm_class': ESM_UDH}),
                          ('header_beside_sar', {'udh': bytes([0x20, 1, 0]), 'tlvs': sar}),
                          ('part_too_long', {'octets': 256 * b'x', 'payload': True, 'tlvs': sar})):
        delivery = carrier.deliver(ann, SENDER, None if 'octets' in options else f'{name}.', **options)
        claim(f'{name}: it is answered', carrier.wait(lambda: delivery.answer) and not delivery.answer.pdu.status)
        found = re.search(r'assent_carrier_deviations_total\{[^}]*"' + name + r'"[^}]*\} 1\b',
                          gateway.http.get('/metrics').octets.decode())
        claim('and counted', found, gateway.http.get('/metrics').octets.decode())
    texts = [each['text'] for each in gateway.http.get('/v1/inbound?limit=5').body['items']]
    claim('none waits for another part', len(texts) == 5 and 'part_impossible.' in texts and
          gateway.http.get('/v1/inbound?limit=5').body['items'][0]['parts'] is None, texts)


def prove_versions(gateway, carrier, ann, stranger):
    client = client_of(gateway, version=0x50)
    client.send(client.submit_pdu(SENDER, stranger, 'Hi'))
    answer = client.receive(lambda pdu: pdu.command == 'submit_sm_resp')
    claim('to a 5.0 session a block says why in additional_status_info_text',
          answer.status == 0x401 and answer.tlvs.get(TLV_ADDITIONAL_STATUS), answer)
    client.close()
    client = client_of(gateway, 'bind_transmitter', 0x33)
    answer = client.submit(SENDER, ann, 'Hi')
    claim('a 3.3 session gets an id of 8 characters at most, and no TLVs',
          answer.status == 0 and 0 < len(answer.message_id) <= 8 and not answer.tlvs, answer)
    client.close()


def prove_waiting(gateway, carrier, ann):
    """Nobody is bound: what comes in waits for the next receiver."""
    delivery = carrier.deliver(ann, SENDER, 'Anybody there?')
    claim('an MO with no receiver bound is taken', carrier.wait(lambda: delivery.answer))
    client = client_of(gateway, 'bind_receiver')
    texts = []
    for _ in range(10):
        heard = client.hear()
        if not heard:
            break
        texts.append(message_text(heard))
        if texts[-1] == 'Anybody there?':
            break
    claim('and comes to the next receiver', 'Anybody there?' in texts, texts)
    client.close()


LONG = 'I would like to know more about the house. ' * 7


def write_long(carrier, who, reference, ports=b''):
    """A phone's long text, its last part first."""
    pieces = [LONG[at:at + 150] for at in range(0, len(LONG), 150)]
    for place in reversed(range(len(pieces))):
        udh = ports + bytes([0, 3, reference, len(pieces), place + 1])
        delivery = carrier.deliver(who, SENDER, udh=udh, octets=text_encode(pieces[place], CODINGS['GSM-7']))
        claim('a part of an MO is taken', carrier.wait(lambda: delivery.answer), delivery)


def hear_text(client):
    return client.receive(lambda each: each.command == 'deliver_sm' and not each.esm_class & 0x04)


def answer_text(client, heard, status=0):
    client.send(Pdu('deliver_sm_resp', heard.sequence, status=status, message_id=''))


def prove_long_texts(gateway, carrier, ann):
    """What a person wrote in parts is one text to the sender: in one deliver_sm where TLVs are known, in parts where not."""
    client = client_of(gateway, 'bind_receiver')
    write_long(carrier, ann, 21)
    heard = client.hear()
    claim('a long text comes as one, in message_payload', heard and heard.tlvs[TLV_PAYLOAD].decode() == LONG and
          not heard.esm_class, heard)
    write_long(carrier, ann, 22, ports=bytes([5, 4, 0x0B, 0x84, 0x23, 0xF0]))
    heard = client.hear()
    claim('its ports come with it', heard and heard.tlvs.get(0x020B) == b'\x0B\x84' and
          heard.tlvs.get(0x020A) == b'\x23\xF0', heard)
    client.close()
    write_long(carrier, ann, 23)
    client = client_of(gateway, 'bind_receiver', 0x33)
    first = hear_text(client)
    claim('a 3.3 session gets it in parts', first and message_part(first)[1:] == (2, 1), first)
    claim('one after the other', client.receive(lambda each: each.command == 'deliver_sm', 0.3) is None)
    client.close()
    client = client_of(gateway, 'bind_receiver', 0x33)
    first = hear_text(client)
    claim('whole to the next one, where it left in the middle', first and message_part(first)[1:] == (2, 1), first)
    answer_text(client, first)
    second = hear_text(client)
    answer_text(client, second)
    claim('and all of it', message_text(first) + message_text(second) == LONG and
          message_part(first)[0] == message_part(second)[0], second)
    carrier.deliver(ann, SENDER, 'And then?')
    heard = hear_text(client)
    claim('once', heard and message_text(heard) == 'And then?', heard)
    answer_text(client, heard)
    client.close()


def prove():
    with gateway_running('door', accounts={'near': {
            'system_id': 'near', 'password': 's3cret34', 'roles': ['sender'], 'programs': [PROGRAM],
            'addresses': ['192.0.2.0/24', '127.0.0.2'], 'max_binds': 2},
            'hears': {'system_id': 'hears', 'password': 's3cret56', 'roles': ['compliance'],
                      'programs': [PROGRAM]}}) as (gateway, carrier):
        ann, bob, stranger = numbers(3)
        opt_in_all(gateway, carrier, [ann, bob])
        prove_binds(gateway)
        prove_guard(gateway)
        prove_roles(gateway, ann)
        prove_messages(gateway, carrier, ann, bob, stranger)
        prove_deviations(gateway)
        prove_parts(gateway, carrier, ann, stranger)
        prove_groups(gateway, carrier, ann, stranger)
        prove_versions(gateway, carrier, ann, stranger)
        prove_waiting(gateway, carrier, ann)
        prove_long_texts(gateway, carrier, ann)
        prove_bad_headers(gateway, carrier, ann)


if __name__ == '__main__':
    run(prove)
