/**
 * One HTTPS request and its answer, on node:https alone so that it is the same in Node and in Electron's main process.
 * Which certificates are trusted is the caller's: a pinned CA and no other, or (to look at an unknown CA) nobody yet.
 */
import { Agent, type RequestOptions, request } from 'node:https';

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: { readonly content: string; readonly contentType: string };
  readonly bearerToken?: string;
  /** HTTP Basic (RFC 7617). */
  readonly basic?: { readonly user: string; readonly password: string };
  /** JSON and problems unless told. */
  readonly accept?: string;
}

export interface ExchangeResponse {
  readonly status: number;
  readonly contentType: string;
  /** From the header, whichever form it has. */
  readonly retryAfterSeconds: number | undefined;
  readonly text: string;
}

/** Why no answer came. `connection`: nobody there, or gone in the middle. `silence`: too slow. `certificate`: TLS refused it. */
export type ExchangeProblem = 'connection' | 'silence' | 'certificate' | 'not-https' | 'too-large';

/** Thrown by {@link Exchange}; its callers turn it into a failure. */
export class ExchangeError extends Error {
  constructor(
    readonly problem: ExchangeProblem,
    detail: string,
  ) {
    super(detail);
    this.name = 'ExchangeError';
  }
}

export type Exchange = (wanted: ExchangeRequest) => Promise<ExchangeResponse>;

export interface ExchangeOptions {
  /**
   * PEM of the only CA that is trusted; `undefined`: the public CAs of the web; null: any certificate will do, for looking
   * at a CA before it is trusted.
   */
  readonly trustedCa: string | null | undefined;
  /** From the start of the request to the last byte of the answer. */
  readonly timeoutMilliseconds?: number;
}

export const DEFAULT_TIMEOUT_MILLISECONDS = 15_000;
/** The approver's queue of a few thousand requests fits. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
const IDLE_SOCKET_MILLISECONDS = 4_000;

/** An exchange with one origin. Its connections close by themselves when idle, and never keep the process alive. */
export function createExchange(address: string, options: ExchangeOptions): Exchange {
  const { trustedCa } = options;
  const trust = trustedCa === null ? { rejectUnauthorized: false } : { rejectUnauthorized: true, ...(trustedCa === undefined ? {} : { ca: [trustedCa] }) };
  // Said explicitly, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise switch the check off.
  const agent = new Agent({ keepAlive: true, maxSockets: 4, timeout: IDLE_SOCKET_MILLISECONDS, minVersion: 'TLSv1.2', ...trust });
  const timeoutMilliseconds = options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS;
  return (wanted) => exchangeOnce(new URL(wanted.path, address), { agent, method: wanted.method }, wanted, timeoutMilliseconds);
}

function exchangeOnce(url: URL, options: RequestOptions, wanted: ExchangeRequest, timeoutMilliseconds: number): Promise<ExchangeResponse> {
  const body = wanted.text?.content ?? (wanted.body === undefined ? undefined : JSON.stringify(wanted.body));
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, headers: headersOf(wanted, body) });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(toExchangeError(error));
      outgoing.destroy();
    };
    const timer = setTimeout(() => fail(new ExchangeError('silence', 'no answer in time')), timeoutMilliseconds);
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_RESPONSE_BYTES) fail(new ExchangeError('too-large', `more than ${MAX_RESPONSE_BYTES} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          retryAfterSeconds: parseRetryAfter(incoming.headers['retry-after']),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.end(body);
  });
}

function headersOf(wanted: ExchangeRequest, body: string | undefined): Record<string, string> {
  const { accept, text, bearerToken, basic } = wanted;
  return {
    Accept: accept ?? 'application/json, application/problem+json',
    ...(body === undefined ? {} : { 'Content-Type': text?.contentType ?? 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...(bearerToken === undefined ? {} : { Authorization: `Bearer ${bearerToken}` }),
    ...(basic === undefined ? {} : { Authorization: `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}` }),
  };
}

/** Retry-After in seconds, said as such or as a date (RFC 9110, section 10.2.3); undefined for anything else. */
function parseRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header);
  const seconds = Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** Node's names of "nobody there" and "gone in the middle"; the message alone tells nothing reliable. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
]);

/** The codes of OpenSSL's verification (and Node's host name check), as Node passes them on. */
const CERTIFICATE_CODE = /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_.*|.*_CERT_.*|.*SELF_SIGNED.*|UNABLE_TO_.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

function toExchangeError(error: Error): ExchangeError {
  if (error instanceof ExchangeError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const detail = code === '' ? error.message : code;
  // A name with several addresses, none of which answers, is an AggregateError with the code of one of them.
  if (CONNECTION_CODES.has(code)) return new ExchangeError('connection', detail);
  if (CERTIFICATE_CODE.test(code)) return new ExchangeError('certificate', detail);
  // EPROTO and ERR_SSL_*: no TLS at the other end. HPE_*: no HTTP inside it.
  if (/^(EPROTO|ERR_SSL_|HPE_)/.test(code)) return new ExchangeError('not-https', detail);
  return new ExchangeError('connection', detail);
}
