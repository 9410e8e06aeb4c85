/* Orders to what runs: each says what it will do, and is given once it was confirmed. */
import {post} from './api.js';
import {button, dialogOpen, el, refill, say, trouble} from './dom.js';

/* {title, sentences, yes: the button's words, isGrave, path, done: what is said afterwards, after(): once it is so}. */
export function orderAsk({title, sentences, yes, isGrave, path, body, done, after}) {
  const problem = el('div');
  const give = async () => {
    sure.disabled = true;
    try {
      await post(path, body);
      dialog.close();
      say(done);
      await after?.();
    } catch (fault) {
      refill(problem, trouble(fault));
      sure.disabled = false;
    }
  };
  const sure = button(yes, give, {class: isGrave && 'bad'});
  const dialog = dialogOpen(title, sentences.map(text => el('p', {}, text)), problem,
    el('p', {class: 'buttons'}, sure, button('Leave it', () => dialog.close(), {class: 'quiet'})));
}

/* A button that asks. */
export function orderButton(text, order, attributes) {
  return button(text, () => orderAsk(order()), {class: 'quiet', ...attributes});
}

const nameOf = node => node.getAttribute('aria-label') ?? node.textContent;

/* Whoever stood on a button, or on what scrolls, stands on the one of that name again; where there is none, on the first. */
function focusAgain(node, name) {
  const buttons = [...node.querySelectorAll('button, a, summary, select, [tabindex]')];
  (buttons.find(button => nameOf(button) === name) ?? buttons[0])?.focus({preventScroll: true});
}

/* Fills a node anew only where what it shows is another, so that nothing is lost under somebody's hands. */
export function keeper(node) {
  let shown;
  return (facts, fill) => {
    const text = JSON.stringify(facts), held = document.activeElement;
    if (text === shown)
      return;
    shown = text;
    const name = node.contains(held) ? nameOf(held) : null;
    refill(node, fill());
    if (name !== null)
      focusAgain(node, name);
  };
}
