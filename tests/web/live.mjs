/* An operator watches: a bind goes down and comes back, a carrier is paused and a program stopped, all without a reload. */
import {browserStart, focusIs, loggedIn, open, tabTo, Visit} from './lib/browser.mjs';
import {optIn, PROGRAM, world} from './lib/gateway.mjs';
import {AMY, send} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

prove(async () => {
  const {gateway, carrier} = await world();
  await optIn(gateway, AMY);
  await carrier.waitTexts(AMY, 1);
  const visit = await Visit.begin(await browserStart(), gateway.url);
  const page = await visit.page();
  await loggedIn(page, 'operator');
  await open(page, '#/status');
  await page.evaluate(() => { window.isTheSame = true; });
  const card = page.locator('main .card', {has: page.getByRole('heading', {name: 'sim'})});
  const says = (words, pattern) => until(words, async () => pattern.test(await card.innerText()));
  await says('the carrier is up', /Up[^]*Bound/);
  claim('the carrier is up, with its bind', true);

  await carrier.end();
  await says('it is down', /Down[^]*(Not bound|Connecting|Binding)/);
  claim('it goes down while one looks on', true);
  await send(gateway, AMY, {}, 202);
  await until('one waits', async () => /^1\s*queued/m.test(await page.locator('main').innerText()));
  claim('what waits is counted meanwhile', true);
  await carrier.begin();
  await says('it is back', /Up[^]*Bound/);
  await until('none waits', async () => /^0\s*queued/m.test(await page.locator('main').innerText()));
  await carrier.waitTexts(AMY, 1);
  claim('it comes back, and what waited has left', true);

  await tabTo(page, 'main button[aria-label="Pause carrier sim"]');
  await page.keyboard.press('Enter');
  await tabTo(page, 'dialog button:not(.quiet)', 4);
  await page.keyboard.press('Enter');
  await says('it is paused', /Paused/);
  claim('by keyboard alone the carrier is paused', (await gateway.get('/v1/carriers')).items[0].state === 'paused');
  await page.locator('dialog').waitFor({state: 'detached'});
  await card.getByRole('button', {name: 'Start'}).focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({state: 'detached'});
  claim('Escape takes an order back', (await gateway.get('/v1/carriers')).items[0].state === 'paused');
  await focusIs(page, 'button[aria-label="Start carrier sim"]');
  await page.keyboard.press('Enter');
  await page.locator('dialog').getByRole('button', {name: 'Start it'}).click();
  await says('it runs', /Up[^]*Bound/);

  await page.getByRole('button', {name: `Pause program ${PROGRAM}`}).click();
  await page.locator('dialog').getByRole('button', {name: 'Pause it'}).click();
  await page.getByRole('button', {name: `Resume program ${PROGRAM}`}).waitFor();
  const before = (await carrier.texts(AMY)).length;
  await send(gateway, AMY, {}, 202);
  await page.goto('/#/queue');
  await page.locator('main').getByText('1 message waits').waitFor();
  claim('a paused program holds its texts, and the queue says so', (await carrier.texts(AMY)).length === before && /paused/i.test(await page.innerText('main')));
  await page.goto('/#/status');
  await page.getByRole('button', {name: `Resume program ${PROGRAM}`}).click();
  await page.locator('dialog').getByRole('button', {name: 'Resume it'}).click();
  await carrier.waitTexts(AMY, before + 1);
  claim('resumed, it sends them', true);
  claim('and the page was never loaded anew', await page.evaluate(() => window.isTheSame === true));
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', gateway.misfortune() === null);
});
