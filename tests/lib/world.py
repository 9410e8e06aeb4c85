"""The time and the disk of a story: the file that tests/story/world.c reads."""

import ctypes
import datetime
import mmap
import os

DISKS = {'fine': 0, 'full': 1, 'fails to sync': 2, 'fails to write': 3, 'stalls': 4}
START = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.timezone.utc)  # noon in Chicago


class _Shared(ctypes.Structure):
    _fields_ = [('magic', ctypes.c_char * 8), ('wall_ms', ctypes.c_int64),
                ('mono_ms', ctypes.c_int64), ('disk_mode', ctypes.c_uint32),
                ('is_stalled', ctypes.c_uint32)]


def time_text(wall_ms):
    moment = datetime.datetime.fromtimestamp(wall_ms / 1000, datetime.timezone.utc)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.') + f'{wall_ms % 1000:03d}Z'


class World:
    def __init__(self, path):
        self.path = path
        with open(path, 'wb') as file:
            file.write(b'\0' * ctypes.sizeof(_Shared))
        descriptor = os.open(path, os.O_RDWR)
        self.map = mmap.mmap(descriptor, ctypes.sizeof(_Shared))
        os.close(descriptor)
        self.shared = _Shared.from_buffer(self.map)
        self.shared.wall_ms = int(START.timestamp() * 1000)
        self.shared.mono_ms = 1_000_000
        ctypes.memmove(ctypes.addressof(self.shared), b'ASSENTW1', 8)

    @property
    def wall_ms(self):
        return self.shared.wall_ms

    def step(self, ms):
        """Both clocks go on; nobody is told."""
        self.shared.mono_ms += ms
        self.shared.wall_ms += ms

    def turn_wall(self, ms):
        """The wall's clock is put forward or back; the monotonic one does not care."""
        self.shared.wall_ms += ms

    def advance(self, seconds, after_step, step_s=1):
        """Goes on in small steps, none above step_s and none above a minute, so that timers ring
        near their time; after_step lets the gateway take note."""
        left = round(seconds * 1000)
        step = round(min(step_s, 60) * 1000)
        while left > 0:
            self.step(min(step, left))
            left -= step
            after_step()

    def disk(self, words):
        self.shared.disk_mode = DISKS[words]

    @property
    def is_stalled(self):
        """The disk stalls, and the gateway waits for it."""
        return bool(self.shared.is_stalled)
