/* The real gateway and the simulated carrier, as processes, and the gateway's API for whoever makes what the pages show. */
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync, writeFileSync, openSync, closeSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {basename, join} from 'node:path';
import {createInterface} from 'node:readline';
import {atEnd, Broken, until} from './proof.mjs';

export const BUILD = process.env.BUILD ?? 'build';
export const NAME = basename(process.argv[1], '.mjs');
export const PASSWORD = 'four words that nobody guesses';
export const PROGRAM = 'new-lead-nurture', DOUBLE = 'price-alerts';
export const SENDER = '+12065550100', DOUBLE_SENDER = '+12065550101';
const KEY = 'c0ffee'.repeat(10) + 'c0de'; /* 64 hexadecimal digits */
const PATIENCE_S = 20;

/* Nobody has it now. The forms of programs need to know their address before there is one. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const {port} = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/* ---- processes ---- */

class Process {
  constructor(log, ...command) {
    this.log = log;
    const file = openSync(log, 'a');
    this.child = spawn(join(BUILD, 'assent'), command, {stdio: ['ignore', 'pipe', file]});
    closeSync(file);
    this.ended = new Promise(resolve => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  async firstLine() {
    const first = new Promise(resolve => createInterface(this.child.stdout).on('line', resolve));
    const gone = this.ended.then(code => { throw new Broken(`it ended with ${code} before it was ready: ${this.logEnd()}`); });
    return Promise.race([first, gone]);
  }

  logEnd() {
    return readFileSync(this.log, 'utf8').split('\n').slice(-6).join('\n    ');
  }

  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null)
      this.child.kill(signal);
    return this.ended;
  }
}

export class Carrier {
  static async start(directory) {
    const carrier = new Carrier();
    carrier.directory = directory;
    carrier.port = 0;
    await carrier.begin();
    atEnd(() => carrier.end());
    return carrier;
  }

  /* Again on the same port, after end(). */
  async begin() {
    this.process = new Process(join(this.directory, 'sim.log'), 'sim', '--quiet', '--listen', `127.0.0.1:${this.port}`, '--control', '127.0.0.1:0',
                               '--receipt-after', '50');
    const [, port, control] = /smpp=127\.0\.0\.1:(\d+) control=127\.0\.0\.1:(\d+)/.exec(await this.process.firstLine());
    this.port = Number(port);
    this.control = Number(control);
  }

  end() {
    return this.process.stop();
  }

  /* The lines that a command is answered with. */
  command(line) {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.control, '127.0.0.1', () => socket.end(`${line}\n`));
      socket.on('data', octets => { text += octets; });
      socket.on('error', reject);
      socket.on('end', () => resolve(text.trim().split('\n')));
    });
  }

  async write(from, text, to = SENDER) {
    const [line] = await this.command(`mo ${from} ${to} -- ${text}`);
    if (!line.startsWith('ok'))
      throw new Broken(`the carrier said ${line} to a text from ${from}`);
  }

  async texts(number) {
    const lines = await this.command(`messages ${number}`);
    return lines.filter(line => line !== '.').map(line => JSON.parse(line));
  }

  waitTexts(number, count) {
    return until(`${count} texts to ${number}`, async () => {
      const [line] = await this.command(`count ${number}`);
      return Number(line.split(' ')[1]) >= count;
    });
  }
}

/* ---- the gateway ---- */

function configText({port, carrierPort, database, receiver, frames}) {
  return `
database = "${database}"
default_country = "US"
http { listen = "127.0.0.1:${port}"  public_url = "http://127.0.0.1:${port}" }
smpp { listen = "127.0.0.1:0" }
callbacks { allow = { "127.0.0.0/8" }  plain_http = true }
carrier "sim" { host = "127.0.0.1"  port = ${carrierPort}  system_id = "assent"  password = "secret" }
program "${PROGRAM}" {
  owner = "Market Leader"  brand = "Market Leader"  senders = { "${SENDER}" }  carriers = { "sim" }
  support = "support.example.com or 206-555-0199"  purpose = "marketing"  quiet_hours = "off"
  terms = "https://example.com/terms"  privacy = "https://example.com/privacy"
  optin = true  optin_products = { "Leads Direct", "HouseValues" }  optin_frames = { ${frames.map(origin => `"${origin}"`).join(', ')} }
}
program "${DOUBLE}" {
  owner = "Market Leader"  brand = "HouseValues"  senders = { "${DOUBLE_SENDER}" }  carriers = { "sim" }
  support = "support.example.com or 206-555-0199"  purpose = "marketing"  quiet_hours = "off"  double_opt_in = true
  terms = "https://example.com/terms"  privacy = "https://example.com/privacy"  optin = true
}
account "campaigns" {
  api_key = "${KEY}"  roles = { "sender", "consent", "compliance", "admin" }  programs = { "${PROGRAM}", "${DOUBLE}" }
}
account "chief" {
  api_key = "${'0ff1ce'.repeat(10)}0001"  roles = { "compliance", "admin" }  programs = { "${PROGRAM}", "${DOUBLE}" }
  ${receiver && `callback_url = "${receiver}"  callback_secret = "a secret of the tests"`}
}
account "officer" { api_key = "${'0ff1ce'.repeat(10)}0002"  roles = { "compliance" }  programs = { "${PROGRAM}", "${DOUBLE}" } }
account "operator" { api_key = "${'0ff1ce'.repeat(10)}0003"  roles = { "admin" }  programs = { "${PROGRAM}", "${DOUBLE}" } }
`;
}

export class Gateway {
  constructor(directory, port) {
    this.directory = directory;
    this.config = join(directory, 'assent.conf');
    this.url = `http://127.0.0.1:${port}`;
  }

  async begin() {
    this.process = new Process(join(this.directory, 'log'), 'serve', '-c', this.config);
    const line = await this.process.firstLine();
    if (!line.startsWith('assent ready'))
      throw new Broken(`no ready line but ${line}`);
  }

  end() {
    return this.process.stop();
  }

  /* {status, body}; body is an object where it is JSON. */
  async ask(method, path, body, headers = {}) {
    const isText = typeof body === 'string';
    const response = await fetch(this.url + path, {
      method, body: body === undefined || isText ? body : JSON.stringify(body), redirect: 'manual',
      headers: {Authorization: `Bearer ${KEY}`, ...(body !== undefined && !isText && {'Content-Type': 'application/json'}), ...headers}});
    const text = await response.text();
    return {status: response.status, headers: response.headers, body: (response.headers.get('Content-Type') ?? '').includes('json') ? JSON.parse(text) : text};
  }

  /* What must be answered with one of these. */
  async must(method, path, body, headers, ...statuses) {
    const answer = await this.ask(method, path, body, headers);
    if (!(statuses.length ? statuses : [200, 201, 202]).includes(answer.status))
      throw new Broken(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get(path) {
    return this.must('GET', path);
  }

  post(path, body, ...statuses) {
    return this.must('POST', path, body, {}, ...statuses);
  }

  /* What happened before something in the log, or null. */
  misfortune() {
    const signs = ['AddressSanitizer', 'runtime error:', 'broken claim at'];
    return readFileSync(join(this.directory, 'log'), 'utf8').split('\n').find(line => signs.some(sign => line.includes(sign))) ?? null;
  }
}

export function optIn(gateway, phone, more = {}) {
  return gateway.post('/v1/consents', {
    program: PROGRAM, phone, opted_in: true, source: 'web_form', product: 'Leads Direct', form_url: 'https://leads.example.com/direct',
    disclosure: 'By checking this box I agree to receive text messages from Market Leader. Message frequency varies. Message and data rates ' +
                'may apply. Reply STOP to end, HELP for help.', ip: '203.0.113.9', user_agent: 'Mozilla/5.0',
    collected_at: new Date(Date.now() - 60000).toISOString(), ...more});
}

/* Both, bound to each other, with passwords for those who log in; `receiver` is where events of the account chief are posted to,
 * `frames` are the origins whose pages may show PROGRAM's form. */
export async function world({receiver = '', frames = []} = {}) {
  const directory = join(BUILD, 'web', 'worlds', NAME);
  rmSync(directory, {recursive: true, force: true});
  mkdirSync(directory, {recursive: true});
  const carrier = await Carrier.start(directory);
  const port = await freePort();
  const gateway = new Gateway(directory, port);
  writeFileSync(gateway.config, configText({port, carrierPort: carrier.port, database: join(directory, 'assent.db'), receiver, frames}));
  await gateway.begin();
  atEnd(() => gateway.end());
  await until('the gateway has bound', async () => (await gateway.get('/v1/status')).carriers[0].binds.some(({state}) => state.startsWith('bound')), PATIENCE_S);
  for (const name of ['chief', 'officer', 'operator'])
    await gateway.must('PUT', `/v1/accounts/${name}/password`, {password: PASSWORD});
  return {gateway, carrier};
}
