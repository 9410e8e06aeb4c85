#!/usr/bin/env python3
"""The tests' own tools, tested: the codec against octets written by hand, the carrier against a
client. Exit 0 if all hold."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import smpp  # noqa: E402
from carrier import Carrier  # noqa: E402
from sender import Gone, Sender  # noqa: E402
from smpp import Malformed, Pdu, decode  # noqa: E402
from world import World, time_text  # noqa: E402

# By the field tables of SMPP 3.4 4.4.1 and 4.1.1, octet by octet.
SUBMIT = bytes.fromhex(
    '00000039 00000004 00000000 00000002' '00' '0101 3132303635353530313030 00'
    '0101 3134313535353530313233 00' '00 00 00' '00' '00' '01 00 00 00' '02 4869')
BIND = bytes.fromhex('00000023 00000009 00000000 00000001'
                     '617373656e7400' '73656372657400' '00' '34 00 00' '00')


class TheCodec(unittest.TestCase):
    def test_writes_a_submit_as_the_specification_lays_it_out(self):
        pdu = Pdu('submit_sm', 2, source_addr_ton=1, source_addr_npi=1, source_addr='12065550100',
                  dest_addr_ton=1, dest_addr_npi=1, destination_addr='14155550123',
                  registered_delivery=1, short_message=b'Hi')
        self.assertEqual(pdu.encode(), SUBMIT)

    def test_reads_it_back(self):
        pdu = decode(SUBMIT)
        self.assertEqual((pdu.command, pdu.sequence, pdu.destination_addr, pdu.short_message),
                         ('submit_sm', 2, '14155550123', b'Hi'))

    def test_reads_a_bind(self):
        pdu = decode(BIND)
        self.assertEqual((pdu.system_id, pdu.password, pdu.interface_version),
                         ('assent', 'secret', 0x34))

    def test_refuses_what_is_cut_short_at_any_place(self):
        for size in range(16, len(SUBMIT)):
            frame = size.to_bytes(4, 'big') + SUBMIT[4:size]
            with self.assertRaises(Malformed, msg=size):
                decode(frame)

    def test_refuses_octets_behind_the_end(self):
        frame = (len(SUBMIT) + 3).to_bytes(4, 'big') + SUBMIT[4:] + b'\0\0\0'
        self.assertRaises(Malformed, decode, frame)

    def test_cuts_a_stream_wherever_it_was_split(self):
        for cut in range(len(BIND + SUBMIT)):
            framer, stream = smpp.Framer(), BIND + SUBMIT
            frames = framer.feed(stream[:cut]) + framer.feed(stream[cut:])
            self.assertEqual(frames, [BIND, SUBMIT])

    def test_knows_the_default_alphabet(self):
        self.assertEqual(smpp.text_encode('@£_{€Ü'), bytes.fromhex('00 01 11 1b28 1b65 5e'))
        self.assertEqual(smpp.text_decode(bytes.fromhex('001b655e'), 0), '@€Ü')
        self.assertEqual(len(smpp.GSM7), 128)
        self.assertRaises(Malformed, smpp.text_decode, b'a\x1b', 0)

    def test_finds_the_parts_of_a_long_text(self):
        def part(udh):
            return smpp.message_part(Pdu('submit_sm', esm_class=0x40, data_coding=0,
                                         short_message=bytes([len(udh)]) + udh + b'x'))
        self.assertEqual(part(bytes.fromhex('00 03 2a 03 02')), (0x2A, 3, 2))
        self.assertEqual(part(bytes.fromhex('08 04 1234 03 01')), (0x1234, 3, 1))
        self.assertEqual(part(bytes.fromhex('05 04 0b84 23f0')), (None, 1, 1))
        self.assertRaises(Malformed, part, bytes.fromhex('00 03 2a'))


class TheCarrier(unittest.TestCase):
    def setUp(self):
        self.carrier = Carrier()
        self.addCleanup(self.carrier.close)

    def client(self, mode='bind_transceiver'):
        client = Sender(('127.0.0.1', self.carrier.port))
        self.addCleanup(client.close)
        self.assertEqual(client.bind('assent', 'secret', mode).status, 0)
        return client

    def test_refuses_a_wrong_password(self):
        client = Sender(('127.0.0.1', self.carrier.port))
        self.addCleanup(client.close)
        self.assertEqual(client.bind('assent', 'wrong').status, 0x0E)
        self.assertEqual(self.carrier.bound(), [])

    def test_takes_a_text_and_gives_it_an_id(self):
        answer = self.client().submit('+12065550100', '+14155550123', 'Hi {you}')
        heard = self.carrier.to('+14155550123')
        self.assertEqual([each.text for each in heard], ['Hi {you}'])
        self.assertEqual(answer.message_id, heard[0].message_id)

    def test_holds_answers_until_told(self):
        client = self.client()
        self.carrier.hold()
        sequence = client.send(client.submit_pdu('+12065550100', '+14155550123', 'Hi'))
        self.assertEqual(client.ask(Pdu('enquire_link')).command, 'enquire_link_resp')
        self.assertEqual(client.inbox, [])
        self.carrier.release(0x58)
        answer = client.receive(lambda pdu: pdu.sequence == sequence)
        self.assertEqual(answer.status, 0x58)

    def test_numbers_what_it_reads_across_binds(self):
        one, two = self.client(), self.client()
        for count in range(20):
            (one, two)[count % 2].submit('+12065550100', '+14155550123', str(count))
        self.assertEqual([each.text for each in self.carrier.to('+14155550123')],
                         [str(count) for count in range(20)])
        orders = [each.order for each in self.carrier.log]
        self.assertEqual(orders, list(range(1, len(orders) + 1)))

    def test_delivers_and_keeps_the_answer(self):
        client = self.client()
        for coding in ('GSM-7', 'Latin-1', 'UCS-2'):
            for options in ({}, {'payload': True}, {'udh': bytes.fromhex('05040b8423f0')}):
                delivery = self.carrier.deliver('+14155550123', '+12065550100', 'STOP é', coding,
                                                **options)
                pdu = client.hear()
                self.assertEqual(smpp.message_text(pdu), 'STOP é')
                self.assertTrue(self.carrier.wait(lambda: delivery.answer))

    def test_delivers_in_every_alphabet(self):
        client = self.client()
        for coding, text, zero in (('packed', 'STOPALL', 'gsm7_packed'), ('Turkish', 'Şş [€]', 'gsm7'),
                                   ('ASCII', 'STOP', 'gsm7'), ('Cyrillic', 'СТОП', 'gsm7'),
                                   ('Hebrew', 'הסר', 'gsm7')):
            delivery = self.carrier.deliver('+14155550123', '+12065550100', text, coding)
            self.assertEqual(smpp.message_text(client.hear(), zero), text)
            self.assertTrue(self.carrier.wait(lambda: delivery.answer))

    def test_delivers_on_receiving_binds_only(self):
        self.client('bind_transmitter')
        with self.assertRaises(AssertionError):
            self.carrier.deliver('+14155550123', '+12065550100', 'Hi')
        receiver = self.client('bind_receiver')
        self.carrier.deliver('+14155550123', '+12065550100', 'Hi')
        self.assertEqual(smpp.message_text(receiver.hear()), 'Hi')

    def test_reports_a_receipt(self):
        client = self.client()
        client.submit('+12065550100', '+14155550123', 'Hi')
        heard = self.carrier.submits[0]
        self.carrier.report(heard, 'DELIVRD')
        pdu = client.hear()
        self.assertEqual(pdu.esm_class, 4)
        self.assertIn(f'id:{heard.message_id} ', smpp.message_text(pdu))
        self.assertEqual(pdu.tlvs[smpp.TLV_STATE], b'\x02')

    def test_stops_reading_and_reads_again(self):
        client = self.client()
        self.carrier.read(False)
        client.send(client.submit_pdu('+12065550100', '+14155550123', 'Hi'))
        self.carrier.idle()
        self.assertEqual(self.carrier.submits, [])
        self.carrier.read(True)
        self.assertTrue(self.carrier.wait(lambda: self.carrier.submits))

    def test_drops_leaves_and_comes_back(self):
        client = self.client()
        self.carrier.leave()
        self.assertRaises(Gone, client.receive, lambda pdu: True)
        self.assertRaises(OSError, Sender, ('127.0.0.1', self.carrier.port))
        self.carrier.listen()
        self.client()

    def test_complains_of_what_smpp_forbids(self):
        client = self.client()
        frame = bytearray(SUBMIT)
        frame[-3] = 200  # sm_length beyond the end
        client.send_octets(bytes(frame))
        self.assertTrue(self.carrier.wait(lambda: self.carrier.complaints))

    def test_a_barrier_waits_for_the_other_side(self):
        client = self.client()
        bind = self.carrier.bound()[0]
        sequence = self.carrier.send(bind, Pdu('enquire_link'))
        asked = client.receive(lambda pdu: pdu.command == 'enquire_link')
        client.send(client.submit_pdu('+12065550100', '+14155550123', 'Before'))
        client.send(Pdu('enquire_link_resp', asked.sequence))
        self.assertTrue(self.carrier.wait(lambda: bind.responses[sequence]))
        self.assertEqual([each.text for each in self.carrier.submits], ['Before'])


class TheWorld(unittest.TestCase):
    def test_goes_on_in_steps_and_tells_each(self):
        with tempfile.TemporaryDirectory() as directory:
            world = World(os.path.join(directory, 'world'))
            steps = []
            self.assertEqual(time_text(world.wall_ms), '2026-11-23T18:00:00.000Z')
            world.advance(2.5, lambda: steps.append(time_text(world.wall_ms)[17:23]))
            self.assertEqual(steps, ['01.000', '02.000', '02.500'])


if __name__ == '__main__':
    unittest.main(verbosity=0)
