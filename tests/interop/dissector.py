"""What Wireshark's dissector makes of a capture: every frame of the gateway's must be read without
complaint, and field by field as the tests' own codec reads it."""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from libsmpp34 import Codec
from promise import Broken, claim
from smpp import FIELDS, message_body, message_part

BODY_AT = 40  # behind the IP and TCP headers of the capture
UNDER_SMPP = ['geninfo', 'frame', 'raw', 'ip', 'tcp']
# What it shows bit by bit or in two manners stands under other names than the specification's.
NAMES = {'esm_class': ('esm.submit.msg_mode',), 'registered_delivery': ('regdel.receipt',),
         'schedule_delivery_time': ('schedule_delivery_time', 'schedule_delivery_time_r'),
         'validity_period': ('validity_period', 'validity_period_r'), 'short_message': ('message',)}
WARNING = 0x00600000  # of _ws.expert.severity: chat and note are below


def packets(wire):
    """The packets of its capture as tshark reads them, one a frame."""
    home = os.path.dirname(wire.path)  # nobody's own preferences count
    result = subprocess.run(
        ['tshark', '-n', '-r', wire.path, '-d', 'tcp.port==2775,smpp', '-T', 'pdml'],
        capture_output=True, timeout=60, env=dict(os.environ, HOME=home, XDG_CONFIG_HOME=home))
    if result.returncode != 0:
        raise Broken(f'tshark does not read {wire.path}: {result.stderr[-500:]}')
    # It shows joined texts as they are, codes of GSM 03.38 among them, which no XML may have.
    text = re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f]', '?', result.stdout.decode(errors='replace'))
    return ElementTree.fromstring(text).findall('packet')


def octets_of(field):
    return bytes.fromhex(field.get('unmaskedvalue') or field.get('value'))


def shown(smpp, name):
    """The octets behind a field's names; None where tshark leaves it out, as it does when empty."""
    for each in NAMES.get(name, (name,)):
        field = smpp.find(f"field[@name='smpp.{each}']")
        if field is not None:
            return octets_of(field)
    return None


def sent(kind, value):
    if kind == 'B':
        return bytes([value])
    return value if kind == 'S' else value.encode('latin-1') + b'\0'


def difference_of_fields(pdu, smpp):
    for name, kind in FIELDS.get(pdu.command, ()):
        if kind == 'F':
            continue  # tshark shows a list as it likes: libsmpp34 holds it against ours
        ours, theirs = sent(kind, pdu.fields[name]), shown(smpp, name)
        if theirs != ours and not (theirs is None and ours in (b'', b'\0')):
            return f'{name} was sent as {ours!r} and read as {theirs!r}'
    return None


def difference_of_tlvs(pdu, smpp):
    theirs = []
    for each in smpp.findall("field[@name='smpp.opt_params']/field[@name='smpp.opt_param']"):
        tag, length, *values = each.findall('field')
        theirs.append((int(tag.get('show'), 16), int(length.get('show')),
                       b''.join(octets_of(value) for value in values)))
    ours = [(tag, len(value), value) for tag, value in pdu.tlvs.items()]
    return None if ours == theirs else f'TLVs were sent as {ours} and read as {theirs}'


def difference_of_header(pdu, packet):
    """The user data header of a part, which another dissector reads."""
    if pdu.command not in ('submit_sm', 'deliver_sm') or not message_body(pdu)[0]:
        return None
    numbers = []
    for name in ('msg_id', 'msg_parts', 'msg_part'):
        field = next((each for each in packet.iter('field') for ending in (name, name + '_16')
                      if each.get('name') == f'gsm_sms.udh.mm.{ending}'), None)
        numbers.append(None if field is None else int(field.get('value'), 16))
    ours = message_part(pdu)
    if ours[0] is None:
        ours = (None, None, None)  # a header that says something else than which part it is
    return None if ours == tuple(numbers) else f'it is part {ours} and was read as {numbers}'


def complaint(packet):
    for expert in packet.iterfind(".//field[@name='_ws.expert']"):
        if int(expert.find("field[@name='_ws.expert.severity']").get('show')) >= WARNING:
            return 'tshark warns: ' + expert.find("field[@name='_ws.expert.message']").get('show')
    protocols = [proto.get('name') for proto in packet.findall('proto')]
    known = UNDER_SMPP + ['smpp']
    if protocols[:len(known)] != known or set(protocols[len(known):]) - {'gsm_sms_ud'}:
        return f'tshark reads it as {protocols}'
    if any(each.get('name', '').startswith('_ws.malformed') for each in packet.iter()):
        return 'tshark calls it malformed'
    return None


def difference(frame, packet):
    """Why tshark does not agree with us about a frame; None: it does."""
    words = complaint(packet) if frame.is_framed else 'these octets are no frame'
    if words:
        return words
    pdu, smpp = frame.pdu, packet.find("proto[@name='smpp']")
    if int(smpp.get('pos')) != BODY_AT or int(smpp.get('size')) != len(frame.octets):
        return f'tshark reads {smpp.get("size")} octets of {len(frame.octets)}'
    header = b''.join(shown(smpp, name) or bytes(4) for name in (
        'command_length', 'command_id', 'command_status', 'sequence_number'))
    if header != frame.octets[:16]:
        return f'the header is read as {header.hex()}'
    if pdu.status:
        return None  # it never looks behind the header of a refusal; the libraries do
    return (difference_of_fields(pdu, smpp) or difference_of_tlvs(pdu, smpp) or
            difference_of_header(pdu, packet))


def prove_capture(words, wire):
    """Claims that both understand everything that the gateway said on a closed wire."""
    read, ours, codec = packets(wire), wire.said_by_us(), Codec()
    if len(read) != len(wire.frames):
        raise Broken(f'{words}: tshark sees {len(read)} of {len(wire.frames)} frames')
    for frame in ours:
        fault = difference(frame, read[frame.place - 1]) or codec.difference(frame)
        if fault:
            raise Broken(f'{words}: {fault}: {frame.octets.hex()}')
    claim(f'{words}: tshark and libsmpp34 read our {len(ours)} frames as they were meant',
          len(ours) > 0)
