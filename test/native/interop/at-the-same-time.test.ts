import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACTORY_PIN } from '../../../core/key-care/pin-rules.ts';
import { outcome } from '../piv/direct-access.ts';
import { openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { expectAgreement } from './views.ts';

const [PIN, ROUNDS] = ['246813', 4];

let reader: SharedReader;
let shared: SharedKey;
beforeAll(async () => {
  reader = await openSharedReader();
  shared = await reader.insert({ firmware: '5.4.3' });
});
afterAll(async () => {
  await shared?.close();
  await reader?.close();
});

/** Each of our steps is one transaction, so nobody comes in between; what a program does that takes none is its own affair. */
test('while others come and go, reset the card and verify PINs, we go on', { timeout: 60_000 }, async () => {
  await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
  await shared.weDo((key) => key.protectManagementKey(PIN));
  for (let round = 0; round < ROUNDS; round++) {
    const others = { areOver: false };
    const run = Promise.all([
      shared.run('ykman', '--reader', shared.readerName, 'piv', 'info'),
      shared.run('yubico-piv-tool', '-a', 'verify-pin', '-P', PIN, '-a', 'status'),
      shared.run('pkcs15-tool', '--reader', shared.readerName, '--list-certificates'),
    ]).finally(() => (others.areOver = true));
    do expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: PIN })))).toBe('ok');
    while (!others.areOver);
    await run;
  }
  const { pin, managementKey } = await expectAgreement(shared);
  expect({ left: pin.left, isStored: managementKey.isStored }).toEqual({ left: 3, isStored: true });
});
