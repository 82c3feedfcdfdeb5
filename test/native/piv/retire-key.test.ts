import { describe, expect, test } from 'vitest';
import { RETIRED_SLOTS, type PivSlot } from '../../../core/piv-slots.ts';
import { concatBytes, fromHex, toHex } from '../../../core/bytes.ts';
import { certificateObject } from '../../../native/piv/certificates.ts';
import { keyReferenceOf, OBJECT } from '../../../native/piv/identifiers.ts';
import { generateKeyPair } from '../../../native/piv/keys.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import { encodeTlv } from '../../../native/piv/tlv.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { directKey, modelKey, openPiv, outcome, OWNER_PIN, value, type Model } from './direct-access.ts';
import { FORMS, keyOfForm, storedHex, type Form } from './management-forms.ts';
import { pullAtEveryCommand, watchWrites } from './pulled.ts';
import { otherPublicKey, testCertificate } from './test-certificate.ts';

const MOVERS = ['5.7.1', '5.7.1 FIPS'] as const;
const POLICIES = { keyType: 'ECCP256', pinPolicy: 'always', touchPolicy: 'never' } as const;
const held = (slot: PivSlot): number => certificateObject(keyReferenceOf(slot));
const certificateContent = (certificate: Uint8Array): Uint8Array => concatBytes(encodeTlv(0x70, certificate), encodeTlv(0x71, Uint8Array.of(0)), encodeTlv(0xfe));

async function unlocked(key: VirtualYubiKey, access: { readonly pin: string }): Promise<PivSession> {
  const session = await openPiv(key);
  value(await verifyPin(session, OWNER_PIN));
  value(await unlockManagement(session, access));
  return session;
}

/** A key with key and certificate in 9a; a FIPS one with a factory management key cannot have them. */
async function enrolled(model: Model, form: Form = 'protected') {
  const made = await keyOfForm(model, form);
  const session = await unlocked(made.key, made.access);
  const publicKey = value(await generateKeyPair(session, 0x9a, POLICIES));
  const certificate = testCertificate(publicKey);
  value(await writeObject(session, held('9a'), certificateContent(certificate)));
  made.key.reset();
  return { ...made, certificate, publicKey };
}

function expectRetired(key: VirtualYubiKey, before: VirtualYubiKey, slot: PivSlot = '82', onCard = '01'): void {
  const [now, then] = [key.exportState(), before.exportState()];
  expect(now.keys[slot]).toEqual(then.keys['9a']);
  expect(now.keys['9a']).toBeUndefined();
  expect(storedHex(key, held(slot))).toBe(storedHex(before, held('9a')));
  expect(storedHex(key, held('9a'))).toBeUndefined();
  expect(storedHex(key, OBJECT.KEY_HISTORY)).toBe(`c101${onCard}c20100fe00`);
  expect(storedHex(key, OBJECT.CHUID)).toMatch(/^3019/);
  expect([now.pin.attemptsLeft, now.puk.attemptsLeft, now.managementKey]).toEqual([3, 3, then.managementKey]);
}

describe.each(MOVERS)('retiring the key of 9a on %s', (model) => {
  test.each(FORMS.filter((form) => model === '5.7.1' || form !== 'factory'))('moves key and certificate to the first retired slot (management key %s)', async (form) => {
    const { key, access } = await enrolled(model, form);
    const before = modelKey(model, { state: key.exportState() });
    expect(value(await directKey(key).retireKey(access))).toBe('82');
    expectRetired(key, before);
    expect(outcome(await directKey(key).retireKey(access))).toBe('slot-empty');
  });

  test('the next one goes to the next slot, holes before it are filled, and the history reaches to the last', async () => {
    const { key, access } = await enrolled(model);
    const session = await unlocked(key, access);
    value(await writeObject(session, held('82'), certificateContent(testCertificate(otherPublicKey())))); // a certificate alone is somebody's too
    value(await generateKeyPair(session, keyReferenceOf('84'), POLICIES));
    value(await writeObject(session, OBJECT.KEY_HISTORY, fromHex('c10101c20102f30c687474703a2f2f782e6f7267fe00')));
    expect(value(await directKey(key).retireKey(access))).toBe('83');
    expect(storedHex(key, OBJECT.KEY_HISTORY)).toBe('c10102c20102f30c687474703a2f2f782e6f7267fe00');
  });

  test('pulled at every command: nothing is lost, and the same call goes on to the same slot', async () => {
    const { key: prepared, access } = await enrolled(model);
    const content = storedHex(prepared, held('9a'));
    const pair = prepared.exportState().keys['9a'];
    const commands = await pullAtEveryCommand(model, prepared, (key) => directKey(key).retireKey(access), async ({ key, where }) => {
      const { keys } = key.exportState();
      expect([keys['9a'], keys['82']], where).toContainEqual(pair);
      expect([storedHex(key, held('9a')), storedHex(key, held('82'))], where).toContain(content);
      const facts = value(await directKey(key).facts());
      const isCopy = facts.authentication.keyPair === null && facts.authentication.certificate !== null;
      expect(facts.movedTo, where).toBe(isCopy ? '82' : null);
      const isDone = keys['9a'] === undefined && storedHex(key, held('9a')) === undefined;
      const again = await directKey(key).retireKey(access);
      // The last command of all: only its answer was missing, and 9a is empty.
      expect(again.ok ? again.value : again.failure.kind, where).toBe(isDone ? 'slot-empty' : '82');
      expectRetired(key, prepared);
    });
    expect(commands).toBeGreaterThan(40);
  });

  test('a key without a certificate moves alone, and one with the certificate of another takes it along', async () => {
    const { key, access } = await enrolled(model);
    const session = await unlocked(key, access);
    value(await writeObject(session, held('9a'), new Uint8Array()));
    expect(value(await directKey(key).retireKey(access))).toBe('82');
    expect([storedHex(key, held('82')), storedHex(key, OBJECT.KEY_HISTORY)]).toEqual([undefined, undefined]);
    value(await generateKeyPair(await unlocked(key, access), 0x9a, POLICIES));
    const unfit = certificateContent(testCertificate(otherPublicKey()));
    value(await writeObject(await unlocked(key, access), held('9a'), unfit));
    expect(value(await directKey(key).retireKey(access))).toBe('83');
    expect(storedHex(key, held('83'))).toBe(toHex(unfit));
  });

  test('a certificate without a key is not moved anywhere', async () => {
    const { key, access } = await keyOfForm(model, 'protected');
    value(await writeObject(await unlocked(key, access), held('9a'), certificateContent(testCertificate(otherPublicKey()))));
    expect(outcome(await directKey(key).retireKey(access))).toBe('slot-empty');
    expect(storedHex(key, held('9a'))).toBeDefined();
  });

  test('twenty retired keys are enough', async () => {
    const { key, access } = await enrolled(model);
    const session = await unlocked(key, access);
    for (const slot of RETIRED_SLOTS) value(await writeObject(session, held(slot), fromHex('7000')));
    const before = key.exportState();
    const writes = watchWrites(key, OBJECT.CHUID);
    expect(outcome(await directKey(key).retireKey(access))).toBe('no-retired-slot-free');
    expect(key.exportState()).toEqual(before);
    expect(writes).toEqual([]);
  });

  test('without the management key nothing is touched', async () => {
    const { key } = await enrolled(model, 'typed');
    const before = key.exportState();
    expect(outcome(await directKey(key).retireKey({ pin: OWNER_PIN }))).toBe('management-key-unknown');
    expect(key.exportState()).toEqual(before);
  });
});

test.each(['4.3.7', '5.2.4', '5.4.3'] as const)('firmware %s cannot move keys, and is not touched', async (model) => {
  const { key, access } = await enrolled(model);
  const before = key.exportState();
  expect(await directKey(key).retireKey(access)).toEqual({ ok: false, failure: { kind: 'move-unsupported', firmware: model } });
  expect(key.exportState()).toEqual(before);
});
