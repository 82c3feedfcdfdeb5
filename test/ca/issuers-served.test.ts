/** A server below an offline root, and one whose key is on a token: what people meet, before and after a rollover, or a pulled token. */
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
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

/** Made in `dir`, signed by the root, activated; its id. */
async function newIssuer(rootDir: string, dir: string, name: string): Promise<string> {
  const csr = join(folder, 'issuer.csr');
  await writeFile(csr, must(await requestIssuer({ dir, name, keyType: 'ECCP256', secrets: { passphrase: PASSPHRASE } })));
  await writeFile(join(folder, 'issuer.crt'), must(await signIssuer({ rootDir, secrets: { passphrase: 'root' }, csr, now: new Date() })));
  return must(await activateIssuer({ dir, certificate: join(folder, 'issuer.crt'), now: new Date() })).id;
}

describe('below an offline root', () => {
  const rootDir = (): string => join(folder, 'root');
  const dir = (): string => join(folder, 'issuing');

  test('people pin the root, get the chain, and go on after a rollover without noticing', async () => {
    must(await initAuthority({ dir: rootDir(), name: 'Root', isRoot: true, keyType: 'ECCP256', passphrase: 'root' }));
    const first = await newIssuer(rootDir(), dir(), 'Issuer 1');
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
    const second = await newIssuer(rootDir(), dir(), 'Issuer 2');
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

describe('a new issuer while the server runs', () => {
  const rootDir = (): string => join(folder, 'live-root');
  const dir = (): string => join(folder, 'live');
  const activate = (name: string): Promise<string> => newIssuer(rootDir(), dir(), name);

  /** What TLS shows to whoever connects now: the issuer of the server's certificate. */
  async function shownIssuer(address: string): Promise<string> {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { issuer } = socket.getPeerCertificate();
    socket.destroy();
    return [issuer.CN].flat().join();
  }

  /** Asks on this connection, which stays open. */
  async function askOn(socket: TLSSocket): Promise<string> {
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString('latin1').slice(0, 15);
  }

  test('issues from the reload on, and nobody is cut off; one that cannot be opened changes nothing', async () => {
    must(await initAuthority({ dir: rootDir(), name: 'Live root', isRoot: true, keyType: 'ECCP256', passphrase: 'root' }));
    const first = await activate('Live 1');
    const events: string[] = [];
    const server = await start(dir(), { statusListen: { host: '127.0.0.1', port: 0 }, log: (_level, event) => void events.push(event) });
    const { authority: pinned } = must(await inspectLinkOrAddress(server.firstApproverInvitation ?? ''));
    const client = latchkeyAuthority(pinned);
    const bo = await person({ name: 'Bo Approver', email: 'bo@example.org' });
    const enrolled = must(await client.submit(bo.csr, must(parseInvitation(server.firstApproverInvitation ?? '')).code));
    const officer = must(await signInAs(pinned, enrolled.certificate ?? new Uint8Array(), bo.key.sign));
    const ana = await person();
    const asked = must(await client.submit(ana.csr));
    const { hostname, port } = new URL(server.address);
    const open = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(open, 'secureConnect');
    expect(await askOn(open)).toBe('HTTP/1.1 200 OK');
    const crl = async (id: string): Promise<number> => (await fetch(`${server.statusAddress}/crl/${id.slice(0, 16)}/0.crl`)).status;
    const issuers = async (): Promise<readonly string[]> => Promise.all((must(await inspectAuthority(server.address, {}, pinned.fingerprint)).issuers ?? []).map(async (issuer) => toHex(await sha256(issuer))));

    await server.reload();
    expect(await issuers()).toEqual([first]);
    const second = await activate('Live 2');
    expect([await shownIssuer(server.address), await crl(second)]).toEqual(['Live 1', 404]);
    await Promise.all([server.reload(), server.reload()]);
    expect(await askOn(open)).toBe('HTTP/1.1 200 OK');
    expect(await issuers()).toEqual([second, first]);
    expect([await shownIssuer(server.address), await crl(second), await crl(first)]).toEqual(['Live 2', 200, 200]);
    // The session goes on, and what was asked before is issued by the new one.
    must(await officer.approve(asked.id));
    const issued = must(await client.request(asked.id));
    must(await fits(ana, pinned, issued.certificate ?? new Uint8Array(), issued.chain ?? []));
    expect(await Promise.all((issued.chain ?? []).map(async (der) => toHex(await sha256(der))))).toEqual([second]);
    const { events: lines } = must(await officer.audit({ limit: 100 }));
    expect(lines.filter(({ event }) => event === 'issuer-activated').map(({ subject }) => subject)).toEqual([second]);

    await activate('Live 3');
    await writeFile(join(dir(), 'ca.key'), 'no key');
    await server.reload();
    expect(events).toContain('issuer-not-taken');
    expect([await shownIssuer(server.address), await askOn(open)]).toEqual(['Live 2', 'HTTP/1.1 200 OK']);
    expect(await issuers()).toEqual([second, first]);
    open.destroy();
    await server.close();
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
