/* Logging in: wrong passwords, too many of them, the cookie, and what is left behind after the end. */
import {browserStart, login, loggedIn, settled, Visit} from './lib/browser.mjs';
import {optIn, PASSWORD, world} from './lib/gateway.mjs';
import {AMY, hostile} from './lib/people.mjs';
import {claim, prove, until} from './lib/proof.mjs';

const GUESSES = 5; /* docs/console.md */

async function passwords(browser, {gateway}) {
  const visit = await Visit.begin(browser, gateway.url);
  visit.expect(/status of 401/);
  const page = await visit.page();
  await login(page, 'officer', 'not the password');
  const unknown = await page.locator('[role=alert], .wrong').first().innerText();
  claim('a wrong password brings the form again, with a sentence', unknown.length > 10 && await page.getByLabel('Password').inputValue() === '', unknown);
  await login(page, hostile('name'), 'not the password');
  claim('a name that nobody has is answered in the same words', await page.locator('[role=alert], .wrong').first().innerText() === unknown);
  claim('and nothing is made of a hostile one', await page.locator('[data-hostile]').count() === 0);
  await login(page, 'campaigns', PASSWORD);
  claim('nor does an account come in that has no password', await page.getByLabel('Password').isVisible());
  await loggedIn(page, 'officer');
  claim('the right one leads to the console', new URL(page.url()).pathname === '/' && (await page.innerText('nav')).includes('officer'));
  return {visit, page};
}

async function cookies({visit, page}) {
  const [cookie, ...others] = await visit.context.cookies();
  claim('there is one cookie, of this host and path', others.length === 0 && cookie.name === 'assent_session' && cookie.domain === '127.0.0.1' && cookie.path === '/', cookie);
  claim('scripts can’t read it, and other sites’ pages don’t send it', cookie.httpOnly && cookie.sameSite === 'Strict' && await page.evaluate(() => document.cookie) === '', cookie);
  claim('it ends with the browser', cookie.expires === -1, cookie);
}

async function ending({visit, page}) {
  await page.goto(`/#/person/${AMY}`);
  await page.getByText('That is all.').waitFor();
  await page.locator('#logout').click();
  await page.waitForURL('**/login');
  claim('who logs out is at the login, without a cookie', (await visit.context.cookies()).length === 0);
  await page.goBack({waitUntil: 'commit'});
  await page.getByLabel('Password').waitFor();
  claim('and the way back shows nothing of what was looked at', !(await page.innerText('body')).includes(AMY.slice(-4)));
}

async function returning({visit, page}, {gateway}) {
  await loggedIn(page, 'officer');
  await page.goto('/#/consents');
  await settled(page);
  await gateway.must('PUT', '/v1/accounts/officer/password', {password: `${PASSWORD} anew`});
  await page.locator('#nav-ledger').click();
  await page.waitForURL('**/login');
  claim('a password that is changed ends the session, and the page asks for a login', true);
  await login(page, 'officer', `${PASSWORD} anew`);
  await page.getByRole('heading', {name: 'Ledger', level: 1}).waitFor();
  claim('which leads back to where the reader was', page.url().endsWith('#/ledger'), page.url());
  claim('no script ran, no policy was broken, and no other host was asked', visit.faults.length === 0, visit.faults);
}

/* Where a logout fails somebody would walk away from an open session. */
async function unended(browser, {gateway}) {
  const visit = await Visit.begin(browser, gateway.url);
  visit.expect(/ERR_FAILED|ERR_INTERNET_DISCONNECTED/);
  const page = await visit.page();
  await loggedIn(page, 'operator');
  await page.route('**/logout', route => route.abort());
  await page.locator('#logout').click();
  const dialog = page.locator('dialog');
  await dialog.getByText('You are still logged in').waitFor();
  claim('a logout that fails is told, and the session is still there', (await visit.context.request.get('/v1/session')).status() === 200 && new URL(page.url()).pathname === '/');
  await page.unroute('**/logout');
  await dialog.getByRole('button', {name: 'Try again'}).click();
  await page.waitForURL('**/login');
  claim('and it can be tried again', (await visit.context.cookies()).length === 0 && (await visit.context.request.get('/v1/session')).status() === 401);
  claim('no script ran, no policy was broken, and no other host was asked', visit.faults.length === 0, visit.faults);
  await visit.end();
}

/* Twelve hours after the login, as the gateway says it: the console's own clock is put on to its next look. */
async function limit(browser, {gateway}) {
  const visit = await Visit.begin(browser, gateway.url);
  const page = await visit.page();
  await page.clock.install();
  await page.route('**/v1/session', async route => {
    const response = await route.fetch(), session = await response.json();
    await route.fulfill({response, json: {...session, ends_at: new Date(Date.now() + 60000).toISOString()}});
  });
  await loggedIn(page, 'operator');
  await page.goto('/#/queue');
  await settled(page);
  await page.locator('#keyboard').click();
  await page.clock.fastForward(31000);
  await page.getByText('You will be logged out').waitFor();
  const names = await page.locator('dialog').evaluateAll(dialogs => dialogs.map(dialog => document.querySelectorAll(`#${dialog.getAttribute('aria-labelledby')}`).length === 1 && document.getElementById(dialog.getAttribute('aria-labelledby')).textContent));
  claim('that a session ends is told over whatever is open, and each dialog has its own name', names.join() === 'Keyboard,You will be logged out', names);
  const [old] = await visit.context.cookies();
  await page.getByRole('button', {name: 'Log in again'}).click();
  await page.getByLabel('Password').waitFor();
  claim('who logs in again is at the login, and not led back by the session that ends', new URL(page.url()).pathname === '/login' && (await visit.context.cookies()).length === 0, page.url());
  const gone = await fetch(`${gateway.url}/v1/session`, {headers: {Cookie: `${old.name}=${old.value}`, 'Sec-Fetch-Site': 'same-origin'}});
  claim('which is over', gone.status === 401, gone.status);
  await page.unroute('**/v1/session');
  await login(page, 'operator');
  await page.getByRole('heading', {name: 'Queue', level: 1}).waitFor();
  claim('and comes back to where the reader was', page.url().endsWith('#/queue'), page.url());
  claim('no script ran, no policy was broken, and no other host was asked', visit.faults.length === 0, visit.faults);
  await visit.end();
}

async function lockOut(browser, {gateway}) {
  const visit = await Visit.begin(browser, gateway.url);
  visit.expect(/status of 4(01|29)/);
  const page = await visit.page();
  let tries = 0, words = '';
  await until('guesses are stopped', async () => {
    await login(page, 'chief', `guess ${++tries}`);
    words = await page.locator('[role=alert], .wrong').first().innerText();
    return /wait|again in|later/i.test(words) || tries > 3 * GUESSES;
  });
  claim('guesses are stopped after a few, and the page says for how long', tries <= GUESSES + 1 && /minute|second/.test(words), `${tries}: ${words}`);
  await login(page, 'chief');
  claim('then the right password doesn’t help either', await page.getByLabel('Password').isVisible() && (await visit.context.cookies()).length === 0);
  claim('and still nothing ran that shouldn’t', visit.faults.length === 0, visit.faults);
}

prove(async () => {
  const all = await world();
  await optIn(all.gateway, AMY);
  const browser = await browserStart();
  const officer = await passwords(browser, all);
  await cookies(officer);
  await ending(officer);
  await returning(officer, all);
  await unended(browser, all);
  await limit(browser, all);
  await lockOut(browser, all);
  claim('the log holds no broken claim', all.gateway.misfortune() === null);
});
