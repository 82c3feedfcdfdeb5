import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlotView } from '../../core/key-care/inventory-view.ts';
import { failed, success } from '../../core/result.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { softwareAuthority, type SoftwareAuthority } from '../core/x509/software-authority.ts';
import { need } from '../flows/flow-authority.ts';
import { inProcessSecurityKey } from '../flows/in-process-key.ts';
import { isManagementKeyKnown, pinOf, pukOf } from '../flows/watched-card.ts';
import { careRoom, isReady, readerName, SERIAL, until, type CareRoomOptions, type CareTestRoom } from './care-room.ts';

const PIN = '470193';
const PUK = '58213907';

let room: CareTestRoom;
let authority: SoftwareAuthority;
beforeEach(async () => void (authority = await softwareAuthority('Home CA')));
afterEach(() => room.close());

const open = async (options: CareRoomOptions = {}): Promise<CareTestRoom> => (room = await careRoom(options));

/** A key with PIN, PUK, key pair and certificate of its person. */
async function enrolled(firmware = '5.7.1'): Promise<VirtualYubiKey> {
  const card = new VirtualYubiKey({ firmware, serial: SERIAL });
  const key = inProcessSecurityKey(card);
  need(await key.changePin('123456', PIN));
  need(await key.changePuk('12345678', PUK));
  need(await key.protectManagementKey(PIN));
  const publicKey = need(await key.generateKey({ pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
  need(await key.writeCertificate(PIN, await authority.issue({ publicKey })));
  return card;
}

async function openEnrolled(firmware = '5.7.1'): Promise<CareTestRoom> {
  const card = await enrolled(firmware);
  return open({ key: { firmware, state: card.exportState() } });
}

const pinned = (): NonNullable<CareRoomOptions['authority']> => ({ address: 'https://127.0.0.1:8443', name: 'Home CA', fingerprint: 'ab'.repeat(32), caCertificate: authority.certificate });

describe('conditions', () => {
  test('are told from the facts at hand: no command goes to the key', async () => {
    const { card, conditions } = await openEnrolled();
    const before = card.statistics.apdus;
    expect(await conditions()).toEqual([]);
    expect(card.statistics.apdus).toBe(before);
  });

  test('come with their ways out', async () => {
    const card = await enrolled();
    const other = await softwareAuthority('Other CA');
    const { sessions } = await open({ key: { firmware: '5.7.1', state: card.exportState() }, authority: { ...pinned(), caCertificate: other.certificate } });
    expect(await sessions.conditions(readerName)).toMatchObject(
      success([{ condition: { kind: 'certificate-foreign', certificate: { subject: 'Ana Example', issuer: 'Home CA' } }, waysOut: [{ act: 'retire-key' }, { act: 'enroll' }] }]),
    );
  });

  test('of a key that is not there, or cannot be read, are a failure', async () => {
    const { sessions, slot, device, client } = await open();
    expect(await sessions.conditions('Another reader')).toEqual(failed({ kind: 'security-key-removed' }));
    slot.card?.setFaults({ sharingViolations: 1 });
    device().lookAgain();
    await until(client, (situation) => situation.kind === 'present' && situation.keys[0]?.kind === 'problem');
    expect(await sessions.conditions(readerName)).toMatchObject({ ok: false, failure: { kind: 'security-key-busy' } });
  });
});

describe('PIN and PUK', () => {
  test('change on the key', async () => {
    const { care, card, enrollments } = await open();
    expect(await care['care.changePin']({ readerName, keySerial: SERIAL, currentPin: '123456', newPin: PIN })).toEqual(success(null));
    expect(await care['care.changePuk']({ readerName, keySerial: SERIAL, currentPuk: '12345678', newPuk: PUK })).toEqual(success(null));
    expect(await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: PIN })).toEqual(success(null));
    expect([pinOf(card), pukOf(card)]).toEqual([PIN, PUK]);
    expect(enrollments.tryAgain).toHaveBeenCalledWith(readerName);
  });

  test('a wrong PIN tells what is left, and the window knows of it before it is answered', async () => {
    const { care, client, conditions } = await openEnrolled();
    expect(await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: '000000' })).toEqual(failed({ kind: 'pin-wrong', attemptsLeft: 2 }));
    expect(client.situation).toMatchObject({ keys: [{ facts: { pin: { attemptsLeft: 2 } } }] });
    expect(await conditions()).toEqual(['pin-attempts-lost']);
  });

  test('asked twice at once, a wrong PIN costs one attempt', async () => {
    const { care, card } = await openEnrolled();
    const wrong = { readerName, keySerial: SERIAL, pin: '000000' };
    const answers = await Promise.all([care['care.verifyPin'](wrong), care['care.verifyPin'](wrong), care['care.verifyPin'](wrong)]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => failed({ kind: 'pin-wrong', attemptsLeft: 2 })));
    expect(card.exportState().pin.attemptsLeft).toBe(2);
  });

  test('asked twice, one after the other, it costs two', async () => {
    const { care, card } = await openEnrolled();
    await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: '000000' });
    expect(await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: '000000' })).toEqual(failed({ kind: 'pin-wrong', attemptsLeft: 1 }));
    expect(card.exportState().pin.attemptsLeft).toBe(1);
  });

  test('what was typed for the key on the screen does not reach another in its reader', async () => {
    const { care, card } = await openEnrolled();
    const another = { readerName, keySerial: SERIAL + 1 };
    expect(await care['care.verifyPin']({ ...another, pin: '000000' })).toEqual(failed({ kind: 'security-key-removed' }));
    expect(await care['care.rotateManagementKey']({ ...another, pin: '000000' })).toEqual(failed({ kind: 'security-key-removed' }));
    expect(card.exportState().pin.attemptsLeft).toBe(3);
  });

  test('another question waits its turn', async () => {
    const { care } = await open();
    const [changed, verified] = await Promise.all([
      care['care.changePin']({ readerName, keySerial: SERIAL, currentPin: '123456', newPin: PIN }),
      care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: PIN }),
    ]);
    expect([changed, verified]).toEqual([success(null), success(null)]);
  });

  test('a value that this key would refuse costs no attempt', async () => {
    const { care, card } = await open({ key: { firmware: '5.7.1', fips: true } });
    const refused = await care['care.changePin']({ readerName, keySerial: SERIAL, currentPin: '999999', newPin: '1234567' });
    expect(refused).toMatchObject({ ok: false, failure: { kind: 'pin-invalid', which: 'PIN', rule: 'too-short', minLength: 8 } });
    expect(card.exportState().pin.attemptsLeft).toBe(3);
  });

  test('a blocked PIN is unblocked with the PUK', async () => {
    const { care, card, conditions } = await openEnrolled();
    for (const pin of ['000001', '000002', '000003']) await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin });
    expect(await conditions()).toEqual(['pin-blocked']);
    expect(await care['care.unblockPin']({ readerName, keySerial: SERIAL, puk: '00000000', newPin: '739264' })).toEqual(failed({ kind: 'puk-wrong', attemptsLeft: 2 }));
    expect(await care['care.unblockPin']({ readerName, keySerial: SERIAL, puk: PUK, newPin: '739264' })).toEqual(success(null));
    expect(pinOf(card)).toBe('739264');
  });
});

describe('what the management key opens', () => {
  test('is rotated with the PIN alone', async () => {
    const { care, card } = await openEnrolled();
    const before = card.exportState().managementKey.value;
    expect(await care['care.rotateManagementKey']({ readerName, keySerial: SERIAL, pin: PIN })).toEqual(success(null));
    expect(card.exportState().managementKey.value).not.toBe(before);
    expect(isManagementKeyKnown(card)).toBe(true);
  });

  test.each([
    ['5.4.3', '0102', 48],
    ['5.7.1', '01'.repeat(23) + '0', 48],
    ['5.7.1', '', 48],
  ])('a management key of the wrong length is refused on %s before anything is sent: %s', async (firmware, managementKey, digits) => {
    const { care, card } = await open({ key: { firmware } });
    const before = card.statistics.apdus;
    const malformed = failed({ kind: 'management-key-malformed', digits });
    expect(await care['care.rotateManagementKey']({ readerName, keySerial: SERIAL, pin: '123456', managementKey })).toEqual(malformed);
    expect(await care['care.retireKey']({ readerName, keySerial: SERIAL, pin: '123456', managementKey })).toEqual(malformed);
    // What is read after each failure, and nothing else: a key's facts, twice.
    expect(card.exportState().pin.attemptsLeft).toBe(3);
    expect(card.statistics.apdus - before).toBeLessThan(60);
  });

  test('is opened with a key that only the person has', async () => {
    const card = await enrolled();
    const state = card.exportState();
    const ownKey = 'a1b2c3d4e5f60718'.repeat(3);
    // As another program leaves it: neither the factory one nor stored on the key.
    const { care } = await open({ key: { firmware: '5.7.1', state: { ...state, managementKey: { ...state.managementKey, value: ownKey }, objects: { ...state.objects, '5fff00': '', '5fc109': '' } } } });
    expect(await care['care.deleteCertificate']({ readerName, keySerial: SERIAL, slot: '9a', pin: PIN })).toMatchObject({ ok: false, failure: { kind: 'management-key-unknown' } });
    expect(await care['care.deleteCertificate']({ readerName, keySerial: SERIAL, slot: '9a', pin: PIN, managementKey: ownKey.toUpperCase() })).toEqual(success(null));
  });

  test('the attempts are set, and PIN and PUK anew with them', async () => {
    const { care, card, records, conditions } = await openEnrolled();
    expect(await care['care.setRetries']({ readerName, keySerial: SERIAL, pin: PIN, pinAttempts: 8, pukAttempts: 5, newPin: '739264', newPuk: '90415263' })).toEqual(success(null));
    expect([card.exportState().pin.attemptsTotal, card.exportState().puk.attemptsTotal]).toEqual([8, 5]);
    expect([pinOf(card), pukOf(card)]).toEqual(['739264', '90415263']);
    expect(await records.read(SERIAL)).toBeNull();
    expect(await conditions()).toEqual([]);
  });

  test('an old key moves aside, and stays', async () => {
    const { care, card, enrollments, knownKeys } = await openEnrolled();
    expect(await care['care.retireKey']({ readerName, keySerial: SERIAL, pin: PIN })).toEqual(success('82'));
    expect(Object.keys(card.exportState().keys).toSorted()).toEqual(['82', 'f9']);
    expect(enrollments.readAnew).toHaveBeenCalledExactlyOnceWith(readerName);
    expect(knownKeys.forget).not.toHaveBeenCalled();
  });

  test('a certificate that is deleted is known no more', async () => {
    const { care, enrollments, knownKeys, conditions } = await openEnrolled();
    expect(await care['care.deleteCertificate']({ readerName, keySerial: SERIAL, slot: '9c', pin: PIN })).toEqual(failed({ kind: 'slot-empty' }));
    expect(knownKeys.forget).not.toHaveBeenCalled();
    expect(await care['care.deleteCertificate']({ readerName, keySerial: SERIAL, slot: '9a', pin: PIN })).toEqual(success(null));
    expect([knownKeys.forget.mock.calls, enrollments.readAnew.mock.calls]).toEqual([[[SERIAL]], [[readerName]]]);
    await until(room.client, (situation) => situation.kind === 'present' && situation.keys[0]?.kind === 'ready' && situation.keys[0].facts.authentication.certificate === null);
    expect(await conditions()).toEqual(['enrollment-unfinished']);
  });
});

describe('a reset', () => {
  test('of another serial than was typed touches nothing and leaves no note', async () => {
    const { care, card, records } = await openEnrolled();
    expect(await care['care.reset']({ readerName, serial: SERIAL + 1 })).toEqual(failed({ kind: 'serial-mismatch' }));
    expect([card.exportState().pin.attemptsLeft, await records.read(SERIAL)]).toEqual([3, null]);
  });

  test('leaves a key as from the factory, and nothing known of it', async () => {
    const { care, card, records, knownKeys, enrollments, client, conditions } = await openEnrolled();
    expect(await care['care.reset']({ readerName, serial: SERIAL })).toEqual(success(null));
    expect([pinOf(card), pukOf(card), Object.keys(card.exportState().keys)]).toEqual(['123456', '12345678', ['f9']]);
    expect([await records.read(SERIAL), knownKeys.forget.mock.calls, enrollments.readAnew.mock.calls]).toEqual([null, [[SERIAL]], [[readerName]]]);
    await until(client, (situation) => situation.kind === 'present' && situation.keys[0]?.kind === 'ready' && situation.keys[0].facts.pin.isFactory === true);
    expect(await conditions()).toEqual([]);
  });
});

describe('the inventory', () => {
  const show = async (): Promise<SlotView | undefined> => need(await room.care['care.inventory']({ readerName })).find(({ slot }) => slot === '9a');

  test('knows a virtual key for genuine only where its root is trusted', async () => {
    const { ownRoots } = await openEnrolled();
    expect((await show())?.attestation).toMatchObject({ kind: 'unknown-issuer', issuer: expect.stringContaining('TEST PIV Root') as string });
    await mkdir(ownRoots);
    await writeFile(join(ownRoots, 'virtual-yubikey.pem'), testAttestationRootPem);
    expect((await show())?.attestation).toMatchObject({ kind: 'genuine', facts: { serial: SERIAL, firmware: '5.7.1', pinPolicy: 'once', touchPolicy: 'never' } });
  });

  test('shows certificates, and the pinned CA above them', async () => {
    const card = await enrolled();
    await open({ key: { firmware: '5.7.1', state: card.exportState() }, authority: pinned() });
    expect(await show()).toMatchObject({ fits: true, keyPair: { keyType: 'ECCP256', origin: 'generated' }, certificate: { subject: 'CN=Ana Example', issuer: 'CN=Home CA', otherNames: ['email:ana@example.org'] }, chain: [{ subject: 'CN=Home CA' }] });
  });

  test('says which file of its own folder is no certificate', async () => {
    const { ownRoots } = await openEnrolled();
    await mkdir(ownRoots);
    await writeFile(join(ownRoots, 'broken.pem'), 'nothing');
    expect(await room.care['care.inventory']({ readerName })).toMatchObject({ ok: false, failure: { kind: 'file-unreadable', path: join(ownRoots, 'broken.pem') } });
  });
});

describe('saving', () => {
  test('a certificate as PEM and as DER, under a name that says what it is', async () => {
    const { care, saved, card } = await openEnrolled();
    const before = card.statistics.apdus;
    expect(await care['care.exportCertificate']({ readerName, slot: '9a', format: 'pem' })).toEqual(success(`/home/ana/latchkey-certificate-${SERIAL}-9a.pem`));
    await care['care.exportCertificate']({ readerName, slot: '9a', format: 'der' });
    const [pem, der] = saved.map(({ content }) => new X509Certificate(content));
    expect([pem?.subject, pem?.fingerprint256]).toEqual(['CN=Ana Example', der?.fingerprint256]);
    expect(saved.map(({ isSecret }) => isSecret)).toEqual([false, false]);
    expect(card.statistics.apdus).toBe(before);
  });

  test('a certificate of another slot', async () => {
    const card = await enrolled();
    const state = card.exportState();
    const { care, saved } = await open({ key: { firmware: '5.7.1', state: { ...state, objects: { ...state.objects, '5fc10a': state.objects['5fc105'] ?? '' } } } });
    await care['care.exportCertificate']({ readerName, slot: '9c', format: 'der' });
    expect(new X509Certificate(saved[0]?.content ?? '').subject).toBe('CN=Ana Example');
    expect(await care['care.exportCertificate']({ readerName, slot: '9d', format: 'pem' })).toEqual(failed({ kind: 'slot-empty' }));
  });

  test('the sheet with the PUK, as a secret', async () => {
    const { care, saved } = await open();
    expect(await care['care.savePuk']({ serial: null, sheet: 'PUK 58213907' })).toEqual(success('/home/ana/latchkey-puk.txt'));
    await care['care.savePuk']({ serial: SERIAL, sheet: 'PUK 58213907' });
    expect(saved[1]).toEqual({ name: `latchkey-puk-${SERIAL}`, extension: 'txt', content: 'PUK 58213907', isSecret: true });
  });
});

test('another key in the same reader is worked with by itself', async () => {
  const { care, card, slot, device, client } = await open();
  await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: '123456' });
  await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: '123456' });
  expect(device().handles.size).toBe(1);
  slot.card = new VirtualYubiKey({ firmware: '5.4.3', serial: SERIAL + 1 });
  device().lookAgain();
  await until(client, (situation) => isReady(situation) && JSON.stringify(situation).includes(String(SERIAL + 1)));
  expect(await care['care.changePin']({ readerName, keySerial: SERIAL + 1, currentPin: '123456', newPin: PIN })).toEqual(success(null));
  expect([pinOf(card), pinOf(slot.card), device().handles.size]).toEqual(['123456', PIN, 2]);
  slot.card = null;
  device().lookAgain();
  await until(client, (situation) => situation.kind === 'present' && situation.keys.length === 0);
  expect(await care['care.verifyPin']({ readerName, keySerial: SERIAL, pin: PIN })).toEqual(failed({ kind: 'security-key-removed' }));
});
