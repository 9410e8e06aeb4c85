/* What passed over the last hours, how long it took, what receipts said, and which peer deviates. */
import {get} from './api.js';
import {chartOf} from './chart.js';
import {badge, el, facts, nothing, refill, select, field, words} from './dom.js';
import {every} from './live.js';
import {keeper} from './order.js';
import {querySet} from './router.js';
import {table} from './table.js';
import {ago, when, whenExactly} from './time.js';
import {plural, spaced} from './words.js';

const LOOK_MS = 30000;
const SPANS = [['', 'The last hour'], ['180', 'The last 3 hours'], ['720', 'The last 12 hours'], ['2880', 'The last 2 days']];

/* ---- charts ---- */

const sumOf = values => values.reduce((sum, value) => sum + (value ?? 0), 0);

/* Of a line of the history: {title, sentence, series …} a chart. */
function chartsOf(history, line, who) {
  const times = Array.from({length: history.bins}, (_, bin) => new Date(Date.parse(history.from) + bin * history.step_s * 1000).toISOString());
  const each = history.step_s === 60 ? 'a minute' : 'in ten minutes';
  const charts = [{
    title: `Parts ${each}, ${who}`, kind: 'lines', times,
    sentence: `${plural(sumOf(line.submitted), 'part', 'parts')} submitted, ${sumOf(line.refused).toLocaleString('en')} refused, ${plural(sumOf(line.heard), 'text or receipt', 'texts and receipts')} heard.`,
    series: [{name: 'Submitted', values: line.submitted, mark: 1}, {name: 'Refused', values: line.refused, mark: 2}, {name: 'Heard', values: line.heard, mark: 5}],
  }, {
    title: `From submit to answer, ${who}`, kind: 'lines', times, unit: ' ms', sentence: slowText(line.answer_p95_ms, 'An answer'),
    series: [{name: 'Half took no longer', values: line.answer_p50_ms, mark: 1}, {name: '95 of 100 took no longer', values: line.answer_p95_ms, mark: 3}],
  }, waitChart(line, who, times)];
  if (line.handed_in)
    charts.splice(1, 0, {
      title: `Messages from senders ${each}`, kind: 'bars', times,
      sentence: `${plural(sumOf(line.handed_in), 'message', 'messages')} taken, ${sumOf(line.blocked).toLocaleString('en')} blocked.`,
      series: [{name: 'Taken', values: line.handed_in, mark: 1}, {name: 'Blocked, downwards', values: line.blocked, mark: 2, below: true}],
    });
  return charts;
}

function slowText(values, what) {
  const most = Math.max(-1, ...values.map(value => value ?? -1));
  return most < 0 ? 'Nothing was timed.' : `${what} took up to ${most.toLocaleString('en')} ms, for 95 of 100.`;
}

/* A wait may be long: then in seconds. */
function waitChart(line, who, times) {
  const isLong = Math.max(0, ...line.wait_p95_ms.map(value => value ?? 0)) > 20000;
  const scaled = values => values.map(value => (value === null || !isLong ? value : Math.round(value / 100) / 10));
  return {
    title: `From when it was due to its submit, ${who}`, kind: 'lines', times, unit: isLong ? ' s' : ' ms', sentence: slowText(line.wait_p95_ms, 'A wait'),
    series: [{name: 'Half waited no longer', values: scaled(line.wait_p50_ms), mark: 1}, {name: '95 of 100 waited no longer', values: scaled(line.wait_p95_ms), mark: 3}],
  };
}

/* ---- receipts ---- */

const percent = (count, all) => (count > 0 && count <= all ? ` (${(count * 100 / all).toLocaleString('en', {maximumFractionDigits: 1})} %)` : '');

function outcomesView(outcomes) {
  const states = [...new Set(outcomes.carriers.flatMap(({receipts}) => Object.keys(receipts)))];
  const columns = [{title: 'Carrier', kind: 'name', cell: row => words(row.name)}, {title: 'Parts taken', kind: 'right', cell: row => row.accepted.toLocaleString('en')},
    ...states.map(state => ({title: spaced(state), kind: 'right', cell: row => {
      const count = row.receipts[state] ?? 0;
      return [count.toLocaleString('en'), el('span', {class: 'quiet'}, percent(count, row.accepted))];
    }}))];
  return [el('div', {class: 'listing short'}, el('div', {class: 'frame', tabindex: 0, role: 'region', 'aria-label': 'Receipts by carrier'}, table({caption: 'Receipts by carrier and outcome', columns, items: outcomes.carriers}))),
    facts([['Since the start', whenExactly(outcomes.since)], ['Didn’t come in time', outcomes.missing.toLocaleString('en')],
      ['Fitted no message', outcomes.unmatched.toLocaleString('en')], ['Contradicted themselves', outcomes.contradicting.toLocaleString('en')]])];
}

/* ---- deviations ---- */

const deviationColumns = [
  {title: 'Peer', kind: 'name', cell: row => [badge(row.peer === 'carrier' ? 'Carrier' : 'Sender'), ' ', row.name === null ? 'logged in as nobody' : words(row.name)]},
  {title: 'What', kind: 'wide', cell: row => [words(row.what), el('div', {class: 'quiet'}, el('code', {}, row.deviation))]},
  {title: 'How often', kind: 'right', cell: row => row.count.toLocaleString('en')},
  {title: 'Last', kind: 'time', cell: row => [ago(row.last_at), el('div', {class: 'quiet'}, when(row.last_at))]},
];

function deviationsView({items}) {
  if (items.length === 0)
    return nothing('No peer did anything against the protocol since the start.');
  const rows = items.toSorted((one, other) => other.last_at.localeCompare(one.last_at));
  return el('div', {class: 'listing short'}, el('div', {class: 'frame', tabindex: 0, role: 'region', 'aria-label': 'Deviations'}, table({caption: 'Deviations by peer', columns: deviationColumns, items: rows})));
}

/* ---- the page ---- */

function choices(route, carriers, chosen) {
  const span = select({name: 'minutes'}, SPANS, route.query.minutes), carrier = select({name: 'carrier'}, [['', 'All carriers'], ...carriers.map(name => [name, name])], route.query.carrier);
  const change = () => chosen(Object.fromEntries([['minutes', span.value], ['carrier', carrier.value]].filter(([, value]) => value !== '')));
  span.addEventListener('change', change);
  carrier.addEventListener('change', change);
  return el('form', {class: 'filters', 'aria-label': 'What is shown'}, field('Time', span), field('Carrier', carrier));
}

export async function show({main, route, signal}) {
  const form = el('div'), early = el('div'), plots = el('div', {class: 'plots'}), outcomes = el('div'), deviations = el('div');
  const keepForm = keeper(form), keepOutcomes = keeper(outcomes), keepDeviations = keeper(deviations);
  let figures = [];
  refill(main, form, early, plots, el('h2', {}, 'What receipts said'), outcomes, el('h2', {}, 'Deviations from the protocol'), deviations);
  const draw = history => {
    const line = history.carriers.find(({name}) => name === route.query.carrier) ?? history.gateway;
    const charts = chartsOf(history, line, line.name ?? 'all carriers');
    if (figures.length === charts.length) {
      figures.forEach((figure, index) => figure.update(charts[index]));
      return;
    }
    figures = charts.map(chart => chartOf(chart, signal));
    refill(plots, figures.map(({node}) => node));
  };
  const load = async () => {
    const [history, said, deviated] = await Promise.all([get('/v1/status/history', {minutes: route.query.minutes}, signal), get('/v1/status/outcomes', {}, signal), get('/v1/status/deviations', {}, signal)]);
    if (signal.aborted)
      return;
    keepForm(history.carriers.map(({name}) => name), () => choices(route, history.carriers.map(({name}) => name), query => {
      querySet(route, query);
      load();
    }));
    refill(early, sumOf(history.gateway.submitted) === 0 && history.gateway.submitted.every(value => value === null) && nothing('Figures come with each minute that is over. The first one since the start isn’t yet.'));
    draw(history);
    keepOutcomes(said, () => outcomesView(said));
    keepDeviations([deviated, Math.floor(Date.now() / 60000)], () => deviationsView(deviated));
  };
  every(signal, LOOK_MS, () => load().catch(() => {}));
  await load();
}
