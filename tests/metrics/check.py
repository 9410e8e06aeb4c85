#!/usr/bin/env python3
"""Prometheus's own tool takes what /metrics gives, and the rules; and each rule rings when it should."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from gateway import BUILD, ROOT  # noqa: E402
from promise import claim, gateway_running, numbers, opt_in_all, run  # noqa: E402

PROMTOOL = os.path.join(os.path.abspath(BUILD), 'prometheus/usr/bin/promtool')


def promtool(*words, text=None):
    return subprocess.run([PROMTOOL, *words], cwd=ROOT, input=text, text=True, capture_output=True, timeout=120)


def prove():
    with gateway_running('promtool') as (gateway, carrier):
        opt_in_all(gateway, carrier, numbers(3))
        gateway.send('+14155550198', 'nobody')
        text = gateway.http.get('/metrics').octets.decode()
        said = promtool('check', 'metrics', text=text)
        claim('promtool has nothing to say of /metrics', said.returncode == 0 and not said.stdout + said.stderr, said)
    said = promtool('check', 'rules', 'conf/alerts.yml')
    claim('the rules are rules', said.returncode == 0, said)
    said = promtool('test', 'rules', 'tests/metrics/alerts.test.yml')
    claim('each rings when it should, and none while all is well', said.returncode == 0, said)
    broken = promtool('check', 'metrics', text='# TYPE x counter\nx 1\n')
    claim('promtool would say what is wrong', broken.returncode != 0, broken)


if __name__ == '__main__':
    run(prove)
