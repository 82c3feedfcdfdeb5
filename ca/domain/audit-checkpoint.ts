/**
 * Checkpoints: the CA's signature over the audit log up to a line. Whoever changes a line has to change every hash after it,
 * and then no checkpoint fits; whoever cuts off the end is told by a checkpoint that lies behind it.
 */
import { SIGNATURE_OID } from '../../core/x509/object-identifiers.ts';
import { verifySignature, type SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';
import type { ParsedCertificate } from '../../core/x509/certificate.ts';
import { AuthorityKeyUnavailable } from '../keys/authority-key.ts';
import type { StoredCheckpoint } from '../storage/store.ts';
import type { Context } from './context.ts';

const PREFIX = 'latchkey-audit-checkpoint-v1';

/** What is signed: a fixed word (so that no other signature can stand for it), the root's fingerprint, the line and its hash. */
export function checkpointMessage(fingerprint: string, sequence: number, hash: string): Uint8Array {
  return new TextEncoder().encode([PREFIX, fingerprint, sequence, hash].join('\0'));
}

/** A CA that can have signed checkpoints. */
export interface CheckpointIssuer {
  /** SHA-256 of its DER certificate, lower-case hex. */
  readonly id: string;
  readonly certificate: ParsedCertificate;
  readonly signatureAlgorithm: SignatureAlgorithmName;
}

/** Whether one of these CAs signed it. */
export async function isGenuine(checkpoint: StoredCheckpoint, fingerprint: string, issuers: readonly CheckpointIssuer[]): Promise<boolean> {
  const issuer = issuers.find(({ id }) => id === checkpoint.issuerId);
  if (issuer === undefined) return false;
  const message = checkpointMessage(fingerprint, checkpoint.sequence, checkpoint.hash);
  return verifySignature(issuer.certificate.publicKey, SIGNATURE_OID[issuer.signatureAlgorithm], message, checkpoint.signature);
}

/** Signs the log as it is, where something was written since the last time. Where the key cannot sign now, the next one covers it. */
export async function makeCheckpoint(context: Context): Promise<void> {
  const { authority, store, clock } = context;
  const { last, latest } = await store.read(async (rows) => ({ last: await rows.lastAuditEvent(), latest: (await rows.checkpoints()).at(-1) }));
  if (last === undefined || last.sequence <= (latest?.sequence ?? 0)) return;
  try {
    const signature = await authority.key.sign(checkpointMessage(authority.fingerprint, last.sequence, last.hash));
    await store.write((rows) => rows.addCheckpoint({ sequence: last.sequence, hash: last.hash, at: clock(), issuerId: authority.id, signature }));
  } catch (error) {
    if (!(error instanceof AuthorityKeyUnavailable)) throw error;
  }
}
