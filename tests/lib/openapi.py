"""The document of the HTTP API as a judge: whether an answer, and the request that it answers, are as it says.

Every exchange goes through Document.judge, which gives the fault, or None, and remembers in `seen` what it has met: what the document
says and nobody has ever seen is found by `unseen`.
"""

import json
import os
import re
import subprocess
import warnings
from urllib.parse import parse_qsl, unquote, urlsplit

warnings.filterwarnings('ignore', category=DeprecationWarning)
from jsonschema import Draft202012Validator  # noqa: E402

PROBLEM = 'application/problem+json'
JSON = 'application/json'
NDJSON = 'application/x-ndjson'
# Codes that come from the same lines whatever is asked for: one operation that shows them is enough.
ALIKE = ('shut_out', 'unavailable', 'in_progress', 'csrf')
# What no story can show, and who does.
ELSEWHERE = {
    'LedgerHead.signature': 'tests/promises/verifiers.py has a gateway with a key',
    'LedgerHead.key': 'the same',
    'Problem.rows_done': 'tests/promises/batches.py cuts a batch',
    'campaign_events 200 text/event-stream': 'stories of followers read it as it comes, octet for octet',
    'status_events 200 text/event-stream': 'the same',
    'message_post 409 in_progress': 'tests/promises/batches.py asks again while a batch is worked on',
    'message_batch_post 409 in_progress': 'the same',
    'campaign_post 409 in_progress': 'the same',
}
METHODS = ('get', 'post', 'put', 'delete')


def localized(value):
    """The same schema, with its references to the components within itself."""
    if isinstance(value, dict):
        return {key: each.replace('#/components/schemas/', '#/$defs/') if key == '$ref' else localized(each)
                for key, each in value.items()}
    return [localized(each) for each in value] if isinstance(value, list) else value


class Document:
    def __init__(self, text):
        self.json = json.loads(text)
        self.schemas = localized(self.json['components']['schemas'])
        self.validators = {}
        self.seen = set()
        self.operations = {}  # (method, path as it is written): operation
        self.places = []      # (expression of a path, path), literal ones first
        for path, item in self.json['paths'].items():
            for method in METHODS:
                if method in item:
                    self.operations[method.upper(), path] = item[method]
            self.places.append((re.compile(re.sub(r'\\{\w+\\}', '([^/]+)', re.escape(path))), path))
        self.examples = {}  # of bodies, by the reference to their schema
        for operation in self.operations.values():
            media = operation.get('requestBody', {}).get('content', {}).get(JSON, {})
            if 'example' in media and '$ref' in media['schema']:
                self.examples[media['schema']['$ref']] = media['example']
        self.anywhere = {str(self.problem_of(each)['status']['const']): each
                         for each in self.json['components']['responses'].values()}
        self.places.sort(key=lambda place: place[1].count('{'))

    @staticmethod
    def of_binary(binary, environment=None):
        return Document(subprocess.run([binary, 'help', '--openapi'], capture_output=True, check=True,
                                       env={**os.environ, **(environment or {})}).stdout)

    localized = staticmethod(localized)

    # Finding one's way in it.

    @staticmethod
    def problem_of(response):
        return response['content'][PROBLEM]['schema']['allOf'][1]['properties']

    def path_of(self, address):
        return next((path for expression, path in self.places if expression.fullmatch(address)), None)

    def find(self, method, address):
        """The operation, or None."""
        return self.operations.get(('GET' if method == 'HEAD' else method, self.path_of(address)))

    def parameters(self, operation, place):
        return [each for each in operation['parameters'] if each.get('in') == place]

    def resolve(self, schema):
        while '$ref' in schema:
            schema = self.schemas[schema['$ref'].rsplit('/', 1)[1]]
        return schema

    def body_schema(self, operation):
        """What a JSON body has to be; None: it takes none."""
        media = operation.get('requestBody', {}).get('content', {}).get(JSON)
        return localized(media['schema']) if media else None

    def fault(self, schema, value):
        """Why the value isn't so; None."""
        key = json.dumps(schema)
        if key not in self.validators:
            self.validators[key] = Draft202012Validator(dict(schema, **{'$defs': self.schemas}))
        error = next(self.validators[key].iter_errors(value), None)
        if error is None:
            return None
        where = '.'.join(str(each) for each in error.absolute_path) or 'it'
        return f'{where}: {error.message[:200]}'

    # Judging.

    def judge(self, method, target, headers, content, answer):
        """Why the exchange isn't as the document says; None."""
        parts = urlsplit(target)
        operation = self.find(method, parts.path)
        if method == 'HEAD':
            return self.fault_of_head(operation, answer)
        if method == 'OPTIONS' and answer.status == 204:
            return None  # asked across origins: docs/http.md
        if operation is None:
            return self.fault_of_stranger(parts.path, answer)
        fault = self.fault_of_answer(operation, answer)
        speaks_ours = parts.path.startswith('/v1/')
        if fault is None and answer.status < 300 and speaks_ours:
            fault = self.fault_of_request(operation, parts, headers, content)
            fault = fault and f'it was taken, though {fault}'
        return fault and f'{method} {parts.path}: {fault}'

    def fault_of_head(self, operation, answer):
        if answer.octets:
            return 'HEAD was answered with a body'
        is_refused = answer.status == 405 and 'HEAD' not in answer.headers.get('Allow', 'HEAD')  # where a GET acts
        if operation and not is_refused and str(answer.status) not in operation['responses']:
            return f'HEAD: {answer.status} is not described'
        return None

    def fault_of_stranger(self, path, answer):
        if not path.startswith('/v1'):
            return None
        allowed = [method for (method, each) in self.operations if each == self.path_of(path)]
        expected = 405 if allowed else 404
        if answer.status not in (expected, 429):
            return f'{path} is not described, and it was answered {answer.status}'
        said = answer.headers.get('Allow', '')
        if answer.status == 405 and not all(method in said for method in allowed):
            return f'{path}: Allow has not all of {allowed} but {said!r}'
        return self.fault_of_problem({}, answer)

    def fault_of_problem(self, media, answer):
        """RFC 9457, and the codes that the operation may fail with."""
        if answer.headers.get('Content-Type') != PROBLEM:
            return f'{answer.status} with {answer.headers.get("Content-Type")}'
        problem = answer.body
        self.note({'$ref': '#/$defs/Problem'}, problem)
        fault = self.fault(media.get('schema', {'$ref': '#/$defs/Problem'}), problem)
        known = None if fault else self.json['x-problems'][problem['code']]
        if fault is None and (problem['status'], problem['title']) != (answer.status, known['title']):
            fault = f'{problem["status"]} "{problem["title"]}" in the problem of a {answer.status}'
        if fault is None and problem['type'] != '/v1/openapi.json#/x-problems/' + problem['code']:
            fault = f'type {problem["type"]} of {problem["code"]}'
        if fault is None and answer.status == 401 and 'WWW-Authenticate' not in answer.headers:
            fault = 'no WWW-Authenticate'
        if fault is None and answer.status in (429, 503) and 'Retry-After' not in answer.headers:
            fault = 'no Retry-After'
        return fault

    def fault_of_answer(self, operation, answer):
        name, status = operation['operationId'], str(answer.status)
        response = operation['responses'].get(status) or self.anywhere.get(status)
        if response is None:
            return f'{status} is not described: {answer.octets[:200]}'
        kind = answer.headers.get('Content-Type', '').split(';')[0]
        media = localized(response.get('content', {})).get(kind)
        if media is None:
            return f'{status} with {kind} is not described'
        if kind == PROBLEM:
            fault = self.fault_of_problem(media, answer)
            if fault is None:
                self.seen.add(f'{name} {status} {answer.body["code"]}')
            return fault
        self.seen.add(f'{name} {status} {kind}')
        if kind == NDJSON:
            return self.fault_of_lines(localized(response['content'])[JSON]['schema']['items'], answer)
        if kind != JSON:
            return None
        if answer.body is None:
            return f'{status}: no JSON'
        self.note(media['schema'], answer.body)
        return self.fault(media['schema'], answer.body)

    def fault_of_lines(self, schema, answer):
        for line in answer.octets.decode().splitlines():
            value = json.loads(line)
            self.note(schema, value)
            fault = self.fault(schema, value)
            if fault:
                return fault
        return None

    def fault_of_request(self, operation, parts, headers, content):
        described = {each['name']: each for each in self.parameters(operation, 'query')}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name not in described:
                return f'parameter {name} is not described'
            schema = localized(described[name]['schema'])
            is_whole = self.resolve(schema).get('type') == 'integer' and value.isdigit()
            fault = self.fault(schema, int(value) if is_whole else value)
            if fault:
                return f'parameter {name}: {fault}'
        schema = self.body_schema(operation)
        kind = {name.lower(): value for name, value in headers.items()}.get('content-type', JSON).split(';')[0]
        if schema is None or content is None or kind != JSON or 'items' in schema:
            return None
        return self.fault(schema, json.loads(content)) if content else None

    def note(self, schema, value):
        """Which members of which schemas have been seen."""
        if '$ref' in schema:
            name = schema['$ref'].rsplit('/', 1)[1]
            if isinstance(value, dict):
                self.seen.update(f'{name}.{member}' for member in value)
            elif isinstance(value, str):
                self.seen.add(f'{name} {value}')
            self.note(self.schemas[name], value)
        elif 'anyOf' in schema:
            for each in schema['anyOf']:
                if self.fault(each, value) is None:
                    self.note(each, value)
        elif isinstance(value, dict):
            for name, member in value.items():
                if name in schema.get('properties', {}):
                    self.note(schema['properties'][name], member)
        elif isinstance(value, list) and 'items' in schema:
            for each in value:
                self.note(schema['items'], each)

    # What nobody has seen.

    def promised(self):
        """All that `seen` could hold."""
        for operation in self.operations.values():
            name = operation['operationId']
            for status, response in operation['responses'].items():
                if operation['tags'] == ['Doors of others'] and status >= '3':
                    continue  # refusals in the words of those others have stories of their own
                for kind in response['content']:
                    codes = self.problem_of(response)['code']['enum'] if kind == PROBLEM else ()
                    yield from (f'{name} {status} {each}' for each in codes or (kind,))
        for name in self.answered_schemas():
            yield from (f'{name}.{member}' for member in self.schemas[name].get('properties', {}))

    def answered_schemas(self):
        """Those that an answer may hold."""
        names, open_ends = set(), [localized(response) for operation in self.operations.values()
                                   for response in operation['responses'].values()]
        while open_ends:
            for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(open_ends.pop())):
                if name not in names:
                    names.add(name)
                    open_ends.append(self.schemas[name])
        return sorted(names)

    def unseen(self, seen):
        """What is the same everywhere has been seen once it has been seen anywhere."""
        seen = set(seen)
        for name in self.schemas:
            like = self.schemas[name].get('x-like')
            own = {each.split('.')[1] for each in seen if each.startswith((f'{name}.', f'{like}.'))}
            seen.update(f'{each}.{member}' for each in (name, like) for member in own)
        told = {each.split()[-1] for each in seen}
        return [each for each in self.promised() if each not in seen and
                not (each.split()[-1] in ALIKE and each.split()[-1] in told) and each not in ELSEWHERE]
