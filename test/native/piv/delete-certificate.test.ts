import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../core/bytes.ts';
import type { PivSlot } from '../../../core/piv-slots.ts';
import { certificateObject, writeCertificate } from '../../../native/piv/certificates.ts';
import { keyReferenceOf, OBJECT } from '../../../native/piv/identifiers.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, MODELS, openPiv, outcome, OWNER_PIN, value } from './direct-access.ts';
import { FORMS, keyOfForm, storedHex } from './management-forms.ts';
import { pullAtEveryCommand } from './pulled.ts';
import { otherPublicKey, testCertificate } from './test-certificate.ts';

const SLOTS: readonly PivSlot[] = ['9a', '9c', '9d', '9e', '82', '95'];
const cells = MODELS.flatMap((model) => FORMS.map((form) => [model, form] as const));
const objectOf = (slot: PivSlot): number => certificateObject(keyReferenceOf(slot));

async function unlocked(key: VirtualYubiKey, access: Parameters<typeof unlockManagement>[1]): Promise<PivSession> {
  const session = await openPiv(key);
  value(await verifyPin(session, OWNER_PIN));
  value(await unlockManagement(session, access));
  return session;
}

describe.each(cells)('deleting certificates on %s, management key %s', (model, form) => {
  test('takes that of one slot, with a new CHUID, and leaves the others and the key pairs', async () => {
    const { key, access } = await keyOfForm(model, form);
    const session = await unlocked(key, access);
    for (const slot of SLOTS) value(await writeCertificate(session, keyReferenceOf(slot), testCertificate(otherPublicKey())));
    key.reset();
    const chuids = new Set<string | undefined>();
    for (const [index, slot] of SLOTS.entries()) {
      const { keys } = key.exportState();
      expect(outcome(await directKey(key).deleteCertificate(slot, access))).toBe('ok');
      expect(SLOTS.filter((other) => storedHex(key, objectOf(other)) === undefined)).toEqual(SLOTS.slice(0, index + 1));
      expect(key.exportState().keys).toEqual(keys);
      chuids.add(storedHex(key, OBJECT.CHUID));
      expect(outcome(await directKey(key).deleteCertificate(slot, access))).toBe('slot-empty');
    }
    expect(chuids.size).toBe(SLOTS.length);
  });
});

describe.each(MODELS)('deleting a certificate on %s', (model) => {
  test('pulled at every command: there, or gone, and gone after the same call', async () => {
    const { key: prepared, access } = await keyOfForm(model, 'protected');
    value(await writeCertificate(await unlocked(prepared, access), 0x9a, testCertificate(otherPublicKey(), { paddingBytes: 1000 })));
    const commands = await pullAtEveryCommand(model, prepared, (key) => directKey(key).deleteCertificate('9a', access), async ({ key, where }) => {
      const isGone = storedHex(key, OBJECT.AUTHENTICATION_CERTIFICATE) === undefined;
      expect(outcome(await directKey(key).deleteCertificate('9a', access)), where).toBe(isGone ? 'slot-empty' : 'ok');
      const { pin, managementKey } = key.exportState();
      expect(storedHex(key, OBJECT.AUTHENTICATION_CERTIFICATE), where).toBeUndefined();
      expect(storedHex(key, OBJECT.CHUID), where).toBeDefined();
      expect([pin.attemptsLeft, managementKey]).toEqual([3, prepared.exportState().managementKey]);
    });
    expect(commands).toBeGreaterThan(9);
  });

  test('also what is no certificate goes', async () => {
    const { key, access } = await keyOfForm(model, 'protected');
    value(await writeObject(await unlocked(key, access), objectOf('9c'), fromHex('0102030405')));
    key.reset();
    value(await directKey(key).deleteCertificate('9c', access));
    expect(storedHex(key, objectOf('9c'))).toBeUndefined();
  });

  test('with a wrong PIN, or without the management key, it stays', async () => {
    const { key, access } = await keyOfForm(model, 'typed');
    value(await writeCertificate(await unlocked(key, access), 0x9a, testCertificate(otherPublicKey())));
    key.reset();
    const { objects } = key.exportState();
    expect(await directKey(key).deleteCertificate('9a', { ...access, pin: '11223399' })).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(outcome(await directKey(key).deleteCertificate('9a', { pin: OWNER_PIN }))).toBe('management-key-unknown');
    expect(key.exportState().objects).toEqual(objects);
  });
});
