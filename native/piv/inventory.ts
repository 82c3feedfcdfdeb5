/** What all slots hold. */
import { success, type Result } from '../../core/result.ts';
import { PIV_SLOTS, type PivSlot } from '../../core/piv-slots.ts';
import type { Attestation, HeldSlot, KeyPairFacts } from '../../core/security-key.ts';
import { keyPairOf, readStatementFor } from './attestation.ts';
import { readCertificate } from './certificates.ts';
import { KEY_REFERENCE, keyReferenceOf } from './identifiers.ts';
import { hasMetadata, readSlotMetadata } from './metadata.ts';
import { isCertificateOf } from './public-keys.ts';
import type { PivSession } from './session.ts';

/** The slots that hold a key pair or a certificate, in the order of PIV_SLOTS. Needs no PIN. */
export async function readInventory(session: PivSession): Promise<Result<readonly HeldSlot[]>> {
  const intermediate = await readCertificate(session, KEY_REFERENCE.ATTESTATION);
  if (!intermediate.ok) return intermediate;
  const held: HeldSlot[] = [];
  for (const slot of PIV_SLOTS) {
    const facts = await readHeldSlot(session, slot, intermediate.value);
    if (!facts.ok) return facts;
    if (facts.value.keyPair !== null || facts.value.certificate !== null) held.push(facts.value);
  }
  return success(held);
}

async function readHeldSlot(session: PivSession, slot: PivSlot, intermediate: Uint8Array | null): Promise<Result<HeldSlot>> {
  const key = await readAttestedKey(session, keyReferenceOf(slot));
  if (!key.ok) return key;
  const certificate = await readCertificate(session, keyReferenceOf(slot));
  if (!certificate.ok) return certificate;
  const { keyPair, statement } = key.value;
  const attestation: Attestation | null = statement && intermediate && { statement, intermediate };
  return success({ slot, keyPair, certificate: certificate.value, fits: isCertificateOf(keyPair, certificate.value), attestation });
}

interface AttestedKey {
  readonly keyPair: KeyPairFacts | null;
  readonly statement: Uint8Array | null;
}

/** The key pair with its statement. Before 5.3 the statement is all that tells of the key pair. */
async function readAttestedKey(session: PivSession, slot: number): Promise<Result<AttestedKey>> {
  const facts = hasMetadata(session) ? await readSlotMetadata(session, slot) : undefined;
  if (facts && !facts.ok) return facts;
  if (facts && facts.value?.origin !== 'generated') return success({ keyPair: facts.value, statement: null });
  const statement = await readStatementFor(session, slot);
  if (!statement.ok) return statement.failure.kind === 'attestation-unavailable' ? success({ keyPair: facts?.value ?? null, statement: null }) : statement;
  if (facts) return success({ keyPair: facts.value, statement: statement.value });
  const keyPair = keyPairOf(statement.value, slot);
  return keyPair.ok ? success({ keyPair: keyPair.value, statement: statement.value }) : keyPair;
}
