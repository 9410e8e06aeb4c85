#!/usr/bin/env python3
"""Every decision can be proved: whoever changes the ledger behind the gateway's back is found out,
offline, and the first bad record is named."""

import re
import shutil
import sqlite3
import os
import sys
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, now_text, numbers, opt_in_all, run  # noqa: E402


def columns(path):
    with closing(sqlite3.connect(path)) as db, db:
        return [row[1] for row in db.execute('pragma table_info(ledger)')]


def change(path, *steps):
    """Does the steps, each SQL and its values, in a copy of the database."""
    copy = path + '.copy'
    for end in ('', '-wal', '-shm'):
        if os.path.exists(copy + end):
            os.unlink(copy + end)
    shutil.copyfile(path, copy)
    db = sqlite3.connect(copy)
    for sql, values in steps:
        if db.execute(sql, values).rowcount == 0:
            raise AssertionError('nothing was changed by ' + sql)
    db.commit()
    db.close()
    return copy


def one_other(value):
    """The same value with one byte changed."""
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    middle = len(value) // 2
    return value[:middle] + ('0' if value[middle] != '0' else '1') + value[middle + 1:]


def expect_found(gateway, words, copy, *sequences):
    result = gateway.verify(copy)
    said = result.stdout + result.stderr
    named = re.search(r'record (\d+)', said)
    claim(words, result.returncode == 1 and named and int(named.group(1)) in sequences,
          f'exit {result.returncode}, {said.strip()!r}, but it is record {sequences[0]}')


def rows(path, sql, *values):
    with closing(sqlite3.connect(path)) as db, db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql, values)]


def prove_messages(gateway, records):
    """What was given to carriers is sealed: no message can be changed, made up or taken out."""
    path = gateway.database
    seals = [each['seq'] for each in records if each['kind'] == 'seal']
    message = rows(path, 'select * from message where seal > 0 order by id')[3]
    seal = next(each for each in seals if each >= message['seal'])
    said = gateway.verify(path).stdout
    claim(f'{len(seals)} seals cover what was given to carriers',
          len(seals) > 0 and f'sealed: {len(rows(path, "select * from message where seal > 0"))}\n' in said, said)
    for column in ('number', 'text', 'cargo', 'sender', 'carrier', 'program', 'purpose', 'consent_seq', 'tries', 'answers',
                   'salt', 'tail'):
        value = message[column]
        changed = value + 1 if isinstance(value, int) else value + '.'
        expect_found(gateway, f'{column} of a message that was sent changed', change(
            path, (f'update message set {column} = ? where id = ?', (changed, message['id']))), seal)
    expect_found(gateway, 'a message that was sent taken out', change(
        path, ('delete from message where id = ?', (message['id'],))), seal)
    taken = {each['id'] for each in rows(path, 'select id from message')}
    unused = next(each for each in range(message['id'] + 1, message['id'] + 100) if each not in taken)
    names = ', '.join(name for name in message if name != 'id')
    expect_found(gateway, 'a message that never was put in as sent', change(
        path, (f'insert into message (id, {names}) select ?, {names} from message where id = ?',
               (unused, message['id']))), seal)
    expect_found(gateway, 'and one that says nothing of a seal', change(
        path, (f'insert into message (id, {names}) select ?, {names} from message where id = ?',
               (unused, message['id'])),
        ('update message set seal = 0 where id = ?', (unused,))), message['consent_seq'])
    leaves = rows(path, 'select leaves from ledger where seq = ?', seal)[0]['leaves']
    expect_found(gateway, 'a digest that is sealed changed', change(
        path, ('update ledger set leaves = ? where seq = ?', (bytes([leaves[0] ^ 1]) + leaves[1:], seal))), seal)
    expect_found(gateway, 'the digests of a seal taken out', change(
        path, ('update ledger set leaves = null where seq = ?', (seal,))), seal)
    expect_found(gateway, 'a tail cut off that messages speak of', change(
        path, ('delete from ledger where seq >= ?', (seals[-1],))), *range(seals[-2], seals[-1] + 1))


def prove_tables(gateway, records):
    """Who is in and who is out follows from the ledger: the tables can't say anything else."""
    path = gateway.database
    stop = next(each for each in records if each['kind'] == 'opt_out')
    number, out = int(stop['number']), stop['seq']
    form = next(each['seq'] for each in records if each['number'] == stop['number'])
    unticked = next(each['seq'] for each in records if each['kind'] == 'registration' and
                    '"opted_in":false' in each['payload'])
    expect_found(gateway, 'an opt-out taken out of its table', change(
        path, ('delete from optout where number = ?', (number,))), out)
    expect_found(gateway, 'an opt-out of one scope taken out', change(
        path, ('delete from optout where number = ? and scope = 3', (number,))), out)
    expect_found(gateway, 'an opt-out made up', change(
        path, ('insert into optout select number, scope, name || ?, seq, at, inbound, how, voids from'
               ' optout where number = ?', ('.', number))), out)
    expect_found(gateway, 'an opt-out that voids what it did not', change(
        path, ('update optout set voids = voids + 1 where number = ?', (number,))), out)
    expect_found(gateway, 'an opt-out lifted behind the back', change(
        path, ('update consent set lifted_seq = ? where number = ?', (out, number))), out)
    expect_found(gateway, 'a box that was left unticked ticked', change(
        path, ('update consent set has_opted_in = 1 where seq = ?', (unticked,))), unticked)
    expect_found(gateway, 'a consent put at another date', change(
        path, ('update consent set collected_at = collected_at + 1 where number = ?', (number,))), form)
    expect_found(gateway, 'a consent given to another number', change(
        path, ('update consent set place = place + 81920 where number = ?', (number,))), form)
    for place in (0, -1, 2 ** 62):
        expect_found(gateway, f'a consent put at {place}, where none can be', change(
            path, ('update consent set place = ? where number = ?', (place, number))), form)
    expect_found(gateway, 'a consent taken out', change(
        path, ('delete from consent where number = ?', (number,))), form)


def prove_block_log(gateway, records):
    """A block that is in the ledger is in the block log, where it would be looked for, and no other."""
    path = gateway.database
    block, last = next(each['seq'] for each in records if each['kind'] == 'block'), records[-1]['seq']
    for words, step in (
            ('a block taken out of the log', 'delete from block where seq = ?'),
            ('a block put under another class', 'update block set class = class + 1000 where seq = ?'),
            ('a block put at another time', 'update block set at = at + 1 where seq = ?'),
            ('an hour of blocks taken out', 'delete from block_hour where first <= ?'),
            ('an hour that ends before its blocks', 'update block_hour set last = 0 where first <= ?'),
            ('blocks said to be for another reason', 'update block_class set code = code || ? where true')):
        expect_found(gateway, words, change(path, (step, (block,))), block)
    expect_found(gateway, 'a block made up', change(
        path, ('insert into block select class, ?, at from block where seq = ?', (block + 1, block))), last)


def prove_activity(gateway, records):
    """What is counted for the charts is what the ledger has."""
    path, last = gateway.database, records[-1]['seq']
    for words, step in (
            ('an opt-out that is not counted', "update activity set count = count - 1 where what = 'opt_out' and ?"),
            ('a block counted twice', "update activity set count = count + 1 where what = 'no_consent' and step = 3600 and ?"),
            ('a day of opt-ins taken out', "delete from activity where what = 'opt_in' and step = 86400 and ?"),
            ('opt-ins of another hour', "update activity set at = at - 3600000 where what = 'opt_in' and step = 3600 and ?"),
            ('blocks of another reason', "update activity set what = 'suppressed' where what = 'no_consent' and ?"),
            ('opt-outs of another program', "update activity set program = program || 'x' where what = 'opt_out' and ?"),
            ('opt-ins made up', "insert into activity select step, at, 'made up', what, count from activity where what = 'opt_in' and ?")):
        expect_found(gateway, words, change(path, (step, (1,))), last)


def prove_suppressions(gateway, records):
    """Up to when consents are void follows from the ledger as well."""
    path = gateway.database
    made = [each for each in records if each['kind'] == 'suppression']
    claim('two numbers were suppressed', len(made) == 2)
    for each in made:
        for words, voids in (('lifted', 0), ('moved', 1)):
            expect_found(gateway, f"a suppression {words} ({each['number']})", change(
                path, ('update optout set voids = ? where seq = ?', (voids, each['seq']))), each['seq'])


def prove():
    with gateway_running('tamper') as (gateway, carrier):
        people = numbers(12)
        opt_in_all(gateway, carrier, people[:8])
        for number in people[8:]:
            gateway.opt_in(number, now_text(-60), opted_in=False)
            gateway.send(number, 'Hi')
        for number, kind in ((people[5], 'deactivated'), (people[6], 'listed')):
            gateway.http.post('/v1/suppressions', {'phone': number, 'kind': kind})
        for number in people[:4]:
            stop = carrier.deliver(number, '+12065550100', 'STOP')
            carrier.wait(lambda: stop.answer)
            gateway.send(number, 'Hi')
        gateway.stop()
        path = gateway.database
        sqlite3.connect(path).execute('pragma wal_checkpoint(truncate)').close()
        records = gateway.ledger()
        claim(f'a ledger of {len(records)} records verifies',
              len(records) >= 20 and gateway.verify(path).returncode == 0)
        claim('it begins at 1, behind 64 zeros',
              records[0]['seq'] == 1 and records[0]['prev_hash'] == '0' * 64)
        target = next(each for each in records[len(records) // 2:] if each['number'])
        sequence, last = target['seq'], records[-1]['seq']
        for column in columns(path):
            if column == 'seq' or target[column] is None:
                continue
            expect_found(gateway, f'one byte of {column} changed in record {sequence}', change(
                path, (f'update ledger set {column} = ? where seq = ?',
                       (one_other(target[column]), sequence))), sequence)
        for column in ('number', 'payload'):
            expect_found(gateway, f'{column} of record {sequence} taken out', change(
                path, (f'update ledger set {column} = null where seq = ?', (sequence,))), sequence)
        expect_found(gateway, f'record {sequence} removed', change(
            path, ('delete from ledger where seq = ?', (sequence,))), sequence, sequence + 1)
        expect_found(gateway, 'the first record removed', change(
            path, ('delete from ledger where seq = 1', ())), 1, 2)
        names = [name for name in columns(path) if name != 'seq']
        listed = ', '.join(names)
        expect_found(gateway, 'a record added at the end', change(
            path, (f'insert into ledger(seq, {listed}) select ?, {listed} from ledger '
                   'where seq = ?', (last + 1, sequence))), last + 1)
        swap = [('update ledger set seq = ? where seq = ?', pair) for pair in (
            (-1, sequence), (sequence, sequence + 1), (sequence + 1, -1))]
        expect_found(gateway, f'records {sequence} and {sequence + 1} swapped',
                     change(path, *swap), sequence)
        prove_messages(gateway, records)
        prove_tables(gateway, records)
        prove_block_log(gateway, records)
        prove_activity(gateway, records)
        prove_suppressions(gateway, records)
        cut = change(path, ('delete from ledger where seq = ?', (last,)))
        head = f'{last}:{records[-1]["hash"]}'
        result = gateway.verify(cut, '--head', head)
        claim('with a head that was kept elsewhere it is', result.returncode == 1, result.stdout)
        claim('and that head agrees with the whole ledger',
              gateway.verify(path, '--head', head).returncode == 0)


if __name__ == '__main__':
    run(prove)
