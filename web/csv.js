/* Exports as CSV: read through the API page by page, for spreadsheets. A spreadsheet runs what begins with = + - or @, whoever wrote
 * it; such cells get an apostrophe in front, by which spreadsheets know a text. A phone number runs nothing and stays. */
import {pages} from './api.js';
import {button, el, refill, say} from './dom.js';

/* src/base/csv.c has the same rule, and tests/vectors/csv-cells.json holds both to it. */
const SIGN = '[=+\\-@\uFF1D\uFF0B\uFF0D\uFF20]', BLANK = '\\u0001-\\u0020\\u00A0\\uFEFF';
const RUNS = new RegExp(`^[${BLANK}]*${SIGN}|^[\t\r\n]`);
/* Where some spreadsheets begin another cell, quoted or not. */
const RUNS_WITHIN = new RegExp(`[;\t\r\n](?=(?:(?![;\t\r\n])[${BLANK}])*${SIGN})`, 'g');
const IS_PHONE = /^ *\+[0-9 ()\-./]*$/;

export function csvCell(value) {
  if (value === null || value === undefined)
    return '';
  if (typeof value === 'number')
    return String(value);
  const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).replaceAll('\0', '');
  const cell = (RUNS.test(text) && !IS_PHONE.test(text) ? `'${text}` : text).replaceAll(RUNS_WITHIN, `$&'`);
  return /[",;\t\r\n]|^ | $/.test(text) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function csvLine(values) {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/* Gives a file to the reader's browser. */
export function fileSave(name, type, parts) {
  const address = URL.createObjectURL(new Blob(parts, {type}));
  const anchor = el('a', {href: address, download: name});
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

export function fileName(what, ending, now = new Date()) {
  return `assent-${what.replaceAll(/[^a-zA-Z0-9+-]+/g, '-')}-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.${ending}`;
}

/* So many a spreadsheet holds beside their header; more would be cut there without a word. */
export const ROWS_MOST = 1048575;

/* Each page becomes a Blob at once: those the browser keeps on its disk when they grow. {parts, count, hasRest}. */
export async function exportAll({path, query, columns}, signal, progress, most = ROWS_MOST) {
  const parts = ['\uFEFF', csvLine(columns)]; /* by the mark Excel knows UTF-8 */
  let count = 0;
  for await (const items of pages(path, query, signal)) {
    const taken = items.slice(0, most - count);
    parts.push(new Blob(taken.map(item => csvLine(columns.map(name => item[name])))));
    count += taken.length;
    progress(count);
    if (taken.length < items.length)
      return {parts, count, hasRest: true};
  }
  return {parts, count, hasRest: false};
}

/* A button that exports {what, path, query: () => filters, columns: names of the items' members}. */
export function exportButton(order, pageSignal) {
  const box = el('div', {class: 'export'});
  const idle = note => refill(box, button('Export as CSV', run, {class: 'quiet'}), note && el('span', {class: 'quiet'}, note));
  async function run() {
    const stop = new AbortController();
    const count = el('span', {class: 'quiet'}, 'Reading …');
    refill(box, button('Stop', () => stop.abort()), count);
    box.firstChild.focus();
    try {
      const whole = await exportAll({...order, query: order.query()}, AbortSignal.any([stop.signal, pageSignal]),
                                    rows => { count.textContent = `${rows.toLocaleString('en')} rows …`; });
      fileSave(fileName(order.what, 'csv'), 'text/csv;charset=utf-8', whole.parts);
      const told = `${whole.count.toLocaleString('en')} rows saved${whole.hasRest ? ', which is what a spreadsheet holds. There are more: set filters, and export them in pieces' : ''}.`;
      idle(told);
      say(told);
    } catch (problem) {
      idle(problem.name === 'AbortError' ? 'Stopped; nothing was saved.' : `Nothing was saved. ${problem.title}: ${problem.detail}`);
      say('Nothing was saved.');
    }
    box.firstChild.focus();
  }
  idle();
  return box;
}
