#!/usr/bin/env python3
"""The shell offers what there is: every command, every sub-command, every option that a command takes and no
other, in a bash and a zsh that somebody types into."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD  # noqa: E402
from promise import Broken, claim, run  # noqa: E402

ASSENT = os.path.join(BUILD, 'assent')
PATIENCE_S = 15


def assent(*words):
    return subprocess.run([ASSENT, *words], stdin=subprocess.DEVNULL, text=True, capture_output=True,
                          timeout=PATIENCE_S)


def offered(*words):
    return [line.split('\t')[0] for line in assent('help', '--complete', '--', *words).stdout.splitlines()]


class Shell:
    """A shell on a terminal, typed into."""

    def __init__(self, directory, argv, *lines):
        environment = {'PATH': os.path.dirname(ASSENT) + ':' + os.environ['PATH'], 'TERM': 'xterm',
                       'HOME': directory, 'LC_ALL': 'C.UTF-8', 'INPUTRC': '/dev/null'}
        self.process_id, self.terminal = pty.fork()
        if self.process_id == 0:
            os.chdir(directory)
            os.execvpe(argv[0], argv, environment)
        self.said = ''
        for line in lines:
            self.type(line + '\n')
        self.type('echo rea""dy\n')
        self.hear('ready')

    def type(self, text):
        os.write(self.terminal, text.encode())

    def hear(self, words):
        """Reads until the words were shown since the last time, whatever the shell draws between them."""
        end = time.monotonic() + PATIENCE_S
        while True:
            plain = re.sub(r'\x1b\[[?0-9;]*[A-Za-z~]|\x1b[=>]|[\r\x07]', '', self.said)
            while '\x08' in plain:
                plain = re.sub('[^\x08]?\x08', '', plain, count=1)
            if words in plain:
                self.said = ''
                return True
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                return False
            self.said += os.read(self.terminal, 65536).decode(errors='replace')

    def completes(self, typed, whole):
        """Whether a tab makes the whole of what was typed; then the line is given up."""
        self.type(typed + '\t')
        is_so = self.hear(whole)
        self.type('\x15echo cle""ared\n')
        return self.hear('cleared') and is_so

    def close(self):
        self.type('\x15exit\n')
        os.waitpid(self.process_id, 0)
        os.close(self.terminal)


TYPED = (
    ('assent cons', 'assent consent '),
    ('assent ledger v', 'assent ledger verify '),
    ('assent consent grant 4155550123 --opted-in y', '--opted-in yes '),
    ('assent consent grant 4155550123 --opted-in=n', '--opted-in=no '),
    ('assent ledger verify --head 12:ab --fi', '--file '),
    ('assent blocks --db some', '--db something.db '),
    ('assent blocks --db=some', '--db=something.db '),
    ("assent send --text 'Hi {first_name}' --dr", '--dry-run '),
    ('assent help --man assent.c', 'assent.conf '),
)


def prove_shell(name, shell):
    for typed, whole in TYPED:
        claim(f'{name} makes "{whole.strip()}" of "{typed}"', shell.completes(typed, whole), repr(shell.said))
    shell.close()


def prove_options():
    commands = [name for name in offered('') if not name.startswith('-')]
    claim('every command is offered', len(commands) > 20 and commands == re.findall(
        r'^  ([a-z-]+)  ', assent('help').stdout, re.M), commands)
    for name in commands:
        options = set(offered(name, '-')) - {'--help'}
        if name != 'help':  # its first word may be anything
            said = assent(name, '--no-such-option').stderr
            there = re.search(r'no option --no-such-option; there are (.*)', said)
            taken = set(there[1].split()) if there else set()
            claim(f'{name}: the {len(taken)} options that it takes are offered, and no other', options == taken,
                  f'offered {sorted(options - taken)}, taken {sorted(taken - options)}')
        for option in options:
            said = assent(name, option + '=x', '--no-such-option').stderr
            if f'no option {option}' in said or said == '':
                raise Broken(f'{name} {option} is offered and not accepted: {said}')
        words = [word for word in offered(name, '') if not word.startswith(':')]
        told = re.sub(r'(?s)\nExamples?:.*', '', assent('help', name).stdout)
        claim(f'{name}: its {len(words)} words stand in its help',
              all(re.search(rf'\b{re.escape(word)}\b', told) for word in words) or name == 'help', words)


def prove():
    directory = os.path.join(BUILD, 'promises', 'completion')
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    open(os.path.join(directory, 'something.db'), 'w').close()
    with open(os.path.join(directory, '_assent'), 'w') as file:
        file.write(assent('help', '--completion', 'zsh').stdout)
    prove_options()
    claim('a shell that it does not know is a usage error', assent('help', '--completion', 'fish').returncode == 2)
    prove_shell('bash', Shell(directory, ['bash', '--norc', '--noprofile', '-i'],
                              'source <(assent help --completion bash)'))
    if shutil.which('zsh') is None:
        print('  skipped: zsh is not here')
        return
    prove_shell('zsh', Shell(directory, ['zsh', '-f', '-i'], 'PS1="% "; unsetopt PROMPT_CR PROMPT_SP; fpath=($PWD $fpath)',
                             'autoload -Uz compinit; compinit -u -D'))


if __name__ == '__main__':
    run(prove)
