/** A CA whose key the server does not have: a whole enrollment with it, and what a thief of the server gets. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeySignIn } from '../../../authorities/latchkey-approver.ts';
import { latchkeyAuthority } from '../../../authorities/latchkey.ts';
import { openAuthorities } from '../../../ca/authority-folder.ts';
import { initHeldAuthority } from '../../../ca/init-held.ts';
import type { AuthorityKey } from '../../../ca/keys/authority-key.ts';
import { openEncryptedKey } from '../../../ca/keys/software.ts';
import { silent } from '../../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer } from '../../../ca/server.ts';
import { signPending } from '../../../ca/sign-pending.ts';
import { openStore } from '../../../ca/storage/open-store.ts';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import { parseInvitation } from '../../../core/invitation.ts';
import { seenInEntry } from '../../../core/requests/decision-statement.ts';
import { problemWithJob } from '../../../core/requests/signing-check.ts';
import { checkCertificateFit } from '../../../core/x509/certificate-fit.ts';
import { writePem } from '../../../core/x509/pem.ts';
import { PASSPHRASE } from '../passphrase.ts';
import { must, person } from '../running-authority.ts';

let folder: string;
let dir: string;
let key: AuthorityKey;
let server: AuthorityServer;
let pinned: PinnedAuthority;

const start = async (): Promise<AuthorityServer> => must(await startAuthorityServer({ dir, listen: { host: '127.0.0.1', port: 0 }, log: silent }));

/** `ca sign-pending`, beside the running server. */
async function signWaiting(): Promise<readonly string[]> {
  const store = must(await openStore({ folder: dir }));
  try {
    return must(await signPending(store, key)).map(({ job, refused }) => refused ?? job.kind);
  } finally {
    await store.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-held-'));
  dir = join(folder, 'ca');
  const keyOut = join(folder, 'held.key');
  const { caCertificate } = must(await initHeldAuthority({ dir, name: 'Held CA', keyType: 'ECCP256', passphrase: PASSPHRASE, keyOut, hosts: ['127.0.0.1'] }));
  key = must(openEncryptedKey(await readFile(keyOut, 'utf8'), PASSPHRASE));
  server = await start();
  pinned = { address: server.address, name: server.name, fingerprint: server.fingerprint, caCertificate };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a CA whose key an approver holds', () => {
  test('enrolls its first approver with sign-pending, and others with what that approver signs from afar', async () => {
    const client = latchkeyAuthority(pinned);
    const bo = await person({ name: 'Bo Approver', email: 'bo@example.org' });
    const { code } = must(parseInvitation(server.firstApproverInvitation ?? ''));
    const waiting = must(await client.submit(bo.csr, code));
    expect(waiting).toMatchObject({ status: 'approved' });
    expect(waiting.retryAfterSeconds).toBeGreaterThan(0);
    expect(await signWaiting()).toContain('certificate');
    const { certificate } = must(await client.request(waiting.id));
    const session = must(await latchkeySignIn(pinned)(certificate ?? new Uint8Array(), bo.key.sign));

    const ana = await person();
    const asked = must(await client.submit(ana.csr));
    const entry = must(await session.request(asked.id));
    const { csrSha256 } = await seenInEntry(entry);
    expect(must(await session.decide([{ decision: 'approve', requestId: asked.id, csrSha256 }], bo.key.sign))[0]).toMatchObject({ ok: true, request: { status: 'approved' } });
    const jobs = must(await session.signingJobs()).filter(({ requestId }) => requestId === asked.id);
    expect(jobs).toHaveLength(1);
    for (const job of jobs) {
      expect(await problemWithJob(job, { csr: ana.csr, name: 'Ana Example', email: 'ana@example.org', otherNames: [] }, new Date())).toBeUndefined();
      expect(await session.handInSignature(job.id, must(await ana.key.sign(job.toBeSigned)))).toEqual({ ok: false, failure: { kind: 'signature-refused' } });
      must(await session.handInSignature(job.id, await key.sign(job.toBeSigned)));
    }
    const issued = must(await client.request(asked.id));
    expect(issued.status).toBe('issued');
    must(await checkCertificateFit({ certificate: issued.certificate ?? new Uint8Array(), publicKey: ana.key.publicKey, caCertificate: pinned.caCertificate, now: new Date() }));
    await writeFile(join(folder, 'ca.pem'), writePem(pinned.caCertificate, 'CERTIFICATE'));
    await writeFile(join(folder, 'ana.pem'), writePem(issued.certificate ?? new Uint8Array(), 'CERTIFICATE'));
    expect(execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.pem', 'ana.pem'], { cwd: folder, encoding: 'utf8' })).toContain('OK');
    await session.signOut();
  });

  test('starts again with the certificate that it has, and says what is missing where it has none', async () => {
    const before = await readFile(join(dir, 'server.crt'), 'utf8');
    await server.close();
    await rm(join(dir, 'server.key'));
    const options = { dir, listen: { host: '127.0.0.1', port: 0 }, log: silent };
    expect(await startAuthorityServer(options)).toMatchObject({ ok: false, failure: { kind: 'signatures-missing' } });
    expect(await startAuthorityServer(options)).toMatchObject({ ok: false, failure: { kind: 'signatures-missing' } });
    expect((await signWaiting()).filter((kind) => kind === 'server-certificate')).toHaveLength(1);
    server = await start();
    const now = await readFile(join(dir, 'server.crt'), 'utf8');
    expect(now).not.toBe(before);
    await server.close();
    server = await start();
    expect(await readFile(join(dir, 'server.crt'), 'utf8')).toBe(now);
  });

  test('a thief of the folder and the database can issue nothing: no private key there is the CA’s', async () => {
    const found: string[] = [];
    for (const name of await readdir(dir, { recursive: true })) {
      const bytes = await readFile(join(dir, name)).catch(() => undefined);
      for (const pem of bytes?.toString('latin1').match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/g) ?? []) {
        const published = createPublicKey(createPrivateKey({ key: pem, passphrase: PASSPHRASE })).export({ format: 'der', type: 'spki' });
        expect(new Uint8Array(published)).not.toEqual(key.publicKey);
        found.push(name);
      }
    }
    // The server's own TLS key is there, and its certificate is none of a CA.
    expect(found).toEqual(['server.key']);
    expect(execFileSync('openssl', ['x509', '-in', join(dir, 'server.crt'), '-noout', '-text'], { encoding: 'utf8' })).toContain('CA:FALSE');
    const opened = must(await openAuthorities({ dir, secrets: { passphrase: PASSPHRASE }, now: new Date(), log: silent }));
    await expect(opened.authority.key.sign(Uint8Array.of(1))).rejects.toThrow();
  });
});
