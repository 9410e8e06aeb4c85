/* A browser at the console, watched: whatever runs that shouldn't, asks another host, or is complained of, is a fault. */
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {BUILD, PASSWORD} from './gateway.mjs';
import {atEnd, Broken, until} from './proof.mjs';

const require = createRequire(join(resolve(BUILD), 'browser', 'package.json'));
const {chromium} = require('playwright-core');
export const axe = require('axe-core');

const PROGRAM_OF_BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PATIENCE_MS = 30000;

export async function browserStart() {
  const browser = await chromium.launch({
    executablePath: PROGRAM_OF_BROWSER, args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost']});
  atEnd(() => browser.close());
  return browser;
}

/* Before any script of a page: what its policy stopped is told. */
function policyTell() {
  addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`), true);
}

/* What is opened in a visit is watched to its end. */
export class Visit {
  constructor(context, origins) {
    this.context = context;
    this.origins = origins;
    this.faults = [];
    this.expected = [];
  }

  static async begin(browser, url, options = {}, origins = [url]) {
    const context = await browser.newContext({baseURL: url, locale: 'en-US', viewport: {width: 1280, height: 900}, reducedMotion: 'reduce', ...options});
    context.setDefaultTimeout(PATIENCE_MS);
    const visit = new Visit(context, origins);
    await context.addInitScript(policyTell);
    await context.route(address => !visit.origins.includes(address.origin) && address.protocol.startsWith('http'), route => {
      visit.fault(`it asked ${route.request().url()}`);
      return route.abort();
    });
    context.on('page', page => visit.watch(page));
    context.on('weberror', error => visit.fault(`a script failed: ${error.error().message}`));
    return visit;
  }

  watch(page) {
    page.on('dialog', dialog => {
      this.fault(`a script ran: ${dialog.type()} ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type()))
        this.fault(`the browser says: ${message.text()} ${message.location().url}`);
    });
  }

  fault(words) {
    if (!this.expected.some(pattern => pattern.test(words)))
      this.faults.push(words);
  }

  /* What the browser says of answers that are meant to be errors. */
  expect(...patterns) {
    this.expected.push(...patterns);
  }

  page() {
    return this.context.newPage();
  }

  end() {
    return this.context.close();
  }
}

/* Elements made of what people wrote: there must be none. Each hostile text holds this mark. */
export function countMarked(page) {
  return page.locator('[data-hostile]').count();
}

/* ---- the console ---- */

export async function login(page, name, password = PASSWORD) {
  await page.goto('/login');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', {name: 'Log in'}).click();
}

export async function loggedIn(page, name) {
  await login(page, name);
  await page.locator('main h1').first().waitFor();
  await page.locator('#logout').waitFor({state: 'attached'});
}

/* When a page has all that it asked for. */
export async function settled(page) {
  await page.waitForFunction(() => {
    const main = document.querySelector('main');
    return main && main.querySelector('h1') && !document.querySelector('#starting, [aria-busy="true"]') && !main.innerText.includes('One moment …') &&
           document.querySelector('main > div')?.childElementCount > 0;
  });
}

/* #/NAME/…: by a new load of the console, so that no page stands on what another left. */
export async function open(page, hash) {
  await page.goto('about:blank');
  await page.goto(`/${hash}`);
  await settled(page);
}

/* The pages that the navigation leads to, by their hashes. */
export async function navigation(page) {
  await page.locator('nav a').first().waitFor({state: 'attached'});
  return page.locator('nav a').evaluateAll(links => links.map(link => link.getAttribute('href')));
}

/* ---- without a mouse ---- */

/* Tab until the focus is at what is looked for; at each step it must be seen where it is. */
export async function tabTo(page, selector, most = 120) {
  for (let steps = 0; steps < most; steps++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(wanted => {
      const node = document.activeElement;
      const {outlineStyle, outlineWidth} = getComputedStyle(node);
      return {is: node.matches(wanted), isShown: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0, name: node.outerHTML.slice(0, 120)};
    }, selector);
    if (!at.isShown && !at.name.startsWith('<body'))
      throw new Broken(`the focus can't be seen at ${at.name}`);
    if (at.is)
      return;
  }
  throw new Broken(`Tab doesn't come to ${selector}`);
}

export function focusIs(page, selector) {
  return until(`the focus is at ${selector}`, () => page.evaluate(wanted => document.activeElement?.matches(wanted), selector));
}

/* ---- sizes ---- */

/* What is wider than the window, or null. */
export function tooWide(page) {
  return page.evaluate(() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth)
      return null;
    const nodes = [...document.querySelectorAll('body *')].filter(node => !node.closest('thead, .unseen') && node.getBoundingClientRect().right > root.clientWidth + 1);
    return `${root.scrollWidth} > ${root.clientWidth}: ${nodes.slice(0, 3).map(node => node.outerHTML.slice(0, 100)).join(' … ')}`;
  });
}
