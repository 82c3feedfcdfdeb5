import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../core/bytes.ts';
import type { ManagementAccess } from '../../../core/security-key.ts';
import { FACTORY, OBJECT } from '../../../native/piv/identifiers.ts';
import { authenticate, setManagementKey } from '../../../native/piv/management-key.ts';
import { readManagementKeyMetadata } from '../../../native/piv/metadata.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { encodeTlv } from '../../../native/piv/tlv.ts';
import { readObject, type YubiKeyState } from '../../../native/virtual-yubikey/state.ts';
import { directKey, openPiv, outcome, value } from '../piv/direct-access.ts';
import { openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { expectAgreement } from './views.ts';

const [PIN, PUK] = ['84027561', '26194850'];
/** Commands that change something: PUT DATA, SET MANAGEMENT KEY and the rest of what a program could do to a key. */
const WRITING = ['db', 'ff', '24', '2c', '47', 'f6', 'fa', 'fb', 'fe'];
/** PRINTED with a protected key and nothing else, or not there. */
const PRINTED_FORMS = /^(88(12|1a|22)89(10|18|20)([0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64}))?$/;

type Form = 'factory' | 'protected' | 'derived' | 'typed';
/** `stages`: in how many states a rotation can leave the key, the first and the last among them. */
const CASES: readonly { readonly firmware: string; readonly fips: boolean; readonly form: Form; readonly stages: number }[] = [
  { firmware: '4.3.7', fips: false, form: 'protected', stages: 5 },
  { firmware: '5.4.3', fips: false, form: 'factory', stages: 4 },
  { firmware: '5.4.3', fips: false, form: 'protected', stages: 5 },
  { firmware: '5.4.3', fips: false, form: 'derived', stages: 4 },
  { firmware: '5.4.3', fips: false, form: 'typed', stages: 4 },
  { firmware: '5.7.1', fips: false, form: 'protected', stages: 5 },
  // Two keys in a row: see native/piv/protected-management-key.ts.
  { firmware: '5.7.1', fips: true, form: 'factory', stages: 7 },
];

let reader: SharedReader;
beforeAll(async () => {
  reader = await openSharedReader();
});
afterAll(() => reader?.close());

describe.each(CASES)('a rotation that was cut off: firmware $firmware, FIPS $fips, from a $form key', ({ firmware, fips, form, stages }) => {
  let shared: SharedKey;
  beforeAll(async () => {
    shared = await reader.insert({ firmware, fips });
  });
  afterAll(() => shared?.close());

  /** A key with the management key in that form; what opens it. Without pcscd, because it is done for every command. */
  async function prepare(): Promise<ManagementAccess> {
    await shared.startAnew();
    const direct = directKey(shared.key);
    value(await direct.changePin(FACTORY.PIN, PIN));
    value(await direct.changePuk(FACTORY.PUK, PUK));
    if (form === 'protected') value(await direct.protectManagementKey(PIN));
    if (form === 'factory' || form === 'protected') return { pin: PIN };
    const salt = new Uint8Array(randomBytes(16));
    const key = new Uint8Array(pbkdf2Sync(PIN, salt, 10_000, 24, 'sha1'));
    const session = await openPiv(shared.key);
    const { algorithm } = value(await readManagementKeyMetadata(session));
    value(await authenticate(session, { algorithm, value: FACTORY.MANAGEMENT_KEY }));
    value(await setManagementKey(session, { algorithm, value: key }));
    if (form === 'typed') return { pin: PIN, managementKey: key };
    value(await writeObject(session, OBJECT.ADMIN_DATA, encodeTlv(0x80, encodeTlv(0x82, salt))));
    return { pin: PIN };
  }

  /** Cuts a rotation at a command; answers whether it came so far. */
  async function cut(access: ManagementAccess, pullAfterCommands: number, pullLoses: 'command' | 'answer'): Promise<boolean> {
    shared.key.setFaults({ pullAfterCommands, pullLoses });
    const isCut = outcome(await directKey(shared.key).rotateManagementKey(access)) === 'security-key-removed';
    shared.key.setFaults({});
    shared.key.powerOn();
    return isCut;
  }

  test('all tell the same everywhere and write nothing, and our next call finishes it', { timeout: 90_000 }, async () => {
    const seen = new Set<string>();
    let isCut = true;
    for (let commands = 0; isCut; commands++) {
      for (const pullLoses of ['command', 'answer'] as const) {
        const access = await prepare();
        const before = shared.state;
        isCut = await cut(access, commands, pullLoses);
        if (!isCut) break;
        const where = `${pullLoses} ${commands} lost`;
        const stage = stageOf(before, shared.state);
        expect(toHex(readObject(shared.state, OBJECT.PRINTED) ?? new Uint8Array()), where).toMatch(PRINTED_FORMS);
        const isNew = !seen.has(stage);
        seen.add(stage);
        if (isNew) await expectAllOnlyRead();
        if (isNew) await shared.weDo((key) => key.rotateManagementKey(access));
        else value(await directKey(shared.key).rotateManagementKey(access));
        expectStored(before, where);
        if (isNew) await expectYkmanGoesOn();
      }
    }
    expect((await expectAgreement(shared)).managementKey).toMatchObject({ isStored: true, isDerived: false });
    // Each command that writes leaves the key in another state.
    expect(seen.size, [...seen].join('; ')).toBe(stages);
  });

  // Firmware makes no difference to what ykman does there.
  if (firmware === '5.4.3') {
    test('ykman acts in the middle: it changes all or nothing, and then our next call finishes it', { timeout: 90_000 }, async () => {
      const seen = new Set<string>();
      let isCut = true;
      for (let commands = 0; isCut; commands++) {
        const access = await prepare();
        const before = shared.state;
        isCut = await cut(access, commands, 'answer');
        const stage = stageOf(before, shared.state);
        if (!isCut || seen.has(stage)) continue;
        seen.add(stage);
        const there = shared.state;
        const { exitCode } = await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', 'change-management-key', '-f', '--protect', '-P', PIN, '-m', there.managementKey.value);
        // Where PRINTED or ADMIN DATA tells of another key than the one that is set, ykman refuses even the right one.
        if (exitCode === 0) expect(shared.state.managementKey.value, stage).not.toBe(there.managementKey.value);
        else expect(shared.state, stage).toEqual(there);
        const { value: theirs } = shared.state.managementKey;
        await shared.weDo((key) => key.rotateManagementKey(access));
        if (exitCode === 0) expect(shared.state.managementKey.value, stage).not.toBe(theirs);
        expectStored(before, stage);
      }
      await expectYkmanGoesOn();
    });
  }

  /** ykman, yubico-piv-tool and we tell the same, and nobody takes the occasion to write. */
  async function expectAllOnlyRead(): Promise<void> {
    const before = shared.state;
    shared.instructions.length = 0;
    await expectAgreement(shared);
    expect(shared.instructions.filter((instruction) => WRITING.includes(instruction))).toEqual([]);
    expect(shared.instructions).toContain('cb');
    expect(shared.state).toEqual(before);
  }

  /** The new key is in PRINTED, and nothing else; nothing else has changed but what says so. */
  function expectStored(before: YubiKeyState, where: string): void {
    const { pin, puk, managementKey, objects } = shared.state;
    expect(managementKey.value, where).not.toBe(before.managementKey.value);
    const key = fromHex(managementKey.value);
    expect(toHex(readObject(shared.state, OBJECT.PRINTED) ?? new Uint8Array()), where).toBe(toHex(encodeTlv(0x88, encodeTlv(0x89, key))));
    expect(toHex(readObject(shared.state, OBJECT.ADMIN_DATA) ?? new Uint8Array()), where).toBe('8003810102');
    expect(Object.keys(objects), where).not.toContain(OBJECT.ROTATION.toString(16));
    expect([pin.attemptsLeft, puk.attemptsLeft], where).toEqual([3, 3]);
  }

  async function expectYkmanGoesOn(): Promise<void> {
    await shared.ykman('piv', 'keys', 'generate', '-P', PIN, '-a', 'ECCP256', '9c', '-');
  }
});

/** How far a rotation has come, without what chance made. */
function stageOf(before: YubiKeyState, now: YubiKeyState): string {
  const [key, formerKey] = [now.managementKey.value, before.managementKey.value];
  const printed = readObject(now, OBJECT.PRINTED);
  const inPrinted = (hex: string): boolean => printed !== undefined && toHex(printed) === toHex(concatBytes(encodeTlv(0x88, encodeTlv(0x89, fromHex(hex)))));
  return [
    `key ${key === formerKey ? 'before' : 'new'}`,
    `PRINTED ${printed === undefined ? 'empty' : inPrinted(formerKey) ? 'before' : inPrinted(key) ? 'new' : 'next'}`,
    `ADMIN DATA ${toHex(readObject(now, OBJECT.ADMIN_DATA) ?? new Uint8Array()).slice(0, 8)}`,
    `ROTATION ${readObject(now, OBJECT.ROTATION) ? 'there' : 'none'}`,
  ].join(', ');
}
