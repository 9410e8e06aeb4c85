/* Opt-ins and opt-outs over time, and what was refused. */
import {get} from './api.js';
import {el, facts, nothing, refill, trouble} from './dom.js';
import {chartOf} from './chart.js';
import {filterForm} from './filters.js';
import {programOptions} from './record.js';
import {querySet} from './router.js';
import {utcDay, when} from './time.js';
import {BLOCKS, plural} from './words.js';

const STEPS = [['', 'By day'], ['hour', 'By hour']];

const FILTERS = () => [
  {name: 'program', label: 'Program', options: programOptions()},
  {name: 'since', label: 'From', type: 'time'},
  {name: 'until', label: 'Before', type: 'time'},
  {name: 'step', label: 'Steps', options: STEPS},
];

const sum = values => values.reduce((total, value) => total + value, 0);

function consentChart({items, step}) {
  const ins = items.map(item => item.opt_ins), outs = items.map(item => item.opt_outs);
  return {
    title: 'Opt-ins and opt-outs', kind: 'bars', isOfDays: step === 'day', times: items.map(item => item.at),
    sentence: `${plural(sum(ins), 'opt-in', 'opt-ins')} above the line and ${plural(sum(outs), 'opt-out', 'opt-outs')} below it, in ${items.length} steps.`,
    series: [{name: 'Opt-ins', values: ins, mark: 1}, {name: 'Opt-outs', values: outs, mark: 2, below: true}],
  };
}

function blockChart({items, step}) {
  const codes = Object.keys(BLOCKS).filter(code => items.some(item => item.blocks[code] > 0));
  const total = sum(items.flatMap(item => Object.values(item.blocks)));
  return {
    title: 'Blocked messages by reason', kind: 'bars', isOfDays: step === 'day', times: items.map(item => item.at), sentence: `${plural(total, 'message', 'messages')} blocked, in ${items.length} steps.`,
    series: codes.map((code, index) => ({name: BLOCKS[code], values: items.map(item => item.blocks[code] ?? 0), mark: index % 6 + 1})),
  };
}

function timeText(first, last, step) {
  return step === 'day' ? `${utcDay(first)} to ${utcDay(last)}, by days of UTC` : el('span', {}, when(first), ' to ', when(last));
}

function sums({items, step}) {
  const ins = sum(items.map(item => item.opt_ins)), outs = sum(items.map(item => item.opt_outs));
  return el('div', {class: 'card'}, facts([
    ['Time', timeText(items[0].at, items.at(-1).at, step)], ['Opt-ins', ins.toLocaleString('en')], ['Opt-outs', outs.toLocaleString('en')],
    ['Blocked messages', sum(items.flatMap(item => Object.values(item.blocks))).toLocaleString('en')]]));
}

export async function show({main, route, signal}) {
  const body = el('div', {class: 'charts'});
  async function reload() {
    body.setAttribute('aria-busy', 'true');
    try {
      const activity = await get('/v1/activity', route.query, signal);
      const blocked = blockChart(activity);
      refill(body, activity.items.length === 0 ? nothing('There is no step in this time. Choose a longer one.') : [
        sums(activity), chartOf(consentChart(activity), signal).node,
        blocked.series.length === 0 ? nothing('Nothing was blocked in this time.') : chartOf(blocked, signal).node]);
    } catch (problem) {
      if (problem.name !== 'AbortError')
        refill(body, trouble(problem, reload));
    }
    body.removeAttribute('aria-busy');
  }
  const form = filterForm(FILTERS(), route.query, query => {
    querySet(route, query);
    reload();
  });
  refill(main, form, body);
  await reload();
}
