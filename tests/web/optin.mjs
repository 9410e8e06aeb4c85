/* The form of a program, by people with and without JavaScript: the confirmation comes to the telephone, and the evidence stands. */
import {browserStart, countMarked, tabTo, Visit} from './lib/browser.mjs';
import {DOUBLE, DOUBLE_SENDER, PROGRAM, world} from './lib/gateway.mjs';
import {hostile} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

const WITH = '+14155550111', WITHOUT = '+14155550112', UNTICKED = '+14155550113', TWICE = '+14155550114', FRENCH = '+14155550115';

async function standing(gateway, number, program) {
  const consents = await gateway.get(`/v1/consents/${encodeURIComponent(number)}`);
  return {...consents.programs.find(row => row.program === program), payload: consents.history.find(({kind}) => kind === 'registration')?.payload};
}

function answered(page) {
  return until('the page says what comes', async () => await page.locator('form').count() === 0 && (await page.innerText('main')).length > 30);
}

async function single(browser, {gateway, carrier}, number, javaScriptEnabled) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  const visit = await Visit.begin(browser, gateway.url, {javaScriptEnabled, userAgent: hostile('browser')});
  visit.expect(/status of 422/);
  const page = await visit.page();
  await page.goto(`/optin/${PROGRAM}`);
  const box = page.getByRole('checkbox');
  claim(`${how}: the box comes unticked, beside its wording`, !await box.isChecked() && (await page.locator('label[for=agree]').innerText()).includes('STOP'));
  const wording = (await page.locator('label[for=agree]').innerText()).replaceAll(/\s+/g, ' ').trim();
  await page.getByLabel('Product').or(page.locator('#product')).first().selectOption('HouseValues');
  await page.locator('#phone').fill(hostile('phone').slice(0, 40));
  await box.check();
  await page.locator('button[type=submit]').click();
  await page.locator('.problems').waitFor();
  claim(`${how}: a number that can’t be is told at its field, and the box is unticked again`,
        await page.locator('#phone').getAttribute('aria-invalid') === 'true' && await page.locator('#phone-wrong').isVisible() && !await page.locator('#agree').isChecked());
  claim(`${how}: nothing is made of what was typed`, await countMarked(page) === 0);
  await page.locator('#phone').fill(number.replace('+1', '').replace(/(...)(...)(....)/, '($1) $2-$3'));
  await page.locator('#agree').check();
  await page.locator('button[type=submit]').click();
  await answered(page);
  await carrier.waitTexts(number, 1);
  const [text] = await carrier.texts(number);
  claim(`${how}: the confirmation came to the telephone, with STOP and HELP`, /STOP/.test(text.text) && /HELP/.test(text.text), text);
  const at = await standing(gateway, number, PROGRAM);
  claim(`${how}: the number is opted in, with the wording as it was shown, the box and the product`,
        at.state === 'opted_in' && at.payload.disclosure.replaceAll(/\s+/g, ' ').trim() === wording && at.payload.box_default === 'unticked' &&
        at.payload.product === 'HouseValues' && at.payload.ip === '127.0.0.1' && at.payload.user_agent === hostile('browser') &&
        at.payload.form_url.startsWith(`${gateway.url}/optin/`), at);
  claim(`${how}: nothing was complained of, nothing else asked, and nothing ran`, visit.faults.length === 0, visit.faults);
  await visit.end();
}

/* By keyboard alone: with the question that asks for a YES, and an unticked box. */
async function keyboard(browser, {gateway, carrier}) {
  const visit = await Visit.begin(browser, gateway.url);
  const page = await visit.page();
  await page.goto(`/optin/${DOUBLE}`);
  await tabTo(page, '#phone');
  await page.keyboard.type(TWICE);
  await tabTo(page, '#agree');
  await page.keyboard.press('Space');
  await tabTo(page, 'button[type=submit]');
  await page.keyboard.press('Enter');
  await answered(page); /* the text may be there before: another page would then end the form's own way */
  await carrier.waitTexts(TWICE, 1);
  claim('by keyboard, with double opt-in: the question came, and nothing else is open', (await standing(gateway, TWICE, DOUBLE)).state === 'awaiting_confirmation');
  await carrier.write(TWICE, 'YES', DOUBLE_SENDER);
  await until('the YES counts', async () => (await standing(gateway, TWICE, DOUBLE)).state === 'opted_in');
  claim('and its YES opens it', true);
  await page.goto(`/optin/${DOUBLE}`);
  await page.locator('#phone').fill(UNTICKED);
  await page.keyboard.press('Enter');
  await until('it is recorded', async () => (await standing(gateway, UNTICKED, DOUBLE)).state === 'not_eligible');
  claim('a box that is left unticked records a contact that gets nothing', (await carrier.texts(UNTICKED)).length === 0);
  await visit.end();
}

async function strange(browser, {gateway, carrier}) {
  const visit = await Visit.begin(browser, gateway.url, {locale: 'fr-CA'});
  visit.expect(/status of 4/);
  const page = await visit.page();
  await page.goto(`/optin/${PROGRAM}?lang=${encodeURIComponent(hostile('language'))}&product=${encodeURIComponent(hostile('product'))}&utm_source=${encodeURIComponent(hostile('utm'))}`);
  claim('a hostile address makes nothing of itself, and the form speaks the browser’s language', await countMarked(page) === 0 && await page.locator('html').getAttribute('lang') === 'fr');
  await page.locator('#phone').fill(FRENCH);
  await page.locator('#agree').check();
  await page.locator('#product').selectOption({index: 1});
  const [first] = await Promise.all([page.waitForRequest(request => request.method() === 'POST'), page.locator('button[type=submit]').click()]);
  await carrier.waitTexts(FRENCH, 1);
  const again = await page.request.post(first.url(), {data: first.postData(), headers: {'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin'}});
  const history = (await gateway.get(`/v1/consents/${encodeURIComponent(FRENCH)}`)).history.filter(({kind}) => kind === 'registration');
  claim('the same form sent twice is answered as it was, and counts once', again.status() === 200 && history.length === 1 && (await carrier.texts(FRENCH)).length === 1, `${again.status()} ${history.length}`);
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  await visit.end();
}

prove(async () => {
  const all = await world();
  const browser = await browserStart();
  await single(browser, all, WITH, true);
  await single(browser, all, WITHOUT, false);
  await keyboard(browser, all);
  await strange(browser, all);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
});
