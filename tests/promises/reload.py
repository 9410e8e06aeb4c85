#!/usr/bin/env python3
"""SIGHUP takes over programs, senders and accounts; binds and what waits stay. A file that can't be used
leaves the one in force, and the log says why."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from promise import claim, gateway_running, numbers, opt_in_all, run, until  # noqa: E402


def reload(gateway, text, word):
    """Writes the config, asks for it, and waits for the line in the log that tells."""
    path = gateway.config
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    before = open(gateway.log, encoding='utf-8').read().count(word)
    os.kill(gateway.process.pid, signal.SIGHUP)
    until(word, lambda: gateway.turn() or
          open(gateway.log, encoding='utf-8').read().count(word) > before)


def prove():
    with gateway_running('reload') as (gateway, carrier):
        ann, = numbers(1)
        opt_in_all(gateway, carrier, [ann])
        path = gateway.config
        old = open(path, encoding='utf-8').read()
        binds = list(carrier.binds)
        new = old.replace('new-lead-nurture', 'evening-news').replace('+12065550100', '+12065550188')
        program = new[new.index('program "evening-news"'):]
        program = program[:program.index('\n}') + 3]
        both = old.replace('programs = {', 'programs = {"evening-news", ') + program
        reload(gateway, both, 'reloaded')
        claim('a new program is there', gateway.send(ann, 'Hi', program='evening-news').status == 403)
        claim('and has nobody\'s consent but its own',
              gateway.send(ann, 'Hi', program='evening-news').body['code'] == 'no_consent')
        claim('the old one goes on', gateway.send(ann, 'Hi').status == 202)
        until('the text', lambda: gateway.turn() or any(
            heard.text == 'Hi' and heard.number == ann for heard in carrier.submits))
        claim('over the same bind', list(carrier.binds) == binds and carrier.binds[0].receives)
        reload(gateway, both.replace('brand', 'brrand'), 'reload refused')
        claim('a bad file leaves the old one in force', gateway.send(ann, 'Hi').status == 202)
        reload(gateway, both.replace('host = "127.0.0.1"', 'host = "127.0.0.2"', 1), 'reload refused')
        claim('another carrier needs a restart, and says so',
              'its host is another' in open(gateway.log, encoding='utf-8').read())
        reload(gateway, both.replace('+12065550188', '+12065550189'), 'reloaded')
        claim('a sender that went is no sender any more',
              gateway.send(ann, 'Hi', **{'program': 'evening-news', 'from': '+12065550188'}).body['code']
              == 'sender_not_allowed')


if __name__ == '__main__':
    run(prove)
