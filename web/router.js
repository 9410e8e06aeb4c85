/* Where the reader is: #/NAME/REST?QUERY. One page is shown at a time; its signal ends what it began when the reader goes on. */

/* {name, rest, query} of a hash; of what is none, an empty name. */
export function routeRead(hash) {
  const [, name, rest, query] = /^#\/([a-z]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash) ?? [];
  const text = rest ?? '';
  let decoded;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    decoded = text;
  }
  return {name: name ?? '', rest: decoded, query: Object.fromEntries(new URLSearchParams(query ?? ''))};
}

/* The hash of a page; what is empty in the query is left out. */
export function routeTo(name, rest = '', query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const path = rest === '' ? '' : `/${encodeURIComponent(rest).replaceAll('%2B', '+')}`;
  return `#/${name}${path}${pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`}`;
}

export function go(name, rest, query) {
  location.hash = routeTo(name, rest, query);
}

/* Calls show(route, signal) now and whenever the hash changes. */
export function routerStart(show) {
  let shown = new AbortController();
  const follow = () => {
    shown.abort();
    shown = new AbortController();
    show(routeRead(location.hash), shown.signal);
  };
  addEventListener('hashchange', follow);
  follow();
}

/* The page shows something else of its own: a step in the history, and no new page. */
export function querySet(route, query) {
  route.query = query;
  history.pushState(null, '', routeTo(route.name, route.rest, query));
}
