/* Elements, made one by one. What people wrote becomes text nodes and nothing else: no page has another way to make an element,
 * and no attribute that runs anything gets through here. tools/check-web holds all files to that. */

const SVG = 'http://www.w3.org/2000/svg';

/* An address of ours, or one of the web. Of a stranger's addresses only the latter are links. */
export function isWebAddress(text) {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function isAddress(text) {
  return text.startsWith('#') || /^\/(?![/\\])/.test(text) || text.startsWith('blob:') || isWebAddress(text);
}

function attributeSet(node, name, value) {
  if (/^on|^style$|^srcdoc$/i.test(name))
    throw new Error(`an element can't have the attribute ${name}`);
  if (['href', 'src', 'action', 'formaction'].includes(name) && !isAddress(String(value)))
    throw new Error(`${name} is no address that may be opened`);
  node.setAttribute(name, value === true ? '' : String(value));
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === 'on')
      for (const [event, listener] of Object.entries(value))
        node.addEventListener(event, listener);
    else if (value !== undefined && value !== null && value !== false)
      attributeSet(node, name, value);
  }
  append(node, children);
  return node;
}

/* Children are nodes, lists of them, or values that become text; null, undefined and false are none. */
export function append(node, ...children) {
  for (const child of children.flat(Infinity))
    if (child !== null && child !== undefined && child !== false)
      node.append(child instanceof Node ? child : String(child));
  return node;
}

/* el('p', {class: 'note', on: {click: go}}, 'text', el('b', {}, 'more')) */
export function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/* Puts children in the place of what was there. */
export function refill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

export function button(text, run, attributes) {
  return el('button', {type: 'button', ...attributes, on: {click: run}}, text);
}

/* An address that somebody gave us: a link where it is one of the web, else text. */
export function linkOut(address, text) {
  if (!isWebAddress(address))
    return el('span', {class: 'text'}, text ?? address);
  return el('a', {href: address, rel: 'noopener noreferrer', target: '_blank', class: 'text'}, text ?? address,
            el('span', {class: 'unseen'}, ' (opens in a new tab)'));
}

/* What a person wrote, with its line breaks, in its own direction. */
export function words(text) {
  return el('bdi', {class: 'text'}, text);
}

/* A state, by its word and a shape that doesn't need colours. Tones: good, bad, wait, plain. */
export function badge(text, tone = 'plain') {
  const shape = {good: '●', bad: '■', wait: '◆', plain: '○'}[tone];
  return el('span', {class: `badge ${tone}`}, el('span', {'aria-hidden': 'true'}, shape), ' ', text);
}

/* Pairs of a name and what stands there; what is null or empty is left out. */
export function facts(pairs, attributes) {
  const list = el('dl', {class: 'facts', ...attributes});
  for (const [name, value] of pairs)
    if (value !== null && value !== undefined && value !== '')
      append(list, el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  return list;
}

/* News for people who don't see the page: one sentence, said politely. */
export function say(sentence) {
  const region = document.getElementById('news');
  region.textContent = '';
  setTimeout(() => { region.textContent = sentence; }, 50);
}

/* What went wrong, what to do, and a way to try again. */
export function trouble(problem, again) {
  return el('div', {class: 'notice bad', role: 'alert'},
            el('p', {}, el('strong', {}, problem.title ?? 'Something went wrong')),
            el('p', {class: 'text'}, problem.detail ?? String(problem)),
            again && el('p', {}, button('Try again', again)));
}

/* Nothing is here: why, and what to do next. */
export function nothing(sentence, ...more) {
  return el('div', {class: 'notice empty'}, el('p', {}, sentence), more);
}

let fieldCount = 0;

/* A control with its label, and a hint where it has one. */
export function field(label, control, hint) {
  control.id ||= `field-${++fieldCount}`;
  const help = hint && el('small', {id: `${control.id}-hint`}, hint);
  if (help)
    control.setAttribute('aria-describedby', help.id);
  return el('div', {class: 'field'}, el('label', {for: control.id}, label), control, help);
}

export function select(attributes, options, chosen) {
  return el('select', attributes, options.map(([value, text]) =>
    el('option', {value, selected: value === (chosen ?? '')}, text)));
}

let dialogCount = 0;

/* A dialog that is there until it is closed; the browser keeps the focus in it and gives it back. One may open over another. */
export function dialogOpen(title, ...children) {
  const heading = el('h2', {id: `dialog-${++dialogCount}`}, title);
  const dialog = el('dialog', {'aria-labelledby': heading.id}, heading, children);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
