"""A page of the gateway's form, as a browser without scripts has it: what it says, its fields, and what it sends."""

from html.parser import HTMLParser
from urllib.parse import urljoin


class Page(HTMLParser):
    """`before`: the page that this one took the place of. Anything that can't be in such a page is an AssertionError."""

    def __init__(self, text, path, before=None):
        super().__init__(convert_charrefs=True)
        self.path, self.before = path, before
        self.language, self.action = None, path
        self.fields, self.labels, self.told = {}, {}, {}
        self.is_ticked = None  # None: there is no box
        self.words, self.open, self.choice = [], [], None
        self.ids, self.described, self.links = set(), {}, []
        assert text.startswith('<!DOCTYPE html>\n'), text[:80]
        self.feed(text)
        self.close()
        self.check()

    def handle_starttag(self, tag, attributes):
        it = dict(attributes)
        assert tag not in ('script', 'style', 'iframe', 'object', 'img', 'base'), f'<{tag}>'
        assert not any(name.startswith('on') or name == 'style' for name in it), it
        if 'id' in it:
            assert it['id'] not in self.ids, f'id {it["id"]} twice'
            self.ids.add(it['id'])
        if tag == 'html':
            self.language = it['lang']
        elif tag == 'form':
            assert it['method'] == 'post'
            self.action = urljoin(self.path, it['action'])
        elif tag == 'a':
            assert not it['href'].lower().startswith(('javascript:', 'data:')), it
            self.links.append(it['href'])
        self.field(tag, it)
        if tag not in ('input', 'meta', 'link'):
            self.open.append((tag, it))

    def field(self, tag, it):
        if tag == 'input' and it['type'] == 'checkbox':
            assert it['autocomplete'] == 'off', 'a browser may tick it'
            self.is_ticked = 'checked' in it
        elif tag == 'input':
            self.fields[it['name']] = it.get('value', '')
        elif tag == 'select':
            self.choice = it['name']
            self.fields[it['name']] = ''
        elif tag == 'option' and 'selected' in it:
            self.fields[self.choice] = None  # its text is the value
        if tag in ('input', 'select') and it.get('type') != 'hidden':
            self.described[it['id']] = it.get('aria-describedby', '').split()

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        assert opened == tag, f'</{tag}> of <{opened}>'

    def handle_data(self, data):
        tag, it = self.open[-1] if self.open else ('', {})
        if tag not in ('title', ''):
            self.words.append(data)
        if tag == 'option' and 'selected' in it:
            self.fields[self.choice] = data
        for opened, those in self.open:
            if opened == 'label':
                self.labels[those['for']] = self.labels.get(those['for'], '') + data
            elif opened == 'p' and 'id' in those:
                self.told[those['id']] = self.told.get(those['id'], '') + data

    def check(self):
        assert not self.open, self.open
        for identity, names in self.described.items():
            assert self.labels.get(identity, '').strip(), f'{identity} has no label'
            assert set(names) <= self.ids, f'{identity} is described by {names}'
        for link in self.links:
            assert not link.startswith('#') or link[1:] in self.ids, link

    @property
    def text(self):
        return ' '.join(''.join(self.words).split())

    @property
    def wording(self):
        """Beside the box."""
        return self.labels['agree']

    def told_at(self, field):
        identity = {'month': 'birth'}.get(field, field)
        return self.told.get(identity + '-wrong', '')

    def filled(self, is_ticked, more):
        """What a browser sends whose user has typed `more`."""
        box = {'agree': 'yes'} if is_ticked else {}
        return {**self.fields, **more, **box}
