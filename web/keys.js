/* Shortcuts of one key. They rest while somebody types or a dialog is open, can be turned off (WCAG 2.1.4), and ? shows them. */
import {dialogOpen, el} from './dom.js';

const STORED = 'assent.keys';
const shortcuts = new Map();

export function keysAreOn() {
  return localStorage.getItem(STORED) !== 'off';
}

function keysTurn(isOn) {
  localStorage.setItem(STORED, isOn ? 'on' : 'off');
}

/* {key: {what: 'sentence', run}}; until the signal ends. */
export function keysAdd(rows, signal) {
  for (const [key, row] of Object.entries(rows))
    shortcuts.set(key, row);
  signal?.addEventListener('abort', () => {
    for (const [key, row] of Object.entries(rows))
      if (shortcuts.get(key) === row)
        shortcuts.delete(key);
  }, {once: true});
}

function isTyping(node) {
  return node instanceof Element && node.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null;
}

function keyName(key) {
  return {ArrowDown: '↓', ArrowUp: '↑'}[key] ?? key;
}

export function keysHelp() {
  const box = el('input', {type: 'checkbox', id: 'keys-on', on: {change: () => keysTurn(box.checked)}});
  box.checked = keysAreOn();
  const dialog = dialogOpen('Keyboard',
    el('p', {}, box, ' ', el('label', {for: box.id}, 'Shortcuts of one key are on')),
    el('table', {}, el('caption', {}, 'Shortcuts on this page'),
       el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'Key'), el('th', {scope: 'col'}, 'What it does'))),
       el('tbody', {}, [...shortcuts].map(([key, {what}]) =>
         el('tr', {}, el('th', {scope: 'row'}, el('kbd', {}, keyName(key))), el('td', {}, what))))),
    el('p', {class: 'quiet'}, 'Everything can be reached with Tab and opened with Enter as well.'),
    el('form', {method: 'dialog'}, el('button', {type: 'submit'}, 'Close')));
  return dialog;
}

export function keysStart() {
  document.addEventListener('keydown', event => {
    const row = shortcuts.get(event.key);
    if (!row || !keysAreOn() || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented)
      return;
    if (isTyping(event.target) || document.querySelector('dialog[open]'))
      return;
    event.preventDefault();
    row.run(event);
  });
}
