#!/usr/bin/env python3
"""`assent send --csv` loads a file and has everybody texted once, whatever happens on the way: a gateway that is killed,
a command that is interrupted, the same command again; and says of each row what became of it, with its line."""

import collections
import csv
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from load import is_sanitized  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402

TEXT = 'Hi {first_name}, a house for you'
MANY, SOME = 60000, 18000  # rows of several pieces, and of two
CAMPAIGNS = 80
WIDE = 'x' * 300  # a column of which nothing is kept: it makes the file some pieces long
MEMORY_KIB = 40 << 10  # two pieces and the program


def write_rows(path, people, count=0):
    """People who opted in, among so many who didn't."""
    with open(path, 'w', newline='', encoding='utf-8') as file:
        rows = csv.writer(file)
        rows.writerow(('phone', 'first_name', 'notes'))
        every = max(1, count // len(people))
        for i, person in enumerate(people):
            rows.writerow((person, f'Zoë {i}', WIDE if count else ''))
            for j in range(every if count else 0):
                rows.writerow((f'+1415{2000000 + i * every + j:07d}', 'Nobody', WIDE))


def start(gateway, *words, **options):
    return subprocess.Popen([gateway.binary, 'send', *words], env=gateway.environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def campaigns(gateway):
    return gateway.http.get('/v1/campaigns?limit=200').body['items']


def newest(gateway):
    return campaigns(gateway)[0]


def heard_since(carrier, before):
    return collections.Counter(each.number for each in carrier.submits[before:])


def settled(gateway, carrier, before, people):
    carrier.wait(lambda: len(carrier.submits) >= before + len(people), 20)
    carrier.settle(gateway.turn)
    return heard_since(carrier, before) == collections.Counter(people)


def is_loading(gateway):
    first = newest(gateway) if campaigns(gateway) else {}
    return first.get('state') == 'loading' and first['offset'] > 0


def prove_killed(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'many.csv')
    write_rows(path, people, MANY)
    before = len(carrier.submits)
    sending = start(gateway, '--program', PROGRAM, '--csv', path, '--text', TEXT)
    until('some of the file is there', lambda: is_loading(gateway))
    gateway.kill()
    gateway.start()
    said, complained = sending.stdout.read(), sending.stderr.read()
    _, status, used = os.wait4(sending.pid, 0)
    sending.returncode = os.waitstatus_to_exitcode(status)
    claim('a gateway that is killed while the file comes hears the rest of it when it is back',
          sending.returncode == 0 and f'{MANY + len(people)} rows: {len(people)} accepted' in said, said + complained)
    claim('and everybody of the file is texted once', settled(gateway, carrier, before, people),
          heard_since(carrier, before).most_common(3))
    claim(f'the command needs no more memory for {os.path.getsize(path) >> 20} MB than for a piece',
          used.ru_maxrss < MEMORY_KIB or is_sanitized(gateway), used.ru_maxrss)
    return path


def prove_interrupted(gateway, carrier, people, path):
    before = len(carrier.submits)
    sending = start(gateway, '--program', PROGRAM, '--csv', path, '--text', TEXT, '--name', 'twice')
    until('some of the file is there', lambda: newest(gateway)['name'] == 'twice' and is_loading(gateway))
    sending.send_signal(signal.SIGINT)
    said, complained = sending.communicate(timeout=60)
    match = re.search(r'assent send --csv \S+ --resume (\S+);', complained)
    claim('interrupted while the file comes it says that nothing is sent, and how to go on',
          sending.returncode == 1 and match and 'nothing is sent yet' in complained, said + complained)
    other = os.path.join(gateway.directory, 'other.csv')
    write_rows(other, people)
    done = gateway.command('send', '--csv', other, '--resume', match[1])
    claim('it goes on with no file that is shorter than what came', done.returncode == 1 and
          'not the file that was begun' in done.stderr, done.stdout + done.stderr)
    with open(path, encoding='utf-8') as file, open(other, 'w', encoding='utf-8') as longer:
        longer.write('#' + file.read())
    done = gateway.command('send', '--csv', other, '--resume', match[1])
    claim('nor with one that has no end of a row there', done.returncode == 1 and
          'not the file that was begun' in done.stderr and newest(gateway)['state'] == 'loading', done.stdout + done.stderr)
    done = gateway.command('send', '--csv', path, '--resume', match[1])
    claim('so it goes on, and everybody is texted once', done.returncode == 0 and
          f'{MANY + len(people)} rows: {len(people)} accepted' in done.stdout and settled(gateway, carrier, before, people),
          done.stdout + done.stderr)


def prove_interrupted_pipe(gateway, carrier, people):
    """^C ends the program before us in the pipe as well: what looks like the end of the input is none."""
    path = os.path.join(gateway.directory, 'piped.csv')
    write_rows(path, people, SOME)
    before = len(carrier.submits)
    words = ('--program', PROGRAM, '--csv', '-', '--text', TEXT, '--name', 'piped')
    for ends_input in (False, True):
        ours, theirs = os.pipe()
        sending = subprocess.Popen([gateway.binary, 'send', *words], env=gateway.environment, stdin=ours,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(ours)
        with open(path, 'rb') as file, open(theirs, 'wb') as pipe:
            pipe.write(file.read(5 << 20))
            pipe.flush()
            until('a piece is there', lambda: newest(gateway)['name'] == 'piped' and is_loading(gateway))
            until('all was read, and it waits for more', lambda: octets_in(pipe) == 0)
            if ends_input:
                sending.send_signal(signal.SIGSTOP)  # so that both are there when it looks
            sending.send_signal(signal.SIGINT)
            if ends_input:
                pipe.close()
                sending.send_signal(signal.SIGCONT)
            said, complained = sending.communicate(timeout=60)
        match = re.search(r'assent send --csv - --resume (\S+) ', complained)
        first = newest(gateway)
        claim('interrupted while it reads a pipe, it keeps what came, starts nothing, and says how to go on',
              sending.returncode == 1 and match and 'nothing is sent yet' in complained and first['id'] == match[1] and
              first['state'] == 'loading' and first['offset'] > 0, said + complained)
    with open(path, 'rb') as file:
        done = gateway.command('send', '--csv', '-', '--resume', match[1], stdin=file)
    claim('so it goes on with the same input, and everybody is texted once', done.returncode == 0 and
          f'{SOME + len(people)} rows: {len(people)} accepted' in done.stdout and settled(gateway, carrier, before, people),
          done.stdout + done.stderr)


def octets_in(pipe):
    return struct.unpack('i', fcntl.ioctl(pipe, termios.FIONREAD, b'\0' * 4))[0]


def prove_named_pipe(gateway, people):
    path = os.path.join(gateway.directory, 'named')
    words = ('send', '--program', PROGRAM, '--csv', path, '--text', 'Hi', '--dry-run', '--verbose')
    os.mkfifo(path)
    sending = subprocess.Popen([gateway.binary, *words], env=gateway.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with open(path, 'w', encoding='utf-8') as pipe:
        pipe.write(f'phone\n{people[0]}\n123\n')
    said, complained = sending.communicate(timeout=60)
    claim('a named pipe is read once', sending.returncode == 0 and '2 rows: 1 would be accepted' in said and
          'line 3: refused' in complained, said + complained)


def prove_left_alone(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'left.csv')
    write_rows(path, people)
    before = len(carrier.submits)
    sending = start(gateway, '--program', PROGRAM, '--csv', path, '--text', TEXT, '--name', 'left', '--rate', '2')
    until('the first are with the carrier', lambda: newest(gateway)['name'] == 'left' and newest(gateway)['handed_in'] > 0)
    sending.send_signal(signal.SIGINT)
    said, complained = sending.communicate(timeout=60)
    name = newest(gateway)['id']
    claim('interrupted while it is sent it says that the gateway goes on with it, and how to stop that',
          sending.returncode == 1 and f'assent campaign pause {name}' in complained and
          newest(gateway)['state'] == 'running', said + complained)
    gateway.kill()
    gateway.start()
    handed_in = newest(gateway)['handed_in']
    until('it goes on after a kill', lambda: newest(gateway)['handed_in'] > handed_in)
    code, said = on_terminal(gateway, 60, 'campaign', 'watch', name, until_said='left')
    claim('watch shows a bar with the time left', code == 1 and '[' in said and ' left' in said, said)
    claim('and it may be cancelled', gateway.command('campaign', 'cancel', name).returncode == 0)
    carrier.settle(gateway.turn)
    counts = heard_since(carrier, before)
    claim('nobody was texted twice', counts and max(counts.values()) == 1 and len(counts) < len(people), counts)
    late = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--start-at', '2099-01-01T00:00:00Z')
    claim('a start years ahead is refused', late.returncode == 1 and 'start_at' in late.stderr, late.stderr)
    tomorrow = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--start-at', now_text(86400))
    claim('one tomorrow is scheduled, and the command returns', tomorrow.returncode == 0 and
          'it is scheduled for' in tomorrow.stdout and newest(gateway)['state'] == 'scheduled', tomorrow)
    gateway.command('campaign', 'cancel', newest(gateway)['id'])


def prove_again(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'few.csv')
    write_rows(path, people)
    before = len(carrier.submits)
    words = ('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--idempotency-key', 'few', '--json')
    first, again = (gateway.command(*words) for _ in range(2))
    summary = json.loads(again.stdout)
    claim('the same command with the same key is the same campaign, and nobody is texted twice',
          first.returncode == again.returncode == 0 and summary['accepted'] == len(people) and
          summary['campaign'] == json.loads(first.stdout)['campaign'] and settled(gateway, carrier, before, people),
          again.stdout + again.stderr)
    with open(path, encoding='utf-8') as file:
        done = subprocess.run([gateway.binary, 'send', '--program', PROGRAM, '--csv', '-', '--text', TEXT, '--dry-run'],
                              env=gateway.environment, stdin=file, capture_output=True,
                              text=True, timeout=60)
    claim('a file on stdin is one', done.returncode == 0 and f'{len(people)} would be accepted' in done.stdout,
          done.stdout + done.stderr)


def prove_lines(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'odd.csv')
    unsent = os.path.join(gateway.directory, 'unsent.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'phone,first_name\n"{people[0]}","Ann\nof two lines"\n\n555-01,Bad\n(415) 555-0199,Stranger\n'
                   f'{people[0]},Double\n"unfinished\n{people[1]},Bob\n')
    before = len(carrier.submits)
    done = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--unsent', unsent, '--json',
                           '--wait', '--wait-for', '0')
    summary = json.loads(done.stdout)
    with open(unsent, newline='', encoding='utf-8') as file:
        rows = [(row['line'], row['phone'], row['code']) for row in csv.DictReader(file)]
    claim('each row that is not sent stands in a file with its line and as it was there',
          rows == [('5', '555-01', 'invalid_number'), ('6', '(415) 555-0199', 'no_consent'), ('8', '', 'malformed')],
          rows)
    claim('and the summary has all of them', done.returncode == 0 and summary['rows'] == 6 and
          summary['accepted'] == 2 and summary['doubles'] == 1 and summary['blocked'] == {'no_consent': 1} and
          summary['refused'] == {'invalid_number': 1, 'malformed': 1} and
          [each['line'] for each in summary['refusals']] == [5, 8] and sum(summary['ends'].values()) == 2, summary)
    claim('a line break is part of a name', settled(gateway, carrier, before, people[:2]) and
          any('Ann\nof two lines' in each.text for each in carrier.submits[before:]))
    strict = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--dry-run', '--strict')
    claim('--strict makes a row that is not sent exit 1', strict.returncode == 1, strict.stdout)


def prove_lines_of_ndjson(gateway, people):
    path = os.path.join(gateway.directory, 'odd.ndjson')
    unsent = os.path.join(gateway.directory, 'unsent.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{{"phone":"{people[0]}","first_name":"Ann"}}\n\n{{"phone":"555-01","first_name":"Bad"}}\n'
                   '{"first_name":"Cy","Phone":"(415) 555-0199"}\nnonsense\n')
    done = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--dry-run', '--unsent', unsent)
    with open(unsent, newline='', encoding='utf-8') as file:
        rows = [(row['line'], row['phone'], row['code']) for row in csv.DictReader(file)]
    claim('so it does of a file of JSON lines', done.returncode == 0 and 'line 3: 555-01 refused' in done.stderr and
          rows == [('3', '555-01', 'invalid_number'), ('4', '(415) 555-0199', 'no_consent'), ('5', '', 'malformed')], rows)


def prove_long_rows(gateway, people):
    """A line that is far too long is one bad row, also where two pieces of the file meet in it."""
    path, unsent = (os.path.join(gateway.directory, name) for name in ('long', 'unsent.csv'))
    for form, first, row in (('.csv', 'phone,x\n', '{},"{}"\n'), ('.ndjson', '', '{{"phone":"{}","x":"{}"}}\n')):
        filler = row.format('+14155550199', 'x' * 1000)
        count = ((4 << 20) - 800000) // len(filler)  # so that the second one lies where a piece ends
        lines = first + row.format(people[0], '') + row.format('12', 'x' * 700000) + count * filler
        with open(path + form, 'w', encoding='utf-8') as file:
            file.write(lines + row.format('12', 'x' * 200000) + row.format('13', '') + row.format(people[1], ''))
        done = gateway.command('send', '--program', PROGRAM, '--csv', path + form, '--text', TEXT.format(first_name='you'),
                               '--dry-run', '--unsent', unsent)
        with open(unsent, newline='', encoding='utf-8') as file:
            rows = [(int(each['line']), each['code']) for each in csv.DictReader(file) if each['code'] != 'no_consent']
        head = len(first) > 0
        claim(f'a line that is far too long is one bad row of {form}', f'{count + 5} rows: 2 would be accepted' in done.stdout
              and rows == [(2 + head, 'malformed'), (3 + count + head, 'malformed'), (4 + count + head, 'invalid_number')],
              (done.stdout, rows))


def prove_list(gateway, people):
    """The file of --unsent: it can't take the place of what it is about, and what isn't written isn't done."""
    path, list_path = (os.path.join(gateway.directory, name) for name in ('listed.csv', 'list.csv'))
    words = ('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--dry-run', '--unsent')
    write_rows(path, [*people[:2], '+14155550199'])
    with open(path, 'rb') as file:
        before = file.read()
    names = [path] + [os.path.join(gateway.directory, name) for name in ('soft.csv', 'hard.csv')]
    for make, name in zip((os.symlink, os.link), names[1:]):
        make(path, name)
    for name in names:
        done = gateway.command(*words, name)
        with open(path, 'rb') as file:
            claim(f'{os.path.basename(name)}, the file of recipients itself, is refused and stays as it is',
                  done.returncode == 2 and 'would be lost' in done.stderr and file.read() == before, done)
    with open(path, 'rb') as file:
        done = gateway.command('send', '--program', PROGRAM, '--csv', '-', *words[5:], path, stdin=file)
    with open(path, 'rb') as file:
        claim('so it is on stdin', done.returncode == 2 and file.read() == before, done)
    full = gateway.command(*words, '/dev/full')
    claim('a list that a full disk does not take is exit 1, and says where else it is', full.returncode == 1 and
          'No space left' in full.stderr and 'assent campaign recipients' in full.stderr, full)
    with open(list_path, 'w', encoding='utf-8') as file:
        file.write('an earlier list\n' * 100)
    wrong = gateway.command('send', '--program', 'strange', *words[3:], list_path)
    with open(list_path, encoding='utf-8') as file:
        claim('a run that does not begin leaves an earlier list alone', wrong.returncode == 1 and
              file.read() == 'an earlier list\n' * 100, wrong)
    done = gateway.command(*words, list_path)
    with open(list_path, encoding='utf-8') as file:
        said = file.read()
    claim('one that ends has its own list there, whole', done.returncode == 0 and said.count('\n') == 2 and
          said.startswith('line,phone,code,why\n4,+14155550199,no_consent,'), said)


def prove_nobody(gateway):
    path = os.path.join(gateway.directory, 'nobody.csv')
    for rows, words in (('', '0 rows: 0 accepted'), ('12,x\n', '1 row: 0 accepted, 1 refused (invalid_number 1)')):
        with open(path, 'w', encoding='utf-8') as file:
            file.write('phone,first_name\n' + rows)
        done = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', TEXT, '--wait')
        claim(f'a file without a recipient is told as such: {words}', done.returncode == 0 and done.stdout == words + '\n'
              and ('line 2: 12 refused' in done.stderr) == bool(rows) and newest(gateway)['state'] == 'cancelled', done)


def prove_refused(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'few.csv')
    before = len(carrier.submits)
    done = gateway.command('send', '--program', PROGRAM, '--csv', path, '--text', 'Hi {name}')
    claim('a field that the file lacks is an error before anything is sent, and no campaign is left standing',
          done.returncode == 1 and 'nothing was sent' in done.stderr and 'name' in done.stderr and
          newest(gateway)['state'] == 'cancelled', done.stderr)
    parted = os.path.join(gateway.directory, 'parted.csv')
    with open(parted, 'w', encoding='utf-8') as file:
        file.write(f'phone;first_name\n{people[0]};Ann\n')
    for words in (('send', '--program', PROGRAM, '--text', TEXT, '--csv', parted),
                  ('consent', 'import', parted, '--program', PROGRAM)):
        done = gateway.command(*words)
        claim(f'{words[0]} says of a file with semicolons what is wrong with it', done.returncode == 1 and
              'semicolons' in done.stderr and 'commas' in done.stderr, done.stderr)
    for words, fault in ((('--text', 'Hi {first_name'), 'close'), (('--text', TEXT, '--program', 'strange'), 'strange'),
                         (('--text', TEXT, '--window', 'noon'), 'window')):
        done = gateway.command('send', '--program', PROGRAM, '--csv', path, *words)
        claim(f'{words[-2]} {words[-1]} is refused', done.returncode == 1 and fault in done.stderr, done.stderr)
    for words in ((), ('--csv', path, '--to', people[0]), ('--csv', path, '--rate', 'fast'),
                  ('--to', people[0], '--rate', '1'), ('--csv', path, '--dry-run', '--wait')):
        done = gateway.command('send', '--program', PROGRAM, '--text', TEXT, *words)
        claim(f'{" ".join(words[::2]) or "nobody to send to"} is a usage error', done.returncode == 2, done.stderr)
    for words, fault in ((('--to', people[0], '--to', people[1]), '--to is given twice'),
                         (('--to', people[0], '--idempotency-key', ''), '--idempotency-key'),
                         (('--csv', path, '--idempotency-key', 'a\nX-Other: b'), '--idempotency-key')):
        done = gateway.command('send', '--program', PROGRAM, '--text', TEXT, *words)
        claim(f'what would send otherwise than it says is a usage error: {fault}', done.returncode == 2 and
              fault in done.stderr, done.stderr)
    done = gateway.command('send', '--csv', path, '--resume', newest(gateway)['id'], '--rate', '1')
    claim('a campaign that goes on takes no other rate', done.returncode == 2 and '--resume' in done.stderr, done.stderr)
    done = gateway.command('send', '--program', PROGRAM, '--csv', path + '.none', '--text', TEXT)
    claim('a file that is not there is an error', done.returncode == 1 and 'No such file' in done.stderr, done.stderr)
    claim('and of all this nothing was sent', not heard_since(carrier, before))


def prove_many_at_once(gateway, carrier, people):
    """More than one turn looks at: none of them is forgotten, and one whose rate is spent holds up no other."""
    before = len(carrier.submits)
    octets = 'phone,first_name\n' + ''.join(f'{person},Ann\n' for person in people[:3])
    made = []
    for i in range(CAMPAIGNS):
        order = {'name': f'many {i}', 'program': PROGRAM, 'text': f'{i}: {{first_name}}'}
        made.append(gateway.http.post('/v1/campaigns', dict(order, rate=0.001) if i % 4 == 0 else order).body['id'])
        gateway.http.post(f'/v1/campaigns/{made[i]}/recipients?offset=0&last=true', content=octets.encode(),
                          headers={'Content-Type': 'text/csv'})
    for each in made:
        gateway.http.post(f'/v1/campaigns/{each}/start')
    slow = len(made[::4])
    expected = (CAMPAIGNS - slow) * 3 + slow
    carrier.wait(lambda: len(carrier.submits) >= before + expected, 60)
    until('those without a rate are done', lambda: [each['state'] for each in campaigns(gateway)].count('done') >=
          CAMPAIGNS - slow)
    states = collections.Counter(each['state'] for each in campaigns(gateway) if each['id'] in made)
    claim(f'of {CAMPAIGNS} campaigns at once each goes on, and those that wait for their rate hold up no other',
          len(carrier.submits) == before + expected and states == {'done': CAMPAIGNS - slow, 'running': slow}, states)
    for each in made[::4]:
        gateway.http.post(f'/v1/campaigns/{each}/cancel')
    carrier.settle(gateway.turn)


def prove_orders(gateway, carrier, people):
    path = os.path.join(gateway.directory, 'few.csv')
    before = len(carrier.submits)
    made = gateway.command('campaign', 'create', '--name', 'step by step', '--program', PROGRAM, '--text', TEXT, '--rate', '0.5')
    name = made.stdout.strip()
    claim('campaign create prints the id', made.returncode == 0 and newest(gateway)['id'] == name, made.stderr)
    loaded = gateway.command('campaign', 'upload', name, path, '--json')
    claim('upload says what came', loaded.returncode == 0 and json.loads(loaded.stdout)['recipients'] == len(people), loaded.stderr)
    for words, fault in ((('start', name, '--rate', '1'), '--rate is for create'),
                         (('cancel', name, '--dry-run'), '--dry-run is for create and start'),
                         (('list', '--status', 'bad'), '--status is for recipients')):
        done = gateway.command('campaign', *words)
        claim(f'an option that would count for nothing is a usage error: {fault}', done.returncode == 2 and
              fault in done.stderr and newest(gateway)['state'] == 'loading', done.stderr)
    checked = gateway.command('campaign', 'start', name, '--dry-run')
    until('it is checked', lambda: newest(gateway)['report'])
    claim('a dry run sends nothing, and show has its report', checked.returncode == 0 and
          f'allowed         {len(people)}' in gateway.command('campaign', 'show', name).stdout and
          not heard_since(carrier, before))
    started = gateway.command('campaign', 'start', name, '--json')
    claim('start starts it', json.loads(started.stdout)['state'] == 'running', started.stdout)
    for order, state in (('pause', 'paused'), ('pause', 'paused'), ('resume', 'running'), ('cancel', 'cancelled')):
        done = gateway.command('campaign', order, name, '--json')
        claim(f'{order} leaves it {state}', done.returncode == 0 and json.loads(done.stdout)['state'] == state, done.stderr)
    again = gateway.command('campaign', 'resume', name)
    claim('what its state forbids is exit 1', again.returncode == 1 and 'campaign_state' in again.stderr, again.stderr)
    watched = gateway.command('campaign', 'watch', name)
    claim('watch says in a pipe that it was cancelled, line by line', watched.returncode == 1 and
          'cancelled' in watched.stdout and '\x1b' not in watched.stdout + watched.stderr, watched)
    listed = gateway.command('campaign', 'list', '--state', 'cancelled', '--limit', '1', '--json')
    claim('list finds it by its state', [each['id'] for each in json.loads(listed.stdout)] == [name], listed.stdout)
    of = gateway.command('campaign', 'recipients', name, '--csv', '--limit', '0').stdout.splitlines()
    claim('recipients has a row for each', len(of) == len(people) + 1, of)
    claim('one that there is not is exit 1', gateway.command('campaign', 'show', name[:-3] + '000').returncode == 1)


def on_terminal(gateway, columns, *words, until_said=None):
    """The exit code and all that is drawn on a terminal of so many columns. until_said: ^C once that was drawn."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    process = subprocess.Popen([gateway.binary, *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                               env=dict(gateway.environment, TERM='xterm'))
    os.close(theirs)
    said = b''
    try:
        while octets := os.read(ours, 65536):
            said += octets
            if until_said and until_said.encode() in said:
                process.send_signal(signal.SIGINT)
                until_said = None
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(60), said.decode()


def prove_bar(gateway, people):
    path = os.path.join(gateway.directory, 'many.csv')
    for columns in (40, 100):
        code, said = on_terminal(gateway, columns, 'send', '--program', PROGRAM, '--csv', path, '--text', TEXT)
        drawn = [line for line in re.split(r'\r\x1b\[K|\r\n', said) if '/s' in line]
        claim(f'a terminal of {columns} columns shows a bar that fits', code == 0 and
              any(line.startswith('[') for line in drawn) and all(len(line) < columns for line in drawn), drawn[:3])


def prove():
    people = numbers(30)
    with gateway_running('campaign') as (gateway, carrier):
        opt_in_all(gateway, carrier, people)
        path = prove_killed(gateway, carrier, people)
        prove_interrupted(gateway, carrier, people, path)
        prove_interrupted_pipe(gateway, carrier, people)
        prove_named_pipe(gateway, people)
        prove_left_alone(gateway, carrier, people)
        prove_again(gateway, carrier, people)
        prove_lines(gateway, carrier, people)
        prove_lines_of_ndjson(gateway, people)
        prove_long_rows(gateway, people)
        prove_list(gateway, people)
        prove_nobody(gateway)
        prove_refused(gateway, carrier, people)
        prove_many_at_once(gateway, carrier, people)
        prove_orders(gateway, carrier, people)
        prove_bar(gateway, people)


if __name__ == '__main__':
    run(prove)
