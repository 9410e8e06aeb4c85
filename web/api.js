/* The gateway's API, asked with the session's cookie. What goes wrong comes as a Problem, in words for people. */

const TRIES = 5; /* of a listing that is read to its end, where the gateway says that it is busy */

let current = null;

export class Problem extends Error {
  constructor(status, code, title, detail, waitSeconds) {
    super(detail);
    Object.assign(this, {status, code, title, detail, waitSeconds});
  }
}

function outOfReach() {
  return new Problem(0, 'out_of_reach', 'The gateway can’t be reached',
                     'Nothing was answered. Look whether it runs and whether you are online, then try again.');
}

async function problemOf(response) {
  const wait = Number(response.headers.get('Retry-After') ?? 0) || 0;
  const type = response.headers.get('Content-Type') ?? '';
  const body = type.includes('json') ? await response.json().catch(() => ({})) : {};
  return new Problem(response.status, body.code ?? 'http', body.title ?? `The gateway answered ${response.status}`,
                     body.detail ?? 'It said nothing more. Try again, and look at its log if it stays so.', wait);
}

function isChange(method) {
  return method !== 'GET' && method !== 'HEAD';
}

/* Where a redirect is asked for but not followed, it is what was wanted. */
function isDone(response) {
  return response.ok || response.type === 'opaqueredirect';
}

async function ask(method, path, {body, accept, signal, redirect = 'error'}) {
  const headers = {Accept: accept ?? 'application/json'};
  if (body !== undefined)
    headers['Content-Type'] = 'application/json';
  if (isChange(method))
    headers['X-CSRF-Token'] = current?.csrf ?? '';
  try {
    return await fetch(path, {method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body),
                              credentials: 'same-origin', cache: 'no-store', redirect});
  } catch (error) {
    if (error.name === 'AbortError')
      throw error;
    throw outOfReach();
  }
}

/* The answer, or a Problem. A session that is over is told to the page by an event of the document. A token that another tab's login
 * made old is fetched anew, once: nothing was done yet. */
export async function request(method, path, options = {}) {
  let response = await ask(method, path, options);
  let problem = isDone(response) ? null : await problemOf(response);
  if (problem?.code === 'csrf' && isChange(method)) {
    await sessionRead();
    response = await ask(method, path, options);
    problem = isDone(response) ? null : await problemOf(response);
  }
  if (problem?.status === 401)
    document.dispatchEvent(new CustomEvent('session-over'));
  if (problem !== null)
    throw problem;
  return response;
}

/* /v1/blocks?number=%2B1…; what is empty is left out. */
export function address(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

/* A path with what people typed in it: each segment is written so that it stays one. */
export function path(...segments) {
  return `/v1/${segments.map(encodeURIComponent).join('/')}`;
}

export async function get(where, query, signal) {
  const response = await request('GET', address(where, query), {signal});
  return response.json();
}

export async function post(where, body = {}) {
  const response = await request('POST', where, {body});
  return response.status === 204 ? null : response.json();
}

export async function remove(where) {
  const response = await request('DELETE', where);
  return response.status === 204 ? null : response.json();
}

/* It is no use of the session, so that it may be asked again and again. Times are the gateway's: how much is left is told by its clock. */
export async function sessionRead() {
  const response = await request('GET', '/v1/session');
  current = await response.json();
  const now = Date.parse(response.headers.get('Date') ?? '') || Date.now();
  current.leftMs = Date.parse(current.ends_at) - now;
  current.idleLeftMs = Date.parse(current.idle_ends_at) - now;
  return current;
}

export function session() {
  return current;
}

export function hasRole(...roles) {
  return roles.some(role => current?.roles.includes(role));
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, {once: true});
  });
}

async function getPatiently(where, query, signal) {
  for (let tries = 1; ; tries++) {
    try {
      return await get(where, query, signal);
    } catch (problem) {
      const isBusy = problem.status === 429 || problem.status === 503;
      if (!isBusy || tries === TRIES)
        throw problem;
      await pause(problem.waitSeconds || tries, signal);
    }
  }
}

/* Every page of a listing, each a list of items. */
export async function* pages(where, query, signal) {
  let after;
  do {
    const page = await getPatiently(where, {limit: 1000, ...query, after}, signal);
    yield page.items;
    after = page.after;
  } while (after);
}
