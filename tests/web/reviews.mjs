/* Texts that may have meant STOP: decided with one key each, by keyboard alone. */
import {browserStart, focusIs, loggedIn, open, Visit} from './lib/browser.mjs';
import {world} from './lib/gateway.mjs';
import {CLEO, DAN, IDA, peopleMake, TEXT_OF_CLEO, TEXT_OF_DAN} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

prove(async () => {
  const all = await world();
  await peopleMake(all);
  const {gateway, carrier} = all;
  const visit = await Visit.begin(await browserStart(), gateway.url);
  const page = await visit.page();
  await loggedIn(page, 'officer');
  await open(page, '#/reviews');
  const cards = page.locator('.review');
  await until('two texts are to be read', async () => await cards.count() === 2);
  const texts = await cards.locator('.said.by-them').allInnerTexts();
  claim('each text is shown to the letter, the most urgent first', texts[0] === TEXT_OF_CLEO && texts[1] === TEXT_OF_DAN, texts);
  const count = page.locator('#nav-reviews .count');
  await until('the link says how many', async () => (await count.innerText()).startsWith('2'));

  await page.route(address => address.pathname === '/v1/reviews' && address.searchParams.has('due_first'), route => {
    const address = new URL(route.request().url());
    address.searchParams.set('limit', '1');
    return route.continue({url: address.href});
  });
  await open(page, '#/reviews');
  await until('one of them is shown', async () => await cards.count() === 1 && (await page.innerText('main')).includes('More than 1 text is to be read'));
  await page.getByRole('button', {name: 'Show more'}).click();
  await until('both are shown', async () => await cards.count() === 2);
  await focusIs(page, '.review:nth-of-type(2)');
  await page.getByRole('button', {name: 'Show more'}).click();
  await page.locator('main').getByText('2 texts are to be read').waitFor();
  const paged = await cards.locator('.said.by-them').allInnerTexts();
  claim('a long queue comes page by page, the most urgent first', paged.join() === texts.join() && await page.getByRole('button', {name: 'Show more'}).count() === 0, paged);
  await open(page, '#/reviews');
  await until('one of them is shown', async () => await cards.count() === 1);

  await page.keyboard.press('j');
  await focusIs(page, '.review:nth-of-type(1)');
  await page.keyboard.press('e');
  await focusIs(page, '.review textarea');
  await page.keyboard.type('snn: she says so plainly');
  claim('while one types a note the keys are letters', await page.locator('.review .notice').count() === 0 && await cards.locator('.said.by-them').innerText() === TEXT_OF_CLEO);
  await page.keyboard.press('Tab');
  await page.keyboard.press('s');
  await until('the next text has come in its place', async () => await cards.count() === 1 && await cards.locator('.said.by-them').innerText() === TEXT_OF_DAN);
  await focusIs(page, '.review');
  claim('one key decides, and the next text has the focus', true);
  await until('CLEO is out', async () => (await gateway.get(`/v1/consents/${encodeURIComponent(CLEO)}`)).programs.some(({state}) => state === 'opted_out'));
  const closed = (await gateway.get(`/v1/reviews?number=${encodeURIComponent(CLEO)}`)).items[0];
  claim('the person is out, and who decided is on record with the note',
        closed.status === 'opt_out' && closed.closed_by === 'officer' && closed.note === 'snn: she says so plainly', closed);
  claim('and she gets nothing any more', (await gateway.ask('POST', '/v1/messages', {program: closed.program, to: CLEO, text: 'Hi'})).body.code === 'opted_out');

  await page.keyboard.press('n');
  await page.getByText('Nothing is to be read.').waitFor();
  claim('the other was no STOP, and the queue is empty', (await gateway.get(`/v1/reviews?number=${encodeURIComponent(DAN)}`)).items[0].status === 'none');
  await until('the count is gone', async () => await count.innerText() === '');
  const before = (await carrier.texts(DAN)).length;
  await gateway.post('/v1/messages', {program: closed.program, to: DAN, text: 'Still there?'});
  await carrier.waitTexts(DAN, before + 1);
  claim('he is texted again', true);

  await carrier.write(IDA, TEXT_OF_CLEO);
  await page.locator('main').getByText('A new text is to be read.').waitFor();
  claim('a text that comes meanwhile is told without a reload', true);
  await page.getByRole('button', {name: 'Show it'}).focus();
  await page.keyboard.press('Enter');
  await until('it is shown', async () => await cards.count() === 1);
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  claim('the log holds no broken claim', gateway.misfortune() === null);
});
