/** What an enrollment needs of the world. electron/ and cli/ put it together; tests give the virtual key and a real CA. */
import type { CertificateAuthority, PinnedAuthority } from '../certificate-authority.ts';
import type { UnexpectedFailure } from '../failures.ts';
import type { SecurityKey } from '../security-key.ts';
import type { EnrollmentRecords } from './record.ts';

/** Time, so that tests need not wait for it. */
export interface Clock {
  now(): Date;
  /** Resolves after so many milliseconds, or at once when `signal` is aborted. Never rejects. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface EnrollmentPorts {
  readonly securityKey: SecurityKey;
  readonly authority: PinnedAuthority;
  readonly certificateAuthority: CertificateAuthority;
  /** One-time code of the invitation, where there is one. */
  readonly invitationCode: string | null;
  readonly records: EnrollmentRecords;
  readonly clock: Clock;
  /** Logs a bug whole, without secrets, and names it. */
  readonly reportBug: (error: unknown) => UnexpectedFailure;
}
