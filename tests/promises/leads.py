#!/usr/bin/env python3
"""Exactly the eligible of a list get a text: one confirmation each, then one message each.

  leads.py [CSV [EXPECTED]]

Who is eligible is worked out here, by the rules of the contract and none of the gateway's code.
"""

import csv
import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM, ROOT  # noqa: E402
from promise import claim, gateway_running, names_line, now_text, run  # noqa: E402

# +1 is more than two countries: the area codes of the islands and territories, which are neither
# the United States of the config nor Canada (NANPA's list of places).
ELSEWHERE = {'242', '246', '264', '268', '284', '345', '441', '473', '649', '658', '664', '721',
             '758', '767', '784', '809', '829', '849', '868', '869', '876'}
EVIDENCE = ('form_url', 'disclosure', 'collected_at')


def e164(text):
    """The number that a cell holds with certainty, or None."""
    text = text.strip().removeprefix('tel:')
    if any(char not in '+0123456789 ().-' for char in text) or '+' in text[1:]:
        return None
    digits = ''.join(char for char in text if char.isdigit())
    if text.startswith('+') and not digits.startswith('1'):
        return None
    if len(digits) == 10 and not text.startswith('+'):
        digits = '1' + digits
    if len(digits) != 11 or digits[0] != '1' or digits[1] in '01' or digits[4] in '01':
        return None
    return None if digits[1:4] in ELSEWHERE else '+' + digits


def is_opt_in(row):
    return (row['source'] == 'web_form' and row['sms_opt_in'] == 'yes' and
            all(row[field] for field in EVIDENCE) and row['collected_at'] <= now_text())


def prove(path=os.path.join(ROOT, 'tests', 'data', 'leads.csv'), expected=None):
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    eligible = {e164(row['phone']) for row in rows if is_opt_in(row)} - {None}
    known = {e164(row['phone']) for row in rows} - {None}
    claim(f'{len(rows)} rows name {len(known)} numbers, {len(eligible)} of them eligible',
          expected is None or len(eligible) == int(expected), f'{expected} were expected')
    with gateway_running('leads') as (gateway, carrier):
        done = gateway.command('consent', 'import', path, '--program', PROGRAM)
        claim('the import ends with 0', done.returncode == 0, done.stdout + done.stderr)
        for line, row in enumerate(rows, 2):
            if e164(row['phone']) is None and row['sms_opt_in'] == 'yes':
                claim(f'the number of line {line}, {row["phone"]!r}, is reported with its line',
                      names_line(done.stdout + done.stderr, line), done.stdout + done.stderr)
        carrier.wait(lambda: len(carrier.submits) >= len(eligible), 20)
        carrier.settle(gateway.turn)
        heard = collections.Counter(each.number for each in carrier.submits)
        compare('each of them got one confirmation, and nobody else anything', heard, eligible)
        unsent = os.path.join(gateway.directory, 'unsent.csv')
        done = gateway.command('send', '--program', PROGRAM, '--csv', path, '--dry-run',
                               '--unsent', unsent, '--text', 'Hi {first_name}, a house for you')
        with open(unsent, newline='', encoding='utf-8') as file:
            listed = list(csv.DictReader(file))
        claim('a dry run lists each row that would not be sent, with its line and why',
              done.returncode == 0 and all(row['code'] and row['why'] for row in listed) and
              {e164(row['phone']) for row in listed} - {None} == known - eligible and
              all(rows[int(row['line']) - 2]['phone'] == row['phone'] for row in listed),
              done.stdout + done.stderr)
        before = len(carrier.submits)
        done = gateway.command('send', '--program', PROGRAM, '--csv', path,
                               '--text', 'Hi {first_name}, a house for you')
        claim('the campaign ends with 0', done.returncode == 0, done.stdout + done.stderr)
        carrier.wait(lambda: len(carrier.submits) >= before + len(eligible), 20)
        carrier.settle(gateway.turn)
        heard = collections.Counter(each.number for each in carrier.submits[before:])
        compare('each of them got one text, and nobody else anything', heard, eligible)
        names = collections.defaultdict(set)
        for row in rows:
            names[e164(row['phone'])].add(row.get('first_name', ''))
        wrong = [each.text for each in carrier.submits[before:]
                 if not any(each.text == f'Hi {name}, a house for you'
                            for name in names[each.number])]
        claim('each text names its reader', not wrong, wrong[:1])
        refused = known - eligible
        logged = {row['number'] for row in gateway.ledger()}
        claim(f'the {len(refused)} others stand in the ledger with the reason',
              refused <= logged, sorted(refused - logged)[:3])


def compare(words, heard, eligible):
    claim(words, set(heard) == eligible and all(count == 1 for count in heard.values()),
          f'missing {sorted(eligible - set(heard))[:3]} '
          f'unexpected {sorted(set(heard) - eligible)[:3]} '
          f'twice {[number for number, count in heard.items() if count > 1][:3]}')


if __name__ == '__main__':
    run(prove)
