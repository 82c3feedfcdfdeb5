import { expect, test } from 'vitest';
import { directKey, outcome, virtualKey } from './piv/direct-access.ts';
import { otherPublicKey, testCertificate } from './piv/test-certificate.ts';

const [PIN, NEW_PIN, PUK, NEW_PUK] = ['123456', '246813', '12345678', '87654321'];
const GENERATE = { pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;

test.each(['5.2.4', '5.4.3', '5.7.1'])('another key than the expected one (firmware %s) hears neither PIN nor PUK', async (firmware) => {
  const key = virtualKey(firmware);
  const wrong = directKey(key, key.serial + 1);
  const sent: number[] = [];
  const transmit = key.transmit.bind(key);
  key.transmit = (command) => {
    sent.push(command[1] ?? 0);
    return transmit(command);
  };
  const results = [
    await wrong.verifyPin(PIN),
    await wrong.changePin(PIN, NEW_PIN),
    await wrong.changePuk(PUK, NEW_PUK),
    await wrong.unblockPin(PUK, NEW_PIN),
    await wrong.protectManagementKey(PIN),
    await wrong.rotateManagementKey({ pin: PIN }),
    await wrong.setRetries({ pin: PIN, pinAttempts: 5, pukAttempts: 5, newPin: NEW_PIN, newPuk: NEW_PUK }),
    await wrong.reset(key.serial),
    await wrong.inventory(),
    await wrong.retireKey({ pin: PIN }),
    await wrong.deleteCertificate('9a', { pin: PIN }),
    await wrong.generateKey(GENERATE),
    await wrong.attest(),
    await wrong.sign(PIN, new Uint8Array(1)),
    await wrong.writeCertificate(PIN, testCertificate(otherPublicKey())),
    await wrong.prove(PIN, testCertificate(otherPublicKey())),
  ];
  expect(new Set(results.map(outcome))).toEqual(new Set(['security-key-removed']));
  expect(new Set(sent)).toEqual(new Set([0xa4, 0xfd, 0xf8, 0x1d])); // SELECT, GET VERSION, GET SERIAL, READ CONFIG
});

test('a YubiKey 4, which tells its serial by the management application alone, is not reset for another', async () => {
  const key = virtualKey('4.3.7');
  expect(outcome(await directKey(key, key.serial + 1).reset(key.serial))).toBe('security-key-removed');
  expect(key.exportState().pin.attemptsLeft).toBe(3);
});
