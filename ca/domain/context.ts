/** What every operation of a CA needs. */
import { randomBytes } from 'node:crypto';
import { toHex } from '../../core/bytes.ts';
import type { AttestationTrust } from '../../core/x509/attestation.ts';
import type { Log } from '../log.ts';
import type { Store } from '../storage/store.ts';
import type { Authority } from './authority.ts';
import type { Policy } from './policy.ts';

export interface Context {
  readonly authority: Authority;
  readonly store: Store;
  readonly trust: AttestationTrust;
  readonly policy: Policy;
  readonly clock: () => Date;
  readonly log: Log;
}

/** 128 random bits as 32 hex digits: what cannot be guessed needs no other protection. */
export function randomId(): string {
  return toHex(randomBytes(16));
}
