"""A disk that stalls and a clock that is set, for the real program: the file that tests/lib/trouble.c reads."""

import mmap
import os
import struct
import subprocess

from gateway import BUILD, ROOT


class Trouble:
    def __init__(self):
        directory = os.path.join(BUILD, 'promises')
        os.makedirs(directory, exist_ok=True)
        self.library = os.path.join(directory, 'trouble.so')
        subprocess.run([os.environ.get('CC', 'cc'), '-D_GNU_SOURCE', '-shared', '-fPIC', '-o', self.library,
                        os.path.join(ROOT, 'tests', 'lib', 'trouble.c')], check=True)
        self.path = os.path.join(directory, 'trouble')
        with open(self.path, 'wb') as file:
            file.write(b'\0' * 16)
        with open(self.path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 16)

    @property
    def environment(self):
        return {'LD_PRELOAD': self.library, 'TROUBLE': self.path,
                'ASAN_OPTIONS': 'verify_asan_link_order=0'}

    def stall(self, is_stalled):
        self.map[0:8] = struct.pack('q', is_stalled)

    def set_clock(self, by_s):
        self.map[8:16] = struct.pack('q', by_s)
