#!/usr/bin/env python3
"""`assent demo` holds what it claims; and left running it has a form that opts in whoever fills it in, whose phone is then
told so."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import urlencode

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from form import Page  # noqa: E402
from gateway import BUILD  # noqa: E402
from promise import claim, run, until  # noqa: E402

PHONE = '+14155550199'


def said_until(process, words):
    said = ''
    for line in process.stdout:
        said += line
        if words in line:
            break
    return said


def ask(host, method, path, fields=None):
    connection = http.client.HTTPConnection(host, timeout=15)
    connection.request(method, path, fields and urlencode(fields),
                       {'Content-Type': 'application/x-www-form-urlencoded', 'Origin': f'http://{host}'} if fields else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def heard(control, phone):
    texts = []
    with socket.create_connection(control, timeout=15) as line:
        line.sendall(f'messages {phone}\n'.encode())
        answer = line.makefile()
        while (one := answer.readline()) != '.\n':
            texts.append(json.loads(one)['text'])
    return texts


def prove_form(said):
    host, path = re.search(r'form +http://(\S+?)(/optin/\S+)', said).groups()
    address = re.search(r'control port (\S+):(\d+)', said)
    control = address[1], int(address[2])
    status, text = ask(host, 'GET', path)
    claim('its form is there', status == 200, status)
    page = Page(text, path)
    claim('nobody has ticked its box', page.is_ticked is False and heard(control, PHONE) == [])
    status, text = ask(host, 'POST', page.action, page.filled(True, {'phone': '415-555-0199'}))
    claim('ticked and sent, it is taken', status == 200, (status, text))
    until('the phone is told', lambda: heard(control, PHONE))
    told = heard(control, PHONE)
    claim('and the phone is told by whom, and how to end it', len(told) == 1 and 'Harbor Homes' in told[0] and 'STOP' in told[0], told)


def prove():
    binary = os.path.join(BUILD, 'assent')
    told = subprocess.run([binary, 'demo'], capture_output=True, text=True, timeout=60)
    claim('the demo holds what it claims', told.returncode == 0 and 'claims hold' in told.stdout and '/optin/' in told.stdout, told.stdout + told.stderr)
    demo = subprocess.Popen([binary, 'demo', '--keep'], stdout=subprocess.PIPE, text=True, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    try:
        prove_form(said_until(demo, 'nc -N'))
    finally:
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
        code = demo.wait(30)
    claim('^C ends it in order', code == 0, code)


if __name__ == '__main__':
    run(prove)
