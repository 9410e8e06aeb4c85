/* Times: those of the API are UTC; people read them in their own zone, with UTC in the title. */
import {el} from './dom.js';

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit'});
const dayFormat = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', year: 'numeric'});
const zoneFormat = new Intl.DateTimeFormat('en-GB', {timeZoneName: 'short'});
const agoFormat = new Intl.RelativeTimeFormat('en', {numeric: 'always'});

/* As in "Europe/Berlin (GMT+1)". */
export function zoneName() {
  const short = zoneFormat.formatToParts(new Date()).find(part => part.type === 'timeZoneName').value;
  const {timeZone} = clockFormat.resolvedOptions();
  return timeZone === short ? short : `${timeZone} (${short})`;
}

export function utcText(text) {
  return `${text.slice(0, 10)} ${text.slice(11, 23).replace('Z', '')} UTC`;
}

function isTime(text) {
  return typeof text === 'string' && !Number.isNaN(Date.parse(text));
}

function timeElement(text, shown) {
  return el('time', {datetime: text, title: utcText(new Date(text).toISOString())}, shown);
}

/* "28 Nov 2026, 15:07:33". What is no time is shown as it is; null as a dash. */
export function when(text) {
  return isTime(text) ? timeElement(text, clockFormat.format(new Date(text))) : text ?? '–';
}

export function day(text) {
  return isTime(text) ? timeElement(text, dayFormat.format(new Date(text))) : text ?? '–';
}

/* "28 Nov 2026", of UTC. */
export function utcDay(text) {
  return new Date(text).toLocaleDateString('en-GB', {day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'});
}

/* Both zones, for what is evidence. */
export function whenExactly(text) {
  return isTime(text) ? el('span', {}, when(text), ` (${utcText(new Date(text).toISOString())})`) : text ?? '–';
}

/* "in 3 days", "5 minutes ago". */
export function agoText(text, now = Date.now()) {
  const seconds = Math.round((Date.parse(text) - now) / 1000);
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]].find(
    ([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return agoFormat.format(Math.trunc(seconds / size), unit);
}

export function ago(text) {
  return isTime(text) ? timeElement(text, agoText(text)) : text ?? '–';
}

/* Of an input of type datetime-local, which is in the viewer's zone, and back. */
export function fromLocal(text) {
  return text === '' ? '' : new Date(text).toISOString();
}

export function toLocal(text) {
  if (!isTime(text))
    return '';
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
