"""Whether a document is an OpenAPI 3.1 one, as far as we write such: Debian has no checker for it. The schemas are JSON Schema 2020-12,
which its own meta-schema checks; the rest is held to the specification's fixed fields (3.1.0, 4.8)."""

import re

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

FIELDS = {  # of each kind of object: those that it must have, and those that it may
    'document': ('openapi info paths', 'servers tags components'),
    'info': ('title version', 'description summary license contact termsOfService'),
    'operation': ('responses operationId summary description tags', 'security parameters requestBody deprecated'),
    'parameter': ('name in', 'description required schema example'),
    'body': ('content', 'description required'),
    'response': ('description', 'headers content links'),
    'media': ('', 'schema example examples encoding'),
}
STATUS = re.compile('[1-5][0-9][0-9]')


def fields_of(kind, where, value):
    needed, allowed = (words.split() for words in FIELDS[kind])
    yield from (f'{where}: {name} is missing' for name in needed if not value.get(name) and name != 'responses')
    yield from (f'{where}: {name} is no field of it' for name in value
                if name not in needed + allowed and not name.startswith('x-'))


def flaws(document):
    """What is wrong with it, each as a sentence."""
    whole = document.json
    yield from fields_of('document', 'the document', whole)
    yield from fields_of('info', 'info', whole['info'])
    if not re.fullmatch(r'3\.1\.\d+', whole['openapi']):
        yield f'openapi: {whole["openapi"]}'
    names = [operation['operationId'] for operation in document.operations.values()]
    yield from (f'operationId {name} is there twice' for name in set(names) if names.count(name) > 1)
    yield from (f'{reference} leads nowhere' for reference in references(whole) if find(whole, reference) is None)
    for name, schema in whole['components']['schemas'].items():
        yield from schema_flaws(name, schema)
        yield from (f'{name}.{member}: nobody says what it is' for member, each in schema.get('properties', {}).items()
                    if 'description' not in each and schema.get('description') is None)
    for (method, path), operation in document.operations.items():
        yield from operation_flaws(document, f'{method} {path}', path, operation)


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get('$ref'), str):
            yield value['$ref']
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from references(each)


def find(whole, reference):
    place = whole
    for step in reference.removeprefix('#/').split('/'):
        place = place.get(step) if isinstance(place, dict) else None
    return place


def schema_flaws(where, schema):
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f'{where}: {error.message}'


def operation_flaws(document, where, path, operation):
    yield from fields_of('operation', where, operation)
    tags = [tag['name'] for tag in document.json['tags']]
    yield from (f'{where}: there is no tag {tag}' for tag in operation['tags'] if tag not in tags)
    parameters = [each for each in operation['parameters'] if '$ref' not in each]
    for each in parameters:
        yield from fields_of('parameter', f'{where} {each["name"]}', each)
        yield from schema_flaws(f'{where} {each["name"]}', each['schema'])
        if not each['description']:
            yield f'{where}: nobody has described the parameter {each["name"]}'
    if re.findall(r'\{(\w+)\}', path) != [each['name'] for each in parameters if each['in'] == 'path']:
        yield f'{where}: the segments of the path are not its parameters'
    if 'requestBody' in operation:
        yield from fields_of('body', where, operation['requestBody'])
        yield from content_flaws(document, where, operation['requestBody']['content'])
    if not any(status.startswith('2') for status in operation['responses']):
        yield f'{where}: nobody says what it gives'
    for status, response in operation['responses'].items():
        if not STATUS.fullmatch(status):
            yield f'{where}: {status} is no status'
        yield from fields_of('response', f'{where} {status}', response)
        yield from content_flaws(document, f'{where} {status}', response['content'])


def content_flaws(document, where, content):
    for kind, media in content.items():
        yield from fields_of('media', f'{where} {kind}', media)
        schema = document.localized(media['schema'])
        yield from schema_flaws(where, media['schema'])
        fault = document.fault(schema, media['example']) if 'example' in media else None
        if fault:
            yield f'{where}: the example is none: {fault}'
