/** A key that is read anew is shown as before meanwhile: what is asked of it then waits, and does not fail. */
import { expect, test } from 'vitest';
import { success } from '../../core/result.ts';
import type { PresentSecurityKey, SecurityKey, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import { CareSessions } from '../../electron/main/care-sessions.ts';
import { OWN_SECRETS, exampleKey } from '../core/enrollment/example-facts.ts';

const READER = 'Reader 00 00';
const FACTS = { ...exampleKey(OWN_SECRETS), readerName: READER };
const [READING, READY] = [
  { kind: 'reading', readerName: READER },
  { kind: 'ready', readerName: READER, facts: FACTS },
] as const satisfies readonly PresentSecurityKey[];

function setUp() {
  let tell: (situation: SecurityKeysSituation) => void = () => undefined;
  const keys = { watch: (listener: typeof tell) => ((tell = listener), () => undefined), at: () => ({}) as SecurityKey } as Partial<SecurityKeys> as SecurityKeys;
  const records = { read: async () => null, write: async () => undefined, remove: async () => undefined };
  const sessions = new CareSessions({ keys, authority: () => null, records, clock: { now: () => new Date() }, loadRules: () => expect.fail('no rules are needed') });
  const check = () => sessions.act('care.verifyPin', { readerName: READER, keySerial: FACTS.serial, pin: '482915' }, async () => success('done'));
  return { tell: (...present: readonly PresentSecurityKey[]) => tell({ kind: 'present', keys: present }), check };
}

test('what is asked while the key is read is done once it is', async () => {
  const { tell, check } = setUp();
  tell(READY);
  tell(READING);
  let isDone = false;
  const asked = check().finally(() => (isDone = true));
  await new Promise((resolve) => setImmediate(resolve));
  tell(READING);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  tell(READY);
  expect(await asked).toEqual(success('done'));
});

test('a key that is pulled meanwhile is gone', async () => {
  const { tell, check } = setUp();
  tell(READING);
  const asked = check();
  tell();
  expect(await asked).toMatchObject({ ok: false, failure: { kind: 'security-key-removed' } });
});

test('another key that is read in the same reader is not asked', async () => {
  const { tell, check } = setUp();
  tell(READING);
  const asked = check();
  tell({ ...READY, facts: { ...FACTS, serial: 1 } });
  expect(await asked).toMatchObject({ ok: false, failure: { kind: 'security-key-removed' } });
});
