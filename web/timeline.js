/* What happened with a person, the newest first, from several listings that come page by page: consents and blocks of the ledger, texts, replies.
 * An item is {at, kind, node()}. */
import {get} from './api.js';

const PAGE = 100;

/* Each gives {items, after}: the newest first. */
export function recordSource(history) {
  const items = history.toReversed().map(record => ({at: record.at, kind: record.kind === 'block' ? 'block' : 'consent', what: record}));
  return {load: async () => ({items})};
}

export function listSource(path, query, kind, timeOf, signal) {
  return {load: async after => {
    const page = await get(path, {...query, after, limit: PAGE}, signal);
    return {items: page.items.map(what => ({at: timeOf(what), kind, what})), after: page.after};
  }};
}

/* Merges sources; next() gives the items up to which every source was read, and whether there are more. */
export function merged(sources) {
  const heads = sources.map(source => ({source, items: [], after: undefined, isDone: false}));

  async function refill(head) {
    const page = await head.source.load(head.after);
    head.items.push(...page.items);
    head.after = page.after;
    head.isDone = !page.after;
  }

  /* Older than what any source may still give. */
  function bound() {
    const open = heads.filter(head => !head.isDone).map(head => head.items.at(-1)?.at ?? '');
    return open.length === 0 ? '' : open.sort().at(-1);
  }

  async function next() {
    await Promise.all(heads.filter(head => !head.isDone && head.items.length === 0).map(refill));
    const from = bound();
    const out = [];
    for (const head of heads) {
      const cut = head.items.findIndex(item => item.at < from);
      out.push(...head.items.splice(0, cut === -1 ? head.items.length : cut));
    }
    out.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
    return {items: out, more: heads.some(head => !head.isDone || head.items.length > 0)};
  }

  return {next};
}
