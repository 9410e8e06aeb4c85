"""A program that somebody else wrote, as a child of the test: its lines are waited for, never slept
for. A Peer speaks JSON, one object a line: we say what it is to send, it says what it heard."""

import json
import re
import subprocess
import threading
import time

PATIENCE_S = 20


class Program:
    """A child process whose output is kept line by line."""

    def __init__(self, name, command, directory, environment=None):
        self.name = name
        self.lines = []
        self.news = threading.Condition()
        self.process = subprocess.Popen(command, cwd=directory, env=environment, bufsize=1,
                                        text=True, errors='replace', stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.take(line.rstrip('\n'))
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def take(self, line):
        self.lines.append(line)

    def wait(self, find, words):
        """What `find` finds in what was said so far or in time."""
        end = time.monotonic() + PATIENCE_S
        with self.news:
            while (found := find()) is None:
                left = end - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    raise AssertionError(f'{self.name}: no {words}; it said at last:\n    ' +
                                         '\n    '.join(self.lines[-8:]))
                self.news.wait(min(left, 1))
            return found

    def wait_line(self, pattern):
        return self.wait(lambda: next((line for line in self.lines if re.search(pattern, line)),
                                      None), pattern)

    def stop(self):
        """Asks it to end; its exit code, or None if it had to be killed."""
        self.process.terminate()
        return self.end()

    def end(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before it read our last words
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.reader.join()
            self.process.stdout.close()


class Peer(Program):
    def __init__(self, *args, **options):
        self.events = []
        super().__init__(*args, **options)

    def take(self, line):
        super().take(line)
        if line.startswith('{'):
            self.events.append(json.loads(line))

    def do(self, command, **fields):
        self.process.stdin.write(json.dumps({'do': command, 'fields': fields}) + '\n')
        self.process.stdin.flush()

    def hear(self, event, is_wanted=lambda event: True):
        """The next event of that name, which is then used up; the others stay."""
        def find():
            for each in self.events:
                if each['event'] == event and is_wanted(each):
                    self.events.remove(each)
                    return each
            return None
        return self.wait(find, event)
