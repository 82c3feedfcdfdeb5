/** OCSP as other programs ask it: OpenSSL, GnuTLS; and as nobody should. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ocspRefusal } from '../../../core/x509/ocsp-response.ts';
import { type IssuedFiles, makeAuthority, openssl, startStatusAuthority, type StatusAuthority } from './status-authority.ts';

let authority: StatusAuthority;
let good: IssuedFiles;
let revoked: IssuedFiles;
let held: IssuedFiles;

beforeAll(async () => {
  authority = await startStatusAuthority();
  [good, revoked, held] = [await authority.issue('good'), await authority.issue('revoked'), await authority.issue('held')];
  await authority.change(revoked.serialNumber, { to: 'revoked', reason: 'keyCompromise' });
  await authority.change(held.serialNumber, { to: 'held' });
});
afterAll(() => authority.close());

/** What `openssl ocsp` says; the answer is verified against the CA. The status server runs in this process, so nobody may block. */
function ask(...parameters: readonly string[]): Promise<string> {
  return run('openssl', ['ocsp', '-url', `${authority.address}/ocsp`, '-CAfile', authority.rootFile, '-issuer', authority.rootFile, ...parameters]);
}

async function run(program: string, parameters: readonly string[]): Promise<string> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

function requestDer(...parameters: readonly string[]): Buffer {
  const file = join(authority.dir, 'request.der');
  openssl('ocsp', '-issuer', authority.rootFile, ...parameters, '-reqout', file);
  return readFileSync(file);
}

const post = (body: Uint8Array, type = 'application/ocsp-request') => fetch(`${authority.address}/ocsp`, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': type } });
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${authority.address}/ocsp/${path}`, { headers });

async function text(answer: Response): Promise<string> {
  const file = join(authority.dir, 'answer.der');
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  const { stdout, stderr } = spawnSync('openssl', ['ocsp', '-respin', file, '-CAfile', authority.rootFile, '-issuer', authority.rootFile, '-resp_text', '-no_nonce'], { encoding: 'utf8' });
  return stdout + stderr;
}

describe('openssl ocsp', () => {
  it('verifies what it is told of a good, a revoked, a held and an unknown certificate, in one question', async () => {
    const said = await ask('-cert', good.certificate, '-cert', revoked.certificate, '-cert', held.certificate, '-serial', '0x1234');
    expect(said).toContain('Response verify OK');
    expect(said).toContain('good.pem: good');
    expect(said).toMatch(/revoked\.pem: revoked\n[^]*Reason: keyCompromise/);
    expect(said).toMatch(/held\.pem: revoked\n[^]*Reason: certificateHold/);
    expect(said).toContain('0x1234: unknown');
    expect(said).not.toContain('WARNING: no nonce');
  });

  it('may name the issuer by SHA-256, and ask without a nonce', async () => {
    const said = await ask('-sha256', '-no_nonce', '-cert', revoked.certificate);
    expect(said).toContain('Response verify OK');
    expect(said).toContain('revoked.pem: revoked');
  });

  it('gets the delegated certificate: made for OCSP, short-lived, never checked itself', async () => {
    const said = await ask('-resp_text', '-cert', good.certificate);
    expect(said).toMatch(/X509v3 Extended Key Usage: \n\s+OCSP Signing/);
    expect(said).toContain('OCSP No Check');
    expect(said).toMatch(/Responder Id: [0-9A-F]{40}/);
  });
});

it('ocsptool of GnuTLS agrees', async () => {
  for (const [files, expected] of [[good, 'good'], [revoked, 'revoked']] as const) {
    const request = join(authority.dir, 'gnutls.req');
    execFileSync('ocsptool', ['--generate-request', '--load-issuer', authority.rootFile, '--load-cert', files.certificate, '--outfile', request, '--no-nonce']);
    const file = join(authority.dir, 'gnutls.rsp');
    writeFileSync(file, Buffer.from(await (await post(readFileSync(request))).arrayBuffer()));
    const parameters = ['--verify-response', '--load-response', file, '--load-trust', authority.rootFile];
    expect(execFileSync('ocsptool', parameters, { encoding: 'utf8' })).toContain('Verifying OCSP Response: Success.');
    expect(execFileSync('ocsptool', ['--response-info', '--load-response', file], { encoding: 'utf8' })).toContain(`Certificate Status: ${expected}`);
  }
});

describe('GET', () => {
  it('takes base64 as it is and URL-encoded, and the answer can be kept', async () => {
    const request = requestDer('-no_nonce', '-cert', good.certificate);
    const plain = await get(request.toString('base64'));
    const headers = Object.fromEntries(['content-type', 'cache-control', 'etag', 'last-modified', 'expires'].map((name) => [name, plain.headers.get(name)]));
    const encoded = await get(encodeURIComponent(request.toString('base64')));
    const [first, second] = [Buffer.from(await plain.arrayBuffer()), Buffer.from(await encoded.arrayBuffer())];
    expect(first.equals(second)).toBe(true);
    expect(headers['content-type']).toBe('application/ocsp-response');
    expect(headers['cache-control']).toMatch(/^max-age=[1-9]\d*, public, no-transform, must-revalidate$/);
    expect(new Date(headers['expires'] as string).getTime()).toBeGreaterThan(Date.now() + 1_800_000);
    expect(headers['last-modified']).not.toBeNull();
    expect((await get(request.toString('base64'), { 'if-none-match': headers['etag'] as string })).status).toBe(304);
  });

  it('with a nonce, or about what nobody issued, is answered anew and not kept', async () => {
    for (const request of [requestDer('-nonce', '-cert', good.certificate), requestDer('-no_nonce', '-serial', '0x99')]) {
      const answer = await get(encodeURIComponent(request.toString('base64')));
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(await text(answer)).toContain('OCSP Response Status: successful');
    }
  });

  it('that is no base64, or too long, is malformed', async () => {
    for (const path of ['a', '****', '%00', 'A'.repeat(5000)]) expect(await text(await get(path))).toMatch(/malformedrequest/);
    expect((await get('%%%')).status).toBe(400);
  });
});

it('a kept answer ends with the revocation, also where another process made it', async () => {
  const { serialNumber, certificate } = await authority.issue('soon');
  const request = requestDer('-no_nonce', '-cert', certificate);
  expect(await text(await post(request))).toContain('Cert Status: good');
  await authority.context.store.write((rows) => rows.changeCertificateStatus(serialNumber, 'good', 'revoked', new Date(), 'superseded'));
  expect(await text(await post(request))).toContain('Cert Status: revoked');
});

it('answers of a former issuer are signed for it', async () => {
  const former = makeAuthority(authority.dir, 'former', 'Former CA');
  const context = { ...authority.context, formerAuthorities: [former] };
  const { createStatusServer } = await import('../../../ca/http/status-server.ts');
  const server = await createStatusServer(context);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  try {
    const parameters = ['ocsp', '-url', `${url}/ocsp`, '-CAfile', join(authority.dir, 'former.pem'), '-issuer', join(authority.dir, 'former.pem'), '-serial', '0x77'];
    const said = await run('openssl', parameters);
    expect(said).toContain('Response verify OK');
    expect(said).toContain('0x77: unknown');
  } finally {
    await server.close();
  }
});

describe('a request that is none', () => {
  it('of another CA is unauthorized', async () => {
    makeAuthority(authority.dir, 'other', 'Other CA');
    const file = join(authority.dir, 'other.der');
    openssl('ocsp', '-issuer', join(authority.dir, 'other.pem'), '-serial', '0x1', '-reqout', file);
    expect(await text(await post(readFileSync(file)))).toContain('unauthorized');
  });

  it('cut off at any place, with a byte behind, or with an endless nonce is malformed', async () => {
    const request = requestDer('-nonce', '-cert', good.certificate);
    const malformed = Buffer.from(ocspRefusal('malformedRequest'));
    for (let length = 0; length < request.length; length += 7) expect(Buffer.from(await (await post(request.subarray(0, length))).arrayBuffer()).equals(malformed)).toBe(true);
    expect(Buffer.from(await (await post(Buffer.concat([request, Buffer.from([0])]))).arrayBuffer()).equals(malformed)).toBe(true);
  });

  it('of another type, or too large, is refused before it is read', async () => {
    expect((await post(requestDer('-cert', good.certificate), 'application/json')).status).toBe(415);
    expect((await post(new Uint8Array(20_000))).status).toBe(413);
  });
});
