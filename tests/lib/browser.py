"""A browser at the console: it keeps the cookies that it is given, and does what it is told to."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode


class Browser:
    def __init__(self, gateway):
        self.gateway = gateway
        self.cookies = {}
        self.given = None  # the newest Set-Cookie, as it came
        self.path = self.tag = None

    @property
    def cookie(self):
        return self.cookies.get('assent_session', '')

    @property
    def token(self):
        session = self.ask('GET', '/v1/session')
        return session.body['csrf'] if session.status == 200 else 'none'

    def filled(self, text):
        """{cookie} and {token} stand for what this browser has."""
        text = text.replace('{cookie}', self.cookie)
        return text.replace('{token}', self.token) if '{token}' in text else text

    def ask(self, method, path, headers=None, **options):
        headers = {**({'Cookie': '; '.join(f'{name}={value}' for name, value in self.cookies.items())} if self.cookies else {}),
                   **(headers or {})}
        answer = self.gateway.http.call(method, path, key=' ', headers=headers, **options)
        self.path, self.tag = path, answer.headers.get('ETag')
        self.given = answer.headers.get('Set-Cookie')
        for name, morsel in SimpleCookie(self.given or '').items():
            self.cookies[name] = morsel.value
            if morsel['max-age'] == '0':
                del self.cookies[name]
        return answer

    def post_form(self, path, fields, headers=None):
        return self.ask('POST', path, {'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin', **(headers or {})},
                        content=urlencode(fields).encode())
