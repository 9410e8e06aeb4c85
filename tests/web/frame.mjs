/* The form of a program within another site's page: it is filled in and sent there, on the sites that the config names and on no others. */
import {createServer} from 'node:http';
import {browserStart, Visit} from './lib/browser.mjs';
import {DOUBLE, PROGRAM, world} from './lib/gateway.mjs';
import {atEnd, claim, prove, until} from './lib/proof.mjs';

const ANN = '+14155550121', BOB = '+14155550122';

/* A site whose page has a frame with what its query names; gives its origin. */
function siteStart() {
  return new Promise(resolve => {
    const server = createServer((request, response) => {
      const {searchParams: query} = new URL(request.url, 'http://localhost');
      const sandbox = query.has('sandbox') ? ` sandbox="${query.get('sandbox')}"` : '';
      response.writeHead(200, {'Content-Type': 'text/html'}).end(
        `<!DOCTYPE html><html lang="en"><link rel=icon href=data:,><title>A shop</title><h1>A shop</h1><iframe${sandbox} src="${query.get('shows')}" title="Sign up for texts" width=380 height=700></iframe>`);
    });
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
    atEnd(() => new Promise(done => { server.closeAllConnections(); server.close(done); }));
  });
}

async function framed(page, site, shows, sandbox) {
  const pairs = {shows, ...(sandbox && {sandbox})};
  await page.goto(`${site}/?${new URLSearchParams(pairs)}`, {waitUntil: 'load'});
  return page.frameLocator('iframe');
}

const isShown = frame => frame.locator('form, nav').first().isVisible();

async function signsUp(page, {gateway, carrier}, site, number, sandbox) {
  const form = await framed(page, site, `${gateway.url}/optin/${PROGRAM}?product=HouseValues`, sandbox);
  await form.locator('#phone').fill(number);
  await form.locator('#agree').check();
  await form.locator('button[type=submit]').click();
  await until('the frame says what comes', async () => await form.locator('form').count() === 0 && (await form.locator('main').innerText()).length > 30);
  await carrier.waitTexts(number, 1);
  const {programs, history} = await gateway.get(`/v1/consents/${encodeURIComponent(number)}`);
  return programs.find(row => row.program === PROGRAM).state === 'opted_in' && history[0].payload.product === 'HouseValues' && history[0].payload.form_url.startsWith(`${gateway.url}/optin/`);
}

prove(async () => {
  const shop = await siteStart(), other = await siteStart();
  const all = await world({frames: [shop]});
  const {gateway} = all;
  const visit = await Visit.begin(await browserStart(), gateway.url, {}, [gateway.url, shop, other]);
  const page = await visit.page();
  claim('within the page of a site that may show it the form is sent, and opts in', await signsUp(page, all, shop, ANN));
  claim('and so it is in a frame that is kept to the least', await signsUp(page, all, shop, BOB, 'allow-forms allow-same-origin'));
  claim('the site’s own page is still there, and only the frame has gone on', await page.locator('h1').innerText() === 'A shop' && page.url().startsWith(shop));
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);

  visit.expect(/frame-ancestors|in a frame because|Refused to (frame|display)/);
  claim('what is shown is seen', await isShown(await framed(page, shop, `${gateway.url}/optin/${PROGRAM}`)));
  for (const [site, path] of [[other, `/optin/${PROGRAM}`], [shop, `/optin/${DOUBLE}`], [shop, '/login'], [shop, '/']])
    claim(`${path} isn’t shown by a site that is named for ${site === shop ? 'another form' : 'none'}`, !await isShown(await framed(page, site, gateway.url + path)));
  claim('it is within the gateway’s reach all the same', (await page.request.get(`${gateway.url}/optin/${DOUBLE}`)).status() === 200);
  claim('and still nothing ran that shouldn’t', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', gateway.misfortune() === null);
});
