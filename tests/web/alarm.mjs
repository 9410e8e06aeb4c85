/* What stands still is read out once, when it begins to: not again each second because it has stood for longer. */
import {browserStart, loggedIn, settled, Visit} from './lib/browser.mjs';
import {DOUBLE, PROGRAM, SENDER, world} from './lib/gateway.mjs';
import {claim, prove, until} from './lib/proof.mjs';

const LINE = {lane: 'messages', program: PROGRAM, sender: SENDER, route: null, hold: 'window', still_s: 61};

/* What a screen reader would be told of: each text that came into an alert. */
function alertsTell() {
  window.said = [];
  new MutationObserver(changes => {
    for (const {target, addedNodes} of changes)
      for (const node of addedNodes) {
        const alert = (node.nodeType === 1 ? node : target).closest('[role=alert]') ?? (node.nodeType === 1 ? node.querySelector('[role=alert]') : null);
        if (alert)
          window.said.push(alert.contains(node) ? node.textContent : alert.textContent);
      }
  }).observe(document, {childList: true, subtree: true, characterData: true});
}

prove(async () => {
  const {gateway} = await world();
  const visit = await Visit.begin(await browserStart(), gateway.url);
  const page = await visit.page();
  const status = await gateway.get('/v1/status');
  let stuck = [];
  await page.route('**/v1/status/events', route => route.fulfill({contentType: 'text/event-stream', body: `retry: 50\nevent: status\ndata: ${JSON.stringify({...status, stuck})}\n\n`}));
  await loggedIn(page, 'operator');
  await page.goto('/#/status');
  await settled(page);
  await page.evaluate(alertsTell);
  const main = page.locator('main'), said = () => page.evaluate(() => window.said);
  const shows = text => until(`it shows ${text}`, async () => (await main.innerText()).includes(text));

  stuck = [LINE];
  await shows('For 1 min.');
  claim('a line that stands still is read out', (await said()).length === 1 && (await said())[0].includes(PROGRAM) && (await said())[0].includes('Window full'), await said());
  for (const still_s of [120, 180, 240]) {
    stuck = [{...LINE, still_s}];
    await shows(`For ${still_s / 60} min.`);
  }
  claim('that it has stood for longer is shown, and not read out again', (await said()).length === 1, await said());
  stuck = [{...LINE, still_s: 300}, {...LINE, program: DOUBLE, still_s: 60}];
  await shows('For 5 min, the longest of them.');
  claim('of two the new one alone is read out', (await said()).length === 2 && (await said())[1].includes(DOUBLE) && !(await said())[1].includes(PROGRAM), await said());
  stuck = [];
  await until('nothing is stuck', async () => await main.locator('[role=alert]').count() === 0);
  stuck = [LINE];
  await shows('For 1 min.');
  claim('what moved meanwhile and stands still again is read out again', (await said()).length === 3, await said());
  claim('nothing was complained of, nothing else asked, and nothing ran', visit.faults.length === 0, visit.faults);
});
