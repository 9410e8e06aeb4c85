// One SMPP connection at a time, by the npm package smpp: `node peer.js listen` or
// `node peer.js connect PORT`. Reads {"do": PDU, "fields": {...}} line by line and sends that PDU
// as the library encodes it; writes each PDU that the library decoded as {"event": PDU, ...}.
// Requests are answered at once.
'use strict';

const readline = require('readline');
const smpp = require('smpp');

const MODE = process.argv[2];
let session = null;
let messageIds = 0x5e550000;

function tell(event, fields) {
    process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');
}

// What the library made of the text: its characters and its user data header.
function textOf(pdu) {
    const part = pdu.short_message;
    if (!part || part.message === undefined)
        return {};
    const header = Buffer.concat(part.udh || []);
    return { text: String(part.message), udh: header.toString('hex') };
}

function tellPdu(pdu) {
    const fields = {};
    for (const [name, value] of Object.entries(pdu))
        if (typeof value === 'string' || typeof value === 'number' || Array.isArray(value))
            fields[name] = value;
    const { command_status: status, sequence_number: sequence } = pdu;
    tell(pdu.command, { ...fields, status, sequence, ...textOf(pdu) });
}

// The id that a submit_sm is answered with goes into its event too.
function answer(pdu) {
    if (pdu.command.startsWith('bind_'))
        session.send(pdu.response({ system_id: 'node-smsc' }));
    else if (pdu.command === 'submit_sm')
        session.send(pdu.response({ message_id: pdu.message_id }));
    else
        session.send(pdu.response());
}

function adopt(connection) {
    session = connection;
    session.on('pdu', (pdu) => {
        if (pdu.command === 'submit_sm')
            pdu.message_id = (messageIds++).toString(16);
        tellPdu(pdu);
        if (!pdu.isResponse())
            answer(pdu);
        if (pdu.command.startsWith('unbind'))
            session.close();
    });
    session.on('error', (error) => tell('error', { text: String(error) }));
    session.on('close', () => tell('closed'));
}

function obey(line) {
    const { do: command, fields } = JSON.parse(line);
    session.send(new smpp.PDU(command, fields));
}

if (MODE === 'listen') {
    const server = smpp.createServer({}, adopt);
    server.listen(0, '127.0.0.1', () => tell('listening', { port: server.address().port }));
} else {
    const port = Number(process.argv[3]);
    const connection = smpp.connect({ host: '127.0.0.1', port }, () => tell('connected'));
    adopt(connection);
}
const orders = readline.createInterface({ input: process.stdin });
orders.on('line', obey);
orders.on('close', () => process.exit(0));
