#!/usr/bin/env python3
"""Personal data goes when its time is over, or when a person asks: not an octet of it is left in the file, the chain and
the seals still verify, and who is out stays out."""

import base64
import os
import shutil
import sqlite3
import sys
from contextlib import closing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from carrier import Carrier  # noqa: E402
from gateway import BUILD, PROGRAM, Gateway, Settings  # noqa: E402
from promise import Broken, claim, numbers, run  # noqa: E402
from world import World, time_text  # noqa: E402

YEAR_MS = 365 * 86400 * 1000
ANNA, BEN, CARL, DORA = numbers(4)  # leaves; stays; never said yes; leaves and comes back
WORDS = {ANNA: 'violets for Anna', BEN: 'roses for Ben', DORA: 'lilies for Dora'}


class House:
    def __init__(self, directory):
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        self.world = World(os.path.join(directory, 'world'))
        self.carrier = Carrier()
        settings = Settings(self.carrier.port)
        settings.sections = {'retention': {'texts': '1826d', 'evidence': '2000d'}}
        self.gateway = Gateway(directory, settings, 'assent-story', {'ASSENT_WORLD': self.world.path})
        self.gateway.start()
        self.settle()

    def settle(self, times=6):
        for _ in range(times):
            self.world.step(300)
            self.gateway.turn()
            self.carrier.settle(self.gateway.turn)

    def later(self, years):
        """The gateway sleeps, and finds itself in another year."""
        self.gateway.stop()
        self.world.turn_wall(round(years * YEAR_MS))
        self.gateway.start()
        self.settle(10)

    def opt_in(self, number, at=None, **changes):
        answer = self.gateway.opt_in(number, at or time_text(self.world.wall_ms - 60000), **changes)
        self.settle()
        return answer

    def say(self, number, text, udh=None):
        heard = self.carrier.deliver(number, '+12065550100', text, udh=udh)
        self.settle()
        if not self.carrier.wait(lambda: heard.answer):
            raise Broken(f'{text} was not answered')

    def erase(self, number, **body):
        return self.gateway.http.post(f'/v1/consents/{number[1:]}/erase', body)

    def state(self, number):
        return self.gateway.http.get(f'/v1/consents/{number[1:]}').body['programs'][0]['state']

    def rows(self, sql, *values):
        with closing(sqlite3.connect(f'file:{self.gateway.database}?mode=ro', uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def verifies(self, words):
        result = self.gateway.verify()
        claim(f'{words}: ledger, seals and tables verify', result.returncode == 0, result.stdout + result.stderr)

    def octets(self):
        """All that is in the file, once the WAL has gone into it."""
        self.gateway.stop()
        with closing(sqlite3.connect(self.gateway.database)) as db:
            db.execute('pragma wal_checkpoint(truncate)')
        with open(self.gateway.database, 'rb') as file:
            octets = file.read()
        self.gateway.start()
        self.settle()
        return octets


def is_named(octets, number):
    """As text; what is left as an integer is its opt-outs."""
    return number.encode() in octets or number[1:].encode() in octets


def data_of(number):
    return base64.b64encode(WORDS[number].encode()).decode()


def prove_request(house):
    answer = house.erase(BEN, before_term=True)
    claim('who is opted in is not erased before a revocation', answer.status == 422 and 'opted in' in answer.body['detail'], answer)
    answer = house.erase(ANNA)
    claim('records of less than five years are kept, unless it is said', answer.status == 422 and
          'five years' in answer.body['detail'], answer)
    form = house.rows('select json_extract(payload, ?) from ledger where number = ?', '$.collected_at', ANNA)[0][0]
    house.say(ANNA, f'{WORDS[ANNA]} in part', udh=bytes([0, 3, 1, 2, 1]))
    claim('a part of a text of hers waits for the other', house.rows('select octets from inbound_part') and
          house.rows('select number from inbound_set') == [(int(ANNA[1:]),)])
    before = house.octets()
    claim('the file holds her words and number', WORDS[ANNA].encode() in before and is_named(before, ANNA))
    answer = house.erase(ANNA, before_term=True)
    claim('a person who left is erased at request', answer.status == 200 and answer.body['records'] == 2 and
          answer.body['messages'] >= 3 and answer.body['inbound'] >= 1 and answer.body['stays_out'], answer)
    claim('with what waits for another part', not house.rows('select 1 from inbound_part') and
          not house.rows('select 1 from inbound_set') and not house.rows('select 1 from inbound where state = 1'))
    house.verifies('after that')
    after = house.octets()
    claim('not an octet of her words or number is left', WORDS[ANNA].encode() not in after and not is_named(after, ANNA) and
          data_of(ANNA).encode() in before and data_of(ANNA).encode() not in after)
    claim('and those of others are', WORDS[BEN].encode() in after and is_named(after, BEN))
    claim('no listing finds her', not house.gateway.http.get(f'/v1/messages?to={ANNA[1:]}').body['items'] and
          not house.gateway.http.get(f'/v1/inbound?number={ANNA[1:]}').body['items'])
    claim('she is still out', house.state(ANNA) == 'opted_out')
    claim('and is not texted', house.gateway.send(ANNA, 'Hi').body['code'] == 'opted_out')
    claim('the old form lifts nothing', house.opt_in(ANNA, form).body['state'] == 'opted_out')
    claim('erased again, there is only what came since', house.erase(ANNA, before_term=True).body['records'] == 2)
    answer = house.erase(CARL, before_term=True)
    claim('who never said yes can be erased as well', answer.status == 200 and not answer.body['stays_out'], answer)
    claim('and is a stranger then', house.state(CARL) == 'unknown')
    house.verifies('after all of it')


def prove_retention(house):
    number, text = house.rows('select count(*), (select count(*) from inbound where text <> ?)'
                              ' from message where number <> 0', '')[0]
    house.later(4.9)
    claim('before their time texts stay', house.rows('select count(*) from message where number <> 0')[0][0] == number)
    house.later(0.2)
    claim('after it number and text of messages and replies are gone',
          house.rows("select count(*) from message where number <> 0 or text <> '' or cargo <> ''")[0][0] == 0 and text > 0 and
          house.rows("select count(*) from inbound where number <> 0 or text <> '' or source <> ''")[0][0] == 0)
    claim('and the listing names nobody', not house.rows('select count(*) from listing where number <> 0')[0][0])
    claim('the evidence is still there', house.rows('select count(*) from ledger where number = ?', BEN)[0][0] > 0 and
          house.rows('select count(*) from ledger where number = ?', DORA)[0][0] > 0)
    house.verifies('without the texts')
    house.later(1)
    claim('what is in force stays for as long as it is', house.rows('select count(*) from ledger where number = ?', BEN)[0][0] > 0
          and house.state(BEN) == 'opted_in')
    claim('what has ended is gone', not house.rows('select 1 from ledger where number = ?', DORA) and
          not house.rows('select 1 from consent where number = ?', int(DORA)))
    claim('and who is out stays out', house.state(DORA) == 'opted_out')
    erasures = house.rows("select payload from ledger where kind = 'erasure'")
    claim('the ledger tells of each erasure', any('"reason":"retention"' in each[0] for each in erasures) and
          any('"reason":"request"' in each[0] for each in erasures), erasures)
    house.verifies('without the evidence')
    octets = house.octets()
    claim('not an octet of the texts is left', not any(words.encode() in octets for words in WORDS.values()))


def prove():
    house = House(os.path.join(BUILD, 'promises', 'erasure'))
    try:
        house.opt_in(CARL, opted_in=False)
        for number in WORDS:
            house.opt_in(number)
            claim(f'{WORDS[number]} is sent', house.gateway.send(number, WORDS[number]).status == 202)
            body = {'program': PROGRAM, 'to': number, 'encoding': 'binary', 'data': data_of(number)}
            claim('and so are octets', house.gateway.http.post('/v1/messages', body).status == 202)
        house.settle()
        for number in (ANNA, DORA):
            house.say(number, 'STOP')
        house.say(BEN, 'thanks a lot')
        prove_request(house)
        prove_retention(house)
        claim('the log holds no broken claim', not house.gateway.misfortune(), house.gateway.misfortune())
    finally:
        house.gateway.kill()
        house.carrier.close()


if __name__ == '__main__':
    run(prove)
