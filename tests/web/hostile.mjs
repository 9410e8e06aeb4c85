/* Whatever a stranger can write stands in the pages as what it is: text. Each field is shown to the letter, and nothing is made of it. */
import {readFileSync} from 'node:fs';
import {browserStart, countMarked, loggedIn, navigation, open, settled, Visit} from './lib/browser.mjs';
import {world} from './lib/gateway.mjs';
import {ADDRESS, AMY, CLEO, DAN, EVE, FAY, FORM, GUS, hostile, peopleMake, receiverStart, SCRIPT, SHORT, TEXT_OF_CLEO, TEXT_OF_DAN, TEXT_OF_EVE} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

/* All that stands in the page, what is folded too. */
const words = page => page.evaluate(() => document.body.textContent);

/* Opens all that can be opened, and looks whether something was made. */
async function unfolded(page) {
  for (const opener of await page.locator('main button.opener').all())
    await opener.click();
  await page.evaluate(() => document.querySelectorAll('main details').forEach(node => { node.open = true; }));
  await page.waitForFunction(() => !document.querySelector('main').innerText.includes('One moment'));
  return words(page);
}

async function shows(page, hash, ...wanted) {
  await open(page, hash);
  if (hash.startsWith('#/person'))
    await page.getByText('That is all.').waitFor();
  const text = await unfolded(page);
  const missing = wanted.filter(each => !text.includes(each));
  const made = await countMarked(page);
  claim(`${decodeURIComponent(hash).slice(0, 40)} shows ${wanted.length} hostile texts to the letter, and makes nothing of them`, missing.length === 0 && made === 0, {missing, made});
}

async function fields(page, {gateway}) {
  const reference = hostile('reference').slice(0, 200), blocked = hostile('blocked ref').slice(0, 200);
  const {certificate_url: certificate, form_url: form, ...rest} = FORM;
  await shows(page, `#/person/${AMY}`, ...Object.values(rest), certificate, form, reference, blocked, `Hi Amy ${SHORT}`, SHORT);
  const dangerous = await page.locator('main a').evaluateAll(links => links.map(link => link.getAttribute('href')).filter(href => !/^(#|https:\/\/)/.test(href)));
  claim('no address that would run becomes a link', dangerous.length === 0 && await page.locator(`a[href="${SCRIPT.replaceAll('"', '\\"')}"]`).count() === 0, dangerous);
  claim('those of the web open elsewhere, and tell nothing of where from', await page.locator('main a[href^="https:"]').evaluateAll(links => links.length > 0 &&
    links.every(link => link.target === '_blank' && link.relList.contains('noopener') && link.relList.contains('noreferrer'))));
  await shows(page, `#/person/${EVE}`, TEXT_OF_EVE, hostile('revocation note'));
  await shows(page, `#/person/${FAY}`, hostile('suppression note'));
  await shows(page, `#/person/${GUS}`, blocked);
  await shows(page, '#/blocks', blocked);
  await shows(page, '#/reviews', TEXT_OF_CLEO, TEXT_OF_DAN);
  const [review] = (await gateway.get(`/v1/reviews?number=${encodeURIComponent(CLEO)}`)).items, note = hostile('review note');
  await gateway.post(`/v1/reviews/${review.id}/resolve`, {decision: 'none', note});
  await shows(page, '#/reviews?status=all', note, TEXT_OF_CLEO);
  await shows(page, '#/campaigns', hostile('campaign').slice(0, 200), `Hi {first_name}, open house on Sunday. ${SHORT}`);
  await shows(page, '#/webhooks?account=chief', SHORT);
}

async function records(page, {gateway}) {
  const {seq: newest} = await gateway.get('/v1/ledger/head');
  const made = [];
  for (let seq = 1; seq <= newest; seq++) {
    await open(page, `#/ledger/${seq}`);
    await unfolded(page);
    if (await countMarked(page) > 0)
      made.push(seq);
  }
  claim(`nothing is made of what stands in the ledger’s ${newest} records`, newest > 20 && made.length === 0, made);
}

async function everyPage(page) {
  for (const hash of await navigation(page)) {
    await open(page, hash);
    await unfolded(page);
    claim(`${hash}: nothing is made of what people wrote`, await countMarked(page) === 0);
  }
}

/* An address that somebody was sent. */
async function addresses(page) {
  const bad = encodeURIComponent(hostile('address'));
  for (const hash of [`#/person/${bad}`, `#/blocks?number=${bad}`, `#/blocks?account=${bad}&reason=${bad}&since=${bad}`, `#/reviews?status=${bad}`, `#/ledger/${bad}`, `#/consents?state=${bad}`, `#/${bad}`]) {
    await page.goto('about:blank');
    await page.goto(`/${hash}`);
    await page.locator('main h1').waitFor();
    await settled(page);
    claim(`the address ${hash.slice(0, 12)}… makes nothing of itself`, await countMarked(page) === 0);
  }
}

async function news(page, {carrier}) {
  await open(page, '#/reviews');
  await until('it is live', async () => await page.locator('#live').textContent() === 'Live');
  await carrier.write(AMY, `=HYPERLINK("http://evil.example") ${SHORT}`);
  await carrier.write(DAN, `is it still for sale? ${SHORT}`);
  await shows(page, `#/person/${AMY}`, `=HYPERLINK("http://evil.example") ${SHORT}`);
}

async function spreadsheet(page) {
  await open(page, '#/reviews?status=all');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Export as CSV'}).click()]);
  const text = readFileSync(await file.path(), 'utf8');
  claim('an export has the texts, and no cell that a spreadsheet runs', text.includes(TEXT_OF_CLEO) && !/(^|[,\n])"?[=@]/.test(text), text.slice(0, 400));
}

prove(async () => {
  const all = await world({receiver: await receiverStart()});
  await peopleMake(all);
  const visit = await Visit.begin(await browserStart(), all.gateway.url, {acceptDownloads: true});
  visit.expect(/status of 4(00|04|22)/);
  const page = await visit.page();
  await loggedIn(page, 'chief');
  await fields(page, all);
  await records(page, all);
  await everyPage(page);
  await addresses(page);
  await news(page, all);
  await spreadsheet(page);
  claim(`no script ran, no policy was broken, and ${new URL(ADDRESS).host} was never asked`, visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
});
