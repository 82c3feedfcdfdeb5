import { execFile, execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate, type SecureVersion } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { loadAttestationTrust } from '../../native/attestation-roots.ts';
import { createInvitation, createRecovery } from '../../ca/invite.ts';
import { jsonLines, silent } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer, type AuthorityServerOptions } from '../../ca/server.ts';
import { API } from '../../core/authority-api.ts';
import { parseInvitation } from '../../core/invitation.ts';
import type { Result } from '../../core/result.ts';
import { writePem } from '../../core/x509/pem.ts';
import { PASSPHRASE } from './passphrase.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from './running-authority.ts';
import { signInAs } from './test-officer.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

async function running(options: Partial<AuthorityServerOptions> = {}): Promise<TestAuthority> {
  const authority = await startTestAuthority(options);
  onTestFinished(() => authority.close());
  return authority;
}

/** A second server on the folder of the first, which stays. */
function startAgain(authority: TestAuthority, options: Partial<AuthorityServerOptions> = {}): Promise<Result<AuthorityServer>> {
  return startAuthorityServer({ dir: authority.dir, passphrase: PASSPHRASE, listen: LOOPBACK, log: silent, ...options });
}

describe('starting', () => {
  test('a wrong passphrase, a folder that is no CA, a port that is taken, a broken root, a bad address', async () => {
    const authority = await running();
    expect(await startAgain(authority, { passphrase: 'wrong' })).toEqual({ ok: false, failure: { kind: 'passphrase-wrong' } });
    expect(await startAgain(authority, { dir: '/nowhere' })).toEqual({ ok: false, failure: { kind: 'authority-folder-missing', path: '/nowhere' } });
    const port = Number(new URL(authority.server.address).port);
    expect(await startAgain(authority, { listen: { host: '127.0.0.1', port } })).toEqual({ ok: false, failure: { kind: 'address-in-use', address: `127.0.0.1:${port}` } });
    expect(await startAgain(authority, { publicAddress: 'ftp://x' })).toEqual({ ok: false, failure: { kind: 'authority-address-invalid' } });
    const broken = join(authority.dir, 'attestation-roots', 'broken.pem');
    await writeFile(broken, 'not a certificate');
    expect(await startAgain(authority)).toMatchObject({ ok: false, failure: { kind: 'file-unreadable', path: broken } });
  });

  test('a certificate that is not the key’s', async () => {
    const [one, other] = [await running(), await running()];
    await writeFile(join(one.dir, 'ca.crt'), await readFile(join(other.dir, 'ca.crt')));
    expect(await startAgain(one)).toEqual({ ok: false, failure: { kind: 'authority-certificate-unfit', reason: 'other-key' } });
  });

  test('the first approver is invited until there is one', async () => {
    const authority = await running();
    const second = must(await startAgain(authority));
    const secondCode = must(parseInvitation(second.firstApproverInvitation ?? '')).code;
    await second.close();
    expect(secondCode).not.toBe(authority.firstCode);
    // No attestation: nobody is there yet who could look.
    const bo = await person({ name: 'Bo', email: 'bo@example.org' });
    expect(must(await authority.client.submit(bo.csr, authority.firstCode))).toMatchObject({ status: 'issued' });
    // The other link is over, and no start makes another.
    expect(await authority.client.submit((await person()).csr, secondCode)).toEqual({ ok: false, failure: { kind: 'invitation-unknown' } });
    const third = must(await startAgain(authority));
    expect(third.firstApproverInvitation).toBeNull();
    await third.close();
  });

  test('the first approver’s names come from the CSR, or from whoever starts the CA', async () => {
    const anonymous = await running();
    expect(must(await anonymous.client.invitation(anonymous.firstCode))).toMatchObject({ name: '', email: '', role: 'owner' });
    expect((await firstApprover(anonymous)).name).toBe('Bo Approver');
    const named = await running({ firstApprover: { name: 'Cy Owner', email: 'cy@example.org' } });
    expect(must(await named.client.invitation(named.firstCode))).toMatchObject({ name: 'Cy Owner', email: 'cy@example.org' });
    expect((await firstApprover(named)).name).toBe('Cy Owner');
  });

  test('a service invites nobody by itself: the machine invites an owner, with a genuine key or by recovery', async () => {
    const authority = await running();
    const service = must(await startAgain(authority, { firstApprover: null }));
    expect(service.firstApproverInvitation).toBeNull();
    await service.close();
    const genuine = await person({ name: 'Bo Owner', email: 'bo@example.org', attestedBy: authority.chain });
    expect(must(await authority.client.submit(genuine.csr, await authority.invite('owner', 'Bo Owner', 'bo@example.org')))).toMatchObject({ status: 'issued' });
    const other = await person({ name: 'Cy Owner', email: 'cy@example.org' });
    expect(must(await authority.client.submit(other.csr, await authority.invite('owner', 'Cy Owner', 'cy@example.org')))).toMatchObject({ status: 'pending' });
    const recovery = must(await createRecovery({ dir: authority.dir, name: 'Di Owner', email: 'di@example.org' }));
    expect(must(await authority.client.submit((await person({ name: 'Di Owner', email: 'di@example.org' })).csr, recovery.code))).toMatchObject({ status: 'issued' });
  });

  test('where no approver looked, no other names than the e-mail are certified', async () => {
    const authority = await running();
    const { key } = await person();
    const { buildCsr } = await import('../../core/x509/csr-building.ts');
    const csr = must(await buildCsr({ commonName: 'Bo', email: 'bo@example.org', otherNames: [{ kind: 'upn', value: 'administrator@corp.example' }], attestation: null, ...key }));
    const { certificate } = must(await authority.client.submit(csr, authority.firstCode));
    const text = Buffer.from(certificate ?? []).toString('latin1');
    expect(text).toContain('bo@example.org');
    expect(text).not.toContain('administrator');
  });
});

describe('a restart', () => {
  test('keeps requests, sessions and certificates; an invitation made meanwhile works', async () => {
    const authority = await running();
    const approver = await firstApprover(authority);
    const { csr } = await person();
    const { id } = must(await authority.client.submit(csr));
    await authority.server.close();
    const port = Number(new URL(authority.server.address).port);
    const { code } = must(await createInvitation({ dir: authority.dir, name: 'Di', email: 'di@example.org', role: 'user', days: 1 }));
    const again = must(await startAgain(authority, { listen: { host: '127.0.0.1', port } }));
    onTestFinished(() => again.close());
    expect(again).toMatchObject({ address: authority.server.address, fingerprint: authority.server.fingerprint });
    expect(must(await approver.approve(id))).toMatchObject({ status: 'issued' });
    expect(must(await authority.client.invitation(code)).name).toBe('Di');
  });

  test('an invitation before any start needs an address', async () => {
    const authority = await running();
    expect(must(await createInvitation({ dir: authority.dir, name: 'Di', email: 'di@example.org', role: 'user', days: 1, address: 'https://ca.example.org' })).link).toContain(encodeURIComponent('https://ca.example.org'));
    expect(must(await createInvitation({ dir: authority.dir, name: 'Di', email: 'di@example.org', role: 'user', days: 1 })).link).toContain(encodeURIComponent(authority.server.address));
  });

  test('a server that listens everywhere is called by this computer’s name', async () => {
    const authority = await running();
    for (const host of ['0.0.0.0', '::']) {
      const everywhere = must(await startAgain(authority, { listen: { host, port: 0 } }));
      expect(new URL(everywhere.address).hostname).toBe(hostname().toLowerCase());
      expect(must(parseInvitation(everywhere.firstApproverInvitation ?? '')).address).toBe(new URL(everywhere.address).origin);
      await everywhere.close();
    }
  });

  test('two servers on one folder share everything', async () => {
    const authority = await running();
    const approver = await firstApprover(authority);
    const second = must(await startAgain(authority));
    onTestFinished(() => second.close());
    const there = { ...authority.pinned, address: second.address };
    const session = must(await signInAs(there, approver.certificate, approver.key.sign));
    for (let round = 0; round < 5; round += 1) {
      const { csr } = await person();
      const ids = await Promise.all([authority.client.submit(csr), latchkeyAuthority(there).submit(csr)]);
      expect(new Set(ids.map((result) => must(result).id)).size).toBe(1);
      const results = await Promise.all([approver.approve(must(ids[0] as Result<{ id: string }>).id), session.approve(must(ids[0] as Result<{ id: string }>).id)]);
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    }
  });
});

describe('TLS', () => {
  async function handshake(authority: TestAuthority, version: SecureVersion, rejectUnauthorized = true): Promise<{ protocol: string | null; peer: PeerCertificate } | string> {
    const { port } = new URL(authority.server.address);
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized, ca: writePem(authority.pinned.caCertificate, 'CERTIFICATE'), minVersion: version, maxVersion: version, checkServerIdentity: () => undefined });
      socket.once('secureConnect', () => {
        resolve({ protocol: socket.getProtocol(), peer: socket.getPeerCertificate(true) });
        socket.destroy();
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  test('1.2 and 1.3, nothing older; the CA’s certificate comes along', async () => {
    const authority = await running();
    expect(await handshake(authority, 'TLSv1.2')).toMatchObject({ protocol: 'TLSv1.2' });
    const modern = await handshake(authority, 'TLSv1.3');
    expect(modern).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await handshake(authority, 'TLSv1.1')).toBeTypeOf('string');
    const chain = typeof modern === 'string' ? undefined : (modern.peer as PeerCertificate & { issuerCertificate?: PeerCertificate }).issuerCertificate;
    expect(chain?.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(authority.server.fingerprint);
  });

  test('the server’s certificate passes openssl for its names, and only those', async () => {
    const authority = await running({ publicAddress: 'https://ca.example.org:8443' });
    expect(authority.server.address).toBe('https://ca.example.org:8443');
    // The server listens where it was told, on a port of its own.
    const port = await portOf(authority);
    const sClient = async (...args: readonly string[]): Promise<string> => {
      const child = promisify(execFile)('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', join(authority.dir, 'ca.crt'), '-x509_strict', '-purpose', 'sslserver', '-verify_return_error', ...args]);
      child.child.stdin?.end();
      return child.then(({ stdout }) => stdout, (error: { stdout: string }) => error.stdout);
    };
    for (const name of ['ca.example.org', 'localhost']) expect(await sClient('-verify_hostname', name)).toContain('Verify return code: 0 (ok)');
    for (const ip of ['127.0.0.1', '::1']) expect(await sClient('-verify_ip', ip)).toContain('Verify return code: 0 (ok)');
    expect(await sClient('-verify_hostname', 'other.example.org')).not.toContain('Verify return code: 0 (ok)');
  });

  test('the server renews its certificate while it runs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    let skewMs = 0;
    const lines: string[] = [];
    const authority = await running({ clock: () => new Date(Date.now() + skewMs), log: (_level, event) => lines.push(event) });
    const serial = async (): Promise<string> => {
      // The CA's clock runs ahead of this test's: its new certificate is not valid here yet.
      const shaken = await handshake(authority, 'TLSv1.3', false);
      return typeof shaken === 'string' ? shaken : shaken.peer.serialNumber;
    };
    const first = await serial();
    skewMs = 19 * 86_400_000;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await serial()).toBe(first);
    skewMs = 21 * 86_400_000;
    await vi.advanceTimersByTimeAsync(3_600_000);
    await vi.waitFor(() => expect(lines).toContain('server-certificate-renewed'));
    expect(await serial()).toMatch(/^[0-9A-F]{32}$/);
    expect(await serial()).not.toBe(first);
  });

  /** The port in use, where the public address hides it. */
  async function portOf(authority: TestAuthority): Promise<string> {
    const { pid } = process;
    const listening = execFileSync('ss', ['-ltnpH'], { encoding: 'utf8' });
    for (const [, port] of listening.matchAll(new RegExp(`127\\.0\\.0\\.1:(\\d+).*pid=${pid},`, 'g'))) {
      const exchange = (await import('../../authorities/https-exchange.ts')).createExchange(`https://127.0.0.1:${port}`, { trustedCa: writePem(authority.pinned.caCertificate, 'CERTIFICATE') });
      const answered = await exchange({ method: 'GET', path: API.authority }).then(({ status }) => status === 200, () => false);
      if (answered) return port ?? '';
    }
    throw new Error('The server listens nowhere.');
  }
});

describe('the log', () => {
  test('is JSON lines, and holds no secret', async () => {
    const lines: string[] = [];
    const authority = await running({ log: jsonLines((line) => lines.push(line)) });
    const approver = await firstApprover(authority);
    const code = await authority.invite('user');
    const { csr } = await person();
    const { id } = must(await authority.client.submit(csr, code));
    await authority.client.request(id);
    await approver.approve(id);
    await authority.client.invitation('a-wrong-code');
    await authority.exchange({ method: 'GET', path: API.queue, bearerToken: 'a-wrong-token' });
    const text = lines.join('');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ time: expect.any(String) as string, level: expect.any(String) as string, event: expect.any(String) as string });
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(expect.arrayContaining(['listening', 'http', 'signed-in', 'certificate-issued', 'request-approved']));
    for (const secret of [code, authority.firstCode, id, PASSPHRASE, 'a-wrong-code', 'a-wrong-token']) expect(text).not.toContain(secret);
  });

  test('a bug of ours is logged whole under the id that is answered', async () => {
    const lines: string[] = [];
    const authority = await running({ log: jsonLines((line) => lines.push(line)), openStore: () => { throw new Error('unused'); } }).catch(() => undefined);
    expect(authority).toBeUndefined();
    let isBroken = false;
    const { openSqliteStore } = await import('../../ca/storage/sqlite-store.ts');
    const breakable = await running({
      log: jsonLines((line) => lines.push(line)),
      openStore: (dir) => {
        const store = openSqliteStore(join(dir, 'latchkey.sqlite'));
        return { ...store, read: (work) => (isBroken ? Promise.reject(new Error('disk on fire')) : store.read(work)) };
      },
    });
    isBroken = true;
    const answer = await breakable.exchange({ method: 'GET', path: API.request('0'.repeat(32)) });
    expect(answer.status).toBe(500);
    const { failure } = JSON.parse(answer.text) as { failure: { kind: string; id: string } };
    expect(failure.kind).toBe('unexpected');
    expect(answer.text).not.toContain('fire');
    const logged = lines.map((line) => JSON.parse(line) as { id?: string; error?: string }).find(({ id }) => id === failure.id);
    expect(logged?.error).toContain('disk on fire');
  });
});

describe('attestation roots', () => {
  test('Yubico’s seven, checked, and the administrator’s', async () => {
    expect(must(await loadAttestationTrust([])).certificates).toHaveLength(7);
    expect(must(await loadAttestationTrust(['/nowhere'])).certificates).toHaveLength(7);
    const authority = await running();
    expect(must(await loadAttestationTrust([join(authority.dir, 'attestation-roots')])).certificates).toHaveLength(8);
  });
});

test('closing answers what is under way and frees the port', async () => {
  const authority = await startTestAuthority();
  const port = Number(new URL(authority.server.address).port);
  const { csr } = await person();
  const submitting = authority.client.submit(csr);
  // It has arrived: the answer to a second question came.
  await authority.exchange({ method: 'GET', path: API.authority });
  const before = performance.now();
  await authority.close();
  expect(performance.now() - before).toBeLessThan(3000);
  expect(await submitting).toMatchObject({ ok: true });
  await new Promise<void>((resolve, reject) => {
    const server = createServer().once('error', reject).listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
});
