/* Exports as CSV: read through the API page by page, for spreadsheets. A spreadsheet runs what begins with = + - or @, whoever wrote
 * it; such cells get an apostrophe in front, by which spreadsheets know a text. A plain phone number runs nothing and stays. */
import {pages} from './api.js';
import {button, el, refill, say} from './dom.js';

const RUNS = /^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;
const IS_PHONE = /^\+[0-9]{1,15}$/;

export function csvCell(value) {
  if (value === null || value === undefined)
    return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isSafe = typeof value === 'number' || IS_PHONE.test(text) || !RUNS.test(text);
  const cell = isSafe ? text : `'${text}`;
  return /[",\r\n\t;]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;
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

async function exportAll({path, query, columns}, signal, progress) {
  const parts = ['\uFEFF', csvLine(columns)]; /* by the mark Excel knows UTF-8 */
  let count = 0;
  for await (const items of pages(path, query, signal)) {
    parts.push(items.map(item => csvLine(columns.map(name => item[name]))).join(''));
    count += items.length;
    progress(count);
  }
  return {parts, count};
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
      idle(`${whole.count.toLocaleString('en')} rows saved.`);
      say(`${whole.count} rows saved as CSV.`);
    } catch (problem) {
      idle(problem.name === 'AbortError' ? 'Stopped; nothing was saved.' : `Nothing was saved. ${problem.title}: ${problem.detail}`);
      say('Nothing was saved.');
    }
    box.firstChild.focus();
  }
  idle();
  return box;
}
