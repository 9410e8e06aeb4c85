/* A person's page on paper is evidence: all of the history, however long, with nothing that only a screen is for. */
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {browserStart, focusIs, loggedIn, Visit} from './lib/browser.mjs';
import {BUILD, world} from './lib/gateway.mjs';
import {AMY, FORM, peopleMake, send} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

const TEXTS = 120; /* more than a page of the listing has */

/* Told that it was asked for, in the place of the browser's own dialog. */
function printTell() {
  window.print = () => { window.isPrinted = true; };
}

const packed = text => text.replaceAll(/\s+/g, '');

prove(async () => {
  const all = await world();
  await peopleMake(all);
  const {gateway} = all;
  for (let count = 1; count <= TEXTS; count++)
    await send(gateway, AMY, {client_ref: `reference number ${count}.`}, 403);
  await gateway.post('/v1/messages', {program: 'new-lead-nurture', to: '+14155550105', text: 'x'}, 403);
  const visit = await Visit.begin(await browserStart(), gateway.url, {colorScheme: 'dark'});
  visit.expect(/status of 503/);
  await visit.context.addInitScript(printTell);
  const page = await visit.page();
  await loggedIn(page, 'officer');
  await page.goto(`/#/person/${AMY}`);
  await page.getByText('That is all.').or(page.getByText('There is more, further back.')).waitFor();
  await page.route('**/v1/messages?*', async route => {
    await new Promise(done => { setTimeout(done, 300); });
    await route.continue();
  });
  await page.reload();
  await page.locator('#print').dblclick(); /* before anything of the history has come */
  await until('it is printed once it is there', () => page.evaluate(() => window.isPrinted === true));
  const items = await page.locator('.timeline > li').allTextContents();
  claim('and all of it is there, each thing once', items.length > TEXTS && new Set(items).size === items.length, items.length);
  await page.unroute('**/v1/messages?*');
  await page.route('**/v1/messages?*', route => route.fulfill({status: 503, json: {code: 'unavailable', title: 'Not now', detail: 'the database can’t be read now'}}));
  await page.reload();
  await page.getByText('can’t be read now').waitFor();
  await page.locator('#print').click();
  await until('it is said that nothing was printed', async () => (await page.locator('#news').textContent()).startsWith('Nothing was printed'));
  await focusIs(page, '.foot button');
  await page.emulateMedia({media: 'print'});
  claim('what can’t be read whole isn’t printed, and the browser’s own print says that it is cut',
        await page.evaluate(() => window.isPrinted === undefined) && await page.getByText('Here it is cut').isVisible());
  await page.emulateMedia({media: null});
  await page.unroute('**/v1/messages?*');
  await page.locator('#print').click();
  await until('all is read, and then printed', () => page.evaluate(() => window.isPrinted === true));
  const pdf = join(BUILD, 'web', 'person.pdf');
  await page.pdf({path: pdf, format: 'A4'});
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], {encoding: 'utf8'});
  const {history} = await gateway.get(`/v1/consents/${encodeURIComponent(AMY)}`);
  const missing = history.filter(({ledger_seq: seq}) => !packed(text).includes(`record${seq}`));
  claim(`the page of a person on paper has each of ${history.length} records`, history.length > TEXTS && missing.length === 0, missing.slice(0, 3));
  claim('what is folded on the screen is open there', packed(text).includes('referencenumber1.') && packed(text).includes(packed(FORM.disclosure).slice(0, 60)));
  claim('it says of whom, by whom, and where the ledger stands', ['what is on record about +14155550101', 'Printed by officer', 'Ledger’s head: record'].every(words => packed(text).includes(packed(words))));
  claim('it shows no controls', !['Revoke …', 'Log out', 'Proof packet', 'Skip to the content'].some(words => text.includes(words)), text.slice(0, 300));
  await page.emulateMedia({media: 'print'});
  const inks = await page.evaluate(() => [getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]);
  claim('and is black on white in the dark theme too', inks[0] === 'rgb(255, 255, 255)' && inks[1] === 'rgb(0, 0, 0)', inks);
  await page.emulateMedia({media: null});
  await page.getByLabel('Blocks', {exact: true}).uncheck();
  await page.emulateMedia({media: 'print'});
  claim('what was chosen away is missing there, and said to be', await page.getByText('Left out here: blocks.').isVisible() && await page.locator('[data-kind=block]:visible').count() === 0);
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', gateway.misfortune() === null);
});
