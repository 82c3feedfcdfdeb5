/** EST as programs that are not ours speak it: curl with openssl, and strongSwan's pki. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInvitation } from '../../../ca/invite.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { firstApprover, must, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { signInAs } from '../test-officer.ts';

const run = promisify(execFile);
let folder: string;
let authority: TestAuthority;
let approver: Awaited<ReturnType<typeof firstApprover>>;
let est: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-est-'));
  authority = await startTestAuthority();
  approver = await firstApprover(authority);
  est = `${authority.server.address}/.well-known/est`;
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
const caFile = (): string => join(authority.dir, 'ca.crt');

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** What curl says. */
async function curl(url: string, ...args: readonly string[]): Promise<Answer> {
  const { stdout } = await run('curl', ['--silent', '--cacert', caFile(), '--dump-header', file('headers'), '--write-out', '\n%{http_code}', ...args, url]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end), headers: (await readFile(file('headers'), 'utf8')).toLowerCase() };
}

/** A key and a CSR made by openssl, the CSR as EST wants it: base64 of DER. */
function makeCsr(name: string, commonName: string, keyType: 'EC' | 'RSA' = 'EC', ...more: readonly string[]): void {
  const key = keyType === 'EC' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
  execFileSync('openssl', ['req', '-new', '-newkey', ...key, '-nodes', '-subj', `/CN=${commonName}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), ...more], { stdio: 'ignore' });
  execFileSync('sh', ['-c', `openssl req -in '${file(`${name}.csr`)}' -outform DER | openssl base64 -out '${file(`${name}.b64`)}'`]);
}
const post = (name: string): readonly string[] => ['--header', 'Content-Type: application/pkcs10', '--data-binary', `@${file(`${name}.b64`)}`];
const withCode = (code: string): readonly string[] => ['--user', `est:${code}`];
const withCertificate = (name: string): readonly string[] => ['--cert', file(`${name}.crt`), '--key', file(`${name}.key`)];

/** The first certificate of an answer, written where openssl verified it. */
async function keep(name: string, { body }: Answer): Promise<string> {
  await writeFile(file(`${name}.p7`), body);
  execFileSync('sh', ['-c', `openssl base64 -d -A -in '${file(`${name}.p7`)}' | openssl pkcs7 -inform DER -print_certs -out '${file(`${name}.crt`)}'`]);
  return execFileSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', caFile(), file(`${name}.crt`)], { encoding: 'utf8' });
}

async function invite(name: string, more: { readonly profile?: string; readonly isAutomatic?: boolean; readonly uses?: number } = {}): Promise<string> {
  const wanted = { dir: authority.dir, name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.org`, role: 'user', days: 1, profile: 'device', isAutomatic: true, ...more } as const;
  return must(await createInvitation(wanted)).code;
}

/** Approves the request of `name` as soon as it is there. */
async function approve(name: string): Promise<void> {
  const officer = must(await signInAs(authority.pinned, approver.certificate, approver.key.sign));
  for (;;) {
    const entry = must(await officer.all()).find(({ status, claimed }) => status === 'pending' && claimed.name === name);
    if (entry === undefined) continue;
    must(await officer.approve(entry.id));
    return;
  }
}

describe('curl and openssl alone', () => {
  test('cacerts: the CA, with and without a label', async () => {
    for (const url of [`${est}/cacerts`, `${est}/device/cacerts`]) {
      const answer = await curl(url);
      expect([answer.status, answer.headers.includes('content-type: application/pkcs7-mime')]).toEqual([200, true]);
      await writeFile(file('cacerts.p7'), answer.body);
      const printed = execFileSync('sh', ['-c', `openssl base64 -d -A -in '${file('cacerts.p7')}' | openssl pkcs7 -inform DER -print_certs`], { encoding: 'utf8' });
      expect(readPem(printed, 'CERTIFICATE')).toEqual([authority.pinned.caCertificate]);
    }
    expect((await curl(`${est}/robot/cacerts`)).status).toBe(404);
  });

  test('csrattrs: the type of key that the profile wants', async () => {
    const answer = await curl(`${est}/device/csrattrs`);
    await writeFile(file('attributes.b64'), answer.body);
    const parsed = execFileSync('sh', ['-c', `openssl base64 -d -A -in '${file('attributes.b64')}' | openssl asn1parse -inform DER`], { encoding: 'utf8' });
    expect(answer.headers).toContain('content-type: application/csrattrs');
    expect(parsed).toContain('id-ecPublicKey');
    expect(parsed).toContain('prime256v1');
  });

  test.each(['EC', 'RSA'] as const)('simpleenroll with the code of an automatic invitation, %s', async (keyType) => {
    makeCsr(`auto-${keyType}`, 'Tablet', keyType);
    const answer = await curl(`${est}/device/simpleenroll`, ...withCode(await invite('Tablet')), ...post(`auto-${keyType}`));
    expect(answer.status).toBe(200);
    expect(await keep(`auto-${keyType}`, answer)).toContain('OK');
  });

  test('simpleenroll waits with 202 for an approver, without a label; the same request again gets the certificate', async () => {
    const code = await invite('Ana Example', { profile: 'person', isAutomatic: false });
    makeCsr('ana', 'Ana Example');
    const waiting = await curl(`${est}/simpleenroll`, ...withCode(code), ...post('ana'));
    expect([waiting.status, waiting.headers.includes('retry-after:')]).toEqual([202, true]);
    await approve('Ana Example');
    const issued = await curl(`${est}/simpleenroll`, ...withCode(code), ...post('ana'));
    expect(await keep('ana', issued)).toContain('OK');
  });

  test('simplereenroll by the certificate and a new key; other names are refused', async () => {
    makeCsr('phone', 'Phone');
    await keep('phone', await curl(`${est}/device/simpleenroll`, ...withCode(await invite('Phone')), ...post('phone')));
    makeCsr('phone2', 'Phone');
    const again = await curl(`${est}/device/simplereenroll`, ...withCertificate('phone'), ...post('phone2'));
    expect(again.status).toBe(200);
    expect(await keep('phone2', again)).toContain('OK');
    makeCsr('phone3', 'Somebody Else');
    expect((await curl(`${est}/device/simplereenroll`, ...withCertificate('phone'), ...post('phone3'))).status).toBe(422);
  });
});

describe('strongSwan’s pki', () => {
  test('fetches the CA and enrolls', async () => {
    await run('pki', ['--estca', '--url', authority.server.address, '--cacert', caFile(), '--caout', file('swan-ca.crt'), '--outform', 'pem']);
    // It knows no labels. Without one it is the default profile, whose approver has to look: it asks again until then.
    const code = await invite('Swan', { profile: 'person', isAutomatic: false });
    makeCsr('swan', 'Swan');
    execFileSync('openssl', ['req', '-in', file('swan.csr'), '-outform', 'DER', '-out', file('swan.der')]);
    const args = ['--est', '--url', authority.server.address, '--in', file('swan.der'), '--cacert', caFile(), '--userpass', `est:${code}`, '--interval', '1', '--maxpolltime', '20', '--outform', 'pem'];
    const enrolled = run('pki', args, { encoding: 'utf8' });
    await approve('Swan');
    const { stdout } = await enrolled;
    await writeFile(file('swan.crt'), stdout);
    expect(execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', caFile(), file('swan.crt')], { encoding: 'utf8' })).toContain('OK');
  });
});

describe('refused', () => {
  beforeAll(() => makeCsr('mallory', 'Mallory'));

  test('without code and certificate: 401, and how to ask', async () => {
    const answer = await curl(`${est}/simpleenroll`, ...post('mallory'));
    expect([answer.status, answer.headers.includes('www-authenticate: basic')]).toEqual([401, true]);
    expect((await curl(`${est}/simplereenroll`, ...post('mallory'))).status).toBe(401);
  });

  test('a wrong code, one that was used for another key, one for another profile', async () => {
    expect((await curl(`${est}/simpleenroll`, ...withCode('wrong-code-wrong-code'), ...post('mallory'))).status).toBe(401);
    const used = await invite('Watch');
    makeCsr('watch', 'Watch');
    expect((await curl(`${est}/device/simpleenroll`, ...withCode(used), ...post('watch'))).status).toBe(200);
    expect((await curl(`${est}/device/simpleenroll`, ...withCode(used), ...post('mallory'))).status).toBe(401);
    expect((await curl(`${est}/person/simpleenroll`, ...withCode(await invite('Car')), ...post('mallory'))).status).toBe(422);
    expect((await curl(`${est}/robot/simpleenroll`, ...withCode(await invite('Robot')), ...post('mallory'))).status).toBe(404);
  });

  test('a certificate of another CA under the same name, and one that is revoked', async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=Phone', '-keyout', file('other.key'), '-out', file('other.crt')], { stdio: 'ignore' });
    expect((await curl(`${est}/simplereenroll`, ...withCertificate('other'), ...post('mallory'))).status).toBe(401);
    makeCsr('lost', 'Lost');
    await keep('lost', await curl(`${est}/device/simpleenroll`, ...withCode(await invite('Lost')), ...post('lost')));
    const serial = execFileSync('openssl', ['x509', '-in', file('lost.crt'), '-noout', '-serial'], { encoding: 'utf8' }).trim().split('=')[1] ?? '';
    const officer = must(await signInAs(authority.pinned, approver.certificate, approver.key.sign));
    must(await officer.decide([{ decision: 'revoke', serialNumber: serial.toLowerCase(), reason: 'keyCompromise' }], approver.key.sign));
    makeCsr('lost2', 'Lost');
    expect((await curl(`${est}/device/simplereenroll`, ...withCertificate('lost'), ...post('lost2'))).status).toBe(401);
  });

  test.each([
    ['another content type', ['--header', 'Content-Type: application/json', '--data-binary', '{}'], 415],
    ['text that is no base64', ['--header', 'Content-Type: application/pkcs10', '--data-binary', '!!!'], 400],
    ['base64 that is cut off', ['--header', 'Content-Type: application/pkcs10', '--data-binary', 'MIIB'], 400],
    ['nested sequences without an end', ['--header', 'Content-Type: application/pkcs10', '--data-binary', Buffer.from('3080'.repeat(3000), 'hex').toString('base64')], 400],
  ] as const)('%s', async (_, body, status) => {
    const answer = await curl(`${est}/device/simpleenroll`, ...withCode(await invite('Broken')), ...body);
    expect(answer.status).toBe(status);
    expect(answer.body.trim()).not.toBe('');
    expect((await curl(`${est}/cacerts`)).status).toBe(200);
  });

  test('far too much', async () => {
    const body = ['--header', 'Content-Type: application/pkcs10', '--data-binary', 'A'.repeat(40_000)];
    // The server answers and hangs up before it has read it all; what curl saw first is a matter of chance (55, 56: it could not go on).
    const status = await curl(`${est}/device/simpleenroll`, ...withCode(await invite('Broken')), ...body).then(
      (answer) => answer.status,
      (error: { readonly code?: number }) => error.code,
    );
    expect([413, 55, 56]).toContain(status);
    expect((await curl(`${est}/cacerts`)).status).toBe(200);
  });

  test('two lengths for one body', async () => {
    const { hostname, port } = new URL(est);
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
        socket.write('POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: x\r\nContent-Type: application/pkcs10\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(said).toContain('400');
  });
});
