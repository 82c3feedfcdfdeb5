/**
 * The states of one enrollment, one type a state; transition.ts moves between them, run.ts does the work.
 *
 *                 ┌─────────────────────────────────────────────────┐ again, or the cause went away
 *                 ▼                                                 │
 *   start ──▶ reading ──▶ asking ◀──▶ working ──────────────▶ stopped (failure), from anywhere
 *                │           ▲         │  │  ▲
 *                │           │         │  │  └─ a touch is shown inside working
 *                │           │         │  └───▶ done
 *                │           │         ▼
 *                ├───────────┼─ waiting-for-approval ──▶ denied ──▶ reading (a new request)
 *                │           │         │
 *                │           └─────────┘ approved: asking again, for the PIN alone
 *                ├──▶ working (what needs nobody: handing in a CSR that is made)
 *                └──▶ done (already enrolled)
 *
 * Nothing secret is in any state: no PIN, no PUK, no management key.
 */
import type { Failure } from '../failures.ts';
import type { EnrollableKeyType, EnrollablePinPolicy, FirmwareVersion, KeyProof, TouchPolicy } from '../security-key.ts';
import type { PinRules } from '../key-care/pin-rules.ts';

export const ENROLLMENT_STEPS = [
  'pin',
  'puk',
  'management-key',
  'key-pair',
  'attestation',
  'csr',
  'submit',
  'approval',
  'check',
  'write',
  'prove',
] as const;
export type EnrollmentStepId = (typeof ENROLLMENT_STEPS)[number];

/** One line of the list that stays on the screen. */
export interface StepProgress {
  readonly id: EnrollmentStepId;
  /** 'waiting' is for the person (touch, approval), 'working' for the machine. */
  readonly state: 'to-do' | 'working' | 'waiting' | 'done' | 'stopped';
  /** When it began to work or wait. */
  readonly since: Date | null;
}

/** What the person has to say before the next steps can run; only what those steps need. */
export interface EnrollmentQuestions {
  /** 'choose': factory PIN, choose a new one. 'enter': enter the PIN. 'enter-or-change': the firmware does not tell; enter it, and change it where it is the factory one. */
  readonly pin: 'choose' | 'enter' | 'enter-or-change';
  readonly pinAttemptsLeft: number | null;
  /** What this key demands of a new PIN and PUK. */
  readonly rules: PinRules;
  /** 'choose': factory PUK, choose or generate. 'enter-or-keep': the firmware does not tell. null: nothing to ask. */
  readonly puk: 'choose' | 'enter-or-keep' | null;
  /** null: the CSR is made already. */
  readonly identity: { readonly name: string; readonly email: string; readonly isFixed: boolean } | null;
  /** null: the key pair is there already. */
  readonly keyPair: { readonly offered: readonly EnrollableKeyType[]; readonly offeredPinPolicies: readonly EnrollablePinPolicy[]; readonly firmware: FirmwareVersion } | null;
  /**
   * What is in 9a and would be gone; null: nothing. The person has to agree (`answers.replace`), or, where `canKeep`
   * (firmware 5.7), may have it moved to a retired slot (`answers.keepOldKey`).
   */
  readonly replaces: { readonly certificateSubject: string | null; readonly certificateExpiresAt: Date | null; readonly canKeep: boolean } | null;
  /** The certificate is approved; this PIN entry puts it onto the key. */
  readonly isFinishing: boolean;
}

/** The answers. Handed to run.ts once, never kept. */
export interface EnrollmentAnswers {
  /** With 'enter' and 'enter-or-change'. */
  readonly currentPin?: string | undefined;
  /** With 'choose', and where the person changes it. */
  readonly newPin?: string | undefined;
  readonly currentPuk?: string | undefined;
  readonly newPuk?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** More names for the certificate, as core/x509/names.ts writes them: "upn:ana@corp.example", "uri:…", "dns:…", "email:…". */
  readonly otherNames?: readonly string[] | undefined;
  readonly keyType?: EnrollableKeyType | undefined;
  /** 'once' unless told. */
  readonly pinPolicy?: EnrollablePinPolicy | undefined;
  readonly touchPolicy?: TouchPolicy | undefined;
  readonly replace?: boolean | undefined;
  /** Agrees to the new key pair, and has the old one moved out of its way. */
  readonly keepOldKey?: boolean | undefined;
}

/** A request that waits at the CA. */
export interface WaitingRequest {
  readonly id: string;
  readonly words: readonly string[];
  readonly submittedAt: Date;
  readonly authorityName: string;
}

/** The certificate on the key, in the words of the window. */
export interface EnrolledCertificate {
  readonly name: string;
  readonly email: string | null;
  readonly authorityName: string;
  readonly serialNumber: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

export type EnrollmentState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'asking'; readonly questions: EnrollmentQuestions; readonly steps: readonly StepProgress[]; readonly problem: Failure | null }
  | { readonly kind: 'working'; readonly steps: readonly StepProgress[] }
  | {
      readonly kind: 'waiting-for-approval';
      readonly steps: readonly StepProgress[];
      readonly request: WaitingRequest;
      /** The CA could not be asked last time; we go on trying. */
      readonly offline: Failure | null;
    }
  | { readonly kind: 'stopped'; readonly failure: Failure; readonly steps: readonly StepProgress[] }
  | { readonly kind: 'denied'; readonly reason: string; readonly steps: readonly StepProgress[] }
  | { readonly kind: 'done'; readonly certificate: EnrolledCertificate; readonly proof: KeyProof | null; readonly steps: readonly StepProgress[] };

export type EnrollmentStateKind = EnrollmentState['kind'];
