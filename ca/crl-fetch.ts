/** Fetches what a CA's status server hands out. It is signed, so plain HTTP will do; over HTTPS the CA in hand is trusted. */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { failed, success, type Result } from '../core/result.ts';

export interface Fetched {
  readonly bytes: Uint8Array;
  readonly tag: string | undefined;
}

const TIMEOUT_MS = 30_000;
/** A bundle of ten million entries. */
const MAX_BYTES = 800 * 1024 * 1024;

function unreachable(address: string, detail: string): Result<never> {
  return failed({ kind: 'authority-unreachable', address, detail });
}

async function readBody(response: IncomingMessage, address: string): Promise<Result<Uint8Array>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) {
      response.destroy();
      return failed({ kind: 'authority-protocol', address, detail: 'the answer is too large' });
    }
    chunks.push(chunk);
  }
  return success(new Uint8Array(Buffer.concat(chunks)));
}

function open(url: URL, tag: string | undefined, trustedPem: string): Promise<IncomingMessage> {
  const headers = { 'cache-control': 'no-cache', ...(tag === undefined ? {} : { 'if-none-match': tag }) };
  return new Promise((resolve, reject) => {
    const options = { headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const sent = url.protocol === 'https:' ? requestHttps(url, { ...options, ca: trustedPem }, resolve) : requestHttp(url, options, resolve);
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * GET; null: it is still what `tag` names. `trustedPem`: CAs of an HTTPS server. Fails with authority-unreachable (also
 * where it answers that it has none yet), authority-protocol.
 */
export async function fetchStatus(address: string, path: string, tag: string | undefined, trustedPem: string): Promise<Result<Fetched | null>> {
  try {
    const response = await open(new URL(address.replace(/\/+$/, '') + path), tag, trustedPem);
    if (response.statusCode === 304) {
      response.resume();
      return success(null);
    }
    const body = await readBody(response, address);
    if (!body.ok) return body;
    if (response.statusCode === 503) return unreachable(address, 'it has no CRL yet');
    if (response.statusCode !== 200) return failed({ kind: 'authority-protocol', address, detail: `HTTP ${response.statusCode} for ${path}` });
    return success({ bytes: body.value, tag: response.headers.etag });
  } catch (error) {
    return unreachable(address, error instanceof Error ? error.message : String(error));
  }
}
