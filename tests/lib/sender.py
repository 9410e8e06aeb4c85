"""A sender's SMPP client: what a program that uses the gateway would do, one step at a time."""

import socket
import time

from smpp import CODINGS, Framer, Malformed, Pdu, decode, text_encode

PATIENCE_S = 8


class Gone(Exception):
    """The gateway closed the connection."""


class Sender:
    def __init__(self, address, tls=None, source=None, sock=None):
        self.sock = sock or socket.create_connection(address, PATIENCE_S, source and (source, 0))
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=address[0])
        self.framer = Framer()
        self.inbox = []      # PDUs read and not yet asked for
        self.sequence = 0
        self.held = None

    def close(self):
        self.sock.close()

    def send(self, pdu):
        if not pdu.sequence:
            self.sequence += 1
            pdu.sequence = self.sequence
        self.send_octets(pdu.encode())
        return pdu.sequence

    def send_octets(self, octets):
        if self.held is None:
            self.sock.sendall(octets)
        else:
            self.held += octets

    def receive(self, is_wanted, seconds=PATIENCE_S):
        """The next PDU that is wanted; the others stay for later. None: it did not come in time."""
        end = time.monotonic() + seconds
        while True:
            for pdu in self.inbox:
                if is_wanted(pdu):
                    self.inbox.remove(pdu)
                    return pdu
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                octets = self.sock.recv(65536)
            except socket.timeout:
                return None
            except OSError:
                octets = b''
            if not octets:
                raise Gone()
            self.inbox += [decode(frame) for frame in self.framer.feed(octets)]

    def tend(self):
        """Answers what asks whether it lives, without waiting for anything."""
        self.receive(lambda pdu: False, 0.001)
        for pdu in [each for each in self.inbox if each.command == 'enquire_link']:
            self.inbox.remove(pdu)
            self.send(Pdu('enquire_link_resp', pdu.sequence))

    def is_closed(self, seconds=PATIENCE_S):
        """Whether the gateway ends this connection; what it says before goes to the inbox."""
        try:
            self.receive(lambda pdu: False, seconds)
        except Gone:
            return True
        except Malformed:
            return False
        return False

    def ask(self, pdu):
        """Sends a request and returns its response (or a generic_nack)."""
        sequence = self.send(pdu)
        answer = self.receive(lambda each: each.sequence == sequence and (
            each.command in (pdu.command + '_resp', 'generic_nack')))
        if answer is None:
            raise AssertionError(f'{pdu.command} was not answered')
        return answer

    def bind(self, system_id, password, mode='bind_transceiver', interface_version=0x34):
        return self.ask(Pdu(mode, system_id=system_id, password=password, system_type='',
                            interface_version=interface_version))

    def submit_pdu(self, source, to, text, coding='GSM-7', registered_delivery=0, ton=1, **fields):
        return Pdu('submit_sm', source_addr_ton=1, source_addr_npi=1,
                   source_addr=source.lstrip('+'), dest_addr_ton=ton, dest_addr_npi=1,
                   destination_addr=to.lstrip('+'), registered_delivery=registered_delivery,
                   data_coding=CODINGS[coding],
                   short_message=text_encode(text, CODINGS[coding]), **fields)

    def hold(self):
        """What is sent from now on leaves in one piece, with `let_go`."""
        self.held = b''

    def let_go(self):
        octets, self.held = self.held, None
        self.send_octets(octets)

    def answer_to(self, pdu):
        return self.receive(lambda each: each.sequence == pdu.sequence and each.command == pdu.command + '_resp')

    def submit(self, *args, **options):
        return self.ask(self.submit_pdu(*args, **options))

    def hear(self):
        """The next deliver_sm, which is answered."""
        pdu = self.receive(lambda each: each.command == 'deliver_sm')
        if pdu:
            self.send(Pdu('deliver_sm_resp', pdu.sequence, message_id=''))
        return pdu
