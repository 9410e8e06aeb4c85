#!/usr/bin/env python3
"""Numbers that changed hands get nothing: files of suppressions, by the terminal and by the API."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import PROGRAM  # noqa: E402
from promise import claim, gateway_running, names_line, now_text, numbers, run  # noqa: E402

DAY_S = 86400
PATH = '/v1/suppressions'


def write(gateway, name, lines):
    path = os.path.join(gateway.directory, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')
    return path


def states(gateway, people):
    answers = [gateway.http.get('/v1/consents/' + each) for each in people]
    return [answer.body['programs'][0]['state'] for answer in answers]


def counts(gateway, *arguments):
    """What a file came to, and what was said of it."""
    done = gateway.command('suppress', 'import', *arguments, '--json')
    claim(f'the import of {os.path.basename(arguments[0])} ends with 0', done.returncode == 0,
          done.stderr)
    summary = json.loads(done.stdout)
    return summary['outcomes'], summary['refused']


def prove_lists(gateway, people):
    day = now_text(-DAY_S)[:10]
    bare = write(gateway, 'bare.txt', [people[0][2:], people[1][1:], 'none', '555-0100',
                                       numbers(1000)[-1][2:]])
    order = (bare, '--kind', 'deactivated', '--date', day)
    claim('of a bare list each number is suppressed, and each bad line refused by itself',
          counts(gateway, *order, '--known') == (
              {'suppressed': 2, 'not_known': 1}, {'invalid_number': 2}))
    head = gateway.http.get('/v1/ledger/head').body['seq']
    claim('the same list again changes nothing', counts(gateway, *order, '--known')[0] == {
        'on_record': 2, 'not_known': 1} and gateway.http.get('/v1/ledger/head').body['seq'] == head)
    said = gateway.command('suppress', 'import', *order)
    claim('a bad line is reported with its number', names_line(said.stderr, 3) and
          names_line(said.stderr, 4), said.stderr)
    claim('their state is suppressed, and nobody else\'s',
          states(gateway, people[:3]) == ['suppressed', 'suppressed', 'opted_in'])
    answer = gateway.send(people[0], 'Hi')
    claim('a message to one is refused', answer.status == 403 and
          answer.body['code'] == 'suppressed', answer)
    answer = gateway.http.get('/v1/blocks?reason=suppressed')
    claim('and the block log says why', len(answer.body['items']) == 1 and
          'deactivated' in answer.body['items'][0]['why'], answer)


def prove_questions(gateway, people):
    asked = gateway.command('suppress', 'rnd-query', '--program', PROGRAM).stdout.split()
    day = now_text(-40 * DAY_S)[:10]
    claim('the query has ten digits and the day of the consent, of whoever is opted in',
          asked == sorted(f'{each[2:]},{day}' for each in people[2:]), asked)
    answers = write(gateway, 'answers.csv', [
        'Phone,Date,Result'] + [f'{line},{answer}' for line, answer in
                                zip(asked, ['Yes', 'No', 'No Data', ''] + ['no'] * len(asked))])
    outcomes, refused = counts(gateway, answers, '--kind', 'reassigned')
    claim('yes is a suppression, no and no data are checks, and no answer is none',
          outcomes == {'suppressed': 1, 'checked': len(asked) - 2} and
          refused == {'invalid_field': 1}, (outcomes, refused))
    claim('the same answers again change nothing',
          counts(gateway, answers, '--kind', 'reassigned')[0] == {'on_record': len(asked) - 1})
    claim('who was reassigned is not asked about again', asked[0] not in gateway.command(
        'suppress', 'rnd-query', '--program', PROGRAM).stdout.split())
    nameless = write(gateway, 'nameless.csv', ['phone,verdict', f'{people[5]},no'])
    done = gateway.command('suppress', 'import', nameless, '--kind', 'reassigned')
    strange = gateway.command('suppress', 'import', nameless, '--kind', 'opt_out', '--program', 'x')
    claim('what is wrong with every row ends it', strange.returncode == 1 and
          'unknown_program' in strange.stderr, strange.stderr)
    claim('a file without answers ends nothing', done.returncode == 1 and
          states(gateway, people[5:6]) == ['opted_in'], done.stderr)


def prove_batches(gateway, people):
    rows = [{'phone': people[-1], 'kind': 'listed'}, {'phone': 'x', 'kind': 'listed'}, 7]
    answer = gateway.http.post(PATH + '/batch', rows)
    claim('a batch answers each row as the single call would', answer.status == 200 and
          [each.get('code', each['status']) for each in answer.body] ==
          ['suppressed', 'invalid_number', 'malformed'], answer)
    lines = b'{"phone":"%s","kind":"listed"}\n\n{oops\r\n' % people[-1].encode()
    answer = gateway.http.post(PATH + '/batch', content=lines,
                               headers={'Content-Type': 'application/x-ndjson'})
    said = [json.loads(line) for line in answer.octets.splitlines()]
    claim('lines are answered by lines', answer.headers['Content-Type'] == 'application/x-ndjson'
          and [each.get('code', each['status']) for each in said] == ['on_record', 'malformed'],
          answer)
    answer = gateway.http.post(PATH + '/batch', [rows[0]] * 5001)
    claim('a batch has its limit', answer.status == 413, answer)
    for body in ({'phone': people[2], 'kind': 'odd'}, {'phone': people[2]},
                 {'phone': people[2], 'kind': 'listed', 'program': PROGRAM},
                 {'phone': people[2], 'kind': 'deactivated', 'date': '2026-11-31'}):
        answer = gateway.http.post(PATH, body)
        claim(f'{body} is 422', answer.status == 422, answer)


def prove_list(gateway, people):
    answer = gateway.http.get(PATH + '?kind=listed')
    claim('the list can be asked by kind', [each['phone'] for each in answer.body['items']] ==
          [people[-1]], answer)
    answer = gateway.http.get(PATH + '?number=%2B' + people[0][1:])
    claim('and by number', [each['kind'] for each in answer.body['items']] == ['deactivated'] and
          answer.body['items'][0]['account'] == 'campaigns', answer)
    answer = gateway.http.call('DELETE', f'{PATH}/{people[-1]}')
    claim('who is taken off the list may be texted again', answer.status == 200 and
          states(gateway, people[-1:]) == ['opted_in'], answer)
    answer = gateway.http.post(PATH, {'phone': people[2], 'kind': 'listed'}, key='clerk' * 10)
    claim('it takes the role compliance', answer.status == 403 and
          answer.body['code'] == 'role_required', answer)
    claim('the ledger verifies', gateway.verify().returncode == 0)


def prove():
    people = numbers(12)
    with gateway_running('numbers') as (gateway, carrier):
        gateway.settings.accounts['clerk'] = {'api_key': 'clerk' * 10, 'roles': ['consent'],
                                              'programs': [PROGRAM]}
        gateway.reload()
        for each in people:
            gateway.opt_in(each, now_text(-40 * DAY_S))
        carrier.wait(lambda: len(carrier.submits) == len(people), 20)
        prove_lists(gateway, people)
        prove_questions(gateway, people)
        prove_batches(gateway, people)
        prove_list(gateway, people)


if __name__ == '__main__':
    run(prove)
