/** A server below an offline root, and one whose key is on a token: what people meet, before and after a rollover, or a pulled token. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectAuthority, inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { initAuthority } from '../../ca/init.ts';
import { activateIssuer, requestIssuer, signIssuer } from '../../ca/issuer.ts';
import { silent } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer, type AuthorityServerOptions } from '../../ca/server.ts';
import { openStore } from '../../ca/storage/open-store.ts';
import { sha256, toHex } from '../../core/bytes.ts';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import { parseInvitation } from '../../core/invitation.ts';
import { checkCertificateFit } from '../../core/x509/certificate-fit.ts';
import { SOFTHSM_MODULE, SoftTokens } from '../native/pkcs11/soft-token.ts';
import { PASSPHRASE } from './passphrase.ts';
import { must, person, type Person } from './running-authority.ts';
import { signInAs } from './test-officer.ts';

let folder: string;
const tokens = new SoftTokens();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-served-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  tokens.remove();
});

const start = async (dir: string, options: Partial<AuthorityServerOptions> = {}): Promise<AuthorityServer> =>
  must(await startAuthorityServer({ dir, passphrase: PASSPHRASE, listen: { host: '127.0.0.1', port: 0 }, log: silent, ...options }));

function fits(who: Person, pinned: PinnedAuthority, certificate: Uint8Array, chain: readonly Uint8Array[]) {
  return checkCertificateFit({ certificate, publicKey: who.key.publicKey, caCertificate: pinned.caCertificate, chain, now: new Date() });
}

describe('below an offline root', () => {
  const rootDir = (): string => join(folder, 'root');
  const dir = (): string => join(folder, 'issuing');

  async function newIssuer(name: string): Promise<string> {
    const csr = join(folder, 'issuer.csr');
    await writeFile(csr, must(await requestIssuer({ dir: dir(), name, keyType: 'ECCP256', secrets: { passphrase: PASSPHRASE } })));
    await writeFile(join(folder, 'issuer.crt'), must(await signIssuer({ rootDir: rootDir(), secrets: { passphrase: 'root' }, csr, now: new Date() })));
    return must(await activateIssuer({ dir: dir(), certificate: join(folder, 'issuer.crt'), now: new Date() })).id;
  }

  test('people pin the root, get the chain, and go on after a rollover without noticing', async () => {
    must(await initAuthority({ dir: rootDir(), name: 'Root', isRoot: true, keyType: 'ECCP256', passphrase: 'root' }));
    const first = await newIssuer('Issuer 1');
    let server = await start(dir());
    const link = server.firstApproverInvitation ?? '';
    const { authority: pinned } = must(await inspectLinkOrAddress(link));
    expect(pinned.fingerprint).toBe(server.fingerprint);
    expect(await Promise.all((pinned.issuers ?? []).map(async (issuer) => toHex(await sha256(issuer))))).toEqual([first]);
    const bo = await person({ name: 'Bo Approver', email: 'bo@example.org' });
    const enrolled = must(await latchkeyAuthority(pinned).submit(bo.csr, must(parseInvitation(link)).code));
    expect(enrolled.chain).toEqual(pinned.issuers);
    must(await fits(bo, pinned, enrolled.certificate ?? new Uint8Array(), enrolled.chain ?? []));
    // With the root alone it cannot be told from a stranger's.
    expect(await fits(bo, pinned, enrolled.certificate ?? new Uint8Array(), [])).toMatchObject({ failure: { reason: 'chain' } });

    await server.close();
    const second = await newIssuer('Issuer 2');
    server = await start(dir(), { listen: { host: '127.0.0.1', port: Number(new URL(server.address).port) } });
    const again = must(await inspectAuthority(server.address, {}, pinned.fingerprint));
    expect(await Promise.all((again.issuers ?? []).map(async (issuer) => toHex(await sha256(issuer))))).toEqual([second, first]);
    // The certificate of the former issuer still signs in, and TLS is still the pinned root's.
    const officer = must(await signInAs(pinned, enrolled.certificate ?? new Uint8Array(), bo.key.sign));
    const ana = await person();
    const asked = must(await latchkeyAuthority(pinned).submit(ana.csr));
    must(await officer.approve(asked.id));
    const issued = must(await latchkeyAuthority(pinned).request(asked.id));
    expect(issued.chain).toEqual([again.issuers?.[0]]);
    must(await fits(ana, pinned, issued.certificate ?? new Uint8Array(), issued.chain ?? []));
    expect(must(await latchkeyAuthority(pinned).request(enrolled.id)).chain).toEqual(enrolled.chain);
    await server.close();
    const store = must(await openStore({ folder: dir() }));
    const issuers = await store.read(async (rows) => (await rows.certificates({ limit: 10 })).rows.map(({ issuerId }) => issuerId));
    expect(new Set(issuers)).toEqual(new Set([first, second]));
    await store.close();
  });
});

describe('with the key on a token', () => {
  test('that is pulled, requests wait and are issued when it is back', async () => {
    const PIN = '4711-4711';
    tokens.initialize('CA', PIN);
    const dir = join(folder, 'token');
    await writeFile(join(folder, 'pin'), PIN);
    const keyUri = `pkcs11:token=CA;id=%01?module-path=${SOFTHSM_MODULE}&pin-source=file:${join(folder, 'pin')}`;
    must(await initAuthority({ dir, name: 'Token CA', keyUri, generateKey: true, keyType: 'ECCP256' }));
    const server = await start(dir, { passphrase: undefined });
    const link = server.firstApproverInvitation ?? '';
    const { authority: pinned } = must(await inspectLinkOrAddress(link));
    const client = latchkeyAuthority(pinned);
    const bo = await person({ name: 'Bo Approver', email: 'bo@example.org' });
    const enrolled = must(await client.submit(bo.csr, must(parseInvitation(link)).code));
    const officer = must(await signInAs(pinned, enrolled.certificate ?? new Uint8Array(), bo.key.sign));
    const ana = await person();
    const asked = must(await client.submit(ana.csr));

    await rename(join(tokens.folder, 'tokens'), join(tokens.folder, 'away'));
    must(await officer.approve(asked.id));
    const waiting = must(await client.request(asked.id));
    expect(waiting).toMatchObject({ status: 'approved' });
    expect(waiting.retryAfterSeconds).toBeGreaterThan(0);
    await rename(join(tokens.folder, 'away'), join(tokens.folder, 'tokens'));
    const issued = must(await client.request(asked.id));
    expect(issued.status).toBe('issued');
    must(await fits(ana, pinned, issued.certificate ?? new Uint8Array(), issued.chain ?? []));
    await server.close();
  });
});
