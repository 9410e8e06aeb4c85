"""The gateway between two wires: what a proof of tests/interop runs in."""

import contextlib
import os
import shutil

from dissector import prove_capture
from gateway import BUILD, Gateway, Settings
from promise import Broken, claim
from wire import Wire

HERE = os.path.dirname(os.path.abspath(__file__))
NODE_MODULES = os.path.join(BUILD, 'interop', 'node_modules')

# The library, and how tests/interop/peer.* in its language is started.
PEERS = {'npm smpp': ['node', os.path.join(HERE, 'peer.js')],
         'Net::SMPP': ['perl', os.path.join(HERE, 'peer.pl')]}
PEER_ENVIRONMENT = dict(os.environ, NODE_PATH=NODE_MODULES)


def fresh_directory(name):
    directory = os.path.join(BUILD, 'interop', name)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    return directory


class House:
    def __init__(self, directory, carrier_port, carriers, change=None, **options):
        self.directory = directory
        self.to_carrier = Wire(os.path.join(directory, 'carrier.pcap'), carrier_port, 'client')
        settings = Settings(self.to_carrier.address[1])
        settings.carriers = {name: dict(settings.carriers['sim'], **changes)
                             for name, changes in carriers.items()}
        if change:
            change(settings)
        self.gateway = Gateway(directory, settings, **options)
        self.to_door = Wire(os.path.join(directory, 'door.pcap'), self.gateway.ports[1], 'listener')

    @property
    def door_port(self):
        return self.to_door.address[1]

    def close(self):
        self.gateway.kill()
        self.to_carrier.close()
        self.to_door.close()


@contextlib.contextmanager
def house(name, carrier_port, carriers=None, **options):
    """A running gateway; afterwards it has ended in order, and others have read what it said.
    `carriers` names its carriers, all at that port, and what is particular to each; `change` gets its settings."""
    built = House(fresh_directory(name), carrier_port, carriers or {'sim': {}}, **options)
    try:
        built.gateway.start()
        yield built
        if built.gateway.is_running() and built.gateway.stop() != 0:
            raise Broken('SIGTERM was not followed by exit 0' + built.gateway.log_end())
    finally:
        built.close()
    claim('the log holds no broken claim', not built.gateway.misfortune(),
          built.gateway.misfortune())
    result = built.gateway.verify()
    claim('the ledger verifies', result.returncode == 0, result.stdout + result.stderr)
    for words, wire in (('towards the carrier', built.to_carrier), ('at the door', built.to_door)):
        if wire.frames:
            prove_capture(words, wire)
