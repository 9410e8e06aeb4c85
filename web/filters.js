/* A form of filters above a listing. What is chosen stands in the address, so that it can be kept, sent and gone back to. */
import {button, el, field, select} from './dom.js';
import {fromLocal, toLocal} from './time.js';

/* A filter: {name, label, hint, options: [[value, text]], type: 'text' | 'tel' | 'time', list: [suggestions]}. */
function controlOf(filter, value) {
  const id = `filter-${filter.name}`;
  if (filter.options)
    return select({id, name: filter.name}, filter.options, value);
  const isTime = filter.type === 'time';
  return el('input', {
    id, name: filter.name, type: isTime ? 'datetime-local' : 'text', inputmode: filter.type === 'tel' ? 'tel' : null,
    value: isTime ? toLocal(value) : value ?? '', list: filter.list && `${id}-list`, autocomplete: 'off', spellcheck: 'false'});
}

function suggestions(filter) {
  return filter.list && el('datalist', {id: `filter-${filter.name}-list`}, filter.list.map(value => el('option', {value})));
}

/* Calls chosen(query) when somebody chooses. */
export function filterForm(filters, query, chosen) {
  const form = el('form', {class: 'filters', 'aria-label': 'Filters'}, filters.map(filter =>
    [field(filter.label, controlOf(filter, query[filter.name]), filter.hint), suggestions(filter)]));
  const read = () => Object.fromEntries(filters.map(({name, type}) => {
    const value = form.elements[name].value.trim();
    return [name, type === 'time' ? fromLocal(value) : value];
  }).filter(([, value]) => value !== ''));
  const clear = () => {
    for (const {name} of filters)
      form.elements[name].value = '';
    chosen({});
  };
  form.append(el('div', {class: 'buttons'}, el('button', {type: 'submit'}, 'Show'), button('Clear', clear, {class: 'quiet'})));
  form.addEventListener('submit', event => {
    event.preventDefault();
    chosen(read());
  });
  return form;
}
