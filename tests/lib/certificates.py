"""Certificates made for a test (make_certificates says which), and what to do with them."""

import os
import shutil
import ssl
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Certificates:
    def __init__(self, directory):
        self.directory = directory
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        subprocess.run([os.path.join(HERE, 'make_certificates'), directory], check=True)

    def file(self, name):
        return os.path.join(self.directory, name)

    def identity(self, name):
        """As the settings of the gateway's config."""
        return {'certificate': self.file(name + '.pem'), 'private_key': self.file(name + '.key')}

    def server(self, name, asks=True):
        """A carrier's side; it asks for the gateway's own certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file(name + '.pem'), self.file(name + '.key'))
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.file('ca.pem'))
        return context

    def client(self, name='client'):
        """It shows a certificate of its own; None: it has none."""
        context = ssl.create_default_context(cafile=self.file('ca.pem'))
        if name:
            context.load_cert_chain(self.file(name + '.pem'), self.file(name + '.key'))
        return context

    def old_client(self):
        """One that knows nothing newer than TLS 1.1, and believes everybody."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers('ALL:@SECLEVEL=0')
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def apply(self, settings):
        settings.http = self.identity('good')
        settings.smpp = {**self.identity('good'), 'ca_file': self.file('ca.pem')}
        settings.tls = self.client()
        settings.carriers['sim'].update(host='localhost', tls=True, ca_file=self.file('ca.pem'),
                                        **self.identity('client'))
