/* What pages of another origin try with a browser that is logged in: they change nothing, read nothing, and frame nothing. The harder case is
 * another port of the same host: for cookies that is the same site. */
import {createServer} from 'node:http';
import {browserStart, loggedIn, Visit} from './lib/browser.mjs';
import {optIn, PROGRAM, world} from './lib/gateway.mjs';
import {AMY} from './lib/people.mjs';
import {atEnd, claim, prove} from './lib/proof.mjs';

function foreignStart() {
  return new Promise(resolve => {
    const server = createServer((_, response) => response.writeHead(200, {'Content-Type': 'text/html'}).end('<!DOCTYPE html><link rel=icon href=data:,><title>x</title><body>'));
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    atEnd(() => new Promise(done => { server.closeAllConnections(); server.close(done); }));
  });
}

/* A form that sends itself; gives the status that came. */
async function formPost(page, from, action, fields, enctype = 'application/x-www-form-urlencoded') {
  await page.goto(from);
  const answered = page.waitForResponse(response => response.url() === action);
  const arrived = page.waitForURL(address => address.href !== from);
  await page.evaluate(([where, values, type]) => {
    const form = Object.assign(document.createElement('form'), {method: 'post', action: where, enctype: type});
    for (const [name, value] of Object.entries(values))
      form.append(Object.assign(document.createElement('input'), {name, value}));
    document.body.append(form);
    form.submit();
  }, [action, fields, enctype]);
  await arrived;
  return (await answered).status();
}

/* What a script gets to see of an answer. */
function fetchFrom(page, address, options) {
  return page.evaluate(async ([where, how]) => {
    const response = await fetch(where, {credentials: 'include', ...how}).catch(() => null);
    return response === null ? 'refused' : `${response.type} ${response.status} ${(await response.text()).slice(0, 80)}`;
  }, [address, options]);
}

async function tries(visit, page, {gateway}, from, who) {
  const {url} = gateway;
  const before = (await gateway.get('/v1/ledger/head')).seq;
  await formPost(page, from, `${url}/logout`, {});
  claim(`${who}: a form to /logout ends no session`, (await visit.context.request.get('/v1/session')).status() === 200);
  claim(`${who}: a form to /login is refused`, await formPost(page, from, `${url}/login`, {name: 'officer', password: 'x'}) === 403);
  claim(`${who}: a form to the opt-in page is refused`, await formPost(page, from, `${url}/optin/${PROGRAM}`, {phone: '+14155550177', agree: 'yes'}) === 403);
  const revoke = `${url}/v1/consents/${encodeURIComponent(AMY)}/revoke`;
  const asText = await formPost(page, from, revoke, {'{"channel":"call","note":"': '"}'}, 'text/plain');
  claim(`${who}: a form that posts JSON as text changes nothing`, asText >= 400 && asText < 500, String(asText));
  await page.goto(from);
  const body = JSON.stringify({channel: 'call'});
  claim(`${who}: a script reads nothing`, await fetchFrom(page, `${url}/v1/session`, {}) === 'refused' && await fetchFrom(page, `${url}/v1/blocks`, {}) === 'refused');
  claim(`${who}: nor blindly`, (await fetchFrom(page, `${url}/v1/session`, {mode: 'no-cors'})).startsWith('opaque 0'));
  claim(`${who}: nor does it change anything`, await fetchFrom(page, revoke, {method: 'POST', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': 'x'}, body}) === 'refused');
  await fetchFrom(page, revoke, {method: 'POST', mode: 'no-cors', body});
  for (const path of ['/', '/login', `/optin/${PROGRAM}`]) {
    await page.goto(from);
    const shown = await page.evaluate(address => new Promise(resolve => {
      const frame = Object.assign(document.createElement('iframe'), {src: address, onload: () => resolve(frame.contentDocument === null ? 'closed' : 'open')});
      document.body.append(frame);
    }), url + path);
    const inside = page.frames().find(frame => frame !== page.mainFrame());
    claim(`${who}: ${path} shows itself in no frame`, shown === 'closed' && (inside.url().startsWith('chrome-error:') || await inside.locator('form, nav').count() === 0), inside.url());
  }
  const head = (await gateway.get('/v1/ledger/head')).seq;
  claim(`${who}: nothing is on record that wasn’t before`, head === before, `${before} → ${head}`);
}

prove(async () => {
  const all = await world();
  await optIn(all.gateway, AMY);
  await all.carrier.waitTexts(AMY, 1);
  await all.gateway.get('/v1/status'); /* its turn, and so the seal of what was sent, is over */
  const port = await foreignStart();
  const sites = [[`http://127.0.0.1:${port}/`, 'another port'], [`http://localhost:${port}/`, 'another site']];
  const visit = await Visit.begin(await browserStart(), all.gateway.url, {}, [all.gateway.url, ...sites.map(([site]) => new URL(site).origin)]);
  const page = await visit.page();
  await loggedIn(page, 'officer');
  for (const [site, who] of sites)
    await tries(visit, page, all, site, who);
  const ran = visit.faults.filter(fault => fault.startsWith('a script ran') || fault.startsWith('it asked'));
  claim('no script of the gateway’s pages ran that shouldn’t', ran.length === 0, ran);
  await page.goto('/');
  await page.locator('#logout').waitFor({state: 'attached'});
  claim('the session is as it was', (await page.innerText('nav')).includes('officer'));
  const csrf = await page.evaluate(() => fetch('/v1/consents/%2B14155550101/revoke', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"channel":"call"}'}).then(async response => `${response.status} ${(await response.json()).code}`));
  claim('and even its own page needs the token', csrf === '403 csrf', csrf);
});
