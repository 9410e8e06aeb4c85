#!/usr/bin/env python3
"""The pages of docs/guide do what they say: each command of each page is run as it stands there, and what it prints is
what stands below it.

  guide.py [--update] [PAGE...]        PAGE: a name in docs/guide, without .md; all of them unless named

A page's ```sh blocks are its commands, in one shell; the ```text block below one is what it prints, and none prints
nothing. First come those of README.md, which start the world that the pages play in. Every page is run in a world of its
own, and then all of them in one, in order, as by somebody who reads on.

What is another each time stands in a page as a mark: 0190… an id, 2026-…Z a time, 3 Nov … a day, 3f9c… a hash or a
carrier's id, N a record of the ledger; how many blanks part two columns doesn't matter. --update writes what was printed into the pages.
"""

import difflib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD, ROOT, free_ports  # noqa: E402

PAGES = os.path.join(ROOT, 'docs', 'guide')
WORLD = 'README'
PATIENCE_S = 60
PORTS = ('2775', '2776', '2779', '8080')  # of the world, as the pages name them
BLOCK = re.compile(r'^```sh\n(.*?)^```\n(?:\n*^```text\n(.*?)^```\n)?', re.M | re.S)
MARKS = (
    (re.compile(r'\b[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b'), '0190…'),
    (re.compile(r'(?m)^\d+(?=  +20\d\d-\d\d-\d\dT)'), 'N'),
    (re.compile(r'\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'), '2026-…Z'),
    (re.compile(r'\b\d{1,2} [A-Z][a-z][a-z] 20\d\d\b'), '3 Nov …'),
    (re.compile(r'\b([0-9a-f]{64}|[0-9a-f]{12})\b'), '3f9c…'),
    (re.compile(r'\b(records?|consent_seq)( +)\d+\b'), r'\1\2N'),
)


class Failed(Exception):
    """A page isn't so."""


def masked(text):
    """With marks in the place of what differs; columns behind them stay where they were."""
    for pattern, mark in MARKS:
        def put(match, mark=mark):
            word = match.expand(mark)
            is_in_table = match.string[match.end():match.end() + 2] == '  '
            return word.ljust(len(match[0])) if is_in_table else word
        text = pattern.sub(put, text)
    return re.sub(r'[ \t]+$', '', text, flags=re.M)


def plain(text):
    """Of what is compared: how wide columns are may differ with what stands in them."""
    return [re.sub(r'  +', '  ', line).rstrip() for line in masked(text).splitlines()]


class World:
    """A folder as the source's, and a shell in it."""

    def __init__(self, name):
        self.folder = os.path.join(BUILD, 'guide', name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, 'conf'))
        os.makedirs(os.path.join(self.folder, 'build'))
        os.symlink(os.path.join(BUILD, 'assent'), os.path.join(self.folder, 'build', 'assent'))
        self.ports = dict(zip(PORTS, map(str, free_ports(len(PORTS)))))
        with open(os.path.join(ROOT, 'conf', 'assent.conf')) as file:
            conf = file.read()
        with open(os.path.join(self.folder, 'conf', 'assent.conf'), 'w') as file:
            file.write(self.here(conf))
        environment = {'PATH': os.environ['PATH'], 'HOME': self.folder, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
                       'ASSENT_URL': 'http://127.0.0.1:' + self.ports['8080']}
        self.shell = subprocess.Popen(['bash', '--norc', '--noprofile'], cwd=self.folder, env=environment,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      start_new_session=True)

    def here(self, text):
        """With the ports that this world has in the place of those that the pages name."""
        return re.sub(r'(?<=127\.0\.0\.1[:/])(\d+)\b|(?<=port = )(\d+)\b',
                      lambda match: self.ports.get(match[0], match[0]), text)

    def there(self, text):
        for port, own in self.ports.items():
            text = re.sub(rf'\b{own}\b', port, text)
        return text

    def run(self, commands):
        """What the commands print."""
        end = b'that was all %d\n' % time.monotonic_ns()
        self.shell.stdin.write(self.here(commands).encode() + b'\necho; echo ' + end)
        self.shell.stdin.flush()
        said, until = b'', time.monotonic() + PATIENCE_S
        while not said.endswith(b'\n' + end):
            ready, _, _ = select.select([self.shell.stdout], [], [], max(0, until - time.monotonic()))
            octets = os.read(self.shell.stdout.fileno(), 65536) if ready else b''
            if not octets:
                raise Failed(f'it did not end within {PATIENCE_S} s: {commands}it had said: {said.decode()}')
            said += octets
        return self.there(said[:-len(end) - 1].decode())

    def close(self):
        os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.stdin.close()
        self.shell.wait(PATIENCE_S)
        while self.shell.stdout.read(65536):  # until those that it started are gone
            pass
        self.shell.stdout.close()


def read(name):
    with open(os.path.join(PAGES, name + '.md'), encoding='utf-8') as file:
        return file.read()


def pages():
    return sorted(name.removesuffix('.md') for name in os.listdir(PAGES)
                  if name.endswith('.md') and name != WORLD + '.md')


def play(world, name, is_update=False):
    """Runs a page. A Failed says what is not as it stands there."""
    text, faults = read(name), []

    def check(block):
        said = world.run(block[1])
        if plain(said) == plain(block[2] or '') and (not is_update or masked(block[2] or '') == (block[2] or '')):
            return block[0]
        faults.append('\n'.join(difflib.unified_diff(plain(block[2] or ''), plain(said), f'{name}.md', 'what it printed',
                                                     lineterm='')))
        shown = f'\n```text\n{masked(said).strip(chr(10))}\n```\n' if said.strip() else ''
        return f'```sh\n{block[1]}```\n{shown}'

    fresh = BLOCK.sub(check, text)
    if is_update and fresh != text:
        with open(os.path.join(PAGES, name + '.md'), 'w', encoding='utf-8') as file:
            file.write(fresh)
    elif faults:
        raise Failed('\n'.join(faults))


def run_in_world(name, names, is_update=False):
    world = World(name)
    try:
        play(world, WORLD)
        for page in names:
            play(world, page, is_update)
    except Failed:
        with open(os.path.join(world.folder, 'build', 'guide', 'serve.log'), errors='replace') as log:
            print(''.join(log.readlines()[-5:]), file=sys.stderr)
        raise
    finally:
        world.close()


def main(arguments):
    is_update = '--update' in arguments
    names = [name for name in arguments if name != '--update'] or pages()
    began, failed = time.monotonic(), 0
    runs = [(name, [name]) for name in names] + ([('all', names)] if len(names) > 1 and not is_update else [])
    for name, of in runs:
        try:
            run_in_world(name, of, is_update)
            print(f'  {name}: as it stands there' if not is_update else f'  {name}: written', flush=True)
        except Failed as why:
            failed += 1
            print(f'  BROKEN {name}\n{why}', flush=True)
    print(f'guide: {len(names)} pages, {failed} faults ({time.monotonic() - began:.1f} s)')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
