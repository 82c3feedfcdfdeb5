/** The device process is ended, or the key pulled, at every command of an action that leaves a note. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CareRecord } from '../../core/key-care/care-record.ts';
import * as keyCare from '../../core/key-care/key-care.ts';
import { waysOut } from '../../core/key-care/ways-out.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { SecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import { CareSessions } from '../../electron/main/care-sessions.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { OWN_SECRETS, exampleKey } from '../core/enrollment/example-facts.ts';
import { need } from '../flows/flow-authority.ts';
import { inProcessSecurityKey } from '../flows/in-process-key.ts';
import { isManagementKeyKnown, pinOf, pukOf } from '../flows/watched-card.ts';
import type { PassCommand } from './device-in-process.ts';
import { careRoom, readerName, SERIAL, type CareTestRoom } from './care-room.ts';

const OLD = { pin: '470193', puk: '58213907' };
const NEW = { pin: '739264', puk: '90415263' };

let room: CareTestRoom | null = null;
afterEach(async () => {
  await room?.close();
  room = null;
});

/** Whether the last command before the end never reaches the key, or is carried out and its answer lost. */
type Lost = 'command' | 'answer';

/** Ends the process at the command that follows so many. */
class Deadline {
  /** null: never. */
  commandsLeft: number | null = null;

  constructor(private readonly lost: Lost = 'command') {}

  readonly pass: PassCommand = async (process, send) => {
    if (this.commandsLeft === null || this.commandsLeft-- > 0) return send();
    this.commandsLeft = null;
    if (this.lost === 'answer') await send();
    process.kill();
    return new Promise(() => undefined);
  };
}

async function owned(firmware: string): Promise<VirtualYubiKey> {
  const card = new VirtualYubiKey({ firmware, serial: SERIAL });
  const key = inProcessSecurityKey(card);
  need(await key.changePin('123456', OLD.pin));
  need(await key.changePuk('12345678', OLD.puk));
  need(await key.protectManagementKey(OLD.pin));
  return card;
}

/** A room whose window asks for the conditions at every change, as ours does. */
async function watchedRoom(card: VirtualYubiKey, firmware: string, deadline: Deadline): Promise<CareTestRoom> {
  const opened = await careRoom({ key: { firmware, state: card.exportState() }, pass: deadline.pass });
  opened.client.watch(() => void opened.sessions.conditions(readerName));
  room = opened;
  return opened;
}

type Act = (opened: CareTestRoom) => Promise<Result<unknown>>;

/** Cuts `act` off at every command; `check` sees each outcome. Answers how many commands there are. */
async function cutOffEverywhere(firmware: string, lost: Lost, act: Act, check: (opened: CareTestRoom, commands: number) => Promise<void>): Promise<number> {
  const card = await owned(firmware);
  for (let commands = 0; ; commands++) {
    const deadline = new Deadline(lost);
    const opened = await watchedRoom(card, firmware, deadline);
    deadline.commandsLeft = commands;
    const result = await act(opened);
    if (result.ok) return commands;
    expect(result, `after ${commands} commands`).toMatchObject({ ok: false, failure: { kind: 'device-process-ended' } });
    deadline.commandsLeft = null;
    await check(opened, commands);
    expect(opened.card.bugs).toEqual([]);
    await opened.close();
    room = null;
  }
}

const CASES = ['5.2.4', '5.4.3', '5.7.1'].flatMap((firmware) => (['command', 'answer'] as const).map((lost) => ({ firmware, lost })));

describe.each(CASES)('firmware $firmware, the process ended, the $lost lost', ({ firmware, lost }) => {
  test('a reset goes on where it was cut off, and is told until then', { timeout: 60_000 }, async () => {
    const seen = new Set<string>();
    const reset: Act = ({ care }) => Promise.resolve(care['care.reset']({ readerName, serial: SERIAL }));
    const commands = await cutOffEverywhere(firmware, lost, reset, async (opened, count) => {
      const conditions = await opened.conditions();
      const { pin, puk } = opened.card.exportState();
      const isTouched = pin.attemptsLeft < pin.attemptsTotal || puk.attemptsLeft < puk.attemptsTotal;
      if (isTouched) expect(conditions[0], `after ${count} commands`).toBe('reset-unfinished');
      for (const condition of conditions) seen.add(condition);
      expect(await reset(opened)).toEqual(success(null));
      expect([pinOf(opened.card), pukOf(opened.card), await opened.records.read(SERIAL)]).toEqual(['123456', '12345678', null]);
    });
    expect(commands).toBeGreaterThan(10);
    expect([...seen]).toContain(firmware === '5.2.4' ? 'pin-blocked' : 'pin-and-puk-blocked');
  });

  test('setting the attempts goes on where it was cut off, and is told until then', { timeout: 60_000 }, async () => {
    const set = (opened: CareTestRoom, pin: string): Promise<Result<unknown>> =>
      Promise.resolve(opened.care['care.setRetries']({ readerName, keySerial: SERIAL, pin, pinAttempts: 6, pukAttempts: 4, newPin: NEW.pin, newPuk: NEW.puk }));
    const seen = new Set<string>();
    const commands = await cutOffEverywhere(firmware, lost, (opened) => set(opened, OLD.pin), async (opened, count) => {
      const conditions = await opened.conditions();
      for (const condition of conditions) seen.add(condition);
      const { card } = opened;
      const hasFactoryValue = pinOf(card) === '123456' || pukOf(card) === '12345678';
      if (hasFactoryValue) expect(conditions, `after ${count} commands`).toContain('retries-unfinished');
      expect(isManagementKeyKnown(card)).toBe(true);
      expect(await set(opened, pinOf(card))).toEqual(success(null));
      expect([pinOf(card), pukOf(card), card.exportState().pin.attemptsTotal, await opened.records.read(SERIAL)]).toEqual([NEW.pin, NEW.puk, 6, null]);
      expect(await opened.conditions()).not.toContain('retries-unfinished');
    });
    expect(commands).toBeGreaterThan(10);
    expect([...seen]).toContain('retries-unfinished');
  });
});

test('the way out of retries cut off: PIN and PUK are changed one by one, also where the firmware tells nothing', async () => {
  const firmware = '5.2.4';
  const opened = await watchedRoom(await owned(firmware), firmware, new Deadline());
  await opened.records.write({ serial: SERIAL, action: 'retries', startedAt: new Date(), open: ['PIN', 'PUK'] });
  expect(await opened.conditions()).toEqual(['retries-unfinished']);
  await opened.care['care.changePin']({ readerName, keySerial: SERIAL, currentPin: OLD.pin, newPin: NEW.pin });
  expect(await opened.sessions.conditions(readerName)).toMatchObject(success([{ condition: { kind: 'retries-unfinished', pin: false, puk: null }, waysOut: [{ act: 'change-puk' }] }]));
  await opened.care['care.changePuk']({ readerName, keySerial: SERIAL, currentPuk: OLD.puk, newPuk: NEW.puk });
  expect(await opened.conditions()).toEqual([]);
  expect(await opened.records.read(SERIAL)).toBeNull();
});

describe('facts from before an action that was cut off', () => {
  const untouched: SecurityKeysSituation = { kind: 'present', keys: [{ kind: 'ready', readerName, facts: exampleKey(OWN_SECRETS) }] };

  function setUp(facts: () => Promise<Result<SecurityKeyFacts>>) {
    let tell: (situation: SecurityKeysSituation) => void = () => undefined;
    let record: CareRecord | null = null;
    const key = { facts, reset: () => Promise.resolve(failed({ kind: 'security-key-removed' })) } as Partial<SecurityKey> as SecurityKey;
    const keys = { watch: (listener: typeof tell) => ((tell = listener), () => undefined), at: () => key } as Partial<SecurityKeys> as SecurityKeys;
    const records = { read: async () => record, write: async (written: CareRecord) => void (record = written), remove: async () => void (record = null) };
    const sessions = new CareSessions({ keys, authority: () => null, records, clock: { now: () => new Date() }, loadRules: async () => ({ ...keyCare, waysOut }) });
    const kinds = async (): Promise<readonly string[]> => need(await sessions.conditions(readerName)).map(({ condition }) => condition.kind);
    const reset = () => sessions.act('care.reset', { readerName, serial: SERIAL }, (cared) => keyCare.resetKey(cared.key, SERIAL, sessions.ports));
    tell(untouched);
    return { tell: (situation: SecurityKeysSituation) => tell(situation), kinds, reset, record: () => record };
  }

  test('do not say that it is over; facts from after it do', async () => {
    const answers = [success(exampleKey(OWN_SECRETS)), failed({ kind: 'security-key-removed' })];
    const { tell, kinds, reset, record } = setUp(() => Promise.resolve(answers.shift() ?? expect.fail('read too often')));
    expect(await reset()).toEqual(failed({ kind: 'security-key-removed' }));
    // The reader's watcher has not noticed yet: what is known of the key looks as if nothing had happened.
    expect(await kinds()).toEqual(['reset-unfinished']);
    tell({ kind: 'present', keys: [] });
    expect(record()).not.toBeNull();
    tell(untouched);
    expect(await kinds()).toEqual([]);
    expect(record()).toBeNull();
  });

  test('are not told while it runs', async () => {
    let finish: (facts: Result<SecurityKeyFacts>) => void = () => undefined;
    const { kinds, reset } = setUp(() => new Promise((resolve) => (finish = resolve)));
    const running = reset();
    let isTold = false;
    const told = kinds().finally(() => (isTold = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTold).toBe(false);
    finish(failed({ kind: 'security-key-busy' }));
    await new Promise((resolve) => setImmediate(resolve));
    finish(success(exampleKey(OWN_SECRETS)));
    expect(await running).toEqual(failed({ kind: 'security-key-busy' }));
    expect(await told).toEqual([]);
  });
});
