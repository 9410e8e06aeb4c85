"""A third codec's opinion: libsmpp34, which the Osmocom projects speak SMPP with. It reads a frame and
writes it anew; what comes out must say the same."""

import ctypes

from smpp import decode

LIBRARY = 'libsmpp34.so.1'
ROOM = 1 << 20  # for any of its structures; it asks nobody how much there is


class Codec:
    def __init__(self):
        self.library = ctypes.CDLL(LIBRARY)
        self.words = (ctypes.c_char * 2048).in_dll(self.library, 'smpp34_strerror')
        self.pdu = ctypes.create_string_buffer(ROOM)
        self.out = ctypes.create_string_buffer(ROOM)

    def rewritten(self, octets):
        """(what it makes of a frame, None) or (None, why it can't read it)."""
        size = ctypes.c_int()
        ctypes.memset(self.pdu, 0, ROOM)
        if self.library.smpp34_unpack2(self.pdu, octets, len(octets)) != 0 or \
                self.library.smpp34_pack2(self.out, ROOM, ctypes.byref(size), self.pdu) != 0:
            return None, self.words.value.decode(errors='replace')
        return self.out.raw[:size.value], None

    def difference(self, frame):
        """Why it does not agree with us about a frame; None: it does. Refusals are not for it: it
        wants a body that they do not have, and takes a vendor's own status for a fault."""
        pdu = frame.pdu
        if pdu.status:
            return None
        octets, fault = self.rewritten(frame.octets)
        if fault:
            return f'libsmpp34 cannot read it: {fault}'
        theirs = decode(octets)  # it turns the order of TLVs, which has no meaning
        is_same = (theirs.command, theirs.status, theirs.sequence, theirs.fields, theirs.tlvs) == (
            pdu.command, pdu.status, pdu.sequence, pdu.fields, pdu.tlvs)
        return None if is_same else f'libsmpp34 reads {theirs}'
