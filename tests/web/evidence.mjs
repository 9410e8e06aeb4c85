/* A compliance officer's way: find a blocked number, see why, open the person's history, and take away a proof packet that verifies. */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {browserStart, loggedIn, settled, Visit} from './lib/browser.mjs';
import {BUILD, NAME, world} from './lib/gateway.mjs';
import {AMY, BEN, peopleMake} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

const TIMELINE = 'ol[aria-label^="Everything"]';

async function download(page, button, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
  const where = join(BUILD, 'web', 'worlds', NAME, name);
  await file.saveAs(where);
  return {where, name: file.suggestedFilename()};
}

function verifies(...words) {
  try {
    return {isSo: true, said: execFileSync(join(BUILD, 'assent'), ['ledger', 'verify', ...words], {encoding: 'utf8'})};
  } catch (error) {
    return {isSo: false, said: `${error.stdout}${error.stderr}`};
  }
}

async function evidence() {
  const all = await world();
  await peopleMake(all);
  const visit = await Visit.begin(await browserStart(), all.gateway.url, {acceptDownloads: true});
  const page = await visit.page();
  await loggedIn(page, 'officer');
  await settled(page);

  const rows = page.locator('tbody tr.opens');
  await page.getByLabel('Number', {exact: true}).fill('(415) 555-0101');
  await page.getByRole('button', {name: 'Show', exact: true}).click();
  await until('the block log shows one number alone', async () => {
    const numbers = await rows.locator('td.number').allInnerTexts();
    return numbers.length > 0 && numbers.every(text => text.includes(AMY));
  });
  claim('the block log finds a number however it is written', true);
  await rows.first().getByRole('button', {name: 'Why'}).click();
  const why = page.locator('tr.behind:visible');
  await why.getByText('The ledger’s record').waitFor();
  const told = await why.innerText();
  claim('a block opens into its rule, what was on record before, and the ledger’s record',
        ['The rule', 'Opted out', 'Ticked the box', 'Hash of the one before'].every(words => told.includes(words)), told);
  await why.getByRole('button', {name: 'Check its digests here'}).click();
  await why.getByText('Made anew in this browser, the digests fit.').waitFor();
  claim('the browser makes the record’s digests anew, and they fit', true);

  await why.getByRole('link', {name: `Everything about ${AMY}`}).click();
  await page.getByText('That is all.').waitFor();
  const history = await page.locator(TIMELINE).innerText();
  claim('a person’s page tells of the form, the texts, the STOP and the blocks, the newest first',
        /Blocked[^]*STOP[^]*Sam[^]*Ticked the box/.test(history), history);

  const packet = await download(page, '#proof-json', 'proof.json');
  claim('the proof packet is named after the number', packet.name.includes(AMY), packet.name);
  const checked = verifies('--file', packet.where);
  claim('assent ledger verify finds the downloaded packet whole', checked.isSo, checked.said);
  const html = await download(page, '#proof-html', 'proof.html');
  const text = readFileSync(packet.where, 'utf8');
  writeFileSync(packet.where, text.replace('user agent', 'other agent'));
  claim('and not any more once a word in it is another', text.includes('user agent') && !verifies('--file', packet.where).isSo);
  visit.origins.push('null');
  const proof = await visit.page();
  await proof.goto(`file://${html.where}`);
  claim('the packet as a page makes nothing of what people wrote', await proof.locator('[data-hostile]').count() === 0 && (await proof.innerText('body')).includes('data-hostile'));

  await page.bringToFront();
  await page.getByRole('searchbox', {name: 'Phone number'}).fill('415 555 0102');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: BEN}).waitFor();
  await page.locator(TIMELINE).getByText('Blocked').first().waitFor();
  claim('the search at the top leads to a person who never opted in', (await page.innerText('main')).includes('No recorded opt-in'));

  await page.getByRole('button', {name: 'Revoke …'}).click();
  await page.getByLabel('How it came').selectOption({label: 'Phone call'});
  await page.getByLabel('Note').fill('He called and said that it was enough.');
  await page.getByRole('button', {name: 'Record the revocation'}).click();
  await page.locator('.notice.good').getByText('on record').waitFor();
  const records = (await all.gateway.get(`/v1/consents/${encodeURIComponent(BEN)}`)).history;
  claim('a revocation that came by call is on record with its note',
        records.some(({payload}) => payload?.channel === 'call' && payload.note?.includes('it was enough')), records);

  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
}

prove(evidence);
