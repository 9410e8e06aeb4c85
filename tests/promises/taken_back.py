#!/usr/bin/env python3
"""A sender asks what became of a message, and takes back what has not left: over SMPP (query_sm, cancel_sm) and over
HTTP (DELETE). What was taken back reaches nobody; what has left stays what it is; nobody sees another's messages."""

import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, SENDER, Client  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402
from sender import Sender  # noqa: E402
from smpp import TLV_PAYLOAD, Pdu, message_text  # noqa: E402

ESME_RINVDSTADR, ESME_RINVMSGID, ESME_RCANCELFAIL = 0x0B, 0x0C, 0x11
ENROUTE, DELIVERED, DELETED = 1, 2, 4
IN_AN_HOUR = '000000010000000R'
FROM = {'source_addr_ton': 1, 'source_addr_npi': 1, 'source_addr': SENDER[1:]}


def bound(gateway, version=0x34, system_id='campaigns', password='s3cret12'):
    client = Sender(gateway.smpp_address)
    answer = client.bind(system_id, password, interface_version=version)
    claim(f'{system_id} is bound with version 0x{version:02X}', answer.status == 0, answer)
    return client


def query(client, identity, **source):
    return client.ask(Pdu('query_sm', message_id=identity, **(source or FROM)))


def cancel(client, identity='', to='', **source):
    return client.ask(Pdu('cancel_sm', message_id=identity, dest_addr_ton=1, dest_addr_npi=1,
                          destination_addr=to.lstrip('+'), **(source or FROM)))


def scheduled(client, to, text, **fields):
    answer = client.submit(SENDER, to, text, schedule_delivery_time=IN_AN_HOUR, **fields)
    claim('a text for later is taken', answer.status == 0, answer)
    return answer.message_id


def in_an_hour():
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime('%FT%TZ')


def uuid(identity):
    return '-'.join(identity[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def prove_smpp(gateway, carrier, ann):
    client = bound(gateway)
    begin = len(carrier.submits)
    identity = scheduled(client, ann, 'Later', registered_delivery=1)
    answer = query(client, identity)
    claim('what waits is ENROUTE, and has no final date', answer.status == 0 and
          answer.message_id == identity and answer.message_state == ENROUTE and not answer.final_date, answer)
    for words, asked in (('from another source', lambda: query(client, identity, source_addr='12065550177')),
                         ('that never was', lambda: query(client, '0' * 32)),
                         ('whose id is none', lambda: query(client, 'x'))):
        answer = asked()
        claim(f'a message {words} is not found', answer.status == ESME_RINVMSGID, answer)
    claim('nor taken back', cancel(client, '0' * 32).status == ESME_RCANCELFAIL)
    answer = cancel(client, identity)
    claim('it is taken back', answer.status == 0, answer)
    heard = client.hear()
    claim('the receipt that was asked for says so', heard and 'stat:DELETED' in message_text(heard), heard)
    answer = query(client, identity)
    claim('then it is DELETED, with a final date', answer.message_state == DELETED and len(answer.final_date) == 16,
          answer)
    claim('a second time is one too many', cancel(client, identity).status == ESME_RCANCELFAIL)
    claim('HTTP says the same', gateway.message(uuid(identity)).body['status'] == 'cancelled')
    answer = client.submit(SENDER, ann, 'Now')
    claim('a text is sent', carrier.wait(lambda: len(carrier.submits) > begin) and
          carrier.submits[begin].text == 'Now')
    claim('what has left is not taken back', cancel(client, answer.message_id).status == ESME_RCANCELFAIL)
    carrier.report(carrier.submits[begin], 'DELIVRD')
    until('it is DELIVERED', lambda: query(client, answer.message_id).message_state == DELIVERED)
    client.close()


def prove_all_of_one(gateway, ann, bob):
    """An empty message_id: all from this source to this destination (SMPP 3.4, 4.9)."""
    client = bound(gateway)
    hers = [scheduled(client, ann, f'Later {number}') for number in range(3)]
    his = scheduled(client, bob, 'Later')
    for number in range(300):
        gateway.send(ann, f'Later, number {number}', send_at=in_an_hour())
    claim('all to somebody else who has none', cancel(client, to='+14155550199').status == ESME_RCANCELFAIL)
    claim('all to no number', cancel(client, to='12').status == ESME_RINVDSTADR)
    claim('all of nobody in particular', cancel(client, to=ann, source_addr='').status == ESME_RINVDSTADR)
    claim('all to her are taken back at once', cancel(client, to=ann).status == 0)
    claim('those that came over HTTP too', gateway.http.get(
        '/v1/messages?status=scheduled&to=' + ann.replace('+', '%2B')).body['items'] == [])
    claim('and his is not', [query(client, each).message_state for each in hers] == [DELETED] * 3 and
          query(client, his).message_state == ENROUTE)
    claim('his is by its id', cancel(client, his).status == 0)
    client.close()


def prove_short_ids(gateway, ann):
    client = bound(gateway, 0x33)
    identity = scheduled(client, ann, 'Later')
    claim('a 3.3 session asks by its short id', len(identity) == 8 and
          query(client, identity).message_state == ENROUTE)
    claim('and takes back by it', cancel(client, identity).status == 0)
    client.close()


def prove_others(gateway, ann):
    client, other = bound(gateway), bound(gateway, system_id='others', password='s3cret34')
    identity = scheduled(client, ann, 'Later')
    claim('another account can ask nothing', query(other, identity).status == ESME_RINVMSGID)
    claim('and take back nothing', cancel(other, identity).status == ESME_RCANCELFAIL and
          cancel(other, to=ann).status == ESME_RCANCELFAIL)
    stranger = Client(gateway.http_address, key='o' * 32)
    claim('nor over HTTP', stranger.call('DELETE', f'/v1/messages/{uuid(identity)}').status == 404)
    claim('it is still there', query(client, identity).message_state == ENROUTE)
    claim('its own account takes it back over HTTP',
          gateway.http.call('DELETE', f'/v1/messages/{uuid(identity)}').body['status'] == 'cancelled')
    client.close()
    other.close()


def prove_http(gateway, carrier, ann):
    identity = gateway.send(ann, 'Later', send_at=in_an_hour()).body['id']
    path = f'/v1/messages/{identity}'
    for _ in range(2):
        answer = gateway.http.call('DELETE', path)
        claim('DELETE takes it back, and again says that it is', answer.status == 200 and
              answer.body['status'] == 'cancelled' and answer.body['id'] == identity, answer)
    gateway.http.post('/v1/programs/pause')
    held = gateway.send(ann, 'Held').body['id']
    claim('what a pause holds can be taken back',
          gateway.http.call('DELETE', f'/v1/messages/{held}').status == 200)
    gateway.http.post('/v1/programs/resume')
    begin = len(carrier.submits)
    sent = gateway.send(ann, 'Sent').body['id']
    claim('a text is sent', carrier.wait(lambda: len(carrier.submits) > begin) and
          carrier.submits[begin].text == 'Sent')
    answer = gateway.http.call('DELETE', f'/v1/messages/{sent}')
    claim('what has left is 409 has_left', answer.status == 409 and answer.body['code'] == 'has_left', answer)
    for path in ('/v1/messages/x', '/v1/messages/00000000-0000-7000-8000-000000000000'):
        claim('what never was is 404', gateway.http.call('DELETE', path).status == 404)
    events = [each['what'] for each in gateway.message(identity).body['events']]
    claim('the message says what happened', events == ['accepted', 'cancelled'], events)


def prove_data_sm(gateway, carrier, ann, stranger):
    client = bound(gateway)
    begin = len(carrier.submits)
    for number, status in ((ann, 0), (stranger, 0x401)):
        answer = client.ask(Pdu('data_sm', dest_addr_ton=1, dest_addr_npi=1, destination_addr=number[1:],
                                registered_delivery=1, tlvs={TLV_PAYLOAD: b'By another way'}, **FROM))
        claim(f'data_sm is judged like submit_sm: 0x{status:03X}', answer.status == status, answer)
    claim('and goes out as one', carrier.wait(lambda: len(carrier.submits) > begin) and
          carrier.submits[-1].text == 'By another way')
    claim('without a text it is refused', client.ask(
        Pdu('data_sm', dest_addr_ton=1, dest_addr_npi=1, destination_addr=ann[1:], **FROM)).status != 0)
    client.close()


def prove():
    ann, bob, stranger = numbers(3)
    with gateway_running('taken_back', accounts={'others': {
            'api_key': 'o' * 32, 'system_id': 'others', 'password': 's3cret34', 'roles': ['sender'],
            'programs': [PROGRAM]}}) as (gateway, carrier):
        opt_in_all(gateway, carrier, [ann, bob])
        prove_smpp(gateway, carrier, ann)
        prove_all_of_one(gateway, ann, bob)
        prove_short_ids(gateway, ann)
        prove_others(gateway, ann)
        prove_http(gateway, carrier, ann)
        prove_data_sm(gateway, carrier, ann, stranger)
        claim('nothing that was taken back was sent', not [heard.text for heard in carrier.submits
                                                           if heard.text.startswith(('Later', 'Held'))])


if __name__ == '__main__':
    run(prove)
