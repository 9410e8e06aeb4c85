/* The compliance officer's way without a mouse: from the login to the proof packet and a revocation. */
import {browserStart, focusIs, tabTo, Visit} from './lib/browser.mjs';
import {PASSWORD, world} from './lib/gateway.mjs';
import {AMY, EVE, IDA, peopleMake} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

prove(async () => {
  const all = await world();
  await peopleMake(all);
  const visit = await Visit.begin(await browserStart(), all.gateway.url, {acceptDownloads: true});
  const page = await visit.page();
  const keys = page.keyboard;
  await page.goto('/login');
  await focusIs(page, '#name');
  await keys.type('officer');
  await tabTo(page, '#password', 1);
  await keys.type(PASSWORD);
  await keys.press('Enter');
  await page.locator('tbody tr').first().waitFor();
  claim('the login by keyboard leads to the block log', true);

  await tabTo(page, '#skip', 1);
  await keys.press('Enter');
  await focusIs(page, 'main');
  await tabTo(page, '#filter-number', 3);
  await keys.type(AMY);
  await keys.press('Enter');
  const numbers = page.locator('tbody tr.opens td.number');
  await until('one number alone is listed', async () => (await numbers.allInnerTexts()).every(text => text.includes(AMY)) && await numbers.count() > 0);
  await tabTo(page, 'button.opener');
  await keys.press('Enter');
  await page.locator('tr.behind:visible').getByText('The ledger’s record').waitFor();
  claim('a block is found and opened', await page.evaluate(() => document.activeElement.getAttribute('aria-expanded') === 'true'));
  await tabTo(page, `tr.behind a[href="#/person/${AMY}"]`);
  await keys.press('Enter');
  await page.getByText('That is all.').waitFor();
  await focusIs(page, 'main h1');
  claim('its person’s page is opened, and has the focus at its heading', (await page.locator('main h1').innerText()).includes(AMY));
  await tabTo(page, '#proof-json');
  const [file] = await Promise.all([page.waitForEvent('download'), keys.press('Enter')]);
  claim('the proof packet is downloaded', file.suggestedFilename().endsWith('.json'));

  await page.locator('main h1').focus();
  await keys.press('/');
  await focusIs(page, '#find-number');
  await keys.type(IDA);
  await keys.press('Enter');
  await page.getByRole('heading', {name: IDA, level: 1}).waitFor();
  await page.getByText('That is all.').waitFor();
  await tabTo(page, '#revoke');
  await keys.press('Enter');
  await focusIs(page, 'dialog [name=program], dialog');
  await tabTo(page, 'dialog [name=channel]', 3);
  await keys.type('Phone');
  await tabTo(page, 'dialog textarea', 1);
  await keys.type('She rang.');
  await tabTo(page, 'dialog [type=submit]', 1);
  await keys.press('Enter');
  await page.locator('.notice.good').waitFor();
  claim('a revocation is recorded', (await all.gateway.get(`/v1/consents/${encodeURIComponent(IDA)}`)).programs.every(({eligible}) => !eligible));
  await keys.press('?');
  await page.locator('dialog').waitFor();
  claim('the keys are listed by a key', /\//.test(await page.innerText('dialog table')));
  await tabTo(page, '#keys-on', 3);
  await keys.press('Space');
  await keys.press('Escape');
  await page.locator('dialog').waitFor({state: 'detached'});
  await keys.press('/');
  claim('and can be turned off', !await page.evaluate(() => document.activeElement.matches('#find-number')));

  await page.goto(`/#/person/${EVE}`);
  await page.getByText('That is all.').waitFor();
  for (const hash of await page.locator('nav a').evaluateAll(links => links.map(link => link.getAttribute('href')))) {
    await tabTo(page, `nav a[href="${hash}"]`);
    await keys.press('Enter');
    await until(`${hash} is shown`, () => page.evaluate(wanted => location.hash === wanted && document.querySelector(`nav a[href="${wanted}"]`).getAttribute('aria-current') === 'page', hash));
    await focusIs(page, 'main h1');
  }
  claim('each page is reached by Tab and Enter', true);
  await tabTo(page, '#logout');
  await keys.press('Enter');
  await page.waitForURL('**/login');
  claim('as is the end', (await visit.context.cookies()).length === 0);
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
});
