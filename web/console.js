/* The console's frame: who is logged in, the navigation, and which page is shown. */
import {get, hasRole, request, session, sessionRead} from './api.js';
import {append, button, dialogOpen, el, refill, say, trouble} from './dom.js';
import {keysAdd, keysHelp, keysStart} from './keys.js';
import {liveStart, newsWatch, statusFollow} from './live.js';
import {GROUPS, PAGES} from './pages.js';
import {go, routeTo, routerStart} from './router.js';
import {when, zoneName} from './time.js';

const WARN_MS = 150000; /* before a session ends by itself */
const CHECK_MS = 30000;
const RETURN_TO = 'assent.return';

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const menu = document.getElementById('menu');

function mayOpen(page) {
  return hasRole(...page.roles);
}

/* ---- the session ---- */

/* Where the reader was is kept, for after the login. */
function loginAgain() {
  sessionStorage.setItem(RETURN_TO, location.hash);
  location.assign('/login');
}

/* True: the session is over. Else somebody who walks away has to know that it isn't. */
async function sessionEnd(again) {
  try {
    await request('POST', '/logout', {redirect: 'manual'}); /* the answer is a way to elsewhere, which a script isn't shown */
    return true;
  } catch (problem) {
    if (problem.status === 401)
      return true;
    const dialog = dialogOpen('You are still logged in', trouble(problem, () => {
      dialog.close();
      again();
    }), el('p', {class: 'buttons'}, button('Close', () => dialog.close(), {class: 'quiet'})));
    return false;
  }
}

async function logout() {
  if (await sessionEnd(logout))
    location.assign('/login');
}

/* A session has its end, and as long as it lasts the login leads back to it. */
async function loginAnew() {
  if (await sessionEnd(loginAnew))
    loginAgain();
}

let warning = null;

async function stay() {
  await get('/v1/status').catch(() => {});
  await sessionRead().catch(() => {});
  warning.close();
}

function warn({leftMs, idleLeftMs}) {
  const canStay = idleLeftMs < leftMs;
  const end = new Date(Date.now() + Math.min(leftMs, idleLeftMs)).toISOString();
  warning = dialogOpen('You will be logged out', el('p', {}, 'At ', when(end), canStay ? ', since nothing was asked for in a while.' : ', since a session has its end. Log in again to go on.'),
    el('p', {class: 'buttons'}, canStay ? button('Stay logged in', stay) : button('Log in again', loginAnew), button('Close', () => warning.close(), {class: 'quiet'})));
}

function sessionWatch() {
  setInterval(async () => {
    const current = await sessionRead().catch(() => null);
    if (current && Math.min(current.leftMs, current.idleLeftMs) < WARN_MS && !warning?.open)
      warn(current);
  }, CHECK_MS);
}

/* ---- the frame ---- */

function navFill() {
  for (const group of GROUPS) {
    const rows = PAGES.filter(page => page.group === group && mayOpen(page));
    if (rows.length > 0)
      append(nav, el('h2', {id: `nav-${group}`}, group), el('ul', {'aria-labelledby': `nav-${group}`}, rows.map(page =>
        el('li', {}, el('a', {href: routeTo(page.name), id: `nav-${page.name}`}, page.title)))));
  }
  append(nav, el('div', {class: 'account'},
    el('p', {}, session().account, el('br'), el('small', {}, session().roles.join(', '))),
    el('p', {class: 'buttons'}, button('Keyboard', keysHelp, {class: 'quiet', id: 'keyboard'}), button('Log out', logout, {class: 'quiet', id: 'logout'})),
    el('p', {}, el('small', {}, `Times are those of ${zoneName()}.`))));
}

function navMark(name) {
  for (const link of nav.querySelectorAll('a'))
    if (link.id === `nav-${name}`)
      link.setAttribute('aria-current', 'page');
    else
      link.removeAttribute('aria-current');
}

const COUNTED = 100;

/* How many texts are to be read, beside the link to them. */
function reviewsCountStart() {
  const link = document.getElementById('nav-reviews');
  if (!link)
    return;
  const mark = append(link, ' ', el('span', {class: 'count'})).lastChild;
  const count = async () => {
    const page = await get('/v1/reviews', {status: 'open', limit: COUNTED});
    const text = page.items.length === 0 ? '' : `${page.items.length}${page.after ? '+' : ''}`;
    refill(mark, text, text && el('span', {class: 'unseen'}, ' to be read'));
    return text;
  };
  const watch = newsWatch(new AbortController().signal, count, () => {});
  document.addEventListener('review-decided', watch.mark);
  watch.mark();
}

function menuTurn(isOpen) {
  menu.setAttribute('aria-expanded', String(isOpen));
  document.body.classList.toggle('menu-open', isOpen);
}

function liveShow() {
  const mark = document.getElementById('live');
  document.addEventListener('live', ({detail}) => {
    const text = {on: 'Live', again: 'Connecting again …', off: 'Not live'}[detail];
    mark.hidden = false;
    mark.className = `live ${detail}`;
    mark.textContent = text;
  });
}

/* What nobody may overlook, whichever page is shown. */
function alarmShow(status) {
  const box = document.getElementById('alarm');
  const isBroken = status.ledger.whole === false;
  if (isBroken === box.hidden)
    refill(box, isBroken && ['The ledger was changed: its chain is broken. ', hasRole('compliance') && el('a', {href: routeTo('ledger')}, 'Look at it')]);
  box.hidden = !isBroken;
}

/* ---- pages ---- */

/* Where the reader begins: with the pages of the own work. */
function homeOf() {
  const group = hasRole('compliance') ? 'Compliance' : 'Operation';
  const rows = PAGES.filter(row => row.group !== null && mayOpen(row));
  return rows.find(row => row.group === group) ?? rows[0];
}

function pageOf(name) {
  return PAGES.find(page => page.name === name);
}

function fail(problem) {
  refill(main, el('h1', {tabindex: -1}, 'That didn’t work'), trouble(problem, () => location.reload()));
}

/* What was asked on the page before has no answer on this one. */
function dialogsClose() {
  for (const dialog of document.querySelectorAll('dialog[open]'))
    if (dialog !== warning)
      dialog.close();
}

/* The first page shown leaves the focus where the browser put it; then it goes to the new page's heading. */
let isFirst = true;

async function show(route, signal) {
  const page = pageOf(route.name);
  if (page === undefined || !mayOpen(page)) {
    location.replace(routeTo(homeOf().name));
    return;
  }
  menuTurn(false);
  dialogsClose();
  navMark(page.name);
  const titleSet = text => {
    document.title = `${text} – Assent`;
    const heading = main.querySelector('h1');
    if (heading)
      heading.textContent = text;
  };
  try {
    const module = await page.load();
    if (signal.aborted)
      return;
    const heading = el('h1', {tabindex: -1}, page.title);
    const inside = el('div', {id: `page-${page.name}`});
    refill(main, heading, inside);
    titleSet(page.title);
    if (!isFirst)
      heading.focus();
    isFirst = false;
    scrollTo(0, 0);
    await module.show({main: inside, route, signal, titleSet});
  } catch (problem) {
    if (problem.name !== 'AbortError' && !signal.aborted)
      fail(problem);
  }
}

function findStart() {
  const form = document.getElementById('find');
  form.hidden = !mayOpen(pageOf('person'));
  form.addEventListener('submit', event => {
    event.preventDefault();
    go('person', form.elements.number.value.trim());
    form.reset();
  });
}

function shortcutsStart() {
  keysAdd({
    '?': {what: 'Shows this list', run: keysHelp},
    '/': {what: 'Goes to the search for a phone number', run: () => document.getElementById('find-number').focus()},
  });
  keysStart();
}

/* On paper everything is open. */
function printStart() {
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...main.querySelectorAll('details:not([open])')];
    opened.forEach(node => { node.open = true; });
  });
  addEventListener('afterprint', () => opened.forEach(node => { node.open = false; }));
}

async function start() {
  try {
    await sessionRead();
  } catch (problem) {
    if (problem.status !== 401)
      fail(problem);
    return;
  }
  if (!PAGES.some(page => page.group !== null && mayOpen(page))) {
    fail({title: 'There is nothing for this account here', detail: 'The console is for accounts of the roles compliance and admin.'});
    return;
  }
  navFill();
  findStart();
  shortcutsStart();
  sessionWatch();
  liveShow();
  liveStart();
  reviewsCountStart();
  menu.addEventListener('click', () => menuTurn(menu.getAttribute('aria-expanded') !== 'true'));
  document.getElementById('skip').addEventListener('click', event => {
    event.preventDefault();
    main.focus();
  });
  printStart();
  const back = sessionStorage.getItem(RETURN_TO);
  sessionStorage.removeItem(RETURN_TO);
  if (back && location.hash.length < 3)
    history.replaceState(null, '', back);
  statusFollow(new AbortController().signal, alarmShow);
  routerStart(show);
}

document.addEventListener('session-over', loginAgain, {once: true});
start();
