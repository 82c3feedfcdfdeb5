/** Reads the key, the note on this computer and the CA: everything a plan is made from. Costs no PIN attempt. */
import { sha256, toHex } from '../bytes.ts';
import type { InvitationFacts, SubmittedRequest } from '../certificate-authority.ts';
import type { Failure } from '../failures.ts';
import { type Result, success } from '../result.ts';
import { checkCertificateFit } from '../x509/certificate-fit.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { describeName } from '../x509/names.ts';
import { type EnrollmentFacts, type HeldCertificate, type IssuedCertificate, isOfThisRecord } from './facts.ts';
import type { EnrollmentPorts } from './ports.ts';
import { reactionTo } from './reactions.ts';
import { recordId } from './record.ts';
import { STEPS } from './steps.ts';

export interface GatheredFacts {
  readonly facts: EnrollmentFacts;
  /** The CA did not answer, and its side is what this computer noted; null: it did, or was not needed. */
  readonly offline: Failure | null;
}

/** The CA's side, where it was asked a moment ago and need not be asked again. */
export type KnownRequest = Pick<EnrollmentFacts, 'request' | 'issued' | 'invited'>;

type KeyPart = Pick<EnrollmentFacts, 'key' | 'publicKeySha256' | 'held'>;

/** Fails with the failures of {@link SecurityKey.facts}, of the CA and of its invitations. */
export async function gatherFacts(ports: EnrollmentPorts, known: KnownRequest | null = null): Promise<Result<GatheredFacts>> {
  const keyPart = await readKey(ports);
  if (!keyPart.ok) return keyPart;
  const record = await ports.records.read(recordId(keyPart.value.key.serial, ports.authority.fingerprint));
  const alone: EnrollmentFacts = { ...keyPart.value, record, request: null, issued: null, invited: null };
  if (known !== null) {
    const { request, issued, invited } = known;
    return success({ facts: { ...alone, request, issued, invited }, offline: null });
  }

  const asked = await askForRequest(ports, alone);
  if (!asked.ok) return asked;
  const { request, offline } = asked.value;
  const held = await heldWithChain(ports, alone, request);
  const facts: EnrollmentFacts = { ...alone, held, request, issued: await readIssued(ports, alone, request) };
  const invited = await lookUpInvitation(ports, facts);
  return invited.ok ? success({ facts: { ...facts, invited: invited.value }, offline }) : invited;
}

/** The key's side of the facts, read anew. `chain`: what the CA said stands between its certificates and the pinned one. */
export async function readKey(ports: EnrollmentPorts, chain: readonly Uint8Array[] = []): Promise<Result<KeyPart>> {
  const key = await ports.securityKey.facts();
  if (!key.ok) return key;
  const { keyPair, certificate } = key.value.authentication;
  const publicKeySha256 = keyPair === null ? null : toHex(await sha256(keyPair.publicKey));
  const held = certificate === null ? null : await readHeld(ports, certificate, keyPair?.publicKey ?? null, chain);
  return success({ key: key.value, publicKeySha256, held });
}

/** A certificate by an issuer that came after this computer pinned the CA: the CA's answer names that issuer. */
async function heldWithChain(ports: EnrollmentPorts, { key, held }: Pick<EnrollmentFacts, 'key' | 'held'>, request: SubmittedRequest | null): Promise<HeldCertificate | null> {
  const { keyPair } = key.authentication;
  if (held === null || held.fits || keyPair === null || request?.chain === undefined) return held;
  return { ...held, fits: (await fitOf(ports, held.certificate, keyPair.publicKey, request.chain)).ok };
}

async function readHeld(ports: EnrollmentPorts, certificate: Uint8Array, publicKey: Uint8Array | null, chain: readonly Uint8Array[]): Promise<HeldCertificate> {
  const parsed = parseCertificate(certificate);
  const fits = publicKey !== null && (await fitOf(ports, certificate, publicKey, chain)).ok;
  return { certificate, subject: parsed === undefined ? null : describeName(parsed.subject), expiresAt: parsed?.notAfter ?? null, fits };
}

/** What the CA issued for the key in 9a, and whether it may be written. */
export async function readIssued(
  ports: EnrollmentPorts,
  { key }: Pick<EnrollmentFacts, 'key'>,
  request: SubmittedRequest | null,
): Promise<IssuedCertificate | null> {
  const { keyPair } = key.authentication;
  if (request?.status !== 'issued' || request.certificate === undefined || keyPair === null) return null;
  const fit = await fitOf(ports, request.certificate, keyPair.publicKey, request.chain);
  if (fit.ok) return { certificate: request.certificate, unfit: null };
  if (fit.failure.kind !== 'certificate-unfit') throw new Error(`Unexpected answer of the fitness check: ${fit.failure.kind}`);
  return { certificate: request.certificate, unfit: fit.failure };
}

/** Whether a certificate may be on the key. `chain`: what the CA said stands between it and the pinned one. */
export function fitOf({ authority, clock }: Pick<EnrollmentPorts, 'authority' | 'clock'>, certificate: Uint8Array, publicKey: Uint8Array, chain: readonly Uint8Array[] = []): Promise<Result<void>> {
  const { caCertificate, issuers = [] } = authority;
  return checkCertificateFit({ certificate, publicKey, caCertificate, chain: [...chain, ...issuers], now: clock.now() });
}

interface AskedRequest {
  readonly request: SubmittedRequest | null;
  readonly offline: Failure | null;
}

async function askForRequest(ports: EnrollmentPorts, facts: EnrollmentFacts): Promise<Result<AskedRequest>> {
  const { record } = facts;
  const { keyPair } = facts.key.authentication;
  const isOurs = isOfThisRecord(facts, record);
  // Nothing to ask about an empty slot; nor about a finished enrollment, which must be recognised without a network.
  if (keyPair === null || (facts.held?.fits && !isOurs)) return success({ request: null, offline: null });
  const answer = await ports.certificateAuthority.requestForKey(keyPair.publicKey);
  if (answer.ok) return success({ request: answer.value, offline: null });
  const noted = record?.request ?? null;
  if (!isOurs || noted === null || reactionTo(answer.failure) !== 'try-later') return answer;
  // Handed in before and the CA is away for now: it waits there, as far as anybody knows.
  return success({ request: { ...noted, status: 'pending' }, offline: answer.failure });
}

async function lookUpInvitation(ports: EnrollmentPorts, facts: EnrollmentFacts): Promise<Result<InvitationFacts | null>> {
  const isNeeded = STEPS.csr.completion(facts) !== 'done';
  return isNeeded && ports.invitationCode !== null ? ports.certificateAuthority.invitation(ports.invitationCode) : success(null);
}
