/* How every page looks: pictures of it in both sizes and themes, WCAG 2.2 AA by axe-core in both, no scrolling sideways at 320 px, no motion
 * where none is wanted. */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {axe, browserStart, loggedIn, navigation, open, settled, tooWide, Visit} from './lib/browser.mjs';
import {BUILD, DOUBLE, PROGRAM, world} from './lib/gateway.mjs';
import {AMY, BEN, FAY, IDA, peopleMake, receiverStart, send} from './lib/people.mjs';
import {claim, prove} from './lib/proof.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDE = {width: 1280, height: 900}, NARROW = {width: 390, height: 844}, LEAST = {width: 320, height: 640};
const THEMES = ['light', 'dark'];

/* What the first rows have behind them. */
async function openRows(page) {
  for (const opener of (await page.locator('main button.opener').all()).slice(0, 2))
    await opener.click();
  await settled(page);
  await page.waitForFunction(() => ![...document.querySelectorAll('.detail')].some(node => node.innerText.includes('One moment')));
  await page.evaluate(() => scrollTo(0, 0));
}

/* For the judges; a picture of it would be long. */
async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll('main details').forEach(node => { node.open = true; }));
  await page.waitForFunction(() => !document.querySelector('main')?.innerText.includes('One moment'));
  await page.evaluate(() => scrollTo(0, 0));
}

const views = hashes => [
  ...hashes.map(hash => ({name: hash.slice(2), show: page => open(page, hash)})),
  {name: 'person', show: async page => { await open(page, `#/person/${AMY}`); await page.getByText('That is all.').waitFor(); }},
  {name: 'person-unknown', show: async page => { await open(page, `#/person/${BEN}`); await page.getByText('That is all.').waitFor(); }},
  {name: 'person-suppressed', show: async page => { await open(page, `#/person/${FAY}`); await page.getByText('That is all.').waitFor(); }},
  {name: 'person-none', show: page => open(page, '#/person/12')},
  {name: 'record', show: page => open(page, '#/ledger/1')},
  {name: 'reviews-all', show: page => open(page, '#/reviews?status=all')},
  {name: 'blocks-none', show: page => open(page, '#/blocks?account=nobody')},
  {name: 'keyboard', show: async page => { await open(page, '#/blocks'); await page.keyboard.press('?'); await page.locator('dialog').waitFor(); }},
  {name: 'revoke', show: async page => { await open(page, `#/person/${AMY}`); await page.locator('#revoke').click(); await page.locator('dialog').waitFor(); }},
];

const STRANGERS = [
  {name: 'login', show: page => page.goto('/login')},
  {name: 'login-wrong', show: async page => {
    await page.goto('/login');
    await page.getByLabel('Name').fill('nobody');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button').click();
    await page.getByText('Log in with').waitFor();
  }},
  {name: 'optin', show: page => page.goto(`/optin/${PROGRAM}`)},
  {name: 'optin-es', show: page => page.goto(`/optin/${DOUBLE}?lang=es`)},
  {name: 'optin-wrong', show: async page => {
    await page.goto(`/optin/${PROGRAM}`);
    await page.locator('#phone').fill('12');
    await page.locator('button[type=submit]').click();
    await page.locator('.problems').waitFor();
  }},
];

async function judged(page) {
  await page.evaluate(axe.source);
  const {violations} = await page.evaluate(tags => window.axe.run(document, {runOnly: {type: 'tag', values: tags}, preload: false}), TAGS);
  return violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(node => `${node.target} (${node.failureSummary.split('\n')[1]?.trim()})`).join('; ')}`);
}

function picture(page, name, size, theme) {
  return page.screenshot({path: join(BUILD, 'web', `${name}-${size.width}-${theme}.png`), fullPage: true});
}

/* Faults of each view, by what is looked at. */
async function look(page, list, theme) {
  const faults = {axe: [], wide: [], moves: []};
  for (const {name, show} of list) {
    await page.setViewportSize(WIDE);
    await show(page);
    if (await page.locator('#nav').count() > 0 && await page.locator('dialog').count() === 0)
      await openRows(page);
    await picture(page, name, WIDE, theme);
    await page.setViewportSize(NARROW);
    await picture(page, name, NARROW, theme);
    await unfold(page);
    faults.axe.push(...(await judged(page)).map(words => `${name}, narrow: ${words}`));
    await page.setViewportSize(WIDE);
    faults.axe.push(...(await judged(page)).map(words => `${name}: ${words}`));
    await page.setViewportSize(LEAST);
    const wide = await tooWide(page);
    if (wide)
      faults.wide.push(`${name}: ${wide}`);
    const moving = await page.evaluate(() => document.getAnimations().length + [...document.querySelectorAll('*')].filter(node => {
      const {transitionDuration, animationName} = getComputedStyle(node);
      return transitionDuration.split(', ').some(time => parseFloat(time) > 0) || animationName !== 'none';
    }).length);
    if (moving > 0)
      faults.moves.push(`${name}: ${moving}`);
  }
  return faults;
}

async function theme(browser, all, colorScheme) {
  const visit = await Visit.begin(browser, all.gateway.url, {colorScheme});
  visit.expect(/status of 4(01|22)/, /\/v1\/consents\/12/);
  const page = await visit.page();
  const strange = await look(page, STRANGERS, colorScheme);
  await loggedIn(page, 'chief');
  const hashes = await navigation(page);
  const list = views(hashes);
  const ours = await look(page, list, colorScheme);
  const every = kind => [...strange[kind], ...ours[kind]];
  const words = `${STRANGERS.length + list.length} views in the ${colorScheme} theme`;
  claim(`${words} are pictured in ${WIDE.width} and ${NARROW.width} px`, hashes.length >= 4, hashes);
  claim('axe-core finds nothing in them that WCAG 2.2 AA forbids', every('axe').length === 0, every('axe').join('\n    '));
  claim(`none has to be scrolled sideways at ${LEAST.width} px`, every('wide').length === 0, every('wide').join('\n    '));
  claim('nothing moves where less motion is asked for', every('moves').length === 0, every('moves'));
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
  await visit.end();
}

prove(async () => {
  mkdirSync(join(BUILD, 'web'), {recursive: true});
  const all = await world({receiver: await receiverStart()});
  await peopleMake(all);
  await all.gateway.post(`/v1/programs/${PROGRAM}/pause`, {});
  await send(all.gateway, IDA, {}, 202); /* so that something waits */
  const browser = await browserStart();
  for (const colorScheme of THEMES)
    await theme(browser, all, colorScheme);
});
