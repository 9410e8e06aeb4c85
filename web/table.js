/* Listings: a table whose pages come from the API one by one, each row with more behind it where there is more to say. */
import {append, button, el, nothing, refill, say, trouble} from './dom.js';

/* On a narrow screen a row is shown as a card; that takes the table's meaning from some browsers, so each part says what it is. */
function headOf(columns, hasDetail) {
  return el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'},
    columns.map(({title, kind}) => el('th', {scope: 'col', role: 'columnheader', class: kind}, title)),
    hasDetail && el('th', {scope: 'col', role: 'columnheader'}, el('span', {class: 'unseen'}, 'More'))));
}

function cellOf({title, kind, cell}, item) {
  return el('td', {role: 'cell', class: kind, 'data-title': title}, el('div', {}, cell(item) ?? '–'));
}

let detailCount = 0;

/* What is behind a row is made when it is first wanted. */
function detailRow(width, detail, item) {
  const id = `detail-${++detailCount}`;
  const inside = el('div', {class: 'detail'});
  const row = el('tr', {id, role: 'row', class: 'behind', hidden: true}, el('td', {role: 'cell', colspan: width}, inside));
  const fill = async () => {
    refill(inside, el('p', {class: 'quiet'}, 'One moment …'));
    try {
      refill(inside, await detail(item));
    } catch (problem) {
      if (problem.name !== 'AbortError')
        refill(inside, trouble(problem, fill));
    }
  };
  return {id, row, fill};
}

function rowsOf({columns, detail, detailLabel}, item) {
  const row = el('tr', {role: 'row'}, columns.map(column => cellOf(column, item)));
  if (!detail)
    return [row];
  let isFilled = false;
  const behind = detailRow(columns.length + 1, detail, item);
  const toggle = () => {
    const opens = behind.row.hidden;
    behind.row.hidden = !opens;
    opener.setAttribute('aria-expanded', String(opens));
    if (opens && !isFilled)
      behind.fill();
    isFilled = true;
  };
  const [shown, unseen] = detailLabel(item);
  const opener = el('button', {type: 'button', class: 'opener', 'aria-expanded': 'false', 'aria-controls': behind.id, on: {click: toggle}},
                    shown, el('span', {class: 'unseen'}, ` ${unseen}`));
  row.append(el('td', {role: 'cell', class: 'more'}, opener));
  row.classList.add('opens');
  row.addEventListener('click', event => {
    if (event.target.closest('a, button, input') === null && String(getSelection()) === '')
      toggle();
  });
  return [row, behind.row];
}

/* A whole table of what is there already. */
export function table({caption, columns, items, ...more}) {
  return el('table', {role: 'table'}, el('caption', {}, caption), headOf(columns, more.detail),
            el('tbody', {role: 'rowgroup'}, items.map(item => rowsOf({columns, ...more}, item))));
}

/* A listing: {caption, noun: ['block', 'blocks'], columns: [{title, cell(item), kind}], load(after) → {items, after},
 * empty() → what is said where nothing is, detail(item) → what is behind a row, detailLabel(item) → [shown, for screen readers]}.
 * Gives {node, reload}. */
export function listing(options) {
  const {caption, noun, columns, load, empty, detail} = options;
  let after, count = 0, turn = 0;
  const body = el('tbody', {role: 'rowgroup'});
  const grid = el('table', {role: 'table'}, el('caption', {}, caption), headOf(columns, detail), body);
  const frame = el('div', {class: 'frame', role: 'region', 'aria-label': caption, tabindex: 0}, grid);
  const foot = el('div', {class: 'foot'});
  const node = el('div', {class: 'listing'}, frame, foot);

  const countText = () => `${count.toLocaleString('en')} ${noun[count === 1 ? 0 : 1]}`;

  function footFill() {
    const sentence = el('p', {class: 'quiet', tabindex: -1}, after ? `${countText()} shown; there are more.` : `${countText()}, and no more.`);
    refill(foot, sentence, after && button('Show more', more, {class: 'show-more'}));
    return sentence;
  }

  async function fetchInto(mine, isFirst) {
    node.setAttribute('aria-busy', 'true');
    try {
      const page = await load(isFirst ? undefined : after);
      if (mine !== turn)
        return false;
      if (isFirst)
        body.replaceChildren();
      count = (isFirst ? 0 : count) + page.items.length;
      after = page.after ?? undefined;
      append(body, page.items.map(item => rowsOf(options, item)));
      return true;
    } catch (problem) {
      if (mine === turn && problem.name !== 'AbortError') {
        frame.hidden ||= isFirst; /* what was there doesn't answer the new question */
        refill(foot, trouble(problem, isFirst ? reload : more));
      }
      return false;
    } finally {
      if (mine === turn)
        node.removeAttribute('aria-busy');
    }
  }

  async function reload() {
    if (!await fetchInto(++turn, true))
      return;
    frame.hidden = count === 0;
    if (count === 0 && !after)
      refill(foot, empty());
    else
      footFill();
    say(count === 0 ? `No ${noun[1]}.` : after ? `${countText()} shown, there are more.` : `${countText()}.`);
  }

  async function more() {
    const shown = count;
    if (!await fetchInto(++turn, false))
      return;
    frame.hidden = count === 0;
    const sentence = footFill();
    say(`${count - shown} more ${noun[1]}.`);
    (foot.querySelector('button') ?? sentence).focus();
  }

  return {node, reload};
}
