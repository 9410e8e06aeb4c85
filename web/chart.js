/* Charts as inline SVG, drawn anew for the width that they get. Series are told apart by pattern as well as by colour, and the same
 * figures stand below as a table, which is what a screen reader and a keyboard get. */
import {el, refill, svg} from './dom.js';
import {table} from './table.js';
import {utcDay, when} from './time.js';

const HEIGHT = 240;
const EDGE = {left: 56, right: 12, top: 10, bottom: 26};
const LABEL_WIDTH = 110;

/* The next of 1, 2, 5, 10, 20 … above it, so that axes have round numbers. */
export function roundUp(value) {
  if (!(value > 0))
    return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find(step => step * size >= value) * size;
}

/* Round numbers from low to high, about four of them on each side of nought. */
export function ticksOf(low, high) {
  const step = roundUp((high - low) / 5);
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step)
    ticks.push(Number(at.toPrecision(12)));
  return ticks;
}

export function shortNumber(value) {
  return new Intl.NumberFormat('en', {notation: Math.abs(value) >= 10000 ? 'compact' : 'standard', maximumFractionDigits: 2}).format(value);
}

/* Days are those of UTC, whoever looks; what is shorter is in the viewer's zone. */
function labelFormat({times, isOfDays}) {
  const span = Date.parse(times.at(-1)) - Date.parse(times[0]);
  const isLong = isOfDays || span > 2 * 86400000;
  const format = new Intl.DateTimeFormat('en-GB', {...(isLong ? {day: 'numeric', month: 'short'} : {hour: '2-digit', minute: '2-digit'}), ...(isOfDays && {timeZone: 'UTC'})});
  return time => format.format(new Date(time));
}

/* Where things are: x of a bin's left edge, y of a value. */
function scales(width, count, low, high) {
  const inner = {width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom};
  return {
    step: inner.width / count,
    x: index => EDGE.left + index * inner.width / count,
    y: value => EDGE.top + inner.height * (high - value) / (high - low),
  };
}

function frameOf(chart, at, width, low, high) {
  const {times, unit = ''} = chart;
  const label = labelFormat(chart);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / at.step));
  const lines = ticksOf(low, high).map(value => [
    svg('line', {class: value === 0 ? 'axis' : 'grid', x1: EDGE.left, x2: width - EDGE.right, y1: at.y(value), y2: at.y(value)}),
    svg('text', {x: EDGE.left - 8, y: at.y(value) + 4, 'text-anchor': 'end'}, shortNumber(Math.abs(value)) + unit)]);
  const labels = times.map((time, index) => index % every === 0 &&
    svg('text', {x: at.x(index), y: HEIGHT - 6}, label(time)));
  return [lines, labels];
}

/* What a pointer sees of a bin. */
function cursors(chart, at) {
  const {times, series, unit = ''} = chart;
  return times.map((time, index) => svg('rect', {class: 'cursor', x: at.x(index), width: at.step, y: EDGE.top, height: HEIGHT - EDGE.top - EDGE.bottom},
    svg('title', {}, [chart.isOfDays ? utcDay(time) : new Date(time).toLocaleString('en-GB'), ...series.map(({name, values}) =>
      `${name}: ${values[index] === null ? 'none' : values[index].toLocaleString('en')}${values[index] === null ? '' : unit}`)].join('\n'))));
}

let patternCount = 0;
const ANGLES = {2: 45, 3: 0, 4: -45, 5: 90}; /* of a hatch; the others are solid */

/* Marks are told apart by their hatch too, for whom colours are one. */
function paintOf(mark, defs) {
  if (ANGLES[mark] === undefined)
    return {class: `fill mark-${mark}`};
  const id = `hatch-${++patternCount}`;
  defs.append(svg('pattern', {id, width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${ANGLES[mark]})`},
                  svg('line', {class: `hatch mark-${mark}`, x1: 0, y1: 0, x2: 0, y2: 5})));
  return {class: `outline mark-${mark}`, fill: `url(#${id})`, hatch: true};
}

function barOf(paint, x, y, width, height) {
  const {hatch, fill, ...rest} = paint;
  const box = {x, y, width, height};
  return hatch ? [svg('rect', {...box, fill}), svg('rect', {...box, ...rest})] : svg('rect', {...box, ...rest});
}

/* Bars on each other; series with `below` grow downwards. */
function drawBars(chart, at, defs) {
  const paints = chart.series.map((row, index) => paintOf(row.mark ?? index + 1, defs));
  const width = Math.max(1, at.step - Math.min(3, at.step * 0.25));
  return chart.times.map((_, bin) => {
    let up = 0, down = 0;
    return chart.series.map(({values, below}, index) => {
      const value = values[bin] ?? 0;
      if (value === 0)
        return null;
      const from = below ? down : up;
      const to = from + (below ? -value : value);
      if (below)
        down = to;
      else
        up = to;
      const top = at.y(Math.max(from, to));
      return barOf(paints[index], at.x(bin), top, width, Math.max(1, at.y(Math.min(from, to)) - top));
    });
  });
}

/* A line a series; it is broken where a value is null. One between two of those is a dash of its own, or nothing would be seen of it. */
function drawLines(chart, at) {
  return chart.series.map(({values, mark}, index) => {
    const isThere = bin => values[bin] !== null && values[bin] !== undefined;
    const path = values.map((value, bin) => {
      if (!isThere(bin))
        return '';
      const pen = isThere(bin - 1) ? 'L' : 'M', dash = isThere(bin - 1) || isThere(bin + 1) ? '' : 'm-2 0h4';
      return `${pen}${(at.x(bin) + at.step / 2).toFixed(1)} ${at.y(value).toFixed(1)}${dash}`;
    }).join('');
    return svg('path', {class: `line mark-${mark ?? index + 1}`, d: path || 'M0 0'});
  });
}

function sums(chart, below) {
  return chart.times.map((_, bin) => chart.series.filter(row => Boolean(row.below) === below).reduce((sum, {values}) => sum + (values[bin] ?? 0), 0));
}

/* Nought is always in it: a cut axis exaggerates. */
function boundsOf(chart) {
  if (chart.kind === 'lines')
    return {low: 0, high: roundUp(Math.max(0, ...chart.series.flatMap(({values}) => values.map(value => value ?? 0))))};
  const down = Math.max(0, ...sums(chart, true));
  return {low: down === 0 ? 0 : -roundUp(down), high: roundUp(Math.max(0, ...sums(chart, false)))};
}

function draw(chart, width) {
  const {low, high} = boundsOf(chart);
  const at = scales(width, chart.times.length, low, high);
  const defs = svg('defs');
  const marks = chart.kind === 'lines' ? drawLines(chart, at) : drawBars(chart, at, defs);
  return svg('svg', {viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': chart.sentence}, defs, frameOf(chart, at, width, low, high), marks, cursors(chart, at));
}

function swatch(chart, mark) {
  const defs = svg('defs');
  const shape = chart.kind === 'lines' ? svg('path', {class: `line mark-${mark}`, d: 'M0 7H28'}) : barOf(paintOf(mark, defs), 1, 1, 26, 12);
  return svg('svg', {viewBox: '0 0 28 14', 'aria-hidden': 'true'}, defs, shape);
}

function legendOf(chart) {
  return el('ul', {class: 'legend'}, chart.series.map(({name, mark}, index) => el('li', {}, swatch(chart, mark ?? index + 1), name)));
}

function figuresOf(chart) {
  const {unit = '', series, times} = chart;
  const columns = [{title: chart.isOfDays ? 'Day (UTC)' : 'From', kind: 'time', cell: bin => (chart.isOfDays ? utcDay(times[bin]) : when(times[bin]))}, ...series.map(({name, values}) => ({
    title: name, kind: 'right', cell: bin => values[bin] === null ? '–' : `${values[bin].toLocaleString('en')}${unit}`}))];
  return table({caption: chart.title, columns, items: times.map((_, bin) => bin)});
}

/* {title, sentence: what it shows, in words, times: [RFC 3339], series: [{name, values, mark: 1 to 6, below}], unit, isOfDays: each time
 * is a day of UTC, kind: 'bars' or 'lines'}. Gives a figure; update(chart) draws it with other figures. */
export function chartOf(first, signal) {
  let chart = first;
  const plot = el('div', {class: 'plot'});
  const legend = el('div');
  const figures = el('details', {}, el('summary', {}, 'The figures as a table'));
  const node = el('figure', {}, el('figcaption', {}, chart.title), legend, plot, figures);
  const redraw = () => plot.clientWidth > 0 && refill(plot, draw(chart, plot.clientWidth));
  const figuresFill = () => figures.open && refill(figures, el('summary', {}, 'The figures as a table'), el('div', {class: 'frame', tabindex: 0, role: 'region', 'aria-label': chart.title}, figuresOf(chart)));
  const observer = new ResizeObserver(redraw);
  observer.observe(plot);
  signal?.addEventListener('abort', () => observer.disconnect(), {once: true});
  figures.addEventListener('toggle', figuresFill);
  const update = next => {
    chart = next;
    refill(legend, legendOf(chart));
    redraw();
    figuresFill();
  };
  update(first);
  return {node, update};
}
