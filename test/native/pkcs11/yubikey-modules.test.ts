/** OpenSC and ykcs11 as installed, on virtual YubiKeys behind a pcscd of our own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { CardDisposition, CardMode, Client, type Reader } from 'pcsc-mini';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyType } from '../../../core/security-key.ts';
import { capabilitiesOf } from '../../../native/pkcs11/capabilities.ts';
import { locateModules } from '../../../native/pkcs11/locate.ts';
import { Pkcs11Modules } from '../../../native/pkcs11/pkcs11-modules.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { certify9a, generateIn9a, importWithPivTool, KeyInReader, ReaderView } from './inserted-key.ts';

const FACTORY_PIN = '123456';
const FACTORY_PUK = '12345678';
const MESSAGE = Buffer.from('a message');
const MODULES = (await locateModules({ environment: {} })).map(({ name, path }) => ({ name, path }));

let pcscd: PrivatePcscd;
let modules: Pkcs11Modules;
let view: ReaderView;
let folder: string;
let inReader: KeyInReader;
let insertion: VpcdInsertion;
const keys: VirtualYubiKey[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-pkcs11-'));
  pcscd = await startPrivatePcscd({ readers: 2 });
  process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
  modules = new Pkcs11Modules({ limits: { removal: 500 } });
  view = new ReaderView();
  inReader = new KeyInReader(spareKey());
  insertion = await insertIntoVpcd(inReader.proxy, { port: pcscd.ports[0] ?? 0 });
  await view.filled(readerName());
});
afterAll(async () => {
  modules.close();
  view.close();
  await insertion.close();
  await pcscd.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  expect(keys.splice(0).flatMap((key) => key.bugs)).toEqual([]);
});

/** A key in nobody's reader. */
function spareKey(options: Partial<VirtualYubiKeyOptions> = {}): VirtualYubiKey {
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001, ...options });
  keys.push(key);
  return key;
}

/** A key in the first reader. */
function newKey(options: Partial<VirtualYubiKeyOptions> = {}): VirtualYubiKey {
  inReader.current = spareKey(options);
  return inReader.current;
}

function readerName(reader: 0 | 1 = 0): string {
  return pcscd.readerNames[reader] ?? '';
}

it('finds both modules on this machine, OpenSC first', () => {
  expect(MODULES.map(({ name }) => name)).toEqual(['OpenSC', 'ykcs11']);
});

describe.each(MODULES)('$name', ({ name, path }) => {
  const target = (reader: 0 | 1 = 0): { modulePath: string; readerName: string } => ({ modulePath: path, readerName: readerName(reader) });

  describe('PIN', () => {
    it('is verified; a wrong one costs one attempt, and the last blocks', async () => {
      const key = newKey();
      expect(await modules.loginOnly(target(), FACTORY_PIN)).toMatchObject({ ok: true, value: { path } });
      for (const attemptsLeft of [2, 1]) {
        expect(await modules.loginOnly(target(), '000000')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
        expect(key.exportState().pin.attemptsLeft).toBe(attemptsLeft);
      }
      await modules.loginOnly(target(), '000000');
      expect(key.exportState().pin.attemptsLeft).toBe(0);
      expect(await modules.loginOnly(target(), FACTORY_PIN)).toEqual({ ok: false, failure: { kind: 'pin-blocked' } });
      expect(await modules.changePin(target(), FACTORY_PIN, '654321')).toEqual({ ok: false, failure: { kind: 'pin-blocked' } });
    });

    it('is changed; a wrong old one costs one attempt and changes nothing', async () => {
      const key = newKey();
      expect(await modules.changePin(target(), '000000', '654321')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
      expect(key.exportState().pin.attemptsLeft).toBe(2);
      expect(await modules.changePin(target(), FACTORY_PIN, '87654321')).toMatchObject({ ok: true });
      expect(await modules.loginOnly(target(), '87654321')).toMatchObject({ ok: true });
      expect(await modules.loginOnly(target(), FACTORY_PIN)).toMatchObject({ ok: false, failure: { kind: 'pin-wrong' } });
    });

    it('leaves nothing that keeps the key from an exclusive user; the PIN stays verified where the capabilities say so', async () => {
      const key = newKey();
      await modules.loginOnly(target(), FACTORY_PIN);
      const emptyVerify = Buffer.from(await key.transmit(Uint8Array.of(0, 0x20, 0, 0x80))).toString('hex');
      expect(emptyVerify === '9000').toBe(capabilitiesOf(path).leavesPinVerified);
      await connectExclusively(readerName());
    });
  });

  describe('PUK', () => {
    it('is changed and unblocks the PIN, where the module can; otherwise no attempt is made', async () => {
      const key = newKey();
      const { changePuk, unblockPin } = capabilitiesOf(path);
      expect(changePuk && unblockPin).toBe(name === 'ykcs11');
      if (!changePuk) {
        expect(await modules.changePuk(target(), '00000000', '87654321')).toEqual({ ok: false, failure: { kind: 'module-cannot', module: path, detail: 'changePuk' } });
        expect(await modules.unblockPin(target(), '00000000', '654321')).toEqual({ ok: false, failure: { kind: 'module-cannot', module: path, detail: 'unblockPin' } });
        expect(key.exportState().puk.attemptsLeft).toBe(3);
        return;
      }
      expect(await modules.changePuk(target(), '00000000', '87654321')).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: null } });
      expect(key.exportState()).toMatchObject({ puk: { attemptsLeft: 2 }, pin: { attemptsLeft: 3 } });
      expect(await modules.changePuk(target(), FACTORY_PUK, '87654321')).toMatchObject({ ok: true });
      expect(await modules.unblockPin(target(), FACTORY_PUK, '654321')).toEqual({ ok: false, failure: { kind: 'puk-wrong', attemptsLeft: null } });
      expect(await modules.unblockPin(target(), '87654321', '654321')).toMatchObject({ ok: true });
      expect(await modules.loginOnly(target(), '654321')).toMatchObject({ ok: true });
    });
  });

  describe('signatures and the proof', () => {
    it.each(['ECCP256', 'ECCP384', 'RSA2048'] satisfies KeyType[])('%s', async (keyType) => {
      const key = newKey();
      const publicKey = await generateIn9a(key, keyType);
      const certificate = await certify9a(key, publicKey);
      const signed = await modules.sign(target(), FACTORY_PIN, MESSAGE, keyType);
      if (!signed.ok) throw new Error(JSON.stringify(signed.failure));
      const verifier = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
      expect(verify(keyType === 'ECCP384' ? 'sha384' : 'sha256', MESSAGE, verifier, signed.value)).toBe(true);
      expect(await modules.prove(target(), FACTORY_PIN, certificate)).toMatchObject({ ok: true, value: { through: 'pkcs11', signed: true, module: { path } } });
      expect(await modules.prove(target(), '000000', certificate)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
    });

    it('says so beforehand where it has no Ed25519, without a word to the PIN', async () => {
      const key = newKey({ firmware: '5.7.1' });
      await certify9a(key, await generateIn9a(key, 'ED25519'));
      expect(await modules.sign(target(), '000000', MESSAGE, 'ED25519')).toEqual({ ok: false, failure: { kind: 'module-cannot', module: path, detail: 'sign with ED25519' } });
      expect(key.exportState().pin.attemptsLeft).toBe(3);
    });

    it('sees a key without a certificate, or not, as its capabilities say', async () => {
      const key = newKey();
      await generateIn9a(key, 'ECCP256');
      const outcome = await modules.sign(target(), FACTORY_PIN, MESSAGE, 'ECCP256');
      expect(outcome.ok ? 'signed' : outcome.failure.kind).toBe(capabilitiesOf(path).signWithoutCertificate ? 'signed' : 'slot-empty');
    });

    it('shows a certificate that another program has just replaced', async () => {
      const key = newKey();
      const publicKey = await generateIn9a(key, 'ECCP256');
      const old = await certify9a(key, publicKey);
      const newer = await certify9a(spareKey(), publicKey);
      expect(await modules.prove(target(), FACTORY_PIN, old)).toMatchObject({ ok: true });
      expect(await modules.prove(target(), FACTORY_PIN, newer)).toEqual({ ok: false, failure: { kind: 'proof-failed', reason: 'certificate-not-found', module: path } });
      await importWithPivTool(folder, readerName(), newer);
      expect(await modules.prove(target(), FACTORY_PIN, newer)).toMatchObject({ ok: true });
      expect(await modules.prove(target(), FACTORY_PIN, old)).toMatchObject({ ok: false, failure: { kind: 'proof-failed', reason: 'certificate-not-found' } });
    });

    it('fails where the certificate in the slot is of another key', async () => {
      const key = newKey();
      await generateIn9a(key, 'ECCP256');
      const foreign = await certify9a(key, await generateIn9a(spareKey({ serial: 7 }), 'ECCP256'));
      expect(await modules.prove(target(), FACTORY_PIN, foreign)).toEqual({ ok: false, failure: { kind: 'proof-failed', reason: 'signature', module: path } });
    });
  });

  describe('touch and PIN policies', () => {
    it('waits for a finger, tells when, and leaves this process free meanwhile', async () => {
      const key = newKey();
      const certificate = await certify9a(key, await generateIn9a(key, 'ECCP256', { touchPolicy: 'always' }));
      const heard: string[] = [];
      key.watch(({ isWaitingForTouch }) => {
        if (!isWaitingForTouch) return;
        heard.push('blinks');
        key.touch();
      });
      const outcome = await modules.prove(target(), FACTORY_PIN, certificate, { expectsTouch: true, onSigning: () => heard.push('signing') });
      expect(outcome).toMatchObject({ ok: true });
      expect(heard).toEqual(['signing', 'blinks']);
    });

    it('names a touch that never came', async () => {
      const key = newKey({ touchTimeLimitMs: 200 });
      const certificate = await certify9a(key, await generateIn9a(key, 'ECCP256', { touchPolicy: 'always' }));
      expect(await modules.prove(target(), FACTORY_PIN, certificate, { expectsTouch: true })).toEqual({ ok: false, failure: { kind: 'touch-timeout' } });
    });

    it('signs with a key that wants the PIN every time', async () => {
      const key = newKey();
      const certificate = await certify9a(key, await generateIn9a(key, 'ECCP256', { pinPolicy: 'always' }));
      expect(await modules.prove(target(), FACTORY_PIN, certificate)).toMatchObject({ ok: true });
    });
  });

  describe('two readers', () => {
    it('finds the key by its reader, and leaves the other alone', async () => {
      const [first, second] = [newKey(), spareKey({ serial: 5210002 })];
      const secondInsertion = await insertIntoVpcd(second, { port: pcscd.ports[1] ?? 0 });
      await view.filled(readerName(1));
      expect(await modules.loginOnly(target(1), '000000')).toMatchObject({ ok: false, failure: { kind: 'pin-wrong' } });
      expect([first, second].map((key) => key.exportState().pin.attemptsLeft)).toEqual([3, 2]);
      expect(await modules.changePin(target(0), FACTORY_PIN, '654321')).toMatchObject({ ok: true });
      expect(await modules.loginOnly(target(1), FACTORY_PIN)).toMatchObject({ ok: true });
      expect(await modules.loginOnly(target(0), '654321')).toMatchObject({ ok: true });
      await secondInsertion.close();
      await view.empty(readerName(1));
    });

    it('has no key in an empty reader or in one that is not there', async () => {
      newKey();
      expect(await modules.loginOnly(target(1), FACTORY_PIN)).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
      expect(await modules.loginOnly({ modulePath: path, readerName: 'No reader 00 00' }, FACTORY_PIN)).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
    });
  });

  describe('a key that is pulled', () => {
    let key: VirtualYubiKey;
    let certificate: Uint8Array;

    beforeEach(async () => {
      key = newKey();
      certificate = await certify9a(key, await generateIn9a(key, 'ECCP256'));
    });

    // OpenSC deadlocks at 12 (in C_Initialize) and at 22 (before the login); ykcs11 answers CKR_DEVICE_ERROR at any.
    it.each([0, 5, 12, 22, 90, 92])('after %i commands: ends as removed, loses no attempt, works after reinsertion', async (commands) => {
      key.setFaults({ pullAfterCommands: commands });
      const forget = key.watch(({ isPluggedIn }) => isPluggedIn || modules.noteRemoval(readerName()));
      const outcome = await modules.prove(target(), FACTORY_PIN, certificate);
      forget();
      const wasPulled = !key.status.isPluggedIn;
      expect(outcome).toMatchObject(wasPulled ? { ok: false, failure: { kind: 'security-key-removed' } } : { ok: true });
      expect(key.exportState().pin.attemptsLeft).toBe(3);
      if (!wasPulled) return;
      key.setFaults({});
      await view.empty(readerName());
      await insertion.insert();
      await view.filled(readerName());
      expect(await modules.prove(target(), FACTORY_PIN, certificate)).toMatchObject({ ok: true });
    });
  });
});

it('OpenSC never takes a PIN for a PUK, whatever the user has set in opensc.conf', async () => {
  await writeFile(join(folder, 'opensc.conf'), 'app opensc-pkcs11 { pkcs11 { user_pin_unblock_style = set_pin_in_unlogged_session; } }\n');
  process.env['OPENSC_CONF'] = join(folder, 'opensc.conf');
  const configured = new Pkcs11Modules();
  const key = newKey();
  const target = { modulePath: MODULES[0]?.path ?? '', readerName: readerName() };
  expect(await configured.changePin(target, '000000', '654321')).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: null } });
  expect(key.exportState()).toMatchObject({ pin: { attemptsLeft: 2 }, puk: { attemptsLeft: 3 } });
  expect(await configured.changePin(target, FACTORY_PIN, '654321')).toMatchObject({ ok: true });
  expect(key.exportState()).toMatchObject({ pin: { attemptsLeft: 3 }, puk: { attemptsLeft: 3 } });
  configured.close();
  delete process.env['OPENSC_CONF'];
});

/** As another program would, at once: pcscd refuses while anybody has a handle. */
async function connectExclusively(name: string): Promise<void> {
  const client = new Client();
  try {
    const reader = await new Promise<Reader>((resolve) => {
      client.on('reader', (found) => found.name() === name && resolve(found));
      client.start();
    });
    const card = await reader.connect(CardMode.EXCLUSIVE);
    await card.disconnect(CardDisposition.LEAVE);
  } finally {
    client.removeAllListeners();
    client.stop();
  }
}
