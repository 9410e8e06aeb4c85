#!/usr/bin/env python3
"""`assent backup` makes a copy that verifies while the gateway runs, or none. A gateway that is started on a copy sends
nothing again, and nothing at all to people whose STOP the copy can't know, until somebody vouches for those."""

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, ROOT, SENDER  # noqa: E402
from load import accepted_of, refused_of, send, streams_begin, tokens_heard  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402

PEOPLE, SENDERS, WINDOW = 40, 3, 10
MANY = 20000
PADDING_MIB = 96  # so that a copy takes long enough to be interrupted


def accepted_by(streams):
    return sum(len(each.accepted) for each in streams)


def padded(source, path):
    """A database of that size."""
    shutil.copy(source, path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute('create table padding (octets blob)')
        db.executemany('insert into padding values (randomblob(1048576))', [()] * PADDING_MIB)
    return path


def claim_refusals(gateway, copy):
    for path, options, words in ((copy, [], '--force replaces it'), (gateway.database, ['--force'], 'the database itself'),
                                 (gateway.database + '-wal', ['--force'], 'a part of it'),
                                 (gateway.directory, ['--force'], 'is no plain file'),
                                 (gateway.directory + '/no/where', [], 'No such file or directory')):
        said = gateway.command('backup', path, '--db', gateway.database, *options)
        claim(f'{os.path.basename(path)} is refused: {words}', said.returncode == 1 and words in said.stderr, said)
    source = os.path.join(gateway.directory, 'source.db')
    shutil.copy(copy, source + '.partial')
    size = os.path.getsize(source + '.partial')
    for options in ((), ('--force',)):
        said = gateway.command('backup', source, '--db', source + '.partial', *options)
        claim('a database is not emptied to be the beginning of its own copy', said.returncode == 1 and 'the database itself' in
              said.stderr and os.path.getsize(source + '.partial') == size and not os.path.exists(source), said)
    os.remove(source + '.partial')
    said = gateway.command('backup', copy, '--db', gateway.database, '--force')
    claim('--force replaces a copy', said.returncode == 0, said)
    with open(copy + '-wal', 'w') as wal:
        wal.write('x')
    said = gateway.command('backup', copy, '--db', gateway.database, '--force')
    claim('a WAL that lies where the copy is to be is not taken for its own', said.returncode == 1 and '-wal lies there' in said.stderr,
          said)
    os.remove(copy + '-wal')


def interrupted(gateway, source, path, number):
    """Ends a backup by a signal once its file has grown, and gives what was said and the exit code."""
    process = subprocess.Popen([gateway.binary, 'backup', path, '--db', source], env=gateway.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (os.path.exists(path + '.partial') and os.path.getsize(path + '.partial') > 1 << 20):
        time.sleep(0.001)  # the file system has no word for it
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return said, process.returncode


def claim_ends(gateway, copy):
    """What ends it in the middle leaves nothing under the name."""
    source, path = padded(copy, os.path.join(gateway.directory, 'padded.db')), os.path.join(gateway.directory, 'ended.db')
    said, code = interrupted(gateway, source, path, signal.SIGINT)
    claim('after ^C nothing is left', code == 1 and 'interrupted' in said and not os.path.exists(path) and
          not os.path.exists(path + '.partial'), (code, said))
    _, code = interrupted(gateway, source, path, signal.SIGKILL)
    claim('after kill -9 nothing stands under the name', code == -signal.SIGKILL and not os.path.exists(path), code)
    full = gateway.command('backup', path, '--db', source,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 20, 32 << 20)))
    claim('on a full disk it fails, and nothing is left', full.returncode == 1 and "can't be written" in full.stderr and
          not os.path.exists(path) and not os.path.exists(path + '.partial'), full)
    with open(source, 'r+b') as file:
        file.seek(40 * 4096)
        file.write(b'\xff' * 4096 * 8)
    bad = gateway.command('backup', path, '--db', source)
    claim('a database that is damaged gives no copy', bad.returncode == 1 and 'nothing is left of it' in bad.stderr and
          not os.path.exists(path) and not os.path.exists(path + '.partial'), bad)
    os.remove(source)


def restored(gateway, copy):
    """In the place of the database; first beside the WAL that the killed gateway left, as people do it."""
    shutil.copy(copy, gateway.database)
    claim('the killed gateway has left a WAL', os.path.getsize(gateway.database + '-wal') > 0)
    said = gateway.command('serve', '-c', gateway.config)
    claim('a copy beside the WAL of another is not started on', said.returncode == 1 and 'belongs to another database' in said.stderr,
          said)
    for suffix in ('-wal', '-shm'):
        os.remove(gateway.database + suffix)
    gateway.start()


def set_aside(gateway):
    """So many, as far as it is on disk."""
    try:
        with closing(sqlite3.connect(f'file:{gateway.database}?mode=ro', uri=True, timeout=5)) as db:
            return (db.execute("select value from meta where key = 'set aside'").fetchone() or [0])[0]
    except sqlite3.OperationalError:
        return 0  # it is just being opened


def lengthen(copy):
    """What waits longest waits so many times more."""
    with closing(sqlite3.connect(copy)) as db, db:
        first = db.execute('select min(id) from message where state = 2').fetchone()[0]
        columns = [name for _, name, *_ in db.execute('pragma table_info(message)') if name != 'id']
        db.execute(f'with recursive n(i) as (select 1 union all select i + 1 from n where i < {MANY}) '
                   f'insert into message (id, {", ".join(columns)}) '
                   f'select {first} - 1000000 + i, {", ".join(columns)} from n, message where id = {first}')


def claim_goes_on(gateway, copy):
    """A start on a copy with a long queue that is killed in the middle of setting it aside, and the next one."""
    lengthen(copy)
    shutil.copy(copy, gateway.database)
    with open(gateway.log, 'ab') as log:
        process = subprocess.Popen([gateway.binary, 'serve', '-c', gateway.config], env=gateway.environment, cwd=ROOT,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
    until('it has begun', lambda: set_aside(gateway) > 0)
    process.kill()
    said, _ = process.communicate()
    claim('killed in the middle of setting it aside', said == b'' and 0 < set_aside(gateway) < MANY, (said, set_aside(gateway)))
    manager_at = os.path.abspath(os.path.join(gateway.directory, 'manager'))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(15)
        manager.bind(manager_at)
        gateway.environment['NOTIFY_SOCKET'] = manager_at
        gateway.start()
        first = manager.recv(400)
    del gateway.environment['NOTIFY_SOCKET']
    claim('the service manager hears how far a start on a copy is, and has patience', b'EXTEND_TIMEOUT_USEC=60000000\nSTATUS=setting aside' in
          first and b'copy: 0 ' not in first, first)


def status_of(gateway):
    return json.loads(gateway.command('restore', 'show', '--json').stdout)[0]


def prove():
    with gateway_running('backup', window=WINDOW) as (gateway, carrier):
        people = numbers(PEOPLE)
        stopper, quiet = people[0], people[1]
        opt_in_all(gateway, carrier, people)
        carrier.hold()  # so that a queue builds up
        streams = streams_begin(gateway, people, 1000000, SENDERS)
        until('a queue', lambda: accepted_by(streams) > 3 * WINDOW)
        copy = os.path.join(gateway.directory, 'copy.db')
        said = gateway.command('backup', copy, '-c', gateway.config)
        claim('a backup beside traffic ends well and says its head', said.returncode == 0 and 'ledger is whole: ' in said.stdout, said)
        claim('it is its owner\'s alone, and nothing lies beside it', os.stat(copy).st_mode & 0o777 == 0o600 and
              not [name for name in os.listdir(gateway.directory) if name.startswith('copy.db') and name != 'copy.db'])
        claim('the copy verifies', gateway.verify(copy).returncode == 0)
        head = said.stdout.split('head ')[1].split()[0]
        claim('the ledger that goes on has its head', gateway.verify(None, '--head', head).returncode == 0)
        before = accepted_by(streams)
        until('traffic goes on', lambda: accepted_by(streams) > before + WINDOW)
        carrier.release()
        for stream in streams:
            stream.end()
        claim('nobody was refused meanwhile', not refused_of(streams), refused_of(streams)[:1])
        until('all of it is sent', lambda: len(tokens_heard(carrier)) == len(accepted_of(streams)))
        carrier.deliver(stopper, SENDER, 'STOP')
        until('the STOP is on record', lambda: gateway.ledger("kind = 'opt_out'"))
        claim_refusals(gateway, os.path.join(gateway.directory, 'copy.db'))
        kept = os.path.join(gateway.directory, 'kept.db')
        claim_ends(gateway, copy)
        # The copy of before the STOP is what is restored: --force above made a newer one.
        claim('a copy of the copy can be made', gateway.command('backup', kept, '--db', copy).returncode == 0)
        prove_restoration(gateway, carrier, people, stopper, quiet)


def old_copy(gateway, carrier, people):
    """A copy with a queue, and what was done after it."""
    carrier.hold()
    tokens = {f'T{7000000 + at}': people[at % len(people)] for at in range(4 * WINDOW)}
    for token, number in tokens.items():
        claim_status(send(gateway, number, token), 202)
    path = os.path.join(gateway.directory, 'old.db')
    claim('a copy with a queue', gateway.command('backup', path, '--db', gateway.database).returncode == 0)
    with closing(sqlite3.connect(path)) as db:
        waiting = db.execute('select count(*) from message where state < 5').fetchone()[0]
    claim('it holds what waited', waiting >= len(tokens), waiting)
    carrier.release()
    until('all of it was sent since', lambda: set(tokens) <= set(tokens_heard(carrier)))
    return path, waiting


def claim_status(answer, status):
    if answer.status != status:
        claim(f'{status} is answered', False, answer)


def later_campaign(gateway):
    """One that begins tomorrow; gives its path."""
    made = gateway.http.post('/v1/campaigns', {'name': 'later', 'program': PROGRAM, 'text': 'Hi', 'start_at': now_text(86400)})
    path = '/v1/campaigns/' + made.body['id']
    claim_status(gateway.http.call('POST', path + '/recipients?offset=0', content=b'phone\n+12125550100\n',
                                   headers={'Content-Type': 'text/csv'}), 200)
    claim_status(gateway.http.post(path + '/start'), 200)
    return path


def prove_restoration(gateway, carrier, people, stopper, quiet):
    campaign = later_campaign(gateway)
    copy, waiting = old_copy(gateway, carrier, people[1:])
    carrier.deliver(quiet, SENDER, 'STOP')
    until('the second STOP is on record', lambda: len(gateway.ledger("kind = 'opt_out'")) == 2)
    gateway.kill()
    before = tokens_heard(carrier)
    shutil.copy(copy, copy + '.long')
    restored(gateway, copy)
    gateway.stop()
    claim_goes_on(gateway, copy + '.long')
    waiting += MANY
    carrier.wait_bound(1)
    shown = status_of(gateway)
    claim(f'{waiting} that waited are set aside', shown['holds'] is True and shown['set_aside'] == waiting, shown)
    claim('they have failed, and say why', {(each['status'], each['reason']) for each in gateway.http.get(
        '/v1/messages?status=failed&limit=1000').body['items']} == {('failed', 'restored')})
    shows = gateway.http.get(campaign).body
    claim('a campaign that was to begin is paused', shows['state'] == 'paused' and 'restored from a copy' in shows['why'], shows)
    answer = send(gateway, quiet, 'T8000001')
    claim('what is handed in waits', gateway.message(answer.body['id']).body['reason'] == 'restored', answer)
    claim('the emergency stop\'s resume does not let it go', gateway.http.post('/v1/programs/resume').status == 409)
    answer = gateway.opt_in('+14155550199', now_text(0))
    claim('an opt-in is taken', answer.status == 201, answer)
    claim('and confirmed: a mandated reply', carrier.wait(lambda: carrier.to('+14155550199'), 20))
    carrier.settle(gateway.turn)
    claim('nothing else has left', tokens_heard(carrier) == before)
    gateway.kill()
    gateway.start()
    carrier.wait_bound(1)
    claim('a restart changes nothing of that', status_of(gateway) == shown, status_of(gateway))
    claim('nobody vouches without saying for what', gateway.command('restore', 'confirm').returncode == 2)
    said = gateway.command('consent', 'revoke', quiet, '--channel', 'sms', '--note', 'STOP of after the copy', '--program', PROGRAM)
    claim('the STOP is brought in', said.returncode == 0, said)
    said = gateway.command('restore', 'confirm', '--note', 'from the list of the carrier')
    claim('and vouched for', said.returncode == 0, said)
    answer = send(gateway, people[2], 'T8000002')
    claim_status(answer, 202)
    until('messages leave again', lambda: tokens_heard(carrier)['T8000002'] == 1)
    carrier.settle(gateway.turn)
    after = tokens_heard(carrier)
    claim('nobody is texted twice, and who wrote STOP since not at all', max(after.values()) == 1 and after['T8000001'] == 0,
          after.most_common(1))
    claim('vouching twice is refused', gateway.http.post('/v1/restoration/confirm', {'note': 'x'}).status == 409)
    records = [json.loads(each['payload'])['what'] for each in gateway.ledger("kind = 'restoration'")]
    claim('both are records of the ledger', records == ['began', 'opt-outs vouched for'], records)


if __name__ == '__main__':
    run(prove)
