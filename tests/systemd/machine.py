"""A small Debian that is booted with systemd as its first process (systemd-nspawn), with a network of its own. Nothing of this machine
is touched; it is gone at the end, however that comes."""

import os
import shutil
import signal
import subprocess
import time


class NoMachine(Exception):
    """It can't be had here."""


def why_not():
    """None: what it takes is here."""
    if os.geteuid() != 0:
        return 'it needs root'
    missing = [name for name in ('systemd-nspawn', 'nsenter') if shutil.which(name) is None]
    return f'{", ".join(missing)} is not here' if missing else None


class Machine:
    def __init__(self, base, root, log):
        self.root, self.log = root, log
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        subprocess.run(['tar', '-C', root, '-xf', base, '--exclude=./dev/*'], check=True)
        self.container = self.init = None

    def path(self, name):
        return os.path.join(self.root, name.lstrip('/'))

    def has(self, name):
        return os.path.lexists(self.path(name))

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def boot(self):
        with open(self.log, 'wb') as log:
            self.container = subprocess.Popen(
                ['systemd-nspawn', '--quiet', '-D', self.root, '--register=no', '--keep-unit', '--console=pipe', '--private-network', '-b',
                 'systemd.show_status=0'], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        for _ in range(300):
            time.sleep(0.1)  # there is nobody to ask yet
            found = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(self.container.pid)], capture_output=True, text=True).stdout.split()
            self.init = int(found[0]) if found else None
            if self.container.poll() is not None:
                break
            if self.init and self.run('systemctl', 'is-system-running').stdout.strip() in ('running', 'degraded'):
                return
        with open(self.log, encoding='utf-8', errors='replace') as log:
            raise NoMachine('systemd can\'t be booted in a container here: ' + log.read().strip()[-300:])

    def run(self, *words, text=None, timeout=60):
        return subprocess.run(['nsenter', '-t', str(self.init), '-a', *words], input=text, capture_output=True, text=True, timeout=timeout)

    def shell(self, script, timeout=60):
        return self.run('sh', '-c', script, timeout=timeout)

    def end(self):
        """The death of its first process is that of all of it."""
        if self.container is None:
            return
        if self.init:
            try:
                os.kill(self.init, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            self.container.wait(20)
        except subprocess.TimeoutExpired:
            self.container.kill()
            self.container.wait()
