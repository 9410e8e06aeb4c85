#!/usr/bin/env python3
"""The Debian package: it installs, runs, keeps what an admin wrote, and takes nobody's database with it when it goes."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD, ROOT  # noqa: E402
from promise import claim, run  # noqa: E402

CONFIG, DATABASE = 'etc/assent/assent.conf', 'var/lib/private/assent/assent.db'
WANTS = 'etc/systemd/system/multi-user.target.wants/assent.service'


class Machine:
    """A directory that dpkg takes for one: nothing of this machine is touched."""

    def __init__(self, root):
        self.root = root
        for folder in ('var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers'):
            os.makedirs(os.path.join(root, folder))
        for name in ('status', 'available'):
            self.write('var/lib/dpkg/' + name, '')

    def path(self, name):
        return os.path.join(self.root, name)

    def has(self, name):
        return os.path.exists(self.path(name))

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def dpkg(self, *words, **environment):
        return subprocess.run(['dpkg', '--root=' + self.root, '--force-not-root', '--force-script-chrootless', '--force-depends',
                               '--force-confold', '--force-bad-path', '--log=/dev/null', *words],
                              env={**os.environ, **environment}, stdin=subprocess.DEVNULL, text=True, capture_output=True,
                              timeout=120)

    def runs(self, *words):
        return subprocess.run([self.path('usr/bin/assent'), *words], text=True, capture_output=True, timeout=60)


def build():
    environment = {key: value for key, value in os.environ.items() if key not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', '--no-print-directory', '-o', 'all', 'deb', f'BUILD={BUILD}'], cwd=ROOT, env=environment,
                          text=True, capture_output=True, timeout=120)
    claim('make deb makes a package', done.returncode == 0 and done.stdout.strip().endswith('.deb'), done.stdout + done.stderr)
    return os.path.join(ROOT, done.stdout.split()[-1])


def prove_contents(package):
    listed = subprocess.run(['dpkg-deb', '-c', package], text=True, capture_output=True, timeout=60).stdout
    claim('all of it is root\'s', all(line.split()[1] == 'root/root' for line in listed.splitlines()))
    fields = subprocess.run(['dpkg-deb', '-f', package, 'Depends'], text=True, capture_output=True, timeout=60).stdout
    wanted = ('libc6', 'libssl', 'libsqlite3', 'libevent', 'libcurl', 'libjansson', 'libconfuse', 'libutf8proc', 'libcsv', 'tzdata')
    claim('it depends on every library', all(each in fields for each in wanted), fields)


def prove():
    directory = os.path.join(BUILD, 'promises', 'deb')
    shutil.rmtree(directory, ignore_errors=True)
    package = build()
    prove_contents(package)
    machine = Machine(os.path.join(os.path.abspath(directory), 'root'))
    done = machine.dpkg('-i', package)
    claim('it installs', done.returncode == 0, done.stdout + done.stderr)
    version = machine.runs('--version')
    claim('it runs', version.returncode == 0 and 'assent' in version.stdout, version)
    claim('its manual, completion and unit are there', all(machine.has(name) for name in (
        'usr/share/man/man1/assent.1.gz', 'usr/share/man/man5/assent.conf.5.gz', 'usr/share/bash-completion/completions/assent',
        'usr/share/zsh/vendor-completions/_assent', 'lib/systemd/system/assent.service')))
    with open(machine.path('lib/systemd/system/assent.service'), encoding='utf-8') as unit:
        claim('the unit starts it', 'ExecStart=/usr/bin/assent serve --config /etc/assent/assent.conf' in unit.read())
    claim('nothing enables the unit', not machine.has('etc/systemd/system/multi-user.target.wants'))
    checked = machine.runs('check-config', '-c', machine.path(CONFIG))
    claim('its config is good, and lets nobody do anything', checked.returncode == 0 and '0 carriers, 0 programs, 0 accounts' in
          checked.stdout, checked)
    example = machine.runs('check-config', '-c', machine.path('usr/share/assent/assent.conf'))
    claim('the example beside it is good', example.returncode == 0, example)
    os.makedirs(os.path.dirname(machine.path(WANTS)))
    os.symlink('/lib/systemd/system/assent.service', machine.path(WANTS))  # as systemctl enable does
    machine.write(CONFIG, '# an admin\'s own\n')
    machine.write(DATABASE, 'people')
    done = machine.dpkg('-i', package)
    with open(machine.path(CONFIG), encoding='utf-8') as config:
        claim('installed again, what an admin wrote and enabled stays', done.returncode == 0 and config.read() == '# an admin\'s own\n' and
              os.path.islink(machine.path(WANTS)), done)
    done = machine.dpkg('-r', 'assent')
    claim('removed, it leaves the config and the database', done.returncode == 0 and machine.has(CONFIG) and machine.has(DATABASE) and
          not machine.has('usr/bin/assent'), done)
    done = machine.dpkg('-P', 'assent')
    claim('purged, it leaves the database and says so', done.returncode == 0 and not machine.has('etc/assent') and
          machine.has(DATABASE) and 'the database in /var/lib/private/assent stays' in done.stderr, done)
    claim('nor is anything left of what enabled it', not os.path.lexists(machine.path(WANTS)) and
          not machine.has('var/lib/systemd/deb-systemd-helper-enabled/assent.service.dsh-also'))
    machine.dpkg('-i', package)
    done = machine.dpkg('-P', 'assent', ASSENT_PURGE_DATABASE='yes')
    claim('asked to, it takes the database too', done.returncode == 0 and not machine.has('var/lib/private/assent'), done)


if __name__ == '__main__':
    run(prove)
