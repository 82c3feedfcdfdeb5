import { expect, test } from 'vitest';
import { readPinAttempts } from '../../../native/piv/pin.ts';
import { resetPiv } from '../../../native/piv/reset.ts';
import { directKey, FIRMWARES, openPiv, outcome, value, virtualKey } from './direct-access.ts';

test.each(FIRMWARES)('firmware %s is reset, and empty then', async (firmware) => {
  const key = virtualKey(firmware);
  value(await directKey(key).generateKey({ pin: '123456', keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
  expect(outcome(await resetPiv(await openPiv(key)))).toBe('ok');
  expect(value(await readPinAttempts(await openPiv(key)))).toBe(3);
  expect(value(await directKey(key).facts()).authentication.keyPair).toBeNull();
});
