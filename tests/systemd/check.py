#!/usr/bin/env python3
"""The Debian package under a real systemd: installed, configured as docs/service.md says, started, reloaded, killed, hung, stopped,
removed and purged, with the sandbox that the unit asks for."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD  # noqa: E402
from machine import Machine, NoMachine, why_not  # noqa: E402
from promise import claim, run, until  # noqa: E402

PLACE = os.path.join(os.path.abspath(BUILD), 'systemd')
KEY, PASSWORD = 'k' * 40, 'correct horse battery staple'
UNIT = 'assent.service'
DROP_IN = '/etc/systemd/system/assent.service.d/site.conf'
CONFIG = '''
database = "/var/lib/assent/assent.db"
http { listen = "127.0.0.1:8080" certificate = "/etc/assent/http.pem" private_key = "/etc/assent/http.key" }
smpp { listen = "127.0.0.1:2776" }
ledger { signing_key = "${CREDENTIALS_DIRECTORY}/ledger.key" }
carrier "sim" { host = "127.0.0.1" port = 2775 system_id = "assent" password = "secret" }
program "p" { brand = "P" senders = { "+12065550100" } carriers = { "sim" } support = "help@example.com" }
account "ops" { api_key = "${OPS_KEY}" roles = { "admin", "compliance", "consent", "sender" } programs = { "p" } }
'''
LEADS = '''phone,sms_opt_in,source,form_url,disclosure,collected_at
+14155550123,yes,web_form,https://example.com/form,By ticking this box,2026-01-05T06:20:00Z
+14155550124,no,web_form,https://example.com/form,By ticking this box,2026-01-05T06:20:00Z
'''
BACKUP = '''[Service]
Type=oneshot
ExecStartPre=mkdir -p /var/backups/assent
ExecStart=/bin/sh -c 'assent backup --db /var/lib/assent/assent.db /var/backups/assent/copy.db'
'''


def show(machine, name):
    return machine.run('systemctl', 'show', '-p', name, '--value', UNIT).stdout.strip()


def journal(machine, *options):
    machine.run('journalctl', '--sync')
    return machine.run('journalctl', '-u', UNIT, '-o', 'cat', '--no-pager', *options).stdout


def ask(machine, *words, text=None):
    return machine.run('env', 'ASSENT_URL=https://localhost:8080', 'ASSENT_CA=/etc/assent/http.pem', f'ASSENT_API_KEY={KEY}', 'assent',
                       *words, text=text)


def configure(machine):
    """As docs/service.md says: a group for the key of TLS, a credential for the ledger's."""
    machine.write('/etc/assent/assent.conf', CONFIG)
    machine.write('/etc/assent/secrets', f'OPS_KEY={KEY}\n', 0o600)
    machine.write('/root/leads.csv', LEADS)
    machine.shell('groupadd --system assent-keys')
    for name, words in (('http', ('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-addext',
                                  'subjectAltName=DNS:localhost', '-out', machine.path('/etc/assent/http.pem'), '-keyout')),
                        ('ledger', ('genpkey', '-algorithm', 'ed25519', '-out'))):
        subprocess.run(['openssl', *words, machine.path(f'/etc/assent/{name}.key')], check=True, capture_output=True)
    machine.shell('chmod 600 /etc/assent/ledger.key; chgrp assent-keys /etc/assent/http.key; chmod 640 /etc/assent/http.key')
    machine.write(DROP_IN, '[Service]\nSupplementaryGroups=assent-keys\nLoadCredential=ledger.key:/etc/assent/ledger.key\nWatchdogSec=3\n')
    machine.run('systemctl', 'daemon-reload')
    machine.run('systemd-run', '--unit=sim', 'assent', 'sim', '--quiet')


def prove_install(machine, package):
    machine.write('/root/assent.deb', '')
    subprocess.run(['cp', package, machine.path('/root/assent.deb')], check=True)
    done = machine.run('dpkg', '-i', '/root/assent.deb')
    claim('it installs', done.returncode == 0, done.stdout + done.stderr)
    claim('and nothing is started', show(machine, 'ActiveState') == 'inactive')
    verified = machine.run('systemd-analyze', 'verify', UNIT)
    faults = [line for line in verified.stderr.splitlines() if 'assent' in line and 'man assent' not in line]
    claim('systemd has nothing to say of the unit', not faults, faults)
    rated = machine.run('systemd-analyze', 'security', '--threshold=15', UNIT)
    claim('it may do little', rated.returncode == 0, rated.stdout[-300:])
    machine.run('systemctl', 'start', UNIT)
    claim('with the config that it brings it starts', show(machine, 'ActiveState') == 'active', journal(machine))


def prove_start(machine):
    done = machine.run('systemctl', 'restart', UNIT)
    claim('configured, it starts', done.returncode == 0, journal(machine, '-n', '5'))
    answer = ask(machine, 'status')
    claim('it is started when it answers, by TLS with a key that only its group can read', answer.returncode == 0, answer)
    until('systemctl status says that the carrier is bound', lambda: '1 of 1 carriers bound' in show(machine, 'StatusText'))
    status = machine.shell(f'grep -E "^(Uid|CapBnd|NoNewPrivs|Seccomp):" /proc/{show(machine, "MainPID")}/status').stdout.split('\n')
    kept = dict(line.split(':', 1) for line in status if line)
    claim('its user is made up, and may do nothing', 61184 <= int(kept['Uid'].split()[0]) <= 65519 and not int(kept['CapBnd'], 16) and
          kept['NoNewPrivs'].strip() == '1' and kept['Seccomp'].strip() == '2', kept)
    claim('heads are signed with a key that only root can read', 'signature=none' not in journal(machine, '-g', 'ledger head', '-n', '1'))


def prove_work(machine):
    done = ask(machine, 'consent', 'import', '/root/leads.csv', '--program', 'p')
    claim('a CSV is imported', done.returncode == 0 and '2 rows' in done.stdout, done)
    done = ask(machine, 'consent', 'grant', '+14155550125', '--program', 'p', '--opted-in', 'yes', '--source', 'web_form', '--form-url',
               'https://example.com/form', '--disclosure', 'By ticking', '--collected-at', '2026-01-05T06:20:00Z')
    claim('an opt-in is taken', done.returncode == 0, done)
    done = ask(machine, 'send', '--program', 'p', '--to', '+14155550125', '--text', 'Hi')
    claim('a text is accepted', done.returncode == 0, done)
    until('the confirmation has left', lambda: ask(machine, 'message', 'list', '--json').stdout.count('"delivered"') > 0)
    done = ask(machine, 'account', 'password', 'ops', text=PASSWORD + '\n')
    claim('a password is worked out (scrypt, in the memory that it may have)', done.returncode == 0, done)
    login = machine.run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', '--cacert', '/etc/assent/http.pem', '-H',
                        'Origin: https://localhost:8080', '-d', 'name=ops', '--data-urlencode', 'password=' + PASSWORD,
                        'https://localhost:8080/login')
    claim('and lets in to the console', login.stdout.startswith('303') and login.stdout.endswith(':8080/'), login)


def prove_reload(machine):
    done = machine.run('systemctl', 'reload', UNIT)
    claim('it reloads, with its keys', done.returncode == 0 and 'reloaded /etc/assent/assent.conf' in journal(machine, '-n', '5'),
          journal(machine, '-n', '5'))
    machine.write('/etc/assent/assent.conf', CONFIG + 'nonsense = 1\n')
    machine.run('systemctl', 'reload', UNIT)
    said = journal(machine, '-p', 'err', '-n', '5')
    claim('what can\'t be used leaves all in force, and is an error of the journal', 'reload refused' in said and
          show(machine, 'ActiveState') == 'active', said)
    machine.write('/etc/assent/assent.conf', CONFIG)
    lines = journal(machine, '_SYSTEMD_UNIT=' + UNIT).splitlines()
    claim('no line of the journal has a time or a level in its text', lines and not any(line[:3] in ('202', '<6>', '<3>', '<4>') for line in lines))


def comes_back(machine, words, before):
    until(words, lambda: show(machine, 'ActiveState') == 'active' and show(machine, 'MainPID') not in ('0', before), 60)
    claim(words, ask(machine, 'status').returncode == 0)


def prove_restart(machine):
    before = show(machine, 'MainPID')
    machine.shell('kill -9 ' + before)
    comes_back(machine, 'killed, it comes back', before)
    before = show(machine, 'MainPID')
    time.sleep(5)  # longer than the watchdog's patience, which is systemd's own clock
    claim('an idle one is left alone', show(machine, 'MainPID') == before)
    machine.shell('kill -STOP ' + before)
    comes_back(machine, 'one that hangs is ended, and comes back', before)
    claim('by the watchdog', 'watchdog' in journal(machine).lower())
    shown = ask(machine, 'consent', 'show', '+14155550125').stdout
    claim('what was on record is', 'opted_in' in shown, shown)


def prove_backup(machine):
    machine.write('/etc/systemd/system/assent-backup.service', BACKUP)
    machine.run('systemctl', 'daemon-reload')
    done = machine.run('systemctl', 'start', 'assent-backup')
    claim('the backup of docs/service.md makes a copy', done.returncode == 0 and machine.has('/var/backups/assent/copy.db'),
          machine.run('journalctl', '-u', 'assent-backup', '-o', 'cat').stdout)
    verified = machine.run('assent', 'ledger', 'verify', '--db', '/var/backups/assent/copy.db')
    claim('that verifies', 'ledger is whole' in verified.stdout, verified)
    verified = machine.run('assent', 'ledger', 'verify', '-c', '/etc/assent/assent.conf')
    claim('root reads the database by the config, without its secrets', 'ledger is whole' in verified.stdout, verified)


def prove_stop(machine):
    done = machine.run('systemctl', 'stop', UNIT)
    claim('it stops in order', done.returncode == 0 and show(machine, 'Result') == 'success' and show(machine, 'ExecMainStatus') == '0')
    claim('and nothing lies beside the database', sorted(os.listdir(machine.path('/var/lib/private/assent'))) == ['assent.db', 'assent.db.lock'],
          os.listdir(machine.path('/var/lib/private/assent')))
    machine.run('assent', 'ledger', 'verify', '--db', '/var/lib/assent/assent.db')
    done = machine.run('systemctl', 'enable', '--now', UNIT)
    claim('root has read it meanwhile, and it starts', done.returncode == 0, journal(machine, '-n', '5'))


def prove_removal(machine):
    brought = [path for path in machine.run('dpkg', '-L', 'assent').stdout.split() if '/assent' in path]
    done = machine.run('dpkg', '-r', 'assent')
    claim('removed, it is stopped', done.returncode == 0 and show(machine, 'ActiveState') == 'inactive', done)
    claim('what it brought is gone, but for its configuration', [path for path in brought if machine.has(path)] ==
          ['/etc/assent', '/etc/assent/assent.conf'], [path for path in brought if machine.has(path)])
    done = machine.run('dpkg', '-P', 'assent')
    left = machine.shell('find / -xdev -path "*assent*" -not -path "/root/*" -not -path "/proc/*" -not -path "/sys/*" -not -path "/run/*"').stdout.split()
    claim('purged, the database stays, and what others wrote', done.returncode == 0 and all(path.startswith((
        '/var/lib/private/assent', '/var/lib/assent', '/var/backups/assent', '/etc/assent/', '/etc/systemd/system/assent.service.d',
        '/etc/systemd/system/assent-backup.service')) or path == '/etc/assent' for path in left) and '/etc/assent/assent.conf' not in left, left)


def prove(package):
    base = os.path.join(PLACE, 'base.tar')
    why = why_not() or (None if os.path.exists(base) else 'there is no Debian to boot (tools/deps-systemd)')
    if why:
        print(f'  skipped: {why}')
        return
    machine = Machine(base, os.path.join(PLACE, 'machine'), os.path.join(PLACE, 'log'))
    try:
        machine.boot()
        prove_install(machine, package)
        configure(machine)
        prove_start(machine)
        prove_work(machine)
        prove_reload(machine)
        prove_restart(machine)
        prove_backup(machine)
        prove_stop(machine)
        prove_removal(machine)
    except NoMachine as none:
        print(f'  skipped: {none}')
    finally:
        machine.end()


if __name__ == '__main__':
    run(prove)
