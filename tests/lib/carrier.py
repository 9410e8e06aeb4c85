"""A carrier that does what a test tells it: it takes binds, writes down what it reads in the order
in which it reads it, and answers at once, later, wrongly or never.

One thread does all reading and writing. Each PDU gets the next number of one common order before
it is answered. So "read after the response, on whichever bind" is a comparison of two numbers.
"""

import collections
import itertools
import selectors
import socket
import ssl
import threading
import time

from smpp import (CODINGS, ESM_RECEIPT, ESM_UDH, TLV_PAYLOAD, TLV_RECEIPTED_ID, TLV_REFERENCE,
                  TLV_STATE, Framer, Malformed, Pdu, decode, message_part, message_text,
                  mo_encode)

PATIENCE_S = 8  # how long a test waits for something that must happen; it never waits for nothing

STATES = {'ENROUTE': 1, 'DELIVRD': 2, 'EXPIRED': 3, 'DELETED': 4, 'UNDELIV': 5, 'ACCEPTD': 6,
          'UNKNOWN': 7, 'REJECTD': 8}


class Heard:
    """A PDU that the carrier read."""

    def __init__(self, order, bind, pdu, zero):
        self.order = order
        self.zero = zero
        self.bind = bind
        self.pdu = pdu
        self.message_id = None  # of a submit_sm: what it was, or will be, answered with
        self.answered = False

    @property
    def number(self):
        return '+' + self.pdu.destination_addr.removeprefix('+')

    @property
    def text(self):
        return message_text(self.pdu, self.zero)

    @property
    def part(self):
        return message_part(self.pdu)


class Bind:
    """One connection of the gateway's. `name` is its system_id once it is bound."""

    def __init__(self, sock, place):
        self.sock = sock
        self.place = place
        self.name = None
        self.mode = None     # the command it was bound with; '' if that was refused
        self.framer = Framer()
        self.out = b''
        self.open = True
        self.sequence = itertools.count(1)
        self.responses = {}  # our sequence number: the response, None while it is awaited

    @property
    def is_bound(self):
        return self.open and bool(self.mode)

    @property
    def receives(self):
        return self.is_bound and self.mode != 'bind_transmitter'


class Delivery:
    """A deliver_sm that is on its way to the gateway."""

    def __init__(self, bind, pdu):
        self.bind = bind
        self.pdu = pdu
        self.answer = None  # Heard, once the response was read


class Carrier:
    def __init__(self, accounts=None, port=0, tls=None):
        self.tls = tls       # an ssl.SSLContext for the connections to come; None: plain TCP
        self.refusals = []   # why handshakes failed
        self.accounts = accounts or {'assent': 'secret'}
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.selector = selectors.DefaultSelector()
        self.waker, self.wakee = socket.socketpair()
        self.waker.setblocking(False)
        self.wakee.setblocking(False)
        self.selector.register(self.wakee, selectors.EVENT_READ, 'wake')
        self.orders = itertools.count(1)
        self.message_ids = itertools.count(0x1A2B3C00)
        self.passes = 0
        self.is_closing = False
        self.binds = []
        self.log = []        # Heard, all of them
        self.submits = []    # Heard, the submit_sm among them
        self.complaints = []  # what SMPP does not allow and the gateway did
        self.deliveries = {}  # (bind, sequence): Delivery
        self.holds = False
        self.held = collections.deque()
        self.status = 0
        self.statuses = {}   # number, or (number, part): status, before self.status
        self.bind_status = 0
        self.zero = 'gsm7'   # what it means by data_coding 0
        self.no_transceiver = None  # what a bind_transceiver is refused with
        self.is_reading = True
        self.is_mute = False  # once bound it says nothing, whatever it reads
        self.listener = None
        self.port = port
        self.listen()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # What a test says to it.

    def listen(self):
        with self.lock:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(('127.0.0.1', self.port))
            listener.listen(64)
            listener.setblocking(False)
            self.port = listener.getsockname()[1]
            self.listener = listener
            self.selector.register(listener, selectors.EVENT_READ, 'listener')
            self._wake()

    def leave(self):
        """Drops every connection and takes no new one."""
        with self.lock:
            if self.listener:
                self.selector.unregister(self.listener)
                self.listener.close()
                self.listener = None
            self.drop()

    def drop(self, bind=None):
        with self.lock:
            for each in [bind] if bind else list(self.binds):
                self._close(each)
            self._wake()

    def close(self):
        with self.lock:
            self.leave()
            self.is_closing = True
            self._wake()
        self.thread.join()
        self.selector.close()
        self.waker.close()
        self.wakee.close()

    def read(self, is_reading):
        with self.lock:
            self.is_reading = is_reading
            for bind in self.binds:
                self._watch(bind)
            self._wake()

    def hold(self):
        with self.lock:
            self.holds = True

    def release(self, status=None, count=None):
        """Answers what was held, oldest first; without a count all, and holds no longer."""
        with self.lock:
            if count is None:
                self.holds = False
            for _ in range(len(self.held) if count is None else count):
                if self.held:
                    self._answer_submit(self.held.popleft(), status)
            self._wake()

    def turn_held(self):
        """What is held will be answered newest first."""
        with self.lock:
            self.held.reverse()

    def answer_again(self, heard, distance=0):
        """Answers a submit_sm once more, or under a sequence number so far from its own."""
        with self.lock:
            self._put(heard.bind, Pdu('submit_sm_resp', heard.pdu.sequence + distance,
                                      message_id=heard.message_id))

    def forget_held(self):
        """What is held will never be answered."""
        with self.lock:
            self.held.clear()

    def send(self, bind, pdu):
        """Sends a request; its sequence number is the bind's next unless it has one."""
        with self.lock:
            if not pdu.sequence:
                pdu.sequence = next(bind.sequence)
            bind.responses[pdu.sequence] = None
            self._put(bind, pdu)
            return pdu.sequence

    def send_octets(self, bind, octets):
        with self.lock:
            bind.out += octets
            self._watch(bind)
            self._wake()

    def deliver(self, source, to, text=None, coding='GSM-7', payload=False, udh=None, bind=None,
                octets=None, ton=1, esm_class=0, tlvs=None, command='deliver_sm'):
        """Sends an MO and returns its Delivery; `bind` counts from 1."""
        body = octets
        if octets is None:
            own_udh, body = mo_encode(text, coding)
            udh = udh or own_udh
        if udh is not None:
            esm_class |= ESM_UDH
            body = bytes([len(udh)]) + udh + body
        tlvs = dict(tlvs or {})
        if payload:
            tlvs[TLV_PAYLOAD] = body
        return self.deliver_pdu(Pdu(
            command, source_addr_ton=ton, source_addr_npi=1, source_addr=source.lstrip('+'),
            dest_addr_ton=1, dest_addr_npi=1, destination_addr=to.lstrip('+'),
            esm_class=esm_class, data_coding=CODINGS[coding],
            short_message=b'' if payload else body, tlvs=tlvs), bind)

    def deliver_pdu(self, pdu, bind=None):
        with self.lock:
            open_binds = [each for each in self.binds if each.receives]
            if not open_binds or (bind or 1) > len(open_binds):
                raise AssertionError('no bind to deliver on')
            chosen = open_binds[(bind or 1) - 1]
            delivery = Delivery(chosen, pdu)
            pdu.sequence = next(chosen.sequence)
            self.deliveries[chosen, pdu.sequence] = delivery
            self._put(chosen, pdu)
            return delivery

    def unanswered(self):
        """What was delivered on binds that are still there, and has no answer."""
        with self.lock:
            return [each for each in self.deliveries.values() if each.bind.open and not each.answer]

    def report(self, heard, stat, err='000', bind=None, with_tlvs=True, identity=None, marked=True):
        """Sends the delivery receipt of a submit_sm, under another id than that of its answer if told so."""
        identity = identity or heard.message_id
        text = (f'id:{identity} sub:001 dlvrd:{"001" if stat == "DELIVRD" else "000"} '
                f'submit date:2611231800 done date:2611231801 stat:{stat} err:{err} text:')
        tlvs = {}
        if with_tlvs and marked:
            tlvs = {TLV_RECEIPTED_ID: identity.encode() + b'\0',
                    TLV_STATE: bytes([STATES[stat]])}
        if TLV_REFERENCE in heard.pdu.tlvs:
            tlvs[TLV_REFERENCE] = heard.pdu.tlvs[TLV_REFERENCE]
        return self.deliver(heard.pdu.destination_addr, heard.pdu.source_addr, text, bind=bind,
                            esm_class=ESM_RECEIPT if marked else 0, tlvs=tlvs)

    # What a test asks it.

    def wait(self, is_so, seconds=PATIENCE_S):
        """Waits for a claim about this carrier; False: it did not come true in time."""
        end = time.monotonic() + seconds
        with self.news:
            while not is_so():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self.news.wait(left)
        return True

    def bound(self, name=None):
        with self.lock:
            return [b for b in self.binds if b.is_bound and name in (None, b.name)]

    def wait_bound(self, count, seconds=PATIENCE_S):
        return self.wait(lambda: len(self.bound()) >= count, seconds)

    def to(self, number):
        with self.lock:
            return [heard for heard in self.submits if heard.number == number]

    def barrier(self, bind):
        """Afterwards everything that the gateway had put on this bind before has been read."""
        with self.lock:
            if not bind.is_bound or not self.is_reading or self.is_mute:
                return
            sequence = self.send(bind, Pdu('enquire_link'))
        done = self.wait(lambda: not bind.open or bind.responses[sequence] is not None)
        if not done:
            raise AssertionError(f'bind {bind.place} did not answer an enquire_link')

    def settle(self, turn=lambda: None):
        """Twice: a turn of the gateway, then a barrier on each bind. The first round reads what it
        had to say; the second comes after it has read our answers to that. Binds that are just
        being made are waited for."""
        for _ in range(2):
            turn()
            self.idle()
            if not self.wait(lambda: not [b for b in self.binds if b.open and b.mode is None], 2):
                self.complaints.append('a connection was opened and never bound')
            for bind in self.bound():
                self.barrier(bind)

    def idle(self):
        """Waits until the carrier's own thread has gone once through all that was ready."""
        with self.lock:
            goal = self.passes + 2
            self._wake()
        self.wait(lambda: self._nudge() or self.passes >= goal)

    # The thread.

    def _nudge(self):
        self._wake()
        return False

    def _wake(self):
        try:
            self.waker.send(b'.')
        except BlockingIOError:
            pass  # it is being woken already

    def _run(self):
        while True:
            ready = self.selector.select()
            with self.lock:
                if self.is_closing:
                    return
                for key, events in ready:
                    self._serve(key, events)
                self.passes += 1
                self.news.notify_all()

    def _serve(self, key, events):
        if key.data == 'wake':
            key.fileobj.recv(4096)
        elif key.data == 'listener':
            if self.listener is key.fileobj:
                self._accept()
        elif key.data.open:
            if events & selectors.EVENT_WRITE:
                self._flush(key.data)
            if events & selectors.EVENT_READ and key.data.open:
                self._read(key.data)

    def _accept(self):
        try:
            sock, _ = self.listener.accept()
        except OSError:
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            try:
                sock.settimeout(PATIENCE_S)
                sock = self.tls.wrap_socket(sock, server_side=True)
            except OSError as error:
                self.refusals.append(str(error))
                sock.close()
                return
        sock.setblocking(False)
        bind = Bind(sock, len(self.binds) + 1)
        self.binds.append(bind)
        self.selector.register(sock, selectors.EVENT_READ, bind)

    def _close(self, bind):
        if bind.open:
            bind.open = False
            if bind.sock in self.selector.get_map():
                self.selector.unregister(bind.sock)
            bind.sock.close()
            self.held = collections.deque(h for h in self.held if h.bind is not bind)
            self.news.notify_all()

    def _watch(self, bind):
        if not bind.open:
            return
        events = (selectors.EVENT_READ if self.is_reading else 0) | (
            selectors.EVENT_WRITE if bind.out else 0)
        is_registered = bind.sock in self.selector.get_map()
        if not events and is_registered:
            self.selector.unregister(bind.sock)
        elif events and is_registered:
            self.selector.modify(bind.sock, events, bind)
        elif events:
            self.selector.register(bind.sock, events, bind)

    def _put(self, bind, pdu):
        if bind.open and not (self.is_mute and bind.is_bound):
            bind.out += pdu.encode()
            self._flush(bind)
            self._wake()

    def _flush(self, bind):
        try:
            while bind.out:
                bind.out = bind.out[bind.sock.send(bind.out):]
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self._close(bind)
            return
        self._watch(bind)

    def _read(self, bind):
        try:
            octets = bind.sock.recv(65536)  # more than a TLS record: nothing stays behind in it
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            octets = b''
        if not octets:
            if bind.framer.pending:
                self.complaints.append(f'bind {bind.place} closed in the middle of a PDU')
            self._close(bind)
            return
        try:
            frames = bind.framer.feed(octets)
        except Malformed as error:
            self.complaints.append(str(error))
            self._close(bind)
            return
        for frame in frames:
            self._hear(bind, frame)

    def _hear(self, bind, frame):
        try:
            pdu = decode(frame)
            heard = Heard(next(self.orders), bind, pdu, self.zero)
            if pdu.command == 'submit_sm':
                heard.text, heard.part  # must be readable
        except Malformed as error:
            self.complaints.append(f'{error}: {frame.hex()}')
            return
        self.log.append(heard)
        if pdu.command.startswith('bind_') and not pdu.command.endswith('_resp'):
            self._hear_bind(heard)
        elif not bind.mode:
            self.complaints.append(f'{pdu.command} before a bind')
        elif pdu.command == 'submit_sm':
            self._hear_submit(heard)
        elif pdu.command == 'enquire_link':
            self._put(bind, Pdu('enquire_link_resp', pdu.sequence))
        elif pdu.command == 'unbind':
            self._put(bind, Pdu('unbind_resp', pdu.sequence))
        elif pdu.command.endswith('_resp') or pdu.command == 'generic_nack':
            self._hear_response(heard)
        else:
            self.complaints.append(f'{pdu.command} is nothing that an ESME of ours sends')

    def _hear_bind(self, heard):
        bind, pdu = heard.bind, heard.pdu
        status, answer = self.bind_status, pdu.command + '_resp'
        if self.accounts.get(pdu.system_id) != pdu.password:
            status = 0x0000000E
        if pdu.command == 'bind_transceiver' and self.no_transceiver:
            status, answer = 0x00000003, self.no_transceiver
        self._put(bind, Pdu(answer, pdu.sequence, status, system_id='carrier',
                            tlvs={} if status else {0x0210: b'\x34'}))
        bind.name, bind.mode = pdu.system_id, '' if status else pdu.command

    def _hear_submit(self, heard):
        if heard.bind.mode == 'bind_receiver':
            self.complaints.append('submit_sm on a receiver bind')
        heard.message_id = '%08x' % next(self.message_ids)
        self.submits.append(heard)
        if self.holds:
            self.held.append(heard)
        else:
            self._answer_submit(heard)

    def _answer_submit(self, heard, status=None):
        if status is None:
            status = self.statuses.get((heard.number, heard.part[2]),
                                       self.statuses.get(heard.number, self.status))
        heard.answered = True
        self._put(heard.bind, Pdu('submit_sm_resp', heard.pdu.sequence, status,
                                  message_id=heard.message_id))

    def _hear_response(self, heard):
        bind, sequence = heard.bind, heard.pdu.sequence
        if sequence not in bind.responses and (bind, sequence) not in self.deliveries:
            self.complaints.append(f'a response to nothing: {heard.pdu}')
        bind.responses[sequence] = heard
        if (bind, sequence) in self.deliveries:
            self.deliveries[bind, sequence].answer = heard
