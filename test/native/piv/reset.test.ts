import { expect, test } from 'vitest';
import { readPinAttempts, unblockPin, verifyPin } from '../../../native/piv/pin.ts';
import { resetPiv } from '../../../native/piv/reset.ts';
import { directKey, FIRMWARES, openPiv, outcome, value, virtualKey } from './direct-access.ts';

test.each(FIRMWARES)('firmware %s is reset only when PIN and PUK are both blocked, and empty then', async (firmware) => {
  const key = virtualKey(firmware);
  value(await directKey(key).generateKey({ pin: '123456', keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
  const session = await openPiv(key);
  const refused = { ok: false, failure: { kind: 'card-error', instruction: 'RESET', statusWord: 0x6985 } };
  expect(await resetPiv(session)).toEqual(refused);
  for (let attempt = 0; attempt < 3; attempt++) await verifyPin(session, '000000');
  expect(await resetPiv(session)).toEqual(refused);
  for (let attempt = 0; attempt < 3; attempt++) await unblockPin(session, '00000000', '246813');
  expect(outcome(await resetPiv(session))).toBe('ok');
  expect(value(await readPinAttempts(await openPiv(key)))).toBe(3);
  expect(value(await directKey(key).facts()).authentication.keyPair).toBeNull();
});
