#!/usr/bin/env python3
"""What /metrics gives, docs/metrics.md says, and conf/grafana-dashboard.json and conf/alerts.yml ask for, is the same:
nobody looks at a metric that isn't there, and none is there that nobody is told of. `--write` writes the page's table."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import ROOT  # noqa: E402
from promise import claim, gateway_running, now_text, numbers, opt_in_all, run, until  # noqa: E402

NAME = re.compile(r'\b(?:assent|process)_[a-z0-9_]+\b')
PAGE = os.path.join(ROOT, 'docs/metrics.md')
BEGIN, END = '<!-- the table -->\n', '<!-- its end -->\n'
WORDS = {'assent_carrier_deviations_total': 'carrier, deviation', 'assent_sender_deviations_total': 'deviation',
         'assent_queue_stuck': 'program', 'assent_brand_day_parts': 'brand', 'assent_brand_day_limit_parts': 'brand',
         'assent_account_day_parts': 'account', 'assent_account_day_limit_parts': 'account', 'assent_webhooks_waiting': 'account',
         'assent_optin_forms_total': 'outcome, program'}


def families_of(text):
    """{name: (type, help, labels)}, in their order."""
    families = {}
    for line in text.splitlines():
        if line.startswith('# HELP '):
            _, _, name, words = line.split(' ', 3)
            families[name] = ['', words, set()]
        elif line.startswith('# TYPE '):
            families[line.split()[2]][0] = line.split()[3]
        else:
            full, labels = re.match(r'([a-z0-9_]+)(?:\{(.*)\})? ', line).groups()
            name = full if full in families else re.sub('_(bucket|sum|count)$', '', full)
            families[name][2] |= set(re.findall(r'([a-z_]+)="', labels or '')) - {'le'}
    return families


def table_of(families):
    """Labels of a family that has no series now are those that it has when it has."""
    rows = ['| metric | type | labels | what it is |\n', '|---|---|---|---|\n']
    for name, (kind, words, labels) in families.items():
        labels = ', '.join(sorted(labels)) or WORDS.get(name, '')
        rows.append(f'| `{name}` | {kind} | {labels} | {words} |\n')
    return ''.join(rows)


def asked(text, families):
    """The families that a file asks for."""
    found = set()
    for name in NAME.findall(text):
        base = re.sub('_(bucket|sum|count)$', '', name)
        found.add(base if families.get(base, ' ')[0] == 'histogram' else name)
    return found


def expressions(value):
    """Of a dashboard: what it asks Prometheus."""
    if isinstance(value, dict):
        return [value['expr']] if 'expr' in value else [each for part in value.values() for each in expressions(part)]
    return [each for part in value for each in expressions(part)] if isinstance(value, list) else []


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def prove(write=None):
    with gateway_running('metrics') as (gateway, carrier):
        person = numbers(1)[0]
        opt_in_all(gateway, carrier, [person])
        gateway.send(person, 'a house')
        gateway.send('+14155550198', 'nobody')
        until('the ledger is verified', lambda: b'assent_ledger_whole 1' in gateway.http.get('/metrics').octets)
        text = gateway.http.get('/metrics').octets.decode()
        families = families_of(text)
        claim(f'{len(families)} families, each with its type and what it is', len(families) > 50 and all(
            kind in ('counter', 'gauge', 'histogram') and words.endswith('.') for kind, words, _ in families.values()))
        claim('counters end in _total, and nothing else does', all(
            (kind == 'counter') == name.endswith('_total') for name, (kind, _, _) in families.items()),
            [name for name, (kind, _, _) in families.items() if (kind == 'counter') != name.endswith('_total')])
        claim('a block is counted by its code', 'assent_blocks_total{code="no_consent"} 1\n' in text)
        claim('an answer of the carrier and the wait before it have their times', re.search(
            r'assent_carrier_answer_seconds_count\{carrier="sim"\} [12]\n', text) and
            re.search(r'assent_carrier_wait_seconds_bucket\{carrier="sim",le="\+Inf"\} [12]\n', text))
        page = read('docs/metrics.md')
        before, rest = page.split(BEGIN)
        table, after = rest.split(END)
        if write == '--write':
            table = table_of(families)
            with open(PAGE, 'w', encoding='utf-8') as file:
                file.write(before + BEGIN + table + END + after)
        claim('docs/metrics.md has just these', table == table_of(families), 'tests/promises/metrics.py --write writes it')
        dashboard = '\n'.join(expressions(json.loads(read('conf/grafana-dashboard.json'))))
        alerts = read('conf/alerts.yml')
        for name, asks in (('the dashboard', asked(dashboard, families)), ('the alerts', asked(alerts, families))):
            claim(f'{name} ask for nothing that isn\'t there', asks <= set(families), sorted(asks - set(families)))
        unseen = set(families) - asked(dashboard, families)
        claim('and the dashboard shows all there is', not unseen, sorted(unseen))


if __name__ == '__main__':
    run(prove)
