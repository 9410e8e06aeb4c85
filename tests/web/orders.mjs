/* An operator's orders by keyboard alone: a carrier is paused, started and drained, a campaign paused and resumed; and where the focus stands
 * while the page changes under it. */
import {browserStart, focusIs, loggedIn, open, tabTo, Visit} from './lib/browser.mjs';
import {optIn, PROGRAM, world} from './lib/gateway.mjs';
import {AMY, BEN, CLEO} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

/* Goes to a button, asks by it, and confirms. */
async function order(page, name) {
  await tabTo(page, `main button[aria-label="${name}"]`);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
  await tabTo(page, 'dialog button:not(.quiet)', 4);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({state: 'detached'});
}

async function carriers(page, {gateway, carrier}) {
  await open(page, '#/status');
  const card = page.locator('main .card', {has: page.getByRole('heading', {name: 'sim'})});
  const state = async () => (await gateway.get('/v1/carriers')).items[0].state;
  const shows = pattern => until(`the card shows ${pattern}`, async () => pattern.test(await card.innerText()));
  await shows(/Up[^]*Bound/);

  await tabTo(page, '[aria-label="Binds of sim"]');
  await carrier.end();
  await shows(/Down/);
  await focusIs(page, '.frame[aria-label="Binds of sim"]');
  await carrier.begin();
  await shows(/Up[^]*Bound/);
  await focusIs(page, '.frame[aria-label="Binds of sim"]');
  claim('who stands on the table of binds stands there while it changes', true);

  await order(page, 'Pause carrier sim');
  await shows(/Paused/);
  await focusIs(page, 'main button[aria-label="Start carrier sim"]');
  claim('a carrier is paused, and the focus is where it is started again', await state() === 'paused');
  await page.keyboard.press('Shift+Tab');
  await order(page, 'Start carrier sim');
  await shows(/Up[^]*Bound/);
  claim('it is started', await state() === 'running');
  await order(page, 'Drain carrier sim');
  await until('it has drained', async () => ['draining', 'stopped'].includes(await state()));
  await shows(/Not bound|Draining|Stopped/);
  claim('it is drained: its binds end once all is answered', true);
  await order(page, 'Start carrier sim');
  await shows(/Up[^]*Bound/);
  claim('and is started from there', await state() === 'running');
}

async function campaigns(page, {gateway, carrier}) {
  for (const number of [AMY, BEN, CLEO])
    await optIn(gateway, number);
  for (const number of [AMY, BEN, CLEO])
    await carrier.waitTexts(number, 1);
  const {id} = await gateway.post('/v1/campaigns', {name: 'Open house', program: PROGRAM, text: 'Open house on Sunday.', start_at: new Date(Date.now() + 86400000).toISOString()});
  await gateway.must('POST', `/v1/campaigns/${id}/recipients?offset=0&last=true`, `phone\n${[AMY, BEN, CLEO].join('\n')}\n`, {'Content-Type': 'text/csv'});
  await gateway.post(`/v1/campaigns/${id}/start`, {});
  const state = async () => (await gateway.get(`/v1/campaigns/${id}`)).state;
  await until('the campaign waits for its day', async () => await state() === 'scheduled');

  await open(page, '#/campaigns');
  await tabTo(page, 'main button.opener');
  await page.keyboard.press('Enter');
  await order(page, 'Pause Open house');
  claim('a campaign is paused', await state() === 'paused');
  await focusIs(page, 'main button[aria-label="Resume Open house"]');
  claim('and the focus is where it is resumed', /Paused/.test(await page.locator('main tbody').innerText()));
  await page.keyboard.press('Shift+Tab');
  await order(page, 'Resume Open house');
  claim('it is resumed', await state() === 'scheduled');
  await order(page, 'Cancel Open house');
  claim('and cancelled', await state() === 'cancelled');
}

prove(async () => {
  const all = await world();
  const visit = await Visit.begin(await browserStart(), all.gateway.url);
  const page = await visit.page();
  await loggedIn(page, 'operator');
  await carriers(page, all);
  await campaigns(page, all);
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
});
