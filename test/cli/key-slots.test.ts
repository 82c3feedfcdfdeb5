/** What a key holds, at the command line: shown, exported, attested, moved, deleted, reset. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { startOtherProgram } from '../native/pcsc/other-program.ts';
import { ATTESTED, CERTIFICATE_SHOW, DELETED, EXPORTED_DER, EXPORTED_PEM, FAILED, KEY_LIST, KEY_SHOW, MODULES, RESET, RETIRED } from './key-json.ts';
import { createComputer, type Ended } from './latchkey-process.ts';
import { changed, keyTypeIn, OWN, ownedKey, referenceDataOf } from './owned-key.ts';
import { createStage, type Stage } from './stage.ts';

const SERIAL = 5_210_211;
const OTHER_SERIAL = 5_210_212;
const execute = promisify(execFile);

let stage: Stage;
let key: VirtualYubiKey;

async function insert(inserted: VirtualYubiKey): Promise<void> {
  await stage.insert('user', inserted);
  key = inserted;
}

function latchkey(args: readonly string[], lines?: readonly string[]): Promise<Ended> {
  return stage.computer.latchkey([...args, '--json'], lines);
}

async function done<Shape extends z.ZodType>(shape: Shape, args: readonly string[], lines?: readonly string[]): Promise<z.infer<Shape>> {
  const { code, json, stderr } = await latchkey(args, lines);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return shape.parse(json());
}

async function refused(args: readonly string[], lines?: readonly string[]): Promise<{ readonly code: number | null; readonly failure: unknown }> {
  const { code, json } = await latchkey(args, lines);
  return { code, failure: FAILED.parse(json()).failure };
}

/** The certificate in 9a as openssl's own parser sees it. */
function certificateOn(held: VirtualYubiKey): X509Certificate {
  const object = Buffer.from(held.exportState().objects['5fc105'] ?? '', 'base64');
  // Tag 70, length in two bytes (SP 800-73-4, part 1, table 10).
  return new X509Certificate(object.subarray(4));
}

beforeAll(async () => {
  stage = await createStage();
});
afterAll(async () => {
  await stage.close();
});

describe('without keys, and with two', () => {
  beforeAll(() => stage.pull('user'));

  it('no key is exit code 3', async () => {
    for (const args of [['list'], ['show'], ['reset']]) {
      expect(await refused(['key', ...args])).toEqual({ code: 3, failure: { kind: 'no-security-key' } });
    }
  });

  it('no pcscd is exit code 3, and the modules are told all the same', async () => {
    const elsewhere = await createComputer({ PCSCLITE_CSOCK_NAME: '/nonexistent/pcscd.comm' });
    const [show, modules] = await Promise.all([elsewhere.latchkey(['key', 'show', '--json']), elsewhere.latchkey(['key', 'modules', '--json'])]);
    await elsewhere.close();
    expect({ code: show.code, kind: show.json().failure?.kind, modules: modules.code }).toEqual({ code: 3, kind: 'smart-card-service-missing', modules: 0 });
  });

  it('two are listed, and have to be told apart', async () => {
    await insert(await ownedKey(SERIAL));
    await stage.plugIn('approver', OTHER_SERIAL, '5.7.1');
    const { keys } = await done(KEY_LIST, ['key', 'list']);
    expect(keys.map(({ serial, firmware, certificate, conditions }) => ({ serial, firmware, subject: certificate?.subject, conditions }))).toEqual([
      { serial: SERIAL, firmware: '5.4.3', subject: 'Ana Example', conditions: [] },
      { serial: OTHER_SERIAL, firmware: '5.7.1', subject: undefined, conditions: [] },
    ]);
    expect(await refused(['key', 'show'])).toMatchObject({ code: 2, failure: { kind: 'several-security-keys' } });
    expect(await refused(['key', 'reset', '--confirm-serial', String(SERIAL)])).toMatchObject({ code: 2, failure: { kind: 'several-security-keys' } });
    expect(await refused(['key', 'show', '--serial', '1'])).toEqual({ code: 3, failure: { kind: 'no-security-key', wanted: 'serial 1' } });
    const shown = await done(KEY_SHOW, ['key', 'show', '--reader', stage.readerNames.approver]);
    expect(shown.key.serial).toBe(OTHER_SERIAL);
    await stage.pull('approver');
  });
});

it('a key that another program keeps is exit code 3, with its name', async () => {
  await insert(await ownedKey(SERIAL));
  const other = await startOtherProgram(stage.computer, stage.readerNames.user, 'greedy-program');
  await other.tell('connect exclusively');
  const { keys } = (await latchkey(['key', 'list'])).json();
  expect(keys).toMatchObject([{ kind: 'problem', readerName: stage.readerNames.user, failure: { kind: 'security-key-busy', holder: 'greedy-program' }, toDo: 'End that program and try again.' }]);
  expect(await refused(['key', 'show'])).toMatchObject({ code: 3, failure: { kind: 'security-key-busy', holder: 'greedy-program' } });
  await other.end();
  expect((await latchkey(['key', 'show'])).code).toBe(0);
});

describe('show', () => {
  it.each([
    ['4.3.7', { serial: SERIAL, isFips: false, pin: { isFactory: null, attemptsLeft: 3, attemptsTotal: null }, puk: { isFactory: null, attemptsLeft: null }, managementKey: { algorithm: '3DES', form: null } }],
    ['5.2.4', { serial: SERIAL, pin: { isFactory: null, attemptsLeft: 3, attemptsTotal: null }, puk: { isFactory: null, attemptsLeft: null }, managementKey: { algorithm: '3DES', form: null } }],
    ['5.4.3', { serial: SERIAL, pin: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 }, puk: { isFactory: true, attemptsLeft: 3 }, managementKey: { algorithm: '3DES', form: 'factory' } }],
    ['5.7.1', { serial: SERIAL, demandsComplexPin: false, pin: { isFactory: true }, managementKey: { algorithm: 'AES-192', form: 'factory' } }],
  ])('firmware %s from the shop', async (firmware, expected) => {
    await insert(new VirtualYubiKey({ firmware, serial: SERIAL }));
    const before = key.exportState();
    const shown = await done(KEY_SHOW, ['key', 'show']);
    expect(shown).toMatchObject({ key: { firmware, ...expected }, slots: [], conditions: [] });
    expect(key.exportState()).toEqual(before);
    const { stdout } = await stage.computer.latchkey(['key', 'show']);
    expect(stdout).toContain('No keys and no certificates.');
    expect(stdout).toContain('Nothing to do.');
  });

  it('a FIPS key of 5.7, an RSA key pair, a certificate of another key pair', async () => {
    const owner = await ownedKey(SERIAL, { keyType: 'RSA2048' });
    const swapped = await ownedKey(SERIAL, { keyType: 'ECCP384' });
    await insert(changed(owner, (state) => (state.keys = swapped.exportState().keys)));
    const { slots, conditions } = await done(KEY_SHOW, ['key', 'show']);
    expect(slots).toMatchObject([{ slot: '9a', keyPair: { keyType: 'ECCP384', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never' }, certificate: { subject: 'CN=Ana Example' }, fits: false }]);
    expect(conditions[0]).toMatchObject({ condition: { kind: 'certificate-unfit' }, words: 'The certificate for Ana Example belongs to another key pair.' });
    await insert(new VirtualYubiKey({ firmware: '5.7.1', serial: SERIAL, fips: true }));
    expect((await done(KEY_SHOW, ['key', 'show'])).key).toMatchObject({ isFips: true, demandsComplexPin: true });
  });
});

describe('certificate', () => {
  beforeEach(async () => insert(await ownedKey(SERIAL)));

  it('show: as openssl reads it', async () => {
    const theirs = certificateOn(key);
    const { certificate } = await done(CERTIFICATE_SHOW, ['key', 'certificate', 'show']);
    if (certificate === null || certificate === 'unreadable') throw new Error('no certificate');
    expect(certificate).toMatchObject({ subject: theirs.subject, issuer: theirs.issuer, serialNumber: theirs.serialNumber.toLowerCase(), sha256: theirs.fingerprint256.replaceAll(':', '').toLowerCase() });
    expect(new Date(certificate.validTo)).toEqual(new Date(theirs.validTo));
    expect(new X509Certificate(certificate.pem).raw).toEqual(theirs.raw);
  });

  it('export: PEM and DER, to a file, to standard output, and in the JSON', async () => {
    const theirs = certificateOn(key);
    const [pemFile, derFile] = [join(stage.computer.folder, 'ana.pem'), join(stage.computer.folder, 'ana.der')];
    await done(EXPORTED_PEM, ['key', 'certificate', 'export', '--slot', '9A', '--out', pemFile]);
    const inJson = await done(EXPORTED_DER, ['key', 'certificate', 'export', '--format', 'der', '--out', derFile]);
    const onOutput = await stage.computer.latchkey(['key', 'certificate', 'export']);
    const { stdout: piped } = await execute('sh', ['-c', `"$@" | openssl x509 -inform der -noout -serial`, 'sh', process.execPath, 'scripts/latchkey.mjs', 'key', 'certificate', 'export', '--format', 'der'], { env: stage.computer.environment });
    for (const bytes of [await readFile(pemFile), await readFile(derFile), Buffer.from(inJson.der, 'base64'), Buffer.from(onOutput.stdout)]) expect(new X509Certificate(bytes).raw).toEqual(theirs.raw);
    expect(piped).toBe(`serial=${theirs.serialNumber}\n`);
  });

  it('a slot without one is exit code 3; a file that cannot be written, 2', async () => {
    for (const command of ['show', 'export']) {
      expect(await refused(['key', 'certificate', command, '--slot', '9c'])).toEqual({ code: 3, failure: { kind: 'nothing-in-slot', slot: '9c', wanted: 'certificate' } });
    }
    expect(await refused(['key', 'certificate', 'export', '--out', '/nonexistent/ana.pem'])).toEqual({ code: 2, failure: { kind: 'file-unwritable', path: '/nonexistent/ana.pem', detail: 'ENOENT' } });
  });

  it('delete: wants the serial, takes the certificate alone', async () => {
    const remove = ['key', 'certificate', 'delete', '--slot', '9a', '--pin-fd', '3'];
    const before = key.exportState();
    expect(await refused(remove, [OWN.pin])).toMatchObject({ code: 2, failure: { kind: 'answer-missing', option: 'confirm-serial N' } });
    for (const wrong of [String(OTHER_SERIAL), 'none']) expect(await refused([...remove, '--confirm-serial', wrong], [OWN.pin])).toEqual({ code: 2, failure: { kind: 'serial-mismatch' } });
    expect(key.exportState()).toEqual(before);
    const { losses } = await done(DELETED, [...remove, '--confirm-serial', String(SERIAL)], [OWN.pin]);
    expect(losses[0]).toMatch(/^the certificate for Ana Example \(by Test issuer, until 2099-12-31\) in slot 9a$/);
    expect({ object: key.exportState().objects['5fc105'], keyType: keyTypeIn(key, '9a') }).toEqual({ object: undefined, keyType: 'ECCP256' });
  });
});

describe('attest', () => {
  const rootFile = (): string => join(stage.computer.folder, 'config/latchkey/attestation-roots/test.pem');
  const writeRoot = async (text: string): Promise<void> => {
    await mkdir(dirname(rootFile()), { recursive: true });
    await writeFile(rootFile(), text);
  };
  beforeEach(async () => insert(await ownedKey(SERIAL)));
  afterEach(() => rm(dirname(rootFile()), { recursive: true, force: true }));

  it('is not proven while nobody here knows the issuer: exit code 3, and the two certificates all the same', async () => {
    const out = join(stage.computer.folder, 'unproven.pem');
    const { code, json } = await latchkey(['key', 'attest', '--out', out]);
    expect({ code, json: json() }).toMatchObject({ code: 3, json: { failure: { kind: 'not-proven-genuine', reason: 'unknown-issuer', issuer: expect.stringContaining('TEST') }, verdict: { kind: 'unknown-issuer' } } });
    expect((await readFile(out, 'utf8')).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it('with the root in the configuration it is genuine, and openssl agrees', async () => {
    await writeRoot(testAttestationRootPem);
    const { verdict, statementPem, intermediatePem } = await done(ATTESTED, ['key', 'attest', '--slot', '9a']);
    expect(verdict).toMatchObject({ kind: 'genuine', facts: { serial: SERIAL, firmware: '5.4.3', pinPolicy: 'once', touchPolicy: 'never', isFips: false } });
    const [statement, f9] = [await stage.computer.secretFile('statement.pem', statementPem), await stage.computer.secretFile('f9.pem', intermediatePem)];
    expect((await execute('openssl', ['verify', '-CAfile', rootFile(), '-untrusted', f9, statement])).stdout).toContain('OK');
    expect((await done(KEY_SHOW, ['key', 'show'])).slots[0]?.attestation.kind).toBe('genuine');
  });

  it('there is none of an imported key pair, nor of an empty slot', async () => {
    await insert(changed(key, (state) => {
      const pair = state.keys['9a'];
      if (pair) state.keys['9a'] = { ...pair, origin: 'imported' };
    }));
    expect(await refused(['key', 'attest'])).toEqual({ code: 3, failure: { kind: 'attestation-unavailable' } });
    expect(await refused(['key', 'attest', '--slot', '9e'])).toEqual({ code: 3, failure: { kind: 'nothing-in-slot', slot: '9e', wanted: 'key-pair' } });
  });

  it('a root file that is none is named, not passed over', async () => {
    await writeRoot('no certificate');
    expect(await refused(['key', 'attest'])).toMatchObject({ code: 2, failure: { kind: 'file-unreadable', path: rootFile() } });
  });
});

describe('retire', () => {
  it('moves key pair and certificate to the first free slot (5.7)', async () => {
    await insert(await ownedKey(SERIAL, { firmware: '5.7.1' }));
    const theirs = certificateOn(key).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(await done(RETIRED, ['key', 'retire', '--pin-fd', '3'], [OWN.pin])).toMatchObject({ slot: '82' });
    const { slots } = await done(KEY_SHOW, ['key', 'show']);
    expect(slots).toMatchObject([{ slot: '82', keyPair: { keyType: 'ECCP256' }, certificate: { sha256: theirs }, fits: true }]);
    expect(await refused(['key', 'retire', '--pin-fd', '99'])).toEqual({ code: 3, failure: { kind: 'nothing-in-slot', slot: '9a', wanted: 'key-pair' } });
  });

  it('older firmware cannot, and is told before anything is asked', async () => {
    await insert(await ownedKey(SERIAL));
    expect(await refused(['key', 'retire', '--pin-fd', '99'])).toEqual({ code: 3, failure: { kind: 'move-unsupported', firmware: '5.4.3' } });
  });
});

describe('reset', () => {
  beforeEach(async () => insert(await ownedKey(SERIAL)));

  it('without the serial, or with another, nothing is touched', async () => {
    const before = key.exportState();
    const { code, json } = await latchkey(['key', 'reset']);
    expect({ code, json: json() }).toMatchObject({
      code: 2,
      json: { failure: { kind: 'answer-missing' }, losses: expect.arrayContaining([expect.stringContaining('the certificate for Ana Example (by Test issuer, until 2099-12-31) in slot 9a, and its ECCP256 key pair')]) },
    });
    for (const wrong of [String(OTHER_SERIAL), 'none', '0']) expect(await refused(['key', 'reset', '--confirm-serial', wrong])).toEqual({ code: 2, failure: { kind: 'serial-mismatch' } });
    expect(key.exportState()).toEqual(before);
  });

  it('empties it, whatever state PIN and PUK are in, and f9 stays', async () => {
    const f9 = key.exportState().keys['f9'];
    await insert(changed(key, (state) => (state.pin.attemptsLeft = 0)));
    const { losses } = await done(RESET, ['key', 'reset', '--confirm-serial', String(SERIAL)]);
    expect(losses[0]).toContain('Ana Example');
    expect(key.exportState().keys).toEqual({ f9 });
    expect([referenceDataOf(key, 'pin'), referenceDataOf(key, 'puk')]).toEqual([{ value: '123456', left: 3 }, { value: '12345678', left: 3 }]);
    expect(await done(KEY_SHOW, ['key', 'show'])).toMatchObject({ slots: [], conditions: [], key: { managementKey: { form: 'factory' } } });
  });

  it('cut off while PIN and PUK are blocked: key show leads back to it, and it goes on', async () => {
    const { transmit } = key;
    key.transmit = (command) => {
      if (command[1] === 0xfb) key.setFaults({ pullAfterCommands: 0 });
      return transmit.call(key, command);
    };
    expect(await refused(['key', 'reset', '--confirm-serial', String(SERIAL)])).toMatchObject({ code: 3 });
    await insert(changed(key, () => undefined));
    const { conditions } = await done(KEY_SHOW, ['key', 'show']);
    expect(conditions[0]).toMatchObject({ condition: { kind: 'reset-unfinished' }, waysOut: [{ act: 'go-on-resetting', command: 'latchkey key reset' }] });
    await done(RESET, ['key', 'reset', '--confirm-serial', String(SERIAL)]);
    expect((await done(KEY_SHOW, ['key', 'show'])).conditions).toEqual([]);
  });

  it('a key that tells no serial is confirmed by "none"', async () => {
    const silent = await ownedKey(SERIAL, { firmware: '4.3.7' });
    const { transmit } = silent;
    const fileNotFound = Uint8Array.of(0x6a, 0x82);
    // Before 5.0 only the management application tells it; its identifier is a0 00 00 05 27 47 11 17.
    silent.transmit = (command) => (command[1] === 0xa4 && command[8] === 0x05 ? Promise.resolve(fileNotFound) : transmit.call(silent, command));
    await insert(silent);
    expect((await done(KEY_SHOW, ['key', 'show'])).key.serial).toBeNull();
    expect(await refused(['key', 'reset', '--confirm-serial', String(SERIAL)])).toEqual({ code: 2, failure: { kind: 'serial-mismatch' } });
    expect(keyTypeIn(key, '9a')).toBe('ECCP256');
    await done(RESET, ['key', 'reset', '--confirm-serial', 'none']);
    expect(keyTypeIn(key, '9a')).toBeUndefined();
  });
});

describe('modules', () => {
  const OPENSC = /opensc-pkcs11\.so$/;
  const YKCS11 = /libykcs11\.so/;

  it('both are found with their versions, and OpenSC is used because browsers use it', async () => {
    const { found, used, reason } = await done(MODULES, ['key', 'modules']);
    expect(found).toMatchObject([
      { name: 'OpenSC', path: expect.stringMatching(OPENSC), version: expect.stringMatching(/0\.\d+/), failure: null },
      { name: 'ykcs11', path: expect.stringMatching(YKCS11), version: expect.stringMatching(/2\./), failure: null },
    ]);
    expect({ used, reason }).toEqual({ used: found[0]?.path, reason: 'usual' });
  });

  it('the environment and --module go before it; one that is no module says so', async () => {
    const { found } = await done(MODULES, ['key', 'modules']);
    const ykcs11 = found[1]?.path ?? '';
    expect(await done(MODULES, ['key', 'modules', '--module', ykcs11])).toMatchObject({ used: ykcs11, reason: 'chosen' });
    expect(await done(MODULES, ['key', 'modules', '--module', 'none'])).toMatchObject({ used: null, reason: 'none-chosen' });
    expect(await refused(['key', 'modules', '--module', '/nonexistent.so'])).toMatchObject({ code: 2, failure: { kind: 'file-unreadable', path: '/nonexistent.so' } });
    const elsewhere = await createComputer({ LATCHKEY_PKCS11_MODULE: '/bin/true' });
    const { json } = await elsewhere.latchkey(['key', 'modules', '--json']);
    await elsewhere.close();
    expect(MODULES.parse(json())).toMatchObject({ used: '/bin/true', reason: 'environment', found: expect.arrayContaining([expect.objectContaining({ path: '/bin/true', version: null, failure: expect.objectContaining({ kind: 'module-failed' }) })]) });
  });

  it('a PIN is verified through the one that is chosen, and without any', async () => {
    await insert(await ownedKey(SERIAL));
    const { found } = await done(MODULES, ['key', 'modules']);
    for (const module of ['none', ...found.map(({ path }) => path)]) {
      expect(await refused(['key', 'pin', 'verify', '--module', module, '--pin-fd', '3'], [OWN.wrongPin])).toEqual({ code: 3, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
      const { code } = await latchkey(['key', 'pin', 'verify', '--module', module, '--pin-fd', '3'], [OWN.pin]);
      expect({ module, code, left: referenceDataOf(key, 'pin').left }).toEqual({ module, code: 0, left: 3 });
    }
  });
});
