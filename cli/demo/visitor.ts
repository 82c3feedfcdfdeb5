/**
 * A client that is not ours visits a server: gnutls-cli, which reaches the key through the PKCS#11 module as a browser
 * does. The PIN is in a file that only its owner may read, and the command line names the file.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProtectedServer } from './protected-server.ts';

export interface KeyThroughModule {
  /** Path of the PKCS#11 module. */
  readonly module: string;
  readonly pinFile: string;
}

export interface Visit {
  /** Status of the HTTP answer; null where none came. */
  readonly status: number | null;
  /** What the client said instead of an answer, such as the server's TLS alert. */
  readonly error: string | null;
  readonly body: string;
}

/** Slot 9a as OpenSC numbers it (PIV key 1). */
const PIV_AUTHENTICATION_ID = '%01';
const TIMEOUT_MS = 20_000;

/** One GET of "/", with the key or, without one, as a stranger. */
export function visit(server: ProtectedServer, key: KeyThroughModule | null): Promise<Visit> {
  const withKey = key === null ? [] : ['--provider', key.module, '--x509certfile', certificateUrl(), '--x509keyfile', privateKeyUrl(key)];
  // With a log file only what the server answers goes to standard output.
  const logFile = join(dirname(server.certificateFile), 'gnutls-cli.log');
  const args = ['--logfile', logFile, '--port', String(server.port), '--x509cafile', server.certificateFile, ...withKey, 'localhost'];
  return new Promise((resolve, reject) => {
    const client = spawn('gnutls-cli', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let [answer, errors] = ['', ''];
    client.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    client.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    // It may have hung up before it read its input.
    client.stdin.on('error', () => undefined);
    client.stdin.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    client.on('error', reject);
    client.on('close', (code) => {
      readFile(logFile, 'utf8').then(
        (log) => resolve(readVisit(answer, `${log}\n${errors}`, code)),
        () => resolve(readVisit(answer, errors, code)),
      );
    });
  });
}

function certificateUrl(): string {
  return `pkcs11:id=${PIV_AUTHENTICATION_ID};type=cert`;
}

/** RFC 7512; GnuTLS 3.7 takes pin-source as a plain path. */
function privateKeyUrl({ pinFile }: KeyThroughModule): string {
  return `pkcs11:id=${PIV_AUTHENTICATION_ID};type=private?pin-source=${pinFile}`;
}

function readVisit(answer: string, log: string, code: number | null): Visit {
  const status = /^HTTP\/[\d.]+ (\d{3})/.exec(answer)?.[1];
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  if (status !== undefined) return { status: Number(status), error: null, body };
  const told = log.split('\n').filter((line) => /error|alert|fatal/i.test(line));
  return { status: null, error: told.at(-1)?.replace(/^\W+/, '') ?? `gnutls-cli ended with ${code ?? 'a time-out'}`, body: '' };
}
