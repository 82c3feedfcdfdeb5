/** PIN, PUK and management key at the command line without a terminal: what an attempt costs, and what costs none. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { FAILED, GENERATED_PUK, KEY_SHOW, RETRIES_SET, SERIAL_ALONE } from './key-json.ts';
import { ended, startLatchkey, type Ended } from './latchkey-process.ts';
import { changed, OWN, ownedKey, referenceDataOf, UNKNOWN_MANAGEMENT_KEY, withUnknownManagementKey } from './owned-key.ts';
import { createStage, type Stage } from './stage.ts';

const SERIAL = 5_210_201;
const execute = promisify(execFile);

let stage: Stage;
let key: VirtualYubiKey;
/** INS bytes of the commands that reached the key since it was put in. */
let instructions: number[];
const said: string[] = [];

/** VERIFY with data, CHANGE REFERENCE DATA, RESET RETRY COUNTER, GENERAL AUTHENTICATE: whatever can cost an attempt. */
const SPENDING = [0x24, 0x2c, 0x87];

async function insert(inserted: VirtualYubiKey): Promise<VirtualYubiKey> {
  instructions = [];
  const transmit = inserted.transmit.bind(inserted);
  inserted.transmit = (command) => {
    const isEmptyVerify = command[1] === 0x20 && command.length <= 5;
    if (!isEmptyVerify) instructions.push(command[1] ?? 0);
    return transmit(command);
  };
  await stage.insert('user', inserted);
  return (key = inserted);
}

async function latchkey(args: readonly string[], lines?: readonly string[]): Promise<Ended> {
  const result = await stage.computer.latchkey([...args, '--json'], lines);
  said.push(result.stderr);
  if (!args.includes('--generate')) said.push(result.stdout);
  return result;
}

/** What a command that has to work printed, whole. */
async function done<Shape extends z.ZodType>(shape: Shape, args: readonly string[], lines?: readonly string[]): Promise<z.infer<Shape>> {
  const { code, json, stderr } = await latchkey(args, lines);
  expect({ code, stderr: code === 0 ? '' : stderr, json: code === 0 ? undefined : json() }).toEqual({ code: 0, stderr: '', json: undefined });
  return shape.parse(json());
}

/** The exit code and the failure of a command that must not work. */
async function refused(args: readonly string[], lines?: readonly string[]): Promise<{ readonly code: number | null; readonly failure: unknown }> {
  const { code, json } = await latchkey(args, lines);
  return { code, failure: FAILED.parse(json()).failure };
}

beforeAll(async () => {
  stage = await createStage();
});
afterAll(async () => {
  await stage.close();
});

describe('pin', () => {
  beforeEach(async () => void (await insert(await ownedKey(SERIAL))));

  it('verify: a wrong one costs exactly one attempt and is not tried again; the right one gives it back', async () => {
    expect(await refused(['key', 'pin', 'verify', '--pin-fd', '3'], [OWN.wrongPin])).toEqual({ code: 3, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(referenceDataOf(key, 'pin')).toEqual({ value: OWN.pin, left: 2 });
    await done(SERIAL_ALONE, ['key', 'pin', 'verify', '--pin-fd', '3'], [OWN.pin]);
    expect(referenceDataOf(key, 'pin').left).toBe(3);
  });

  it('verify: the last attempt is warned of, and a blocked PIN is not asked for at all', async () => {
    await insert(changed(key, (state) => (state.pin.attemptsLeft = 1)));
    const last = await latchkey(['key', 'pin', 'verify', '--pin-fd', '3'], [OWN.wrongPin]);
    expect({ code: last.code, kind: last.json().failure?.kind }).toEqual({ code: 3, kind: 'pin-blocked' });
    expect(last.stderr).toContain('last attempt');
    // Descriptor 99 is not open: reading it would be another failure.
    expect(await refused(['key', 'pin', 'verify', '--pin-fd', '99'])).toEqual({ code: 3, failure: { kind: 'pin-blocked' } });
  });

  it('change', async () => {
    await done(SERIAL_ALONE, ['key', 'pin', 'change', '--pin-fd', '3', '--new-pin-fd', '3'], [OWN.pin, OWN.newPin]);
    expect(referenceDataOf(key, 'pin')).toEqual({ value: OWN.newPin, left: 3 });
  });

  it('change: a new one that cannot be one is found before anything is sent', async () => {
    for (const [rule, newPin] of [['too-short', '12345'], ['too-long', '123456789'], ['factory-value', '123456']] as const) {
      const { code, json } = await stage.computer.latchkey(['key', 'pin', 'change', '--pin-fd', '3', '--new-pin-fd', '3', '--json'], [OWN.wrongPin, newPin]);
      expect({ code, failure: json().failure }).toEqual({ code: 2, failure: { kind: 'pin-invalid', which: 'PIN', rule, minLength: 6 } });
    }
    expect(instructions.filter((instruction) => SPENDING.includes(instruction))).toEqual([]);
    expect(referenceDataOf(key, 'pin')).toEqual({ value: OWN.pin, left: 3 });
  });

  it('without a terminal, the option that is missing is named', async () => {
    for (const [args, option] of [
      [['pin', 'verify'], 'pin'],
      [['pin', 'change', '--pin-fd', '3'], 'new-pin'],
      [['pin', 'unblock'], 'puk'],
      [['puk', 'change', '--puk-fd', '3'], 'new-puk'],
    ] as const) {
      expect(await refused(['key', ...args], [OWN.pin])).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option } });
    }
    expect({ pin: referenceDataOf(key, 'pin').left, puk: referenceDataOf(key, 'puk').left }).toEqual({ pin: 3, puk: 3 });
  });

  it('unblock: the way out that key show names for a blocked PIN, with what is left of the PUK', async () => {
    await insert(changed(key, (state) => (state.pin.attemptsLeft = 0)));
    const { conditions } = await done(KEY_SHOW, ['key', 'show', '--serial', String(SERIAL)]);
    expect(conditions[0]).toMatchObject({
      condition: { kind: 'pin-blocked', pukAttemptsLeft: 3 },
      waysOut: [
        { act: 'unblock-pin', loses: 'nothing', command: `latchkey key pin unblock --serial ${SERIAL}` },
        { act: 'reset', loses: 'everything', losses: expect.arrayContaining([expect.stringContaining('the certificate for Ana Example')]) },
      ],
    });
    expect(await refused(['key', 'pin', 'unblock', '--puk-fd', '3', '--new-pin-fd', '3'], [OWN.wrongPuk, OWN.newPin])).toEqual({ code: 3, failure: { kind: 'puk-wrong', attemptsLeft: 2 } });
    expect(referenceDataOf(key, 'puk').left).toBe(2);
    await done(SERIAL_ALONE, ['key', 'pin', 'unblock', '--puk-fd', '3', '--new-pin-fd', '3'], [OWN.puk, OWN.newPin]);
    expect(referenceDataOf(key, 'pin')).toEqual({ value: OWN.newPin, left: 3 });
    await insert(changed(key, (state) => (state.puk.attemptsLeft = 0)));
    expect(await refused(['key', 'pin', 'unblock', '--puk-fd', '99'])).toEqual({ code: 3, failure: { kind: 'puk-blocked' } });
  });
});

describe('factory values', () => {
  it('are not asked for where the key tells that they hold', async () => {
    await insert(new VirtualYubiKey({ firmware: '5.4.3', serial: SERIAL }));
    await done(SERIAL_ALONE, ['key', 'pin', 'change', '--new-pin-fd', '3'], [OWN.pin]);
    await done(SERIAL_ALONE, ['key', 'puk', 'change', '--new-puk-fd', '3'], [OWN.puk]);
    expect([referenceDataOf(key, 'pin').value, referenceDataOf(key, 'puk').value]).toEqual([OWN.pin, OWN.puk]);
  });

  it('are never tried where it does not tell', async () => {
    await insert(new VirtualYubiKey({ firmware: '5.2.4', serial: SERIAL }));
    expect(await refused(['key', 'pin', 'change', '--new-pin-fd', '3'], [OWN.pin])).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option: 'pin' } });
    expect(await refused(['key', 'puk', 'change', '--new-puk-fd', '3'], [OWN.puk])).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option: 'puk' } });
    expect(instructions.filter((instruction) => instruction === 0x20 || SPENDING.includes(instruction))).toEqual([]);
  });

  it('a FIPS key of 5.7 wants eight characters, and nothing that everybody tries', async () => {
    await insert(new VirtualYubiKey({ firmware: '5.7.1', serial: SERIAL, fips: true }));
    expect(await refused(['key', 'pin', 'change', '--new-pin-fd', '3'], ['246813'])).toEqual({ code: 2, failure: { kind: 'pin-invalid', which: 'PIN', rule: 'too-short', minLength: 8 } });
    expect(await refused(['key', 'pin', 'change', '--new-pin-fd', '3'], ['77777777'])).toMatchObject({ code: 2, failure: { rule: 'too-simple' } });
    await done(SERIAL_ALONE, ['key', 'pin', 'change', '--new-pin-fd', '3'], ['24681357']);
    expect(referenceDataOf(key, 'pin')).toEqual({ value: '24681357', left: 3 });
  });
});

describe('puk change', () => {
  beforeEach(async () => void (await insert(await ownedKey(SERIAL))));

  it('--generate gives the new one once, in the JSON, and it is the one on the key', async () => {
    const { puk } = await done(GENERATED_PUK, ['key', 'puk', 'change', '--puk-fd', '3', '--generate'], [OWN.puk]);
    expect(referenceDataOf(key, 'puk')).toEqual({ value: puk, left: 3 });
  });

  it('--generate gives none where the old one was wrong', async () => {
    const { code, json } = await latchkey(['key', 'puk', 'change', '--puk-fd', '3', '--generate'], [OWN.wrongPuk]);
    expect({ code, json: json() }).toMatchObject({ code: 3, json: { failure: { kind: 'puk-wrong', attemptsLeft: 2 } } });
    expect(json()).not.toHaveProperty('puk');
  });

  it('--generate gives it where nobody can know whether it was set', async () => {
    const transmit = key.transmit;
    key.transmit = (command) => {
      if (command[1] === 0x24) key.setFaults({ pullAfterCommands: 0, pullLoses: 'answer' });
      return transmit(command);
    };
    const { code, json } = await latchkey(['key', 'puk', 'change', '--puk-fd', '3', '--generate'], [OWN.puk]);
    expect({ code, json: json() }).toMatchObject({ code: 3, json: { ok: false, puk: expect.stringMatching(/^\d{8}$/) } });
    expect(json()['puk']).toBe(referenceDataOf(key, 'puk').value);
    expect(said.at(-1)).toContain('The new PUK may hold already');
  });

  it('--generate wants a terminal or --json: a PUK is not for a log', async () => {
    const { code, stdout, stderr } = await stage.computer.latchkey(['key', 'puk', 'change', '--puk-fd', '3', '--generate'], [OWN.puk]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--generate needs a terminal');
    expect(referenceDataOf(key, 'puk')).toEqual({ value: OWN.puk, left: 3 });
  });
});

describe('management-key rotate', () => {
  it('replaces a protected one, with the PIN alone', async () => {
    await insert(await ownedKey(SERIAL));
    const before = key.exportState().managementKey.value;
    await done(SERIAL_ALONE, ['key', 'management-key', 'rotate', '--pin-fd', '3'], [OWN.pin]);
    expect(key.exportState().managementKey.value).not.toBe(before);
    expect((await done(KEY_SHOW, ['key', 'show'])).key.managementKey.form).toBe('pin-protected');
  });

  it('an unknown one is asked for, looked at before it is sent, and then known', async () => {
    await insert(withUnknownManagementKey(await ownedKey(SERIAL)));
    const rotate = ['key', 'management-key', 'rotate', '--pin-fd', '3'];
    const { key: shown, conditions } = await done(KEY_SHOW, ['key', 'show']);
    expect({ form: shown.managementKey.form, kinds: conditions.map(({ condition }) => condition.kind) }).toEqual({ form: 'unknown', kinds: ['management-key-unknown'] });
    instructions.length = 0;
    expect(await refused(rotate, [OWN.pin])).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option: 'management-key' } });
    for (const garbage of ['xyz', UNKNOWN_MANAGEMENT_KEY.slice(2), `${UNKNOWN_MANAGEMENT_KEY.slice(1)}g`]) {
      expect(await refused([...rotate, '--management-key-fd', '3'], [OWN.pin, garbage])).toEqual({ code: 2, failure: { kind: 'management-key-malformed', digits: 48 } });
    }
    expect(instructions.filter((instruction) => instruction === 0x20 || SPENDING.includes(instruction))).toEqual([]);
    expect(await refused([...rotate, '--management-key-fd', '3'], [OWN.pin, '00'.repeat(24)])).toEqual({ code: 3, failure: { kind: 'management-key-unknown' } });
    const file = await stage.computer.secretFile('management-key', UNKNOWN_MANAGEMENT_KEY.toUpperCase());
    await done(SERIAL_ALONE, [...rotate, '--management-key-file', file], [OWN.pin]);
    expect((await done(KEY_SHOW, ['key', 'show'])).key.managementKey.form).toBe('pin-protected');
    expect(key.exportState().managementKey.value).not.toBe(UNKNOWN_MANAGEMENT_KEY);
  });
});

describe('retries set', () => {
  const set = (pin = '5', puk = '4'): string[] => ['key', 'retries', 'set', '--pin', pin, '--puk', puk, '--pin-fd', '3', '--new-pin-fd', '3', '--new-puk-fd', '3'];
  beforeEach(async () => void (await insert(await ownedKey(SERIAL))));

  it('sets both, and new values in the same go', async () => {
    expect(await done(RETRIES_SET, set(), [OWN.pin, OWN.newPin, OWN.newPuk])).toMatchObject({ pinAttempts: 5, pukAttempts: 4 });
    expect([referenceDataOf(key, 'pin'), referenceDataOf(key, 'puk')]).toEqual([{ value: OWN.newPin, left: 5 }, { value: OWN.newPuk, left: 4 }]);
    const { conditions } = await done(KEY_SHOW, ['key', 'show']);
    expect(conditions).toEqual([]);
  });

  it('warns before, and touches nothing for a wrong PIN or a new value that cannot be one', async () => {
    const wrong = await latchkey(set(), [OWN.wrongPin, OWN.newPin, OWN.newPuk]);
    expect({ code: wrong.code, failure: wrong.json().failure }).toEqual({ code: 3, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(wrong.stderr).toContain('makes PIN and PUK the factory ones again');
    expect(await refused(set(), [OWN.pin, OWN.newPin, '12345678'])).toMatchObject({ code: 2, failure: { kind: 'pin-invalid', which: 'PUK', rule: 'factory-value' } });
    expect([referenceDataOf(key, 'pin'), referenceDataOf(key, 'puk')]).toEqual([{ value: OWN.pin, left: 2 }, { value: OWN.puk, left: 3 }]);
    expect((await done(KEY_SHOW, ['key', 'show'])).conditions.map(({ condition }) => condition.kind)).toEqual(['pin-attempts-lost']);
  });

  it('cut off after the key took it: key show says so, and the ways out lead through it', async () => {
    const transmit = key.transmit;
    key.transmit = async (command) => {
      const answer = await transmit(command);
      if (command[1] === 0xfa) key.powerOff();
      return answer;
    };
    expect(await refused(set(), [OWN.pin, OWN.newPin, OWN.newPuk])).toMatchObject({ code: 3 });
    key.transmit = transmit;
    await insert(changed(key, () => undefined));
    const cutOff = await done(KEY_SHOW, ['key', 'show']);
    expect(cutOff.conditions[0]).toMatchObject({
      condition: { kind: 'retries-unfinished', pin: true, puk: true },
      waysOut: [{ command: 'latchkey key pin change' }, { command: 'latchkey key puk change' }],
    });
    await done(SERIAL_ALONE, ['key', 'pin', 'change', '--new-pin-fd', '3'], [OWN.newPin]);
    await done(SERIAL_ALONE, ['key', 'puk', 'change', '--new-puk-fd', '3'], [OWN.newPuk]);
    expect((await done(KEY_SHOW, ['key', 'show'])).conditions).toEqual([]);
  });
});

describe('secrets', () => {
  it('are in no argument of any process while a command runs', async () => {
    await insert(await ownedKey(SERIAL));
    key.setFaults({ delayMs: 20 });
    const child = startLatchkey(['key', 'pin', 'change', '--pin-fd', '3', '--new-pin-fd', '3', '--json'], stage.computer.environment, [OWN.pin, OWN.newPin]);
    const end = ended(child);
    const seen: string[] = [];
    while (child.exitCode === null && child.signalCode === null) seen.push((await execute('ps', ['-eo', 'args'])).stdout);
    expect((await end).code).toBe(0);
    expect(seen.some((processes) => processes.includes('latchkey.mjs key pin change'))).toBe(true);
    for (const secret of [OWN.pin, OWN.newPin]) expect(seen.join('\n')).not.toMatch(new RegExp(`(^|\\W)${secret}(\\W|$)`, 'm'));
  });

  it('were never said', () => {
    const everything = said.join('\n');
    for (const secret of [...Object.values(OWN), UNKNOWN_MANAGEMENT_KEY]) expect(everything).not.toContain(secret);
  });
});
