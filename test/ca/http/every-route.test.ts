/**
 * What no route may do, whatever comes: every route that fastify registered, on both listeners, by every case. A route that is
 * new fails the first test until it is said below who may ask it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { API, MAX_BODY_BYTES, MAX_DECISIONS_BYTES } from '../../../core/authority-api.ts';
import { firstApprover, officerWith, startTestAuthority, tokenOf, type TestAuthority } from '../running-authority.ts';
import { connectRaw, exchangeRaw, type ListenerName } from './raw-connection.ts';

type Access = 'anybody' | 'auditor' | 'approver' | 'owner';
interface Route {
  readonly listener: ListenerName;
  readonly method: string;
  readonly url: string;
}

/** Who may ask; the routes of EST ask for a code or a certificate themselves. */
const ACCESS: Readonly<Record<string, Access>> = {
  [`GET ${API.authority}`]: 'anybody',
  [`POST ${API.requests}`]: 'anybody',
  [`GET ${API.request(':id')}`]: 'anybody',
  [`GET ${API.requestForKey(':sha256')}`]: 'anybody',
  [`POST ${API.invitationLookup}`]: 'anybody',
  [`POST ${API.withdraw(':id')}`]: 'anybody',
  [`POST ${API.renewal}`]: 'anybody',
  [`POST ${API.signInChallenge}`]: 'anybody',
  [`POST ${API.signIn}`]: 'anybody',
  [`DELETE ${API.session}`]: 'anybody',
  [`GET ${API.queue}`]: 'auditor',
  [`GET ${API.queueEntry(':id')}`]: 'auditor',
  [`POST ${API.decisions}`]: 'approver',
  [`GET ${API.certificates}`]: 'auditor',
  [`GET ${API.invitations}`]: 'auditor',
  [`POST ${API.invitations}`]: 'approver',
  [`DELETE ${API.invitation(':id')}`]: 'approver',
  [`GET ${API.profiles}`]: 'auditor',
  [`GET ${API.officers}`]: 'auditor',
  [`POST ${API.role(':serialNumber')}`]: 'owner',
  [`GET ${API.audit}`]: 'auditor',
  [`GET ${API.signingJobs}`]: 'approver',
  [`POST ${API.signingJob(':id')}`]: 'approver',
  'GET /healthz': 'anybody',
  'GET /readyz': 'anybody',
  'GET /crl/:id([0-9a-f]{16})/:partition([0-9]{1,6}).crl': 'anybody',
  'GET /crl/:id([0-9a-f]{16})/:partition([0-9]{1,6}).pem': 'anybody',
  'GET /crl/bundle.pem': 'anybody',
  'GET /ca/:id([0-9a-f]{16}).crt': 'anybody',
  'GET /ca/bundle.pem': 'anybody',
  'GET /ocsp/*': 'anybody',
  'POST /ocsp': 'anybody',
  'POST /ocsp/': 'anybody',
  ...Object.fromEntries(['', '/:label'].flatMap((label) => ['GET cacerts', 'GET csrattrs', 'POST simpleenroll', 'POST simplereenroll'].map((operation) => [operation.replace(' ', ` /.well-known/est${label}/`), 'anybody'] as const))),
};

/** Routes that look at no body: whatever is in one is no mistake of theirs, if it is JSON. */
const WITHOUT_BODY = new Set([`POST ${API.signInChallenge}`, `DELETE ${API.session}`]);

const limits = Object.fromEntries(Object.keys(DEFAULT_POLICY.limits).map((name) => [name, { burst: 1e6, perSecond: 1e6 }])) as unknown as typeof DEFAULT_POLICY.limits;
const routes: Route[] = [];
const errors: unknown[] = [];
let authority: TestAuthority;
const tokens: Partial<Record<Access, string>> = {};
beforeAll(async () => {
  authority = await startTestAuthority({
    policy: { ...DEFAULT_POLICY, limits },
    statusListen: { host: '127.0.0.1', port: 0 },
    onRoute: (listener, method, url) => void (listener === 'metrics' || routes.push({ listener, method, url })),
    log: (level, event, facts) => void (level === 'error' && errors.push({ event, ...facts })),
  });
  tokens.owner = await tokenOf(authority, await firstApprover(authority));
  for (const role of ['approver', 'auditor'] as const) tokens[role] = await tokenOf(authority, await officerWith(authority, await authority.invite(role, `Di ${role}`, `${role}@example.org`)));
});
afterAll(() => authority.close());
afterEach(async () => {
  // Whatever came: the server serves on, and nothing of it was a bug here.
  for (const listener of ['https', 'status'] as const) expect(await exchangeRaw(authority, listener, 'GET /ca/bundle.pem HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  expect(errors).toEqual([]);
});

const nameOf = ({ method, url }: Route): string => `${method === 'HEAD' ? 'GET' : method} ${url}`;
const isOcsp = ({ url }: Route): boolean => url.startsWith('/ocsp');
/** CRLs, OCSP, EST and all of the status listener answer as text: programs show it. */
const answersText = (route: Route): boolean => route.listener === 'status' || /^\/(?:ocsp|crl|ca|\.well-known)(?:\/|$)/.test(route.url);
const accessOf = (route: Route): Access => ACCESS[nameOf(route)] ?? 'anybody';
const takesBody = ({ method }: Route): boolean => method === 'POST';
const typeOf = (route: Route): string => (isOcsp(route) ? 'application/ocsp-request' : answersText(route) ? 'application/pkcs10' : 'application/json');

/** A path that the route takes; nothing in it is there. */
function pathOf({ url }: Route): string {
  return url
    .replace(/:id\(\[0-9a-f\]\{16\}\)/, '0123456789abcdef')
    .replace(/:partition\([^)]*\)/, '0')
    .replace(':sha256', 'a'.repeat(64))
    .replace(':serialNumber', 'abcdef')
    .replace(':label', 'person')
    .replace(':id', '0'.repeat(32))
    .replace('*', 'AAAA');
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** undefined: the owner's where the route wants a role. */
  readonly token?: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

function bytesOf(route: Route, { method, path, headers = [], body = '', token }: Asked): string {
  const authorization = token ?? (accessOf(route) === 'anybody' ? '' : tokens.owner);
  const signedIn = authorization === '' ? [] : [`Authorization: Bearer ${authorization}`];
  const host = headers.some((header) => /^host:|^no host/i.test(header)) ? [] : ['Host: localhost'];
  const lines = [`${method ?? route.method} ${path ?? pathOf(route)} HTTP/1.1`, ...host, 'Connection: close', ...signedIn, ...headers.filter((header) => header !== 'no host')];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

async function ask(route: Route, asked: Asked): Promise<Answer> {
  const text = await exchangeRaw(authority, route.listener, bytesOf(route, asked));
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), head: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) };
}

const withBody = (type: string, body: string): Asked => ({ headers: [...(type === '' ? [] : [`Content-Type: ${type}`]), `Content-Length: ${Buffer.byteLength(body, 'latin1')}`], body });

/** What is unclear about a refusal; undefined: nothing. `isEarly`: before any route was found. */
function unclear(route: Route, { status, head, body }: Answer, isEarly: boolean): string | undefined {
  if (status < 400 || status >= 500) return `status ${status}`;
  if (route.method === 'HEAD' && body === '') return undefined;
  const isText = isEarly ? route.listener === 'status' : answersText(route);
  if (isText) return head.includes('content-type: text/plain') && /\S/.test(body) ? undefined : `no text: ${head}`;
  if (!head.includes('content-type: application/problem+json')) return `no problem: ${head}`;
  const problem = JSON.parse(body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '')) as { readonly status: number; readonly title: string };
  return problem.status === status && problem.title !== '' ? undefined : `an unclear problem: ${body}`;
}

/** How each of these routes answers, eight at a time. */
async function answersOf(chosen: readonly Route[], act: (route: Route) => Asked): Promise<readonly (readonly [Route, Answer])[]> {
  const all: [Route, Answer][] = [];
  for (let from = 0; from < chosen.length; from += 8) all.push(...(await Promise.all(chosen.slice(from, from + 8).map(async (route): Promise<[Route, Answer]> => [route, await ask(route, act(route))]))));
  expect(all.length).toBeGreaterThan(0);
  return all;
}

interface Expected {
  readonly status?: number;
  readonly isEarly?: boolean;
}

/** Every one of these routes refuses clearly. */
async function refuses(chosen: readonly Route[], act: (route: Route) => Asked, { status, isEarly = false }: Expected = {}): Promise<void> {
  const answers = await answersOf(chosen, act);
  const wrong = answers.map(([route, answer]) => [route.listener, route.method, route.url, status === undefined || answer.status === status ? unclear(route, answer, isEarly) : `status ${answer.status}`]);
  expect(wrong.filter(([, , , why]) => why !== undefined)).toEqual([]);
}

test('every route is known here, and none that is known is missing', () => {
  expect([...new Set(routes.filter(({ listener }) => listener === 'https').map(nameOf))].toSorted()).toEqual(Object.keys(ACCESS).toSorted());
  for (const route of routes.filter(({ listener }) => listener === 'status')) expect(ACCESS[nameOf(route)]).toBe('anybody');
});

describe('who may not ask', () => {
  const guarded = (): readonly Route[] => routes.filter((route) => accessOf(route) !== 'anybody');
  const enrolling = (): readonly Route[] => routes.filter(({ url, method }) => method === 'POST' && url.startsWith('/.well-known/'));

  test.each([['nobody', ''], ['a token that nobody has', 'x'.repeat(43)], ['a token that is too long', 'x'.repeat(5_000)]])('%s', async (_name, token) => {
    await refuses(guarded(), () => ({ token, ...(token === '' ? { headers: [] } : {}) }), { status: 401 });
  });

  test.each(['Authorization: Basic Ojo=', 'Authorization: Bearer', 'Authorization: Bearer \u00ff', 'X-Authorization: Bearer x'])('%s', async (header) => {
    await refuses(guarded(), () => ({ token: '', headers: [header] }), { status: 401 });
  });

  test('EST without code and certificate', async () => {
    await refuses(enrolling(), () => withBody('application/pkcs10', 'MIIB'), { status: 401 });
  });

  test.each<[Access, readonly Access[]]>([['auditor', ['approver', 'owner']], ['approver', ['owner']]])('an %s, where a higher role is wanted', async (role, wanted) => {
    const above = guarded().filter((route) => wanted.includes(accessOf(route)));
    await refuses(above, (route) => ({ ...(takesBody(route) ? withBody('application/json', '{}') : {}), token: tokens[role] }), { status: 403 });
  });
});

describe('bodies', () => {
  const taking = (): readonly Route[] => routes.filter(takesBody);
  const parsing = (): readonly Route[] => taking().filter((route) => !isOcsp(route) && !WITHOUT_BODY.has(nameOf(route)));

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/json; charset=utf-16', 'multipart/form-data; boundary=x', '*/*', 'json', ''])('of type %j', async (type) => {
    // JSON in another encoding is read as what it is not, and that is no JSON.
    await refuses(type.includes('utf-16') ? parsing() : taking(), () => withBody(type, type.includes('utf-16') ? '\0{\0}' : 'abc'));
  });

  test('that are larger than anybody may send, as they say themselves', async () => {
    await refuses(taking(), (route) => ({ headers: [`Content-Type: ${typeOf(route)}`, `Content-Length: ${MAX_DECISIONS_BYTES + 1}`], body: '{' }), { status: 413 });
  });

  test('that are larger, without saying so', async () => {
    const chunk = 'a'.repeat(MAX_BODY_BYTES + 1);
    const small = taking().filter(({ url }) => url !== API.decisions);
    await refuses(small, (route) => ({ headers: [`Content-Type: ${typeOf(route)}`, 'Transfer-Encoding: chunked'], body: `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n` }), { status: 413 });
  });

  test.each([
    ['nothing', ''],
    ['no JSON, no base64, no DER', '!!!'],
    ['cut off', '{"a":"'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['a trap for objects', '{"__proto__":{"csr":"AA=="},"constructor":{"prototype":{}}}'],
    ['deeply nested JSON', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['deeply nested objects', '{"a":'.repeat(10_000)],
    ['bytes that are no UTF-8', '\u00ff\u00fe\u0000\u0001'],
    ['a byte order mark', '\u00ef\u00bb\u00bf{}'],
  ])('%s', async (_name, body) => {
    await refuses(parsing(), (route) => withBody(typeOf(route), body));
  });

  test.each([
    ['sequences without an end', Buffer.from('3080'.repeat(5_000), 'hex')],
    ['sequences in sequences', Array.from({ length: 3_000 }).reduce<Buffer>((inner) => Buffer.concat([Buffer.from([0x30, 0x83, inner.length >> 16, (inner.length >> 8) & 255, inner.length & 255]), inner]), Buffer.alloc(0))],
    ['a length of 2 GB', Buffer.from('30847fffffff', 'hex')],
    ['a length of 126 bytes', Buffer.concat([Buffer.from('30fe', 'hex'), Buffer.alloc(126, 0xff)])],
  ])('ASN.1 of %s', async (_name, der) => {
    const base64 = der.toString('base64');
    const json = JSON.stringify({ csr: base64, code: 'x', challengeId: '0'.repeat(32), certificate: base64, signature: base64, statements: [`${base64}.${base64}.`], role: base64, name: 5 });
    await refuses(parsing().filter(({ url }) => url !== API.decisions), (route) => withBody(typeOf(route), typeOf(route) === 'application/json' ? json : base64));
    // Of many decisions each has an answer of its own.
    const decided = await answersOf(parsing().filter(({ url }) => url === API.decisions), () => withBody('application/json', json));
    for (const [, { status, body }] of decided) expect([400, 413, 200], body).toContain(status === 200 && !body.includes('"ok":false') ? body : status);
    // OCSP has words of its own for it (RFC 6960, section 4.2.1): malformedRequest.
    const asked = await answersOf(routes.filter((route) => isOcsp(route) && route.method !== 'HEAD'), (route) => (route.method === 'POST' ? withBody(typeOf(route), der.toString('latin1')) : { path: `/ocsp/${encodeURIComponent(base64.slice(0, 4_000))}` }));
    for (const [{ listener, method }, { status, body }] of asked) expect([listener, method, status, body]).toEqual([listener, method, status === 413 ? 413 : 200, status === 413 ? body : '0\u0003\n\u0001\u0001']);
  });

  test('that end before they should leave nothing behind', async () => {
    for (const route of taking()) {
      const { socket, ended } = await connectRaw(authority, route.listener);
      socket.end(bytesOf(route, { headers: [`Content-Type: ${typeOf(route)}`, 'Content-Length: 1000'], body: '{"csr":"' }));
      expect([route.url, await ended]).toEqual([route.url, expect.stringMatching(/^(?:HTTP\/1\.1 4\d\d [^]*)?$/)]);
    }
  });
});

describe('methods and addresses', () => {
  test.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'get'])('%s where there is no such thing', async (method) => {
    const others = routes.filter((route) => !routes.some(({ listener, method: known, url }) => listener === route.listener && url === route.url && known === method));
    // GET /ocsp/ is an empty request of OCSP, which it says.
    await refuses(others.filter((route) => route.method !== 'HEAD' && !isOcsp(route)), () => ({ method }), { isEarly: true });
  });

  test.each([
    ['a step up', (path: string) => `/%2e%2e${path}`],
    ['steps up', (path: string) => `${path}/%2e%2e/%2e%2e/%2e%2e/etc/passwd`],
    ['a step up with a slash in it', (path: string) => `${path}/..%2f..%2fetc%2fpasswd`],
    ['backslashes', (path: string) => `${path}\\..\\..`],
    ['an encoded NUL', (path: string) => `${path}%00`],
    ['no UTF-8', (path: string) => `${path}%ff`],
    ['half an encoding', (path: string) => `${path}/%2`],
    ['a very long part', (path: string) => `${path}/${'a'.repeat(9_000)}`],
    ['two slashes', (path: string) => `/${path}/x`],
    ['the address of another server', (path: string) => `http://www.example.org${path}/x`],
    ['a star', () => '*'],
    ['nothing but a question', (path: string) => `?${path}`],
  ])('%s', async (_name, change) => {
    // OCSP takes whatever follows as a request, and says that it is none.
    await refuses(routes.filter((route) => !isOcsp(route)), (route) => ({ path: change(pathOf(route)) }), { isEarly: true });
  });
});

describe('tricks with headers', () => {
  test.each<[string, number, Asked]>([
    ['two lengths', 400, { headers: ['Content-Length: 2', 'Content-Length: 3'], body: '{}' }],
    ['the same length twice', 400, { headers: ['Content-Length: 2', 'Content-Length: 2'], body: '{}' }],
    ['lengths in a list', 400, { headers: ['Content-Length: 2, 2'], body: '{}' }],
    ['a length below zero', 400, { headers: ['Content-Length: -1'] }],
    ['a length in hexadecimal', 400, { headers: ['Content-Length: 0x2'], body: '{}' }],
    ['a length and chunks', 400, { headers: ['Content-Length: 4', 'Transfer-Encoding: chunked'], body: '0\r\n\r\n' }],
    ['chunks and a length', 400, { headers: ['Transfer-Encoding: chunked', 'Content-Length: 4'], body: '0\r\n\r\n' }],
    ['chunks that are not last', 400, { headers: ['Transfer-Encoding: chunked, identity'], body: '0\r\n\r\n' }],
    ['a chunk of no size', 400, { headers: ['Content-Type: application/json', 'Transfer-Encoding: chunked'], body: 'zz\r\n\r\n' }],
    ['a huge header', 431, { headers: [`X-Huge: ${'a'.repeat(20_000)}`] }],
    ['many headers', 431, { headers: Array.from({ length: 2_000 }, (_, index) => `X-${index}: abcdefgh`) }],
    ['a NUL in a header', 400, { headers: ['X-Nul: a\0b'] }],
    ['a line break in a header', 400, { headers: ['X-Break: a\rb'] }],
    ['a space before the colon', 400, { headers: ['Content-Length : 2'], body: '{}' }],
    ['a header without a name', 400, { headers: [': x'] }],
    ['a line that goes on', 400, { headers: [' folded: x', 'no host'] }],
    ['no host', 400, { headers: ['no host'] }],
    ['an expectation that nobody knows', 417, { headers: ['Expect: a-miracle'] }],
  ])('%s', async (_name, status, asked) => {
    const answers = await answersOf(routes, () => asked);
    const wrong = answers.map(([route, answer]) => [route.listener, route.method, route.url, answer.status === status ? unclear(route, answer, true) : `status ${answer.status}`]);
    expect(wrong.filter(([, , , why]) => why !== undefined)).toEqual([]);
  });

  test('a change to another protocol is not made', async () => {
    // WebSocket, HTTP/2 in the clear, a tunnel.
    for (const headers of [['Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'], ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']]) {
      const answers = await answersOf(routes, (route) => ({ headers, path: `${pathOf(route)}/x/y` }));
      expect(answers.filter(([route, { status }]) => !isOcsp(route) && (status < 400 || status >= 500))).toEqual([]);
      expect(answers.filter(([, { status }]) => status === 101)).toEqual([]);
    }
    for (const listener of ['https', 'status'] as const) {
      expect(await exchangeRaw(authority, listener, 'CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*\r\n\r\n[^]*CONNECT/);
      expect(await exchangeRaw(authority, listener, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test.each(['\0', '\u0001', ' ', '\u00ff'])('%j in the address', async (character) => {
    await refuses(routes, (route) => ({ path: `${pathOf(route)}${character}x` }), { isEarly: true });
  });
});
