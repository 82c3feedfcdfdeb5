/** What every operation of a CA needs. */
import { randomBytes } from 'node:crypto';
import { toHex } from '../../core/bytes.ts';
import type { AttestationTrust } from '../../core/x509/attestation.ts';
import type { Log } from '../log.ts';
import type { Store } from '../storage/store.ts';
import type { Authority } from './authority.ts';
import type { Policy } from './policy.ts';

export interface Context {
  /** The CA that issues now; another one may take over while the server runs. Take it once in an operation. */
  readonly authority: Authority;
  /** Issuers before it: they issue nothing more, but what they issued is still good, and their CRLs go on. */
  readonly formerAuthorities: readonly Authority[];
  readonly store: Store;
  readonly trust: AttestationTrust;
  /** As it is now: the operator's file is read anew when it changes. Take it once in an operation. */
  readonly policy: Policy;
  readonly clock: () => Date;
  readonly log: Log;
}

/** Who does something and from where: what the audit log says of every event. */
export interface Actor {
  readonly name: string;
  /** Of the certificate that signed in; null: nobody did. */
  readonly serialNumber: string | null;
  /** Network address; '' on the machine itself. */
  readonly from: string;
  /** Of the HTTP request; '' otherwise. */
  readonly httpRequestId: string;
}

/** The CA itself: its background work. */
export const AUTHORITY_ACTOR: Actor = { name: 'CA', serialNumber: null, from: '', httpRequestId: '' };
/** Whoever can run the CA's commands on its machine. */
export const OPERATOR_ACTOR: Actor = { name: 'operator', serialNumber: null, from: '', httpRequestId: '' };

/** Somebody who did not sign in. */
export function stranger(from: string, httpRequestId: string): Actor {
  return { name: 'applicant', serialNumber: null, from, httpRequestId };
}

/** 128 random bits as 32 hex digits: what cannot be guessed needs no other protection. */
export function randomId(): string {
  return toHex(randomBytes(16));
}
