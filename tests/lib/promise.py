"""What the programs of tests/promises share: the real gateway and a carrier for a while, and claims
that are printed as they are proved."""

import contextlib
import datetime
import itertools
import os
import re
import shutil
import sys
import time

from carrier import Carrier
from gateway import BUILD, Gateway, Settings

AREAS = (202, 206, 212, 213, 214, 215, 303, 305, 310, 312, 404, 415, 503, 512, 602, 617, 702, 713)


class Broken(Exception):
    """The promise was not kept."""


def claim(words, is_so, detail=''):
    """Prints what was proved, or ends the program's proof."""
    if not is_so:
        raise Broken(f'{words}: {detail}')
    print(f'  proved: {words}', flush=True)


def names_line(said, line):
    """Whether a message names that line: 'line 7' or 'file:7'."""
    return re.search(rf'(line\s+|:){line}\b', said, re.I) is not None


def numbers(count):
    """Fictitious numbers, 555-0100 to 555-0199 of many areas."""
    every = (f'+1{area}55501{last:02d}' for last in range(100) for area in AREAS)
    return list(itertools.islice(every, count))


def now_text(offset_s=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.') + f'{moment.microsecond // 1000:03d}Z'


def until(words, is_so, seconds=20):
    """Asks until it is so; each asking is a call of the gateway's, which sets the pace."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise Broken(f'not within {seconds} s: {words}')


@contextlib.contextmanager
def gateway_running(name, certificates=None, database=None, environment=None, accounts=None,
                    sections=None, **carrier_settings):
    """(gateway, carrier), bound; both are gone afterwards. With certificates all three doors speak
    TLS. The database may lie elsewhere than in the directory of the others."""
    directory = os.path.join(BUILD, 'promises', name)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    carrier = Carrier(tls=certificates and certificates.server('good'))
    settings = Settings(carrier.port)
    if certificates:
        certificates.apply(settings)
    settings.carriers['sim'].update(carrier_settings)
    settings.accounts.update(accounts or {})
    settings.sections.update(sections or {})
    gateway = Gateway(directory, settings, environment=environment)
    if database:
        gateway.database = database
        gateway.write_config()
    try:
        gateway.start()
        if not carrier.wait_bound(carrier_settings.get('binds', 1)):
            raise Broken('the gateway did not bind')
        yield gateway, carrier
        if gateway.is_running() and gateway.stop() != 0:
            raise Broken('SIGTERM was not followed by exit 0' + gateway.log_end())
        claim('the carrier heard nothing that SMPP forbids', not carrier.complaints,
              carrier.complaints[:1])
        claim('the log holds no broken claim', not gateway.misfortune(), gateway.misfortune())
        result = gateway.verify()
        claim('the ledger verifies', result.returncode == 0, result.stdout + result.stderr)
    finally:
        gateway.kill()
        carrier.close()


def opt_in_all(gateway, carrier, people):
    """Registers them and waits until each has the confirmation."""
    for number in people:
        answer = gateway.opt_in(number, now_text(-60))
        if answer.status != 201:
            raise Broken(f'opt-in of {number}: {answer}')
    wanted = set(people)
    if not carrier.wait(lambda: wanted <= {heard.number for heard in carrier.submits}, 20):
        raise Broken('not all confirmations came')
    carrier.settle(gateway.turn)


def run(prove):
    """Runs a proof; the exit code says whether it holds."""
    print(os.path.basename(sys.argv[0]).removesuffix('.py'), flush=True)
    began = time.monotonic()
    try:
        prove(*sys.argv[1:])
    except Exception as error:
        words = str(error) if isinstance(error, (Broken, AssertionError)) else repr(error)
        print(f'  BROKEN: {words}', flush=True)
        sys.exit(1)
    print(f'  holds ({time.monotonic() - began:.1f} s)')
