/** The CA's key in slot 9c of a virtual YubiKey, through ykcs11 and through OpenSC, behind a pcscd of our own. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeyAuthority } from '../../../authorities/latchkey.ts';
import { initHeldAuthority } from '../../../ca/init-held.ts';
import { initAuthority } from '../../../ca/init.ts';
import { openAuthorities } from '../../../ca/authority-folder.ts';
import { openTokenKey } from '../../../ca/keys/pkcs11-key.ts';
import { isSignature } from '../../../ca/keys/signing-scheme.ts';
import { silent } from '../../../ca/log.ts';
import { startAuthorityServer } from '../../../ca/server.ts';
import { signPending } from '../../../ca/sign-pending.ts';
import { openStore } from '../../../ca/storage/open-store.ts';
import { parseInvitation } from '../../../core/invitation.ts';
import { checkCertificateFit } from '../../../core/x509/certificate-fit.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { writeCertificate } from '../../../native/piv/certificates.ts';
import { FACTORY, KEY_REFERENCE } from '../../../native/piv/identifiers.ts';
import { generateKeyPair } from '../../../native/piv/keys.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { Pkcs11Modules } from '../../../native/pkcs11/pkcs11-modules.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { findModule } from '../../contract/modules.ts';
import { openPiv, value } from '../../native/piv/direct-access.ts';
import { ReaderView } from '../../native/pkcs11/inserted-key.ts';
import { must, person } from '../running-authority.ts';

const MESSAGE = new TextEncoder().encode('a TBSCertificate, say');
const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5_219_001 });
const uris = {
  ykcs11: `pkcs11:serial=5219001;id=%02?module-path=${await findModule('ykcs11')}`,
  OpenSC: `pkcs11:manufacturer=piv_II;id=%02;type=private?module-path=${await findModule('OpenSC')}`,
};
let pcscd: PrivatePcscd;
let insertion: VpcdInsertion;
let view: ReaderView;
let folder: string;
let modules: Pkcs11Modules;
let publicKey: Uint8Array;

async function managed<T>(work: (session: Awaited<ReturnType<typeof openPiv>>) => Promise<T>): Promise<T> {
  const session = await openPiv(key);
  value(await verifyPin(session, FACTORY.PIN));
  value(await unlockManagement(session, { pin: FACTORY.PIN }));
  const done = await work(session);
  key.reset();
  return done;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-9c-'));
  publicKey = await managed(async (session) => value(await generateKeyPair(session, KEY_REFERENCE.SIGNATURE, { keyType: 'ECCP384', pinPolicy: 'always', touchPolicy: 'never' })));
  pcscd = await startPrivatePcscd({ readers: 1 });
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
  modules = new Pkcs11Modules();
  view = new ReaderView();
  insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
  await view.filled(pcscd.readerNames[0] ?? '');
}, 30_000);
afterAll(async () => {
  modules.close();
  view.close();
  await insertion.close();
  await pcscd.close();
  await rm(folder, { recursive: true });
  expect(key.bugs).toEqual([]);
});

describe('the key in 9c', () => {
  test('becomes a CA through ykcs11, and signs through both modules then', async () => {
    const dir = join(folder, 'ca');
    const { caCertificate } = must(await initAuthority({ dir, name: 'Key CA', keyUri: uris.ykcs11, tokenPin: FACTORY.PIN }));
    expect(execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', join(dir, 'ca.crt'), join(dir, 'ca.crt')], { encoding: 'utf8' })).toContain('OK');
    expect((await readFile(join(dir, 'ca.key-uri'), 'utf8')).trim()).toBe(uris.ykcs11);
    expect(readPem(await readFile(join(dir, 'ca.crt'), 'utf8'), 'CERTIFICATE')[0]).toEqual(caCertificate);
    const opened = must(await openAuthorities({ dir, secrets: { tokenPin: FACTORY.PIN }, now: new Date(), log: silent }));
    expect(opened.authority.key.publicKey).toEqual(publicKey);
    // OpenSC shows a key only beside its certificate.
    await managed(async (session) => value(await writeCertificate(session, KEY_REFERENCE.SIGNATURE, caCertificate)));
    for (const uri of Object.values(uris)) {
      const opensc = must(await openTokenKey(uri, FACTORY.PIN, publicKey, modules));
      // Slot 9c wants its PIN at every signature.
      for (const round of [1, 2]) expect(isSignature(publicKey, MESSAGE, await opensc.sign(MESSAGE)), `${uri}, round ${round}`).toBe(true);
    }
  });

  test('held by an approver it enrolls people at a server that does not have it', async () => {
    const dir = join(folder, 'held');
    const { caCertificate } = must(await initHeldAuthority({ dir, name: 'Held by a key', keyUri: uris.ykcs11, tokenPin: FACTORY.PIN, hosts: ['127.0.0.1'] }));
    const server = must(await startAuthorityServer({ dir, listen: { host: '127.0.0.1', port: 0 }, log: silent }));
    const client = latchkeyAuthority({ address: server.address, name: server.name, fingerprint: server.fingerprint, caCertificate });
    const ana = await person();
    const waiting = must(await client.submit(ana.csr, must(parseInvitation(server.firstApproverInvitation ?? '')).code));
    expect(waiting.status).toBe('approved');
    const store = must(await openStore({ folder: dir }));
    const signed = must(await signPending(store, must(await openTokenKey(uris.ykcs11, FACTORY.PIN, publicKey, modules))));
    await store.close();
    expect(signed.filter(({ job }) => job.kind === 'certificate').map(({ refused }) => refused)).toEqual([undefined]);
    const { certificate = new Uint8Array() } = must(await client.request(waiting.id));
    must(await checkCertificateFit({ certificate, publicKey: ana.key.publicKey, caCertificate, now: new Date() }));
    await server.close();
  });

  test.each(Object.entries(uris))('pulled while %s serves: a clear failure, and it signs again when it is back', async (_module, uri) => {
    const reader = pcscd.readerNames[0] ?? '';
    const held = must(await openTokenKey(uri, FACTORY.PIN, publicKey, modules));
    await insertion.remove();
    await view.empty(reader);
    await expect(held.sign(MESSAGE)).rejects.toMatchObject({ failure: { kind: 'token-key-unusable', problem: 'token-missing' } });
    await insertion.insert();
    await view.filled(reader);
    expect(isSignature(publicKey, MESSAGE, await held.sign(MESSAGE))).toBe(true);
  });

  test.each(Object.entries(uris))('a wrong PIN costs one attempt with %s, and no signature tries another', async (_module, uri) => {
    const attemptsLeft = (): number => key.exportState().pin.attemptsLeft;
    expect(attemptsLeft()).toBe(3);
    expect(await openTokenKey(uri, '654321', publicKey, modules)).toEqual({ ok: false, failure: { kind: 'token-key-unusable', problem: 'pin-wrong' } });
    expect(attemptsLeft()).toBe(2);
    must(await openTokenKey(uri, FACTORY.PIN, publicKey, modules));
    expect(attemptsLeft()).toBe(3);
  });
});
