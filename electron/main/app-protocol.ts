/** `app://latchkey/…`: the built pages, read from a folder and nowhere else, with a strict policy on every answer. */
import { protocol, type Session } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

export const APP_SCHEME = 'app';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** Has to run before the app is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, codeCache: true } }]);
}

/** What a page may do: run our scripts, use our styles, talk to nobody. No text becomes a script, or a style. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** The file that a URL's path names inside `folder`, or null for anything that would lead out of it or has no known type. */
export function fileForPath(folder: string, urlPath: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const file = normalize(join(folder, path === '/' ? 'index.html' : path));
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  return extname(file) in CONTENT_TYPES ? file : null;
}

/** Serves `folders` by host: `app://HOST/FILE`. */
export function serveAppPages(session: Session, folders: Readonly<Record<string, string>>): void {
  session.protocol.handle(APP_SCHEME, async (request) => {
    const url = new URL(request.url);
    const folder = folders[url.host];
    const file = folder === undefined || request.method !== 'GET' ? null : fileForPath(folder, url.pathname);
    return file === null ? notFound() : answerWith(file);
  });
}

async function answerWith(file: string): Promise<Response> {
  try {
    const content = await readFile(file);
    return new Response(new Uint8Array(content), { headers: { ...HEADERS, 'Content-Type': CONTENT_TYPES[extname(file)] ?? '' } });
  } catch {
    return notFound();
  }
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { ...HEADERS, 'Content-Type': 'text/plain' } });
}
