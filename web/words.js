/* The API's words as people say them. */
import {badge} from './dom.js';

const STATES = {
  opted_in: ['Opted in', 'good'],
  opted_out: ['Opted out', 'bad'],
  not_eligible: ['Not eligible', 'plain'],
  awaiting_confirmation: ['Awaiting confirmation', 'wait'],
  expired: ['Expired', 'bad'],
  suppressed: ['Suppressed', 'bad'],
  unknown: ['Unknown', 'plain'],
};

const REVIEWS = {
  open: ['Open', 'wait'],
  opt_out: ['Meant STOP', 'bad'],
  none: ['Not a STOP', 'good'],
  overdue: ['Overdue: counts as STOP', 'bad'],
};

const MESSAGES = {
  delivered: 'good', sent: 'good', failed: 'bad', blocked: 'bad', expired: 'bad', unknown: 'wait', held: 'wait', scheduled: 'wait',
  queued: 'wait', sending: 'wait', cancelled: 'plain',
};

const VERDICTS = {
  opt_out: ['Read as STOP', 'bad'],
  opt_in: ['Read as opt-in', 'good'],
  help: ['Read as HELP', 'plain'],
  review: ['In doubt', 'wait'],
  keyword: ['A keyword of the program', 'plain'],
  none: ['Nothing asked', 'plain'],
};

export const BLOCKS = {
  no_consent: 'No recorded opt-in',
  awaiting_confirmation: 'Double opt-in not completed',
  opted_out: 'Opted out',
  consent_expired: 'Consent expired',
  suppressed: 'Suppressed',
  frequency_cap: 'More than promised',
  quiet_hours: 'Quiet hours',
  sender_not_allowed: 'Sender not allowed',
};

export const CHANNELS = [['call', 'Phone call'], ['email', 'E-mail'], ['web', 'Web form'], ['letter', 'Letter'], ['sms', 'Text to another number'],
                         ['other', 'Another way']];

const known = (rows, word) => badge(...(rows[word] ?? [spaced(word), 'plain']));

/* first_name → First name */
export function spaced(word) {
  const text = String(word).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const stateBadge = word => known(STATES, word);
export const reviewBadge = word => known(REVIEWS, word);
export const verdictBadge = word => known(VERDICTS, word);
export const messageBadge = word => badge(spaced(word), MESSAGES[word] ?? 'plain');
export const blockBadge = code => badge(BLOCKS[code] ?? spaced(code ?? 'blocked'), 'bad');
export const stateOptions = () => Object.entries(STATES).map(([word, [text]]) => [word, text]);
export const reviewOptions = () => Object.entries(REVIEWS).map(([word, [text]]) => [word, text]);

export function plural(count, one, many) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
