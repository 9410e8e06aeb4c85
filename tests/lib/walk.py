"""A walk through the document of the HTTP API, as somebody would who wants to know whether each of its words is true: every path,
method, role, parameter and field is tried, with what is wrong about it too. The answers are judged by whoever watches the exchanges
(openapi.py); here it is that they are the ones that the document promises for just this.
"""

import http.client
import json
from urllib.parse import quote

import openapi_form
from gateway import PATIENCE_S, PROGRAM, Answer

ROLES = ('sender', 'consent', 'compliance', 'admin')
NEEDED = {'program': PROGRAM, 'to': '%2B14155550199', 'offset': '0'}  # parameters that can't be left out
WRONG = {'string': 17, 'boolean': 'x', 'integer': 'x', 'number': 'x', 'array': 'x', 'object': 'x'}


class Untold(Exception):
    """The server didn't do what the document says."""


class Walk:
    """`names`: what stands for the {segment} of a path, that is there, and a `friend` who has opted in. `keys`: by role, of an account that has only this one."""

    def __init__(self, document, gateway, names, keys):
        self.document, self.gateway = document, gateway
        self.names, self.keys = names, keys

    def go(self):
        for flaw in openapi_form.flaws(self.document):
            raise Untold(flaw)
        served = self.gateway.http.get('/v1/openapi.json', headers={'Authorization': 'none'})
        if served.body != self.document.json:
            raise Untold(f'it is another than `assent help --openapi`: {served}')
        for (method, path), operation in self.document.operations.items():
            if operation['tags'] != ['Doors of others']:
                self.go_to(method, path, operation)
        self.go_astray()
        self.go_on()

    def go_to(self, method, path, operation):
        self.path, self.operation, self.method = path, operation, method
        self.is_stream = 'text/event-stream' in operation['responses'].get('200', {}).get('content', {})
        self.show_keys()
        self.show_roles()
        self.show_query()
        self.show_segment()
        self.show_methods()
        self.show_programs()
        if 'requestBody' in operation:
            self.show_bodies()
            self.show_fields()

    # Asking.

    def address(self, segment=None):
        for name, value in self.names.items():
            self_value = quote(segment if segment is not None else value, safe='+%')
            if '{%s}' % name in self.path:
                return self.path.replace('{%s}' % name, self_value)
        return self.path

    def ask(self, query='', segment=None, method=None, **options):
        return self.gateway.http.call(method or self.method, self.address(segment) + query, **options)

    def nobody(self):
        return '+14155550198' if '{phone}' in self.path else 'nobody'

    def expect(self, answer, status, code, word=''):
        body = answer.body if isinstance(answer.body, dict) else {}
        if (answer.status, body.get('code')) != (status, code) or word not in body.get('detail', ''):
            raise Untold(f'{self.method} {self.path}: {status} {code} naming {word!r}, not {answer}')

    # Who may.

    def nothing(self):
        """What a request without a body, or with one that can't be read, is: it shows who may ask, and changes nothing."""
        return {'content': b'['} if 'requestBody' in self.operation else {}

    def show_keys(self):
        if not self.operation['security']:
            return
        self.expect(self.ask(headers={'Authorization': 'Basic eDp5'}, **self.nothing()), 401, 'unauthorized')

    def show_roles(self):
        roles = self.operation['x-roles']
        for role in ROLES if roles else ():
            if self.is_stream and role in roles:
                continue  # it would go on for ever
            answer = self.ask(segment=self.nobody() if self.method == 'DELETE' else None, key=self.keys[role],
                              **self.nothing())
            is_refused = answer.status == 403 and answer.body['code'] == 'role_required'
            if is_refused == (role in roles):
                raise Untold(f'{self.method} {self.path}: roles {roles}, and {role} is answered {answer}')

    # What may be asked.

    def show_query(self):
        self.expect(self.ask('?no_such=1', **self.empty()), 422, 'invalid_field', 'no_such')
        self.expect(self.ask('?limit=%FF', **self.empty()), 400, 'malformed')
        parameters = self.document.parameters(self.operation, 'query')
        for each in parameters:
            needed = ''.join(f'&{other["name"]}={NEEDED[other["name"]]}' for other in parameters
                             if other['required'] and other is not each)
            if each['required']:
                self.expect_named(each['name'], '?' + needed[1:])
            self.show_parameter(each['name'], each['schema'], needed)

    def empty(self):
        return {'body': {}} if 'requestBody' in self.operation else {}

    def show_parameter(self, name, schema, needed):
        whole = self.document.resolve({'$ref': schema['$ref'].replace('components/schemas', '$defs')}
                                      if '$ref' in schema else schema)
        is_free = whole.get('type') == 'string' and not {'enum', 'pattern', 'format'} & set(whole)
        for wrong in ('0', '1001') if name == 'limit' else () if is_free else ('x y',):
            self.expect_named(name, f'?{name}={quote(wrong)}{needed}')
        answer = self.ask(f'?{name}={quote(whole.get("enum", ["1"])[0])}{needed}', **self.table())
        if answer.status >= 400 and 'no such parameter' in answer.body['detail']:
            raise Untold(f'{self.method} {self.path}: {name} is no parameter')

    def expect_named(self, name, query):
        answer = self.ask(query, **self.table())
        if answer.status not in (400, 422) or name not in answer.body['detail']:
            raise Untold(f'{self.method} {self.path}{query} is answered {answer}')

    def table(self):
        if 'requestBody' not in self.operation:
            return {}
        return {'content': b'x', 'headers': {'Content-Type': next(iter(self.operation['requestBody']['content']))}}

    def show_segment(self):
        if '{' not in self.path:
            return
        self.expect(self.ask(segment='%FF', **self.empty()), 400, 'malformed')
        if '{phone}' in self.path:
            example = self.example()
            self.expect(self.ask(segment='12', **({} if example is None else {'body': example})), 422, 'invalid_number')
        if '404' in self.operation['responses']:
            example = self.example()
            needed = '&'.join(f'{each["name"]}={NEEDED[each["name"]]}'
                              for each in self.document.parameters(self.operation, 'query') if each['required'])
            self.expect(self.ask('?' + needed, segment=self.nobody(), **({'body': example} if example is not None else self.table())),
                        404, 'not_found')

    def example(self):
        """A body that is as it should be; None: it takes no JSON."""
        media = self.operation.get('requestBody', {}).get('content', {}).get('application/json')
        if media is None or 'example' in media:
            return media and media['example']
        rows = media['schema'].get('items')
        return [self.document.examples.get(rows['$ref'], {})] if rows else self.document.examples.get(media['schema']['$ref'], {})

    def show_methods(self):
        described = [method for (method, path) in self.document.operations if path == self.path]
        for method in {'PUT', 'PATCH', 'OPTIONS'} - set(described):
            answer = self.ask(method=method)
            if method == 'OPTIONS' and answer.status == 204:
                continue  # asked across origins: docs/http.md
            self.expect(answer, 405, 'method_not_allowed', described[0])
        if self.method == 'GET' and not self.is_stream:
            asked, head = self.ask(), self.ask(method='HEAD')
            if head.status != asked.status or head.octets or head.headers['Content-Type'] != asked.headers['Content-Type']:
                raise Untold(f'HEAD {self.path}: {head.status}, and GET {asked.status}')

    # Bodies and their fields.

    def show_bodies(self):
        content = self.operation['requestBody']['content']
        self.expect(self.ask(content=b'x', headers={'Content-Type': 'image/png'}), 415, 'unsupported_type', 'Content-Type')
        self.show_too_large(next(iter(content)))
        if 'application/json' in content:
            self.expect(self.ask(content=b'{"a":'), 400, 'malformed')
            self.expect(self.ask(content=b'{"a":1,"a":2}'), 400, 'malformed')

    def show_too_large(self, kind):
        """Only the head is sent: it says enough."""
        connection = http.client.HTTPConnection(*self.gateway.http_address, timeout=PATIENCE_S)
        headers = {'Authorization': 'Bearer ' + self.gateway.key, 'Content-Type': kind, 'Content-Length': '1000000000'}
        connection.putrequest(self.method, self.address())
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        self.gateway.http.tell(self.method, self.address(), headers, None, answer)
        self.expect(answer, 413, 'too_large')

    def show_fields(self):
        schema = self.document.body_schema(self.operation)
        if schema is None:
            return
        is_batch = schema.get('type') == 'array'
        self.batch = (lambda row: [row]) if is_batch else (lambda row: row)
        rows = self.document.resolve(schema['items'] if is_batch else schema)
        self.expect_field({'no_such_field': 1}, 'no_such_field', 'no such field')
        for name, field in rows['properties'].items():
            self.show_field(name, self.document.resolve(field))
        example = self.example()[0] if is_batch else self.example()
        for name in rows['required']:
            left = {key: value for key, value in example.items() if key != name}
            self.expect_field(left, name, 'missing')

    def show_field(self, name, field):
        kind = field.get('type', 'object')
        for wrong in (WRONG[kind], None):
            self.expect_field({name: wrong}, name, '')
        if kind == 'string' and 'maxLength' in field:
            self.expect_field({name: 'x' * (field['maxLength'] + 1)}, name, '')
        if kind in ('integer', 'number'):
            for wrong in (-1, field['maximum'] + 1):
                self.expect_field({name: wrong}, name, '')
        if kind == 'array':
            self.expect_field({name: ['x'] * (field['maxItems'] + 1)}, name, '')
            self.expect_field({name: [1]}, name, '')

    def expect_field(self, row, name, word):
        answer = self.ask(body=self.batch(row))
        problem = answer.body[0] if isinstance(answer.body, list) else answer.body
        if not isinstance(problem, dict) or problem.get('status') != 422 or name not in problem['detail'] or \
                word not in problem['detail']:
            raise Untold(f'{self.method} {self.path}: {json.dumps(row)[:100]} is answered {answer}')

    def show_programs(self):
        """One that there isn't, where a program is named."""
        if 'unknown_program' not in json.dumps(self.operation['responses']):
            return
        parameters = [each['name'] for each in self.document.parameters(self.operation, 'query')]
        example = self.example()
        if 'program' in parameters:
            query = '?to=%2B14155550199&program=nobody' if 'to' in parameters else '?program=nobody'
            self.expect(self.ask(query, key=self.keys[self.operation['x-roles'][0]]), 422, 'unknown_program', 'program')
        elif 'program' in (example or {}):
            self.expect(self.ask(body=dict(example, program='nobody')), 422, 'unknown_program', 'program')

    # Beside the paths.

    def go_astray(self):
        self.operation = {}
        for self.method, self.path in (('GET', '/v1/nothing'), ('POST', '/v1'), ('GET', '/v1/messages/a/b')):
            self.expect(self.ask(), 404, 'not_found')

    # What each operation has of its own: (method, path, what is asked, status, code).

    def go_on(self):
        later = self.gateway.send(self.names['friend'], 'later', send_at='2026-11-24T18:00:00Z').body['id']
        for self.method, self.path, options, status, code in self.own(later):
            answer = self.ask(**options)
            if answer.status != status or (code and answer.body['code'] != code):
                raise Untold(f'{self.method} {self.path}: {status} {code}, not {answer}')

    def own(self, later):
        text = {'program': PROGRAM, 'to': self.names['phone'], 'text': 'Hi'}
        key, lines = {'Idempotency-Key': 'walked'}, {'Content-Type': 'application/x-ndjson'}
        csv, html = {'headers': {'Accept': 'text/csv'}}, {'headers': {'Accept': 'text/html'}}
        listed = {'phone': '+14155550177', 'kind': 'listed'}
        campaign = {'name': 'walked', 'program': PROGRAM, 'text': 'Hi'}
        return (
            ('POST', '/v1/messages', {'body': dict(text, to='12')}, 422, 'invalid_number'),
            ('POST', '/v1/messages', {'body': dict(text, **{'from': '@'})}, 422, 'invalid_sender'),
            ('POST', '/v1/messages', {'body': dict(text, text='\u65e5', encoding='gsm7')}, 422, 'invalid_text'),
            ('POST', '/v1/messages', {'body': dict(text, program='nobody')}, 422, 'unknown_program'),
            ('DELETE', '/v1/messages/{id}', {}, 409, 'has_left'),
            ('DELETE', '/v1/messages/' + later, {}, 200, None),
            ('POST', '/v1/messages/batch', {'content': b'{}\n[]\n', 'headers': lines}, 200, None),
            ('POST', '/v1/consents/batch', {'content': b'{}\n[]\n', 'headers': lines}, 200, None),
            ('POST', '/v1/suppressions/batch', {'content': b'{}\n[]\n', 'headers': lines}, 200, None),
            ('POST', '/v1/messages/batch', {'body': [], 'headers': key}, 200, None),
            ('POST', '/v1/messages/batch', {'body': [{}], 'headers': key}, 422, 'idempotency_reused'),
            ('POST', '/v1/campaigns', {'body': campaign, 'headers': {'Idempotency-Key': 'two'}}, 201, None),
            ('POST', '/v1/campaigns', {'body': dict(campaign, name='x'), 'headers': {'Idempotency-Key': 'two'}}, 422,
             'idempotency_reused'),
            ('POST', '/v1/campaigns', {'body': dict(campaign, **{'from': '@'})}, 422, 'invalid_sender'),
            ('POST', '/v1/campaigns', {'body': dict(campaign, **{'from': '+12065550199'})}, 403, 'sender_not_allowed'),
            ('GET', '/v1/campaigns/{campaign}/recipients', csv, 200, None),
            ('GET', '/v1/blocks', csv, 200, None),
            ('GET', '/v1/consents/{phone}/proof', html, 200, None),
            ('POST', '/v1/suppressions', {'body': dict(listed, date='yesterday')}, 422, 'invalid_time'),
            ('POST', '/v1/suppressions', {'body': dict(listed, phone='12')}, 422, 'invalid_number'),
            ('POST', '/v1/suppressions', {'body': dict(listed, kind='opt_out', program='nobody')}, 422, 'unknown_program'),
            ('POST', '/v1/suppressions', {'body': listed}, 201, None),
            ('GET', '/v1/suppressions', {}, 200, None),
            ('DELETE', '/v1/suppressions/+14155550177', {}, 200, None),
            ('POST', '/v1/suppressions', {'body': dict(listed, kind='deactivated')}, 201, None),
            ('DELETE', '/v1/suppressions/+14155550177', {}, 409, 'conflict'),
            ('POST', '/v1/webhooks/test', {}, 202, None),
            ('POST', '/v1/webhooks/test', {'key': self.keys['admin']}, 409, 'no_receiver'),
            ('POST', '/v1/webhooks/{webhook}/replay', {}, 202, None),
            ('POST', '/v1/webhooks/replay', {'body': {}}, 202, None),
            ('POST', '/v1/webhooks/replay', {'body': {'account': 'nobody'}}, 404, 'not_found'),
            ('POST', '/v1/webhooks/replay', {'body': {'account': 'admin'}, 'key': self.keys['sender']}, 403, 'role_required'),
            ('GET', '/v1/webhooks?account=admin', {'key': self.keys['sender']}, 403, 'role_required'),
            ('GET', '/v1/webhooks?account=nobody', {}, 404, 'not_found'),
            ('POST', '/v1/accounts', {'body': {'name': 'x', 'roles': ['sender'], 'programs': ['nobody']}}, 422, 'unknown_program'),
            ('PUT', '/v1/accounts/{account}/password', {'body': {'password': 'four words of one'}}, 409, 'conflict'),
            ('POST', '/v1/accounts/{account}/set', {'body': {'programs': ['nobody']}}, 422, 'unknown_program'),
            ('POST', '/v1/accounts/{account}/revoke', {'body': {}}, 200, None),
            ('POST', '/v1/accounts/{account}/revoke', {'body': {'key_id': 'x'}}, 409, 'conflict'),
            ('POST', '/v1/accounts/{account}/set', {'body': {'quota': 1}}, 409, 'conflict'),
        )
