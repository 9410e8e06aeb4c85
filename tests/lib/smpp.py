"""SMPP 3.4 as the tests speak it: a codec of its own, written from the specification and not from
the gateway's tables, so that the two can disagree. Strict when it reads: what the gateway sends
must be exact.
"""

import struct

HEADER = struct.Struct('>IIII')

COMMANDS = {
    0x80000000: 'generic_nack',
    0x00000001: 'bind_receiver', 0x80000001: 'bind_receiver_resp',
    0x00000002: 'bind_transmitter', 0x80000002: 'bind_transmitter_resp',
    0x00000003: 'query_sm', 0x80000003: 'query_sm_resp',
    0x00000004: 'submit_sm', 0x80000004: 'submit_sm_resp',
    0x00000005: 'deliver_sm', 0x80000005: 'deliver_sm_resp',
    0x00000006: 'unbind', 0x80000006: 'unbind_resp',
    0x00000007: 'replace_sm', 0x80000007: 'replace_sm_resp',
    0x00000008: 'cancel_sm', 0x80000008: 'cancel_sm_resp',
    0x00000009: 'bind_transceiver', 0x80000009: 'bind_transceiver_resp',
    0x0000000B: 'outbind',
    0x00000015: 'enquire_link', 0x80000015: 'enquire_link_resp',
    0x00000021: 'submit_multi', 0x80000021: 'submit_multi_resp',
    0x80000022: 'param_retrieve_resp',
    0x00000103: 'data_sm', 0x80000103: 'data_sm_resp',
}
IDS = {name: number for number, name in COMMANDS.items()}

# A field: its name, and 'B' for an octet, 'S' for octets after their length octet, 'D' for
# destinations and 'F' for refused ones after their count, or the most octets a C-octet string may
# have, its NUL among them (SMPP 3.4, chapter 4).
_BIND = (('system_id', 16), ('password', 9), ('system_type', 13), ('interface_version', 'B'),
         ('addr_ton', 'B'), ('addr_npi', 'B'), ('address_range', 41))
_SOURCE = (('source_addr_ton', 'B'), ('source_addr_npi', 'B'), ('source_addr', 21))
_DESTINATION = (('dest_addr_ton', 'B'), ('dest_addr_npi', 'B'), ('destination_addr', 21))
_CONTENT = (
    ('esm_class', 'B'), ('protocol_id', 'B'), ('priority_flag', 'B'),
    ('schedule_delivery_time', 17), ('validity_period', 17), ('registered_delivery', 'B'),
    ('replace_if_present_flag', 'B'), ('data_coding', 'B'), ('sm_default_msg_id', 'B'),
    ('short_message', 'S'))
_MESSAGE = (('service_type', 6),) + _SOURCE + _DESTINATION + _CONTENT
_ID = (('message_id', 65),)
FIELDS = {
    'bind_receiver': _BIND, 'bind_transmitter': _BIND, 'bind_transceiver': _BIND,
    'bind_receiver_resp': (('system_id', 16),), 'bind_transmitter_resp': (('system_id', 16),),
    'bind_transceiver_resp': (('system_id', 16),),
    'submit_sm': _MESSAGE, 'deliver_sm': _MESSAGE,
    'submit_sm_resp': _ID, 'deliver_sm_resp': _ID, 'data_sm_resp': _ID,
    'submit_multi': (('service_type', 6),) + _SOURCE + (('dest_address', 'D'),) + _CONTENT,
    'submit_multi_resp': _ID + (('unsuccess_sme', 'F'),),
    'replace_sm': _ID + _SOURCE + (
        ('schedule_delivery_time', 17), ('validity_period', 17), ('registered_delivery', 'B'),
        ('sm_default_msg_id', 'B'), ('short_message', 'S')),
    'outbind': (('system_id', 16), ('password', 9)),
    'query_sm': _ID + _SOURCE,
    'query_sm_resp': _ID + (('final_date', 17), ('message_state', 'B'), ('error_code', 'B')),
    'cancel_sm': (('service_type', 6),) + _ID + _SOURCE + _DESTINATION,
    'data_sm': (('service_type', 6),) + _SOURCE + (
        ('dest_addr_ton', 'B'), ('dest_addr_npi', 'B'), ('destination_addr', 65),
        ('esm_class', 'B'), ('registered_delivery', 'B'), ('data_coding', 'B')),
}

TLV_ADDITIONAL_STATUS = 0x001D
TLV_RECEIPTED_ID = 0x001E
TLV_REFERENCE = 0x0204  # user_message_reference: a receipt repeats it
TLV_SAR_REF, TLV_SAR_TOTAL, TLV_SAR_SEQ = 0x020C, 0x020E, 0x020F
TLV_PAYLOAD = 0x0424
TLV_STATE = 0x0427
TLV_CONGESTION = 0x0428

ESM_RECEIPT = 0x04
ESM_UDH = 0x40


class Malformed(Exception):
    """A PDU that SMPP does not allow."""


class Pdu:
    """One PDU. Fields are attributes; TLVs a dict of tag to octets."""

    def __init__(self, command, sequence=0, status=0, tlvs=None, **fields):
        self.command = command
        self.sequence = sequence
        self.status = status
        self.tlvs = dict(tlvs or {})
        self.fields = fields

    def __getattr__(self, name):
        try:
            return self.__dict__['fields'][name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self):
        return (f'{self.command}#{self.sequence} status=0x{self.status:08X} '
                f'{self.fields} {self.tlvs}')

    def encode(self):
        body = b''
        if not (self.status and self.command.endswith('_resp')):
            for name, kind in FIELDS.get(self.command, ()):
                body += _encode_field(kind, self.fields.get(name, 0 if kind == 'B' else b''))
        for tag, value in self.tlvs.items():
            body += struct.pack('>HH', tag, len(value)) + value
        return HEADER.pack(16 + len(body), IDS[self.command], self.status, self.sequence) + body


def _encode_field(kind, value):
    if kind == 'B':
        return bytes([value])
    if isinstance(value, str):
        value = value.encode('latin-1')
    if kind == 'S':
        return bytes([len(value)]) + value
    if kind == 'D':  # numbers; a name that is none stands for a distribution list
        return bytes([len(value)]) + b''.join(
            b'\1\1\1' + each[1:].encode() + b'\0' if each.startswith('+') else b'\2' + each.encode() + b'\0'
            for each in value or ())
    return value + b'\0'


def decode(frame):
    """Reads one whole frame; raises Malformed for the slightest deviation."""
    length, command_id, status, sequence = HEADER.unpack_from(frame)
    if length != len(frame):
        raise Malformed(f'command_length {length}, but {len(frame)} octets')
    if command_id not in COMMANDS:
        raise Malformed(f'unknown command 0x{command_id:08X}')
    pdu = Pdu(COMMANDS[command_id], sequence, status)
    at = 16
    if at == length and (status or pdu.command.endswith('_resp')):
        return pdu  # a response with an error needs no body
    for name, kind in FIELDS.get(pdu.command, ()):
        pdu.fields[name], at = _decode_field(pdu, name, kind, frame, at)
    while at < length:
        if length - at < 4:
            raise Malformed(f'{pdu.command}: {length - at} octets behind the last field')
        tag, size = struct.unpack_from('>HH', frame, at)
        if at + 4 + size > length:
            raise Malformed(f'{pdu.command}: TLV 0x{tag:04X} ends outside the PDU')
        if tag in pdu.tlvs:
            raise Malformed(f'{pdu.command}: TLV 0x{tag:04X} twice')
        pdu.tlvs[tag] = bytes(frame[at + 4:at + 4 + size])
        at += 4 + size
    return pdu


def _decode_field(pdu, name, kind, frame, at):
    if kind == 'B':
        if at >= len(frame):
            raise Malformed(f'{pdu.command} ends before {name}')
        return frame[at], at + 1
    if kind == 'S':
        size = frame[at] if at < len(frame) else 256
        if at + 1 + size > len(frame):
            raise Malformed(f'{pdu.command}: {name} ends outside the PDU')
        return bytes(frame[at + 1:at + 1 + size]), at + 1 + size
    if kind == 'F':
        return _decode_failures(pdu, frame, at)
    end = frame.find(b'\0', at, at + kind)
    if end < 0:
        raise Malformed(f'{pdu.command}: {name} has no NUL within {kind} octets')
    return bytes(frame[at:end]).decode('latin-1'), end + 1


def _decode_failures(pdu, frame, at):
    """{address: status}"""
    failures, left = {}, frame[at] if at < len(frame) else 256
    at += 1
    for _ in range(left):
        end = frame.find(b'\0', at + 2, at + 23)
        if end < 0 or end + 5 > len(frame):
            raise Malformed(f'{pdu.command}: an entry of unsuccess_sme ends outside the PDU')
        failures[bytes(frame[at + 2:end]).decode('latin-1')] = int.from_bytes(frame[end + 1:end + 5], 'big')
        at = end + 5
    return failures, at


class Framer:
    """Cuts a stream of octets into frames."""

    def __init__(self):
        self.pending = b''

    def feed(self, octets):
        self.pending += octets
        frames = []
        at = 0
        while len(self.pending) - at >= 4:
            length = struct.unpack_from('>I', self.pending, at)[0]
            if not 16 <= length <= 70000:
                raise Malformed(f'command_length {length}')
            if len(self.pending) - at < length:
                break
            frames.append(self.pending[at:at + length])
            at += length
        self.pending = self.pending[at:]
        return frames


# Text. The default alphabet of 3GPP 23.038, one code an octet, as SMPP carries it.

GSM7 = ('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?'
        '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
GSM7_EXTENSION = {0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\', 0x3C: '[', 0x3D: '~',
                  0x3E: ']', 0x40: '|', 0x65: '€'}
_GSM7_CODES = {char: bytes([code]) for code, char in enumerate(GSM7)}
_GSM7_CODES.update({char: bytes([0x1B, code]) for code, char in GSM7_EXTENSION.items()})

# The Turkish tables (23.038 A.2.1, A.3.1): what they have in other places.
TURKISH_EXTENSION = {**GSM7_EXTENSION, 0x47: 'Ğ', 0x49: 'İ', 0x53: 'Ş', 0x63: 'ç', 0x67: 'ğ',
                     0x69: 'ı', 0x73: 'ş'}
_TURKISH_PLACES = {0x04: '€', 0x07: 'ı', 0x0B: 'Ğ', 0x0C: 'ğ', 0x1C: 'Ş', 0x1D: 'ş', 0x40: 'İ',
                   0x60: 'ç'}
TURKISH = ''.join(_TURKISH_PLACES.get(code, char) for code, char in enumerate(GSM7))

CODINGS = {'GSM-7': 0x00, 'packed': 0x00, 'Turkish': 0x00, 'ASCII': 0x01, 'binary': 0x04,
           'Latin-1': 0x03, 'Cyrillic': 0x06, 'Hebrew': 0x07, 'UCS-2': 0x08}
_CODECS = {0x01: 'ascii', 0x03: 'latin-1', 0x04: 'utf-8', 0x06: 'iso8859-5', 0x07: 'iso8859-8',
           0x08: 'utf-16-be'}


def septets_pack(septets):
    """Seven bits each, the first in the lowest bits; seven bits that are left hold a CR."""
    bits = sum(septet << 7 * at for at, septet in enumerate(septets))
    if len(septets) % 8 == 7:
        bits |= 0x0D << 7 * len(septets)
    return bits.to_bytes((7 * len(septets) + 7) // 8, 'little')


def septets_unpack(octets, header_size):
    """Behind a header of so many octets, whose last septet may reach into the text."""
    fill = -header_size * 8 % 7
    count = (8 * len(octets) - fill) // 7
    bits = int.from_bytes(octets, 'little') >> fill
    septets = bytes(bits >> 7 * at & 0x7F for at in range(count))
    is_filled = 8 * len(octets) - fill == 7 * count and septets[-1:] == b'\r'
    return septets[:-1] if is_filled else septets


def text_encode(text, coding=0x00):
    if coding in _CODECS:
        return text.encode(_CODECS[coding])
    return b''.join(_GSM7_CODES[char] for char in text)


def plain_coding(coding):
    """The coding of SMPP's own that has the alphabet of a group of 3GPP 23.038 section 4."""
    if coding < 0x10:
        return 0x04 if coding == 0x02 else coding
    if coding >= 0xF0:
        return 0x04 if coding & 4 else 0x00
    if coding >= 0xC0:
        return 0x08 if coding >= 0xE0 else 0x00
    return (0x00, 0x04, 0x08, 0x00)[coding >> 2 & 3] if coding < 0x20 else coding


def mo_encode(text, name):
    """(UDH or None, octets) of what a handset writes, in one of CODINGS."""
    if name == 'packed':
        return None, septets_pack(text_encode(text))
    if name == 'Turkish':
        codes = {char: bytes([0x1B, code]) for code, char in TURKISH_EXTENSION.items()}
        return bytes([0x24, 1, 1]), b''.join(
            codes.get(char) or _GSM7_CODES[char] for char in text)
    return None, text_encode(text, CODINGS[name])


def text_decode(octets, coding, zero='gsm7', tables=(GSM7, GSM7_EXTENSION), header_size=0):
    coding = plain_coding(coding)
    if coding == 0x04:
        return octets.hex()
    if coding in _CODECS:
        return octets.decode(_CODECS[coding])
    if coding != 0x00:
        raise Malformed(f'data_coding 0x{coding:02X}')
    if zero in ('latin1', 'ascii'):
        return octets.decode(zero)
    if zero == 'gsm7_packed':
        octets = septets_unpack(octets, header_size)
    default, extension = tables
    text, escaped = '', False
    for code in octets:
        if code > 0x7F:
            raise Malformed(f'0x{code:02X} is no code of the default alphabet')
        if escaped:
            text += extension.get(code, default[code])
            escaped = False
        elif code == 0x1B:
            escaped = True
        else:
            text += default[code]
    if escaped:
        raise Malformed('an escape without its code: an extension character was cut in two')
    return text


def message_body(pdu):
    """(UDH without its length octet, octets of the text) of a submit_sm or deliver_sm."""
    octets = pdu.tlvs.get(TLV_PAYLOAD) or pdu.short_message
    if pdu.short_message and TLV_PAYLOAD in pdu.tlvs:
        raise Malformed('short_message and message_payload at once')
    if not pdu.esm_class & ESM_UDH:
        return b'', octets
    size = octets[0] if octets else 0
    if not octets or size + 1 > len(octets):
        raise Malformed('the UDH ends outside the text')
    return octets[1:1 + size], octets[1 + size:]


def message_part(pdu):
    """(reference, total, number) of a part of a long message; (None, 1, 1) of a whole one."""
    if TLV_SAR_REF in pdu.tlvs:
        return (int.from_bytes(pdu.tlvs[TLV_SAR_REF], 'big'), pdu.tlvs[TLV_SAR_TOTAL][0],
                pdu.tlvs[TLV_SAR_SEQ][0])
    udh, _ = message_body(pdu)
    at = 0
    while at + 2 <= len(udh):
        kind, size = udh[at], udh[at + 1]
        value = udh[at + 2:at + 2 + size]
        if len(value) != size:
            raise Malformed('an element of the UDH ends outside it')
        if kind == 0x00 and size == 3:
            return value[0], value[1], value[2]
        if kind == 0x08 and size == 4:
            return int.from_bytes(value[:2], 'big'), value[2], value[3]
        at += 2 + size
    if at != len(udh):
        raise Malformed('octets behind the last element of the UDH')
    return None, 1, 1


def message_tables(pdu):
    """The tables that the header names, of those languages that are known here."""
    udh, _ = message_body(pdu)
    at, default, extension = 0, GSM7, GSM7_EXTENSION
    while at + 2 <= len(udh):
        if udh[at] in (0x24, 0x25) and udh[at + 2] != 1:
            raise Malformed(f'language {udh[at + 2]}')
        if udh[at] == 0x24:
            extension = TURKISH_EXTENSION
        if udh[at] == 0x25:
            default = TURKISH
        at += 2 + udh[at + 1]
    return default, extension


def message_text(pdu, zero='gsm7'):
    """zero: what data_coding 0 means to whoever reads it, as the setting says it."""
    udh, octets = message_body(pdu)
    return text_decode(octets, pdu.data_coding, zero, message_tables(pdu),
                       len(udh) + 1 if udh else 0)
