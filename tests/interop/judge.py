#!/usr/bin/env python3
"""That the judges can say no: frames with a fault in them must not pass, or what they think of ours
would prove nothing."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from dissector import difference, packets  # noqa: E402
from house import fresh_directory  # noqa: E402
from libsmpp34 import Codec  # noqa: E402
from promise import claim, run  # noqa: E402
from smpp import ESM_UDH, TLV_RECEIPTED_ID, TLV_STATE, Pdu  # noqa: E402
from wire import Way, Wire  # noqa: E402

WHOLE = Pdu('deliver_sm', 7, source_addr_ton=1, source_addr_npi=1, source_addr='14155550123',
            dest_addr_ton=1, dest_addr_npi=1, destination_addr='12065550100', esm_class=4,
            short_message=b'id:1 stat:DELIVRD', tlvs={TLV_RECEIPTED_ID: b'1\0', TLV_STATE: b'\2'})
PART = Pdu('submit_sm', 8, source_addr='12065550100', destination_addr='14155550123',
           esm_class=ESM_UDH, short_message=b'\5\0\3\x2a\2\1Hi')
ANSWER = Pdu('submit_sm_resp', 9, message_id='1a2b3c4d')


def cut(octets, length):
    """Whole by its command_length, and too short for its command."""
    return length.to_bytes(4, 'big') + octets[4:length]


def relabelled(octets):
    """Its last TLV claims to be longer than the frame."""
    return octets[:-2] + b'\x09' + octets[-1:]


def written(directory, name, octets):
    """A closed wire on which the gateway said just this."""
    wire = Wire(os.path.join(directory, name + '.pcap'), 0, 'listener')
    wire.keep(Way(True, 40000), octets)
    wire.close()
    return wire


def judged(directory, name, octets, meant=None):
    wire = written(directory, name, octets)
    frame = wire.frames[0]
    if meant is not None:
        frame.octets = meant
    return difference(frame, packets(wire)[0])


def prove_codec(whole, part, answer):
    codec = Codec()
    for words, octets in (('a receipt', whole), ('a part', part), ('an answer', answer)):
        octets_read, fault = codec.rewritten(octets)
        claim(f'libsmpp34 reads {words}', octets_read and len(octets_read) == len(octets), fault)
    _, fault = codec.rewritten(cut(whole, 20))
    claim('and not a field that ends outside the frame', fault)


def prove():
    directory = fresh_directory('judge')
    whole, part, answer = (pdu.encode() for pdu in (WHOLE, PART, ANSWER))
    for words, octets in (('a receipt', whole), ('a part', part), ('an answer', answer)):
        fault = judged(directory, 'whole', octets)
        claim(f'{words} passes', fault is None, fault)
    for words, octets, meant in (
            ('a TLV that ends outside the frame', relabelled(whole), whole),
            ('a field that ends outside the frame', cut(whole, 20), None),
            ('another number than was meant', whole.replace(b'14155550123', b'14155550124'), whole),
            ('another state than was meant', whole[:-1] + b'\5', whole),
            ('another part than was meant', part.replace(b'\2\1Hi', b'\2\2Hi'), part),
            ('another status than was meant', answer[:11] + b'\1' + answer[12:], answer),
            ('no SMPP at all', whole[:4] + b'\0\0\0\x99' + whole[8:], None)):
        fault = judged(directory, 'faulty', octets, meant)
        claim(f'{words} does not: {fault}', fault)
    prove_codec(whole, part, answer)


if __name__ == '__main__':
    run(prove)
