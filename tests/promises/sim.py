#!/usr/bin/env python3
"""The simulated carrier misbehaves just as its knobs say, set at its start or while it runs."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD  # noqa: E402
from promise import Broken, claim, run  # noqa: E402
from sender import Gone, Sender  # noqa: E402
from smpp import TLV_PAYLOAD, TLV_RECEIPTED_ID, TLV_STATE, Pdu, message_body, message_part  # noqa: E402

PROGRAM = os.path.join(BUILD, 'assent')
DELIVERIES = ('deliver_sm', 'data_sm')


class Sim:
    """The program, its control port, and one bound client."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [PROGRAM, 'sim', '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--quiet',
             '--receipt-after', '0', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        places = re.fullmatch(r'sim ready smpp=([\d.]+):(\d+) control=([\d.]+):(\d+)\n', line)
        if not places:
            raise Broken(f'the carrier did not get ready: {line!r}')
        self.address = (places[1], int(places[2]))
        self.control = socket.create_connection((places[3], int(places[4])), 8)
        self.answers = self.control.makefile('r')
        self.clients = []

    def tell(self, command):
        self.control.sendall(command.encode() + b'\n')
        return self.answers.readline().strip()

    def set(self, *words):
        answer = self.tell('set ' + ' '.join(words))
        if answer != 'ok':
            raise Broken(f'set {words}: {answer}')

    def client(self):
        client = Sender(self.address)
        self.clients.append(client)
        client.send(Pdu('bind_transceiver', system_id='probe', password='', system_type='',
                        interface_version=0x34))
        answer = client.receive(lambda pdu: pdu.command == 'bind_transceiver_resp')
        if answer is None or answer.status:
            raise Broken(f'the carrier did not bind: {answer}')
        return client

    def close(self):
        for client in self.clients:
            client.close()
        self.control.close()
        self.process.terminate()
        self.process.wait(8)
        self.process.stdout.close()


@contextlib.contextmanager
def sim_running(*options):
    sim = Sim(*options)
    try:
        yield sim
    finally:
        sim.close()


def submit(client, number='12065550100', text=b'Hello'):
    return client.send(Pdu('submit_sm', source_addr_ton=1, source_addr_npi=1,
                           source_addr='14155550123', dest_addr_ton=1, dest_addr_npi=1,
                           destination_addr=number, registered_delivery=1, short_message=text))


def answer_to(client, sequence):
    return client.receive(lambda pdu: pdu.command == 'submit_sm_resp' and
                          pdu.sequence == sequence)


def next_answer(client):
    return client.receive(lambda pdu: pdu.command == 'submit_sm_resp')


def next_delivery(client):
    pdu = client.receive(lambda pdu: pdu.command in DELIVERIES)
    if pdu is not None:
        client.send(Pdu(pdu.command + '_resp', pdu.sequence, message_id=''))
    return pdu


def is_gone(client):
    """Whether the connection ends, without an unbind."""
    try:
        client.receive(lambda pdu: pdu.command == 'unbind')
        return False
    except Gone:
        return True


def id_of(client, sequence):
    return answer_to(client, sequence).message_id


def took_ms(client):
    start = time.monotonic()
    answer_to(client, submit(client))
    return (time.monotonic() - start) * 1000


def statuses(client, count):
    """Of so many submits, given at once, in the order of their answers."""
    sequences = [submit(client) for _ in range(count)]
    return [answer_to(client, sequence).status for sequence in sequences]


def prove_settings():
    with sim_running('--latency', '20..40', '--rate', '9', '--errors', '0x58:5', '--seed', '7',
                     '--drop-every', '1000', '--drop-after', '60000', '--digits',
                     '--receipts', 'late:5@20,double') as sim:
        shown = sim.tell('show')
        claim('what was set at the start is shown', shown == (
            'ok latency=20..40 rate=9 errors=0x58:5 drop-every=1000 drop-after=60000 '
            'receipts=late:5@20,double@100 digits=on seed=7'), shown)
        sim.set('latency', '50')
        claim('what was set while it runs is shown', ' latency=50 ' in sim.tell('show'))
        answer = sim.tell('set latency soon')
        claim('a value that says nothing is refused', answer.startswith('error latency: '), answer)
    result = subprocess.run([PROGRAM, 'sim', '--rate', 'fast'], capture_output=True, text=True,
                            check=False)
    claim('and at the start too', result.returncode == 2 and '--rate' in result.stderr,
          f'exit {result.returncode}, {result.stderr!r}')


def prove_latency():
    with sim_running('--latency', '150') as sim:
        client = sim.client()
        wait_ms = took_ms(client)
        claim('an answer takes the latency', wait_ms >= 149, wait_ms)  # timers count whole milliseconds
        sim.set('latency', '60..120')
        waits = [took_ms(client) for _ in range(5)]
        claim('and with a spread no less than its lower end', min(waits) >= 59, waits)
        sim.set('latency', '0')
        claim('without latency it comes at once', min(took_ms(client) for _ in range(5)) < 60)


def prove_rate():
    with sim_running('--rate', '5') as sim:
        answers = statuses(sim.client(), 40)
        taken = answers.count(0)
        claim('above the rate comes ESME_RTHROTTLED', 5 <= taken < 15 and
              answers.count(0x58) == 40 - taken, answers)


def prove_errors():
    with sim_running('--errors', '0x14:50,0x8:10', '--seed', '7') as sim:
        client = sim.client()
        first = statuses(client, 60)
        sim.set('seed', '7')
        again = statuses(client, 60)
        sim.set('seed', '8')
        other = statuses(client, 60)
        claim('errors come at their rate', set(first) == {0, 0x14, 0x08} and
              10 < first.count(0x14) < 50, first)
        claim('the same seed gives the same errors, another one others',
              first == again and first != other)
        sim.set('errors', '0x45:100')
        claim('all of a hundred are all', set(statuses(client, 20)) == {0x45})


def prove_drops():
    with sim_running('--drop-every', '3') as sim:
        client = sim.client()
        sequences = [submit(client) for _ in range(3)]
        answered = [answer_to(client, sequence) for sequence in sequences[:2]]
        claim('the submits before are answered', all(answered) and not any(
            answer.status for answer in answered))
        claim('every third submit ends its connection', is_gone(client))
        claim('and was heard', sim.tell('count 12065550100') == 'ok 3')
        sim.set('drop-every', '0')
        sim.set('drop-after', '100')
        claim('a connection ends when its time is over', is_gone(sim.client()))
        sim.set('drop-after', '0')
        client = sim.client()
        sim.set('drop-after', '100')
        claim('also one that was bound before', is_gone(client))


def prove_receipts():
    with sim_running() as sim:
        client = sim.client()
        first = id_of(client, submit(client))
        plain = next_delivery(client)
        claim('a receipt is a deliver_sm with text and TLVs', plain.esm_class == 4 and
              plain.short_message.startswith(f'id:{first} '.encode()) and
              plain.tlvs[TLV_RECEIPTED_ID] == first.encode() + b'\0' and
              plain.tlvs[TLV_STATE] == b'\2', plain)
        sim.set('receipts', 'double')
        id_of(client, submit(client))
        one, other = next_delivery(client), next_delivery(client)
        claim('a doubled receipt comes twice', one.short_message == other.short_message)
        sim.set('receipts', 'none')
        id_of(client, submit(client))
        sim.set('receipts', 'late:1000')
        late = id_of(client, submit(client))
        sim.set('receipts', 'plain')
        last = id_of(client, submit(client))
        order = [next_delivery(client).tlvs[TLV_RECEIPTED_ID].decode().strip('\0')
                 for _ in range(2)]
        claim('a missing one never comes, a late one after later ones', order == [last, late],
              order)


def mangled(sim, client, form):
    sim.set('receipts', 'mangle:' + form)
    return id_of(client, submit(client)), next_delivery(client)


def prove_forms():
    with sim_running() as sim:
        client = sim.client()
        for form, change in (('id-dec', lambda text: str(int(text, 16))),
                             ('id-upper', str.upper), ('id-zeros', lambda text: '0000' + text)):
            given, receipt = mangled(sim, client, form)
            told = receipt.short_message.decode()[3:].split(' ')[0]
            claim(f'{form}: the receipt writes the id so', told == change(given), (given, told))
        _, receipt = mangled(sim, client, 'no-text')
        claim('no-text: it ends before its text', receipt.short_message.endswith(b' err:000'))
        _, receipt = mangled(sim, client, 'no-tlv')
        claim('no-tlv: it has only its text', not receipt.tlvs and receipt.short_message)
        given, receipt = mangled(sim, client, 'tlv-only')
        claim('tlv-only: it has only its TLVs', not receipt.short_message and
              receipt.tlvs[TLV_RECEIPTED_ID] == given.encode() + b'\0')
        _, receipt = mangled(sim, client, 'as-mo')
        claim('as-mo: esm_class calls it an ordinary text', receipt.esm_class == 0)
        given, receipt = mangled(sim, client, 'as-data_sm')
        claim('as-data_sm: it is a data_sm', receipt.command == 'data_sm' and
              receipt.tlvs[TLV_PAYLOAD].startswith(f'id:{given} '.encode()))
        before = json.loads(sim.tell('status'))['receipts_taken']
        _, _ = mangled(sim, client, 'as-data_sm')
        _, _ = mangled(sim, client, 'as-data_sm')  # its submit is read behind the answer before
        taken = json.loads(sim.tell('status'))['receipts_taken']
        claim('and its answer is understood', taken > before, (before, taken))


def prove_outcomes():
    with sim_running('--digits') as sim:
        client = sim.client()
        for digits, stat in (('0001', b'UNDELIV'), ('0002', b'EXPIRED'), ('0003', b'REJECTD'),
                             ('0004', b'DELETED'), ('0005', b'ACCEPTD'), ('0006', b'UNKNOWN'),
                             ('0100', b'DELIVRD')):
            id_of(client, submit(client, '1206555' + digits))
            text = next_delivery(client).short_message
            claim(f'...{digits} ends as {stat.decode()}', b' stat:' + stat + b' ' in text, text)
        first, second = (answer_to(client, submit(client, '12065550010')) for _ in range(2))
        claim('...0010 is throttled once', (first.status, second.status) == (0x58, 0))
        answer = answer_to(client, submit(client, '12065550011'))
        claim('...0011 has an invalid destination', answer.status == 0x0B)
        silent, plain = submit(client, '12065550012'), submit(client)
        claim('...0012 is never answered', next_answer(client).sequence == plain != silent)
        twice = submit(client, '12065550013')
        claim('...0013 is answered twice', next_answer(client).sequence == twice ==
              next_answer(client).sequence)
        slow, fast = submit(client, '12065550014'), submit(client)
        claim('...0014 is answered after the next one', next_answer(client).sequence == fast and
              next_answer(client).sequence == slow)
        alone = submit(client, '12065550014')
        claim('or within a second, if there is none', next_answer(client).sequence == alone)
        wrong = submit(client, '12065550015')
        claim('...0015 is answered under another sequence number',
              next_answer(client).sequence not in (None, wrong))
        sim.set('digits', 'off')
        answer = answer_to(client, submit(client, '12065550011'))
        claim('unless asked for, digits mean nothing', answer.status == 0)


def prove_silence():
    with sim_running() as sim:
        before = sim.client()
        sim.tell('pause writing')
        sequence = submit(before)
        claim('paused writing, it takes and answers binds', sim.client() is not None)
        before.send(Pdu('enquire_link'))
        claim('and says nothing after', before.receive(lambda pdu: True, 0.3) is None)
        claim('though it hears', json.loads(sim.tell('status'))['heard'] == 1)
        sim.tell('resume')
        claim('what it would have said comes in the end', next_answer(before).sequence == sequence)


def prove_parts():
    with sim_running() as sim:
        client = sim.client()
        mo = 'mo +14155550123 +12065550100 '
        claim('a phone writes in parts', sim.tell(mo + '--parts=3 --order=3,1,1 --reference=9 abcdefghi') ==
              'ok mo=3 bind=1')
        heard = [next_delivery(client) for _ in range(3)]
        claim('which come in the order that is asked for',
              [(message_part(each), message_body(each)[1]) for each in heard] ==
              [((9, 3, 3), b'ghi'), ((9, 3, 1), b'abc'), ((9, 3, 1), b'abc')], heard)
        sim.tell(mo + '--parts=2 --by=sar --reference=513 --data_sm abcd')
        heard = [next_delivery(client) for _ in range(2)]
        claim('by SAR, in data_sm', [(each.command, message_part(each), each.tlvs[TLV_PAYLOAD]) for each in heard] ==
              [('data_sm', (513, 2, 1), b'ab'), ('data_sm', (513, 2, 2), b'cd')], heard)
        sim.tell(mo + '--parts=2 --by=udh16 --reference=513 --udh=0605040B8423F0 --coding=ucs2 a\U0001F600b')
        heard = [message_body(next_delivery(client)) for _ in range(2)]
        claim('behind other elements, no character cut', heard == [
            (bytes.fromhex('05040B8423F0 080402010201'), bytes.fromhex('0061')),
            (bytes.fromhex('05040B8423F0 080402010202'), bytes.fromhex('D83DDE000062'))], heard)
        for words in ('--parts=0 x', '--parts=65 x', '--parts=2 --order=3 x', '--order=0 x', '--by=what x',
                      '--reference=65536 x', '--parts=2 --by=sar --udh=00 x', '--parts=2 ' + 1000 * 'x'):
            claim(f'{words[:40]} is an error', sim.tell(mo + words).startswith('error'))
        claim('options stand behind the addresses, and are none',
              sim.tell('mo --parts=2 +14155550123 +12065550100 ab').startswith('error mo FROM TO'))


def prove_octets():
    """A story can hold it to every octet of what it heard."""
    with sim_running() as sim:
        client = sim.client()
        client.send(Pdu('submit_sm', source_addr='14155550123', destination_addr='12065550100', esm_class=0x40, data_coding=0xF5,
                        short_message=bytes.fromhex('06050415811581deadbeef'), tlvs={0x1400: b'1201\0', 0x020D: b'\x01'}))
        claim('octets behind ports are taken', next_answer(client).status == 0)
        heard = json.loads(sim.tell('messages'))
        claim('messages has the header, the octets and the TLVs as they came',
              (heard['udh'], heard['octets'], heard['data_coding'], heard['tlvs']) ==
              ('06050415811581', 'deadbeef', 0xF5, [{'tag': '0x1400', 'value': '3132303100'}, {'tag': '0x020D', 'value': '01'}]),
              heard)


def prove():
    prove_octets()
    prove_silence()
    prove_parts()
    prove_settings()
    prove_latency()
    prove_rate()
    prove_errors()
    prove_drops()
    prove_receipts()
    prove_forms()
    prove_outcomes()


if __name__ == '__main__':
    run(prove)
