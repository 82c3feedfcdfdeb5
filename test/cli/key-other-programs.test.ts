/** After each of our actions, Debian's ykman 4.0.9 and yubico-piv-tool 2.2 read the same from the key as `key show` tells; and the other way round. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { KEY_SHOW } from './key-json.ts';
import { OWN, ownedKey } from './owned-key.ts';
import { createStage, type Stage } from './stage.ts';

const SERIAL = 5_210_231;
const FACTORY_MANAGEMENT_KEY = '010203040506070801020304050607080102030405060708';
const execute = promisify(execFile);

let stage: Stage;

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execute(program, [...args], { env: stage.computer.environment });
  return stdout + stderr;
}

const ykman = (...args: readonly string[]): Promise<string> => run('ykman', '--reader', stage.readerNames.user, 'piv', ...args);

/** One of our commands, which has to work. */
async function latchkey(args: readonly string[], ...lines: readonly string[]): Promise<void> {
  const { code, stdout } = await stage.computer.latchkey([...args, '--json'], lines);
  expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
}

async function show(): Promise<z.infer<typeof KEY_SHOW>> {
  return KEY_SHOW.parse((await stage.computer.latchkey(['key', 'show', '--json'])).json());
}

/** What all three of them tell of a key, in the same words. */
interface Told {
  readonly pinLeft: number | null;
  readonly slots: readonly { readonly slot: string; readonly keyType: string | undefined; readonly fingerprint: string | null; readonly subject: string | null }[];
}

async function toldByUs(): Promise<Told> {
  const { key, slots } = await show();
  const withCertificate = slots.map(({ slot, keyPair, certificate }) => ({ slot, keyType: keyPair?.keyType, certificate: certificate === 'unreadable' ? null : certificate }));
  return {
    pinLeft: key.pin.attemptsLeft,
    slots: withCertificate.map(({ slot, keyType, certificate }) => ({ slot, keyType, fingerprint: certificate?.sha256 ?? null, subject: certificate?.subject ?? null })),
  };
}

/** Both print "Slot 9a:" and indented lines "Name: value" below. */
function readSlots(text: string): Told['slots'] {
  const blocks = [...text.matchAll(/^Slot ([0-9a-f]{2}):[^\n]*\n((?:\t.*\n?)*)/gm)];
  return blocks.map(([, slot = '', lines = '']) => {
    const field = (name: string): string | undefined => new RegExp(`^\\t${name}:\\s*(.*)$`, 'm').exec(lines)?.[1];
    return { slot, keyType: field('Algorithm'), fingerprint: field('Fingerprint') ?? null, subject: field('Subject DN') ?? null };
  });
}

async function toldByYkman(): Promise<Told> {
  const info = await ykman('info');
  return { pinLeft: Number(/^PIN tries remaining:\s*(\d+)/m.exec(info)?.[1]), slots: readSlots(info) };
}

async function toldByPivTool(): Promise<Told> {
  const status = await run('yubico-piv-tool', '--reader', stage.readerNames.user, '-a', 'status');
  return { pinLeft: Number(/^PIN tries left:\s*(\d+)/m.exec(status)?.[1]), slots: readSlots(status) };
}

/** They list certificates only: a key pair without one is told by us alone. */
async function expectSameTruth(): Promise<Told> {
  const ours = await toldByUs();
  const comparable = { ...ours, slots: ours.slots.filter(({ fingerprint }) => fingerprint !== null) };
  expect({ ykman: await toldByYkman(), pivTool: await toldByPivTool() }).toEqual({ ykman: comparable, pivTool: comparable });
  return ours;
}

beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

describe.each(['5.2.4', '5.4.3', '5.7.1'])('firmware %s: after each of our actions', (firmware) => {
  let key: VirtualYubiKey;
  beforeAll(async () => {
    key = await ownedKey(SERIAL, { firmware });
    await stage.insert('user', key);
  });
  afterAll(() => expect(key.bugs).toEqual([]));

  it('a wrong PIN, the right one, another one', async () => {
    expect((await expectSameTruth()).pinLeft).toBe(3);
    await stage.computer.latchkey(['key', 'pin', 'verify', '--pin-fd', '3'], [OWN.wrongPin]);
    expect((await expectSameTruth()).pinLeft).toBe(2);
    await latchkey(['key', 'pin', 'change', '--pin-fd', '3', '--new-pin-fd', '3'], OWN.pin, OWN.newPin);
    expect((await expectSameTruth()).pinLeft).toBe(3);
    expect(await run('yubico-piv-tool', '--reader', stage.readerNames.user, '-a', 'verify-pin', '-P', OWN.newPin)).toContain('Successfully verified PIN');
  });

  it('another management key: ykman finds it by the PIN alone', async () => {
    await latchkey(['key', 'management-key', 'rotate', '--pin-fd', '3'], OWN.newPin);
    expect(await ykman('info')).toContain('Management key is stored on the YubiKey, protected by PIN');
    await ykman('keys', 'generate', '--algorithm', 'ECCP256', '--pin', OWN.newPin, '9c', join(stage.computer.folder, 'public.pem'));
    await ykman('certificates', 'generate', '--subject', 'CN=By ykman', '--pin', OWN.newPin, '9c', join(stage.computer.folder, 'public.pem'));
    expect((await expectSameTruth()).slots.map(({ slot, subject }) => [slot, subject])).toEqual([['9a', 'CN=Ana Example'], ['9c', 'CN=By ykman']]);
  });

  it('an exported certificate is the one that they export', async () => {
    const ours = new X509Certificate((await stage.computer.latchkey(['key', 'certificate', 'export', '--slot', '9c'])).stdout);
    const theirs = new X509Certificate(await run('yubico-piv-tool', '--reader', stage.readerNames.user, '-a', 'read-certificate', '-s', '9c'));
    expect(ours.fingerprint256).toBe(theirs.fingerprint256);
  });

  it('other attempts', async () => {
    await latchkey(['key', 'retries', 'set', '--pin', '6', '--puk', '5', '--pin-fd', '3', '--new-pin-fd', '3', '--new-puk-fd', '3'], OWN.newPin, OWN.pin, OWN.newPuk);
    expect((await expectSameTruth()).pinLeft).toBe(6);
    expect(await ykman('info')).not.toContain('default PIN');
    await ykman('access', 'unblock-pin', '-p', OWN.newPuk, '-n', OWN.pin);
  });

  it('a deleted certificate', async () => {
    await latchkey(['key', 'certificate', 'delete', '--slot', '9c', '--pin-fd', '3', '--confirm-serial', String(SERIAL)], OWN.pin);
    expect((await expectSameTruth()).slots.filter(({ fingerprint }) => fingerprint !== null).map(({ slot }) => slot)).toEqual(['9a']);
  });

  it('a retired key, from 5.7 on', async () => {
    const { code } = await stage.computer.latchkey(['key', 'retire', '--pin-fd', '3', '--json'], [OWN.pin]);
    expect(code).toBe(firmware === '5.7.1' ? 0 : 3);
    expect((await expectSameTruth()).slots.filter(({ fingerprint }) => fingerprint !== null).map(({ slot }) => slot)).toEqual([firmware === '5.7.1' ? '82' : '9a']);
  });

  it('a reset', async () => {
    await latchkey(['key', 'reset', '--confirm-serial', String(SERIAL)]);
    expect(await expectSameTruth()).toEqual({ pinLeft: 3, slots: [] });
    expect(await ykman('access', 'change-pin', '-P', '123456', '-n', OWN.pin)).toContain('New PIN set');
  });
});

describe("after each of theirs, key show tells ykman's truth", () => {
  beforeAll(async () => stage.insert('user', new VirtualYubiKey({ firmware: '5.4.3', serial: SERIAL })));

  it('PIN, attempts, a protected management key, a certificate', async () => {
    await ykman('access', 'set-retries', '-m', FACTORY_MANAGEMENT_KEY, '-P', '123456', '-f', '7', '4');
    expect((await show()).key).toMatchObject({ pin: { attemptsLeft: 7, attemptsTotal: 7, isFactory: true }, puk: { attemptsLeft: 4, attemptsTotal: 4, isFactory: true } });
    await ykman('access', 'change-pin', '-P', '123456', '-n', OWN.pin);
    await ykman('access', 'change-puk', '-p', '12345678', '-n', OWN.puk);
    expect((await show()).key).toMatchObject({ pin: { isFactory: false }, puk: { isFactory: false }, managementKey: { form: 'factory' } });
    await ykman('access', 'change-management-key', '-m', FACTORY_MANAGEMENT_KEY, '--protect', '-P', OWN.pin);
    expect((await show()).key.managementKey).toMatchObject({ form: 'pin-protected', isFactory: false });
    await ykman('keys', 'generate', '--algorithm', 'ECCP256', '-P', OWN.pin, '9a', join(stage.computer.folder, 'theirs.pem'));
    expect((await show()).conditions.map(({ condition }) => condition.kind)).toEqual(['enrollment-unfinished']);
    await ykman('certificates', 'generate', '--subject', 'CN=Theirs', '-P', OWN.pin, '9a', join(stage.computer.folder, 'theirs.pem'));
    expect((await expectSameTruth()).slots).toMatchObject([{ slot: '9a', keyType: 'ECCP256', subject: 'CN=Theirs' }]);
  });

  it('a management key that is left nowhere, and ours takes it over', async () => {
    const theirs = 'f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a59687';
    await ykman('access', 'change-management-key', '-P', OWN.pin, '-n', theirs);
    expect((await show()).key.managementKey.form).toBe('unknown');
    await latchkey(['key', 'management-key', 'rotate', '--pin-fd', '3', '--management-key-fd', '3'], OWN.pin, theirs);
    expect(await ykman('info')).toContain('Management key is stored on the YubiKey, protected by PIN');
  });

  it('their wrong PINs, their reset', async () => {
    await run('yubico-piv-tool', '--reader', stage.readerNames.user, '-a', 'verify-pin', '-P', OWN.wrongPin).catch(() => undefined);
    expect((await expectSameTruth()).pinLeft).toBe(6);
    await ykman('reset', '-f');
    expect(await expectSameTruth()).toEqual({ pinLeft: 3, slots: [] });
  });
});
