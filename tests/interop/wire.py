"""A wire with an ear: passes octets between two programs unchanged and keeps every SMPP frame that
it saw, as a list and as a capture file that tshark reads. It needs no rights, as sniffing would.

The capture is plain IPv4 and TCP around one frame a packet. Checksums are left 0: tshark does not
look at them unless told to.
"""

import socket
import struct
import threading

from smpp import Framer, Malformed, decode

SMPP_PORT = 2775  # in the capture the listening side has it, whatever it had in truth
LOOPBACK = socket.inet_aton('127.0.0.1')
LINKTYPE_RAW = 101
PSH_ACK = 0x18


class Frame:
    """What one side said to the other in one PDU."""

    def __init__(self, place, octets, of_listener, is_framed):
        self.place = place              # in the capture, from 1
        self.octets = octets
        self.of_listener = of_listener  # said by the side that was connected to
        self.is_framed = is_framed      # False: octets that are no frame
        self.ours = False

    @property
    def pdu(self):
        return decode(self.octets)


class Way:
    """One direction of one connection."""

    def __init__(self, of_listener, client_port):
        self.of_listener = of_listener
        self.client_port = client_port
        self.framer = Framer()
        self.is_lost = False  # a length made no sense: from here on there are no frames
        self.sent = 1

    def cut(self, octets):
        if not self.is_lost:
            try:
                return [(frame, True) for frame in self.framer.feed(octets)]
            except Malformed:
                self.is_lost = True
                octets = self.framer.pending
        return [(octets, False)]

    def packet(self, octets):
        ports = (SMPP_PORT, self.client_port) if self.of_listener else (self.client_port, SMPP_PORT)
        tcp = struct.pack('>HHIIBBHHH', *ports, self.sent, 1, 5 << 4, PSH_ACK, 65535, 0, 0)
        self.sent += len(octets)
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(octets), 0, 0, 64, socket.IPPROTO_TCP, 0)
        return ip + LOOPBACK + LOOPBACK + tcp + octets


class Wire:
    """Listens on a port of its own; each connection to it becomes one to `port`. `ours` says which
    side is the gateway: 'client' or 'listener'."""

    def __init__(self, path, port, ours):
        self.path = path
        self.port = port
        self.ours = ours
        self.frames = []
        self.lock = threading.Lock()
        self.ended = False
        self.sockets = []
        self.file = open(path, 'wb')
        self.file.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE_RAW))
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        """Cuts what is still connected; the capture is whole afterwards."""
        with self.lock:
            self.ended = True
            for each in [self.listener] + self.sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it ended by itself
                each.close()
            self.file.close()

    def said_by_us(self):
        with self.lock:
            return [frame for frame in self.frames if frame.ours]

    def _listen(self):
        while True:
            try:
                near, peer = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(('127.0.0.1', self.port))
            except OSError:
                near.close()  # nobody there: to who connected it looks like that
                continue
            with self.lock:
                self.sockets += [near, far]
            for source, sink, of_listener in ((near, far, False), (far, near, True)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                way = Way(of_listener, peer[1])
                threading.Thread(target=self._pass_on, args=(source, sink, way),
                                 daemon=True).start()

    def _pass_on(self, source, sink, way):
        try:
            while octets := source.recv(65536):
                self.keep(way, octets)
                sink.sendall(octets)
        except OSError:
            pass  # a reset ends the way as a close does
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def keep(self, way, octets):
        with self.lock:
            if self.ended:
                return
            for frame, is_framed in way.cut(octets):
                kept = Frame(len(self.frames) + 1, frame, way.of_listener, is_framed)
                kept.ours = way.of_listener == (self.ours == 'listener')
                self.frames.append(kept)
                packet = way.packet(frame)
                size = len(packet)
                self.file.write(struct.pack('<IIII', 0, kept.place, size, size) + packet)
