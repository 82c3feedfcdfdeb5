import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromBase64Url } from '../../../core/bytes.ts';
import { PIV_SLOTS, type PivSlot } from '../../../core/piv-slots.ts';
import type { HeldSlot } from '../../../core/security-key.ts';
import { attestationTrust, verifyAttestation } from '../../../core/x509/attestation.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { writeCertificate } from '../../../native/piv/certificates.ts';
import { INS, keyReferenceOf, OBJECT } from '../../../native/piv/identifiers.ts';
import { generateKeyPair } from '../../../native/piv/keys.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { writeObject } from '../../../native/piv/objects.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import { encodeTlv } from '../../../native/piv/tlv.ts';
import { testAttestationRootPem } from '../../../native/virtual-yubikey/test-attestation-root.ts';
import { directKey, MODELS, openPiv, outcome, OWNER_PIN, value, type Model } from './direct-access.ts';
import { keyOfForm } from './management-forms.ts';
import { otherPublicKey, testCertificate } from './test-certificate.ts';

const TRUST = attestationTrust(readPem(testAttestationRootPem, 'CERTIFICATE'));
const POLICIES = { keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'cached' } as const;
const tellsImported = (model: Model): boolean => !model.startsWith('4') && !model.startsWith('5.2');

/** A key pair made elsewhere; answers its DER SubjectPublicKeyInfo. */
async function importKey(session: PivSession, slot: PivSlot): Promise<Uint8Array> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scalar = fromBase64Url(pair.privateKey.export({ format: 'jwk' }).d ?? '');
  value(await session.ask('IMPORT_KEY', { p1: 0x11, p2: keyReferenceOf(slot), data: encodeTlv(0x06, scalar) }));
  return new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
}

/** Generated with its certificate, generated without, imported, a certificate alone, another's certificate, something else. */
async function fullKey(model: Model) {
  const { key, access } = await keyOfForm(model, 'protected');
  const session = await openPiv(key);
  value(await verifyPin(session, OWNER_PIN));
  value(await unlockManagement(session, access));
  const generate = async (slot: PivSlot): Promise<Uint8Array> => value(await generateKeyPair(session, keyReferenceOf(slot), POLICIES));
  const certify = async (slot: PivSlot, publicKey: Uint8Array): Promise<Uint8Array> => {
    const certificate = testCertificate(publicKey);
    value(await writeCertificate(session, keyReferenceOf(slot), certificate));
    return certificate;
  };
  const certificates = {
    '9a': await certify('9a', await generate('9a')),
    '9d': await certify('9d', await importKey(session, '9d')),
    '9e': await certify('9e', otherPublicKey()),
    '95': await certify('95', otherPublicKey()),
  };
  await generate('95');
  await generate('9c');
  value(await writeObject(session, OBJECT.RETIRED_FIRST_CERTIFICATE, Uint8Array.of(1, 2, 3)));
  key.reset();
  return { key, certificates };
}

describe.each(MODELS)('the inventory of %s', (model) => {
  test('an unused key holds nothing, and says so in some 50 commands', async () => {
    const { key } = await keyOfForm(model, 'protected');
    const before = key.statistics.apdus;
    expect(value(await directKey(key).inventory())).toEqual([]);
    expect(key.statistics.apdus - before).toBeLessThanOrEqual(60);
  });

  test('tells what each slot holds, in order, and needs no PIN', async () => {
    const { key, certificates } = await fullKey(model);
    const held = value(await directKey(key).inventory());
    expect(held.map(({ slot }) => slot)).toEqual(['9a', '9c', '9d', '9e', '95']);
    const by = new Map<PivSlot, HeldSlot>(held.map((one) => [one.slot, one]));
    const generated = { origin: 'generated', keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'cached' };
    expect(by.get('9a')).toMatchObject({ keyPair: generated, certificate: certificates['9a'], fits: true });
    expect(by.get('9c')).toMatchObject({ keyPair: generated, certificate: null, fits: null });
    const imported = tellsImported(model) ? { keyPair: { origin: 'imported', keyType: 'ECCP256' }, fits: true } : { keyPair: null, fits: null };
    expect(by.get('9d')).toMatchObject({ ...imported, certificate: certificates['9d'], attestation: null });
    expect(by.get('9e')).toMatchObject({ keyPair: null, certificate: certificates['9e'], fits: null, attestation: null });
    expect(by.get('95')).toMatchObject({ keyPair: generated, certificate: certificates['95'], fits: false });
    expect(key.exportState().pin.attemptsLeft).toBe(3);
  });

  test('the attestations are genuine, one for each generated key, and the port attests each alone', async () => {
    const { key } = await fullKey(model);
    for (const { slot, keyPair, attestation } of value(await directKey(key).inventory())) {
      const isGenerated = keyPair?.origin === 'generated';
      expect(attestation !== null, slot).toBe(isGenerated);
      expect(outcome(await directKey(key).attest(slot)), slot).toBe(isGenerated ? 'ok' : 'attestation-unavailable');
      if (attestation && keyPair) expect((await verifyAttestation(attestation, keyPair.publicKey, TRUST)).kind, slot).toBe('verified');
    }
  });

  test('without a certificate in f9 there are no attestations, and key pairs all the same', async () => {
    const { key } = await fullKey(model);
    const session = await openPiv(key);
    value(await verifyPin(session, OWNER_PIN));
    value(await unlockManagement(session, { pin: OWNER_PIN }));
    value(await writeObject(session, OBJECT.ATTESTATION_CERTIFICATE, new Uint8Array()));
    const held = value(await directKey(key).inventory());
    expect(held.every(({ attestation }) => attestation === null)).toBe(true);
    expect(held.some(({ keyPair }) => keyPair !== null)).toBe(tellsImported(model));
  });

  test('only generated keys are asked for a statement where metadata tells', async () => {
    const { key } = await fullKey(model);
    const asked: number[] = [];
    const transmit = key.transmit.bind(key);
    key.transmit = (apdu) => {
      if (apdu[1] === INS.ATTEST) asked.push(apdu[2] ?? 0);
      return transmit(apdu);
    };
    value(await directKey(key).inventory());
    expect(asked).toEqual((tellsImported(model) ? (['9a', '9c', '95'] as const) : PIV_SLOTS).map(keyReferenceOf));
  });
});
