#!/usr/bin/env python3
"""At home on a server: what `make install` puts there runs, and tells the service manager when it is
ready and when it ends. `make uninstall` leaves nothing."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import BUILD, ROOT, Gateway, Settings  # noqa: E402
from promise import Broken, claim, run  # noqa: E402

INSTALLED = ('bin/assent', 'lib/systemd/system/assent.service', 'share/assent/assent.conf',
             'share/assent/alerts.yml', 'share/assent/grafana-dashboard.json',
             *sorted(f'share/assent/profiles/{name}' for name in os.listdir(os.path.join(ROOT, 'conf/profiles'))),
             'share/bash-completion/completions/assent', 'share/zsh/site-functions/_assent',
             'share/man/man1/assent.1', 'share/man/man5/assent.conf.5')


def commands():
    """As the program lists them."""
    said = subprocess.run([os.path.join(BUILD, 'assent'), 'help'], text=True, capture_output=True, timeout=60).stdout
    return re.findall(r'^  ([a-z-]+)  ', said, re.M)


def make(target, destination):
    # As its own make: one that runs around it must not lend its flags.
    environment = {key: value for key, value in os.environ.items()
                   if key not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL')}
    return subprocess.run(['make', '-o', 'all', target, f'BUILD={BUILD}', f'DESTDIR={destination}',
                           'PREFIX=/opt/assent'], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=60)


def files_of(place):
    return sorted(os.path.relpath(os.path.join(folder, name), place)
                  for folder, _, names in os.walk(place) for name in names)


@contextlib.contextmanager
def manager_at(gateway, name, address, patience_us=None):
    """The service manager's socket, which the gateway is told of."""
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(15)
    manager.bind(address)
    gateway.environment['NOTIFY_SOCKET'] = name
    if patience_us:
        gateway.environment['WATCHDOG_USEC'] = str(patience_us)
    with manager:
        yield manager
    gateway.environment.pop('WATCHDOG_USEC', None)


def hear(manager, word):
    """Its lines up to the one that begins so."""
    lines = []
    while True:
        for line in manager.recv(400).decode().split('\n'):
            lines.append(line)
            if line.startswith(word):
                return lines


def heard_by(gateway, name, address):
    """What the service manager hears from one start to its end."""
    with manager_at(gateway, name, address) as manager:
        gateway.start()
        first = manager.recv(100)
        status = hear(manager, 'STATUS=')[-1]
        gateway.process.send_signal(signal.SIGHUP)
        reload = [line.split('=')[0] for line in hear(manager, 'READY=') if not line.startswith('STATUS=')]
        code = gateway.stop()
        return first, status, reload, hear(manager, 'STOPPING=')[-1], code


def prove_watchdog(gateway, address):
    """The thread that tells of the loop is asked for its beats; a gateway that stands still gives none."""
    with manager_at(gateway, address, address, patience_us=300000) as manager:
        gateway.start()
        beats = [line for _ in range(4) for line in hear(manager, 'WATCHDOG=')]
        claim('an idle gateway tells its watchdog that it goes on', beats.count('WATCHDOG=1') == 4, beats)
        gateway.stop()


def prove_journal(gateway, directory):
    """A line of the journal has its level as syslog's number, and no time of its own."""
    log = os.path.join(directory, 'journal')
    with open(log, 'wb') as stream:
        about = os.fstat(stream.fileno())
        gateway.environment['JOURNAL_STREAM'] = f'{about.st_dev}:{about.st_ino}'
        gateway.log, kept = log, gateway.log
        gateway.start()
        gateway.stop()
    gateway.environment['JOURNAL_STREAM'] = '1:1'
    with open(log, encoding='utf-8') as stream:
        lines = stream.read().splitlines()
    claim('every line of the journal has a level and no time', lines and
          all(re.match(r'<[3467]>(?!\d{4}-)', line) for line in lines), lines[:3])
    gateway.log = kept
    gateway.start()
    gateway.stop()
    with open(kept, encoding='utf-8') as stream:
        claim('where stderr is another stream, each line has its time', all(re.match(r'\d{4}-', line) for line in stream))


def read_page(path, *options):
    return subprocess.run(['groff', '-man', '-Tutf8', *options, path], text=True,
                          capture_output=True, timeout=60)


def prove_pages(place, pages):
    if shutil.which('groff') is None or shutil.which('mandoc') is None:
        print('  skipped: groff or mandoc is not here to read the manual pages')
        return
    for name in pages:
        path = os.path.join(place, 'share/man', name)
        read = read_page(path, '-ww', '-z')
        judged = subprocess.run(['mandoc', '-Tlint', '-Wwarning', path], text=True, capture_output=True, timeout=60)
        # A page has no date: it is as old as the program.
        faults = [line for line in judged.stdout.splitlines() if 'missing date' not in line]
        if read.returncode != 0 or read.stderr or faults:
            raise Broken(f'{name} is no good page: {read.stderr[:300]} {faults[:3]}')
    claim(f'groff and mandoc read {len(pages)} pages without a warning', len(pages) > 20)


def prove_manual(place):
    pages = ['man1/assent.1', *(f'man1/assent-{name}.1' for name in commands()), 'man5/assent.conf.5']
    prove_pages(place, pages)
    for name in commands():
        with open(os.path.join(place, f'share/man/man1/assent-{name}.1')) as page:
            said = re.sub(r'\\f[BIR]|\\&', '', page.read()).replace('\\-', '-')
        told = subprocess.run([os.path.join(BUILD, 'assent'), 'help', name], text=True, capture_output=True, timeout=60).stdout
        lacking = [word for word in re.findall(r'--[a-z-]+', told) if word not in said]
        if lacking:
            raise Broken(f'assent-{name}(1) lacks {lacking}')
    claim('each command has a page, with every option of its help', True)
    if shutil.which('groff') is None:
        return
    page = read_page(os.path.join(place, 'share/man/man5/assent.conf.5'), '-P-cbu').stdout
    with open(os.path.join(ROOT, 'docs/configuration.md')) as reference:
        keys = re.findall(r'^\| `([^`]+)` ', reference.read(), re.M)
    lacking = [key for key in keys if not re.search(rf'^ +{re.escape(key)}', page, re.M)]
    claim(f'assent.conf(5) tells of all {len(keys)} keys', len(keys) > 50 and not lacking, lacking)


def prove():
    directory = os.path.join(BUILD, 'promises', 'install')
    shutil.rmtree(directory, ignore_errors=True)
    destination = os.path.join(directory, 'root')
    place = destination + '/opt/assent'
    done = make('install', destination)
    claim('make install ends well', done.returncode == 0, done.stdout + done.stderr)
    claim('it installs these and nothing else', files_of(place) == sorted([*INSTALLED, *(f'share/man/man1/assent-{name}.1' for name in commands())]),
          files_of(place))
    with open(os.path.join(place, 'lib/systemd/system/assent.service')) as unit:
        claim('the unit starts what was installed', 'ExecStart=/opt/assent/bin/assent serve '
              in unit.read())
    prove_manual(place)
    carrier = Carrier()
    gateway = Gateway(directory, Settings(carrier.port))
    gateway.binary = os.path.join(place, 'bin/assent')
    try:
        with tempfile.TemporaryDirectory() as short:  # a socket's path has 107 octets
            for words, name, address in (
                    ('a path', short + '/manager', short + '/manager'),
                    ('an abstract name', f'@assent-{os.getpid()}', f'\0assent-{os.getpid()}')):
                heard = heard_by(gateway, name, address)
                claim(f'by {words} the manager hears that it is ready, how it is, that it reloads and that it ends',
                      heard == (b'READY=1', 'STATUS=0 of 1 carriers bound, 0 queued',
                                ['RELOADING', 'MONOTONIC_USEC', 'READY'], 'STOPPING=1', 0), heard)
            prove_watchdog(gateway, short + '/watchdog')
        gateway.environment['NOTIFY_SOCKET'] = directory + '/nobody'
        gateway.start()
        claim('a manager that is not there hinders nothing', gateway.stop() == 0)
        prove_journal(gateway, directory)
    finally:
        gateway.kill()
        carrier.close()
    done = make('uninstall', destination)
    claim('make uninstall leaves nothing', done.returncode == 0 and not files_of(place),
          files_of(place))


if __name__ == '__main__':
    run(prove)
