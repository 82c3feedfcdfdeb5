/**
 * THE contract between the window and the main process: calls (window asks, main answers) and events (main tells).
 * A new call costs one line here and one handler in electron/main/handlers.ts. Main parses every argument with the
 * parser given here before a handler sees it; the window uses only the types.
 */
import { z } from 'zod';
import type { PinnedAuthority } from './certificate-authority.ts';
import type { EnrollmentState } from './enrollment/state.ts';
import type { CertificateRequest } from './requests/certificate-request.ts';
import type { Result } from './result.ts';
import { ENROLLABLE_KEY_TYPES, type SecurityKeysSituation } from './security-key.ts';

/** What the window may know of the program it runs in. */
export interface AppFacts {
  readonly version: string;
  readonly electron: string;
  readonly platform: string;
  /** Keys and CA are virtual and for trying out; the window says so. */
  readonly isDemo: boolean;
}

/** A CA that an address or an invitation leads to, before anybody trusts it. */
export interface AuthorityCandidate extends Omit<PinnedAuthority, 'caCertificate'> {
  /** From the invitation; null where only an address was given, so the person has to confirm the fingerprint. */
  readonly invitation: { readonly name: string; readonly email: string; readonly role: 'user' | 'approver' } | null;
}

export type AuthorityView = Omit<PinnedAuthority, 'caCertificate'>;

/** Who is signed in as approver. */
export interface ApproverView {
  readonly name: string;
  readonly expiresAt: Date;
}

/** The queue as the window shows it. */
export type QueueView =
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'signed-in'; readonly approver: ApproverView; readonly requests: readonly CertificateRequest[]; readonly offline: boolean };

const readerName = z.string().min(1).max(256);
const pin = z.string().max(64);
const requestId = z.string().regex(/^[0-9a-f]{32}$/);
const address = z.string().min(1).max(2048);
const nothing = z.object({}).strict();

const answers = z
  .object({
    currentPin: pin.optional(),
    newPin: pin.optional(),
    currentPuk: pin.optional(),
    newPuk: pin.optional(),
    name: z.string().max(200).optional(),
    email: z.string().max(320).optional(),
    otherNames: z.array(z.string().max(2048)).max(8).readonly().optional(),
    keyType: z.enum(ENROLLABLE_KEY_TYPES).optional(),
    touchPolicy: z.enum(['never', 'always', 'cached']).optional(),
    replace: z.boolean().optional(),
  })
  .strict();

/** Parsers of what the window sends, by the name of the call. */
export const CALLS = {
  'app.facts': nothing,
  'keys.situation': nothing,
  /** Starts the device process anew after it ended. */
  'keys.restart': nothing,
  'authority.current': nothing,
  /** An invitation link, or an address alone: looks at the CA and trusts nothing yet. */
  'authority.inspect': z.object({ linkOrAddress: z.string().min(1).max(4096) }).strict(),
  /** Pins the CA of the last inspection, if its fingerprint is this one. */
  'authority.trust': z.object({ address, fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }).strict(),
  'authority.forget': nothing,
  /** An invitation link that the system opened the app with, once; null afterwards. */
  'authority.openedLink': nothing,
  'enrollment.state': z.object({ readerName }).strict(),
  /** Reads the key and the CA and says what is left to do. */
  'enrollment.begin': z.object({ readerName }).strict(),
  'enrollment.answer': z.object({ readerName, answers }).strict(),
  /** Stops watching; what is done stays done. */
  'enrollment.leave': z.object({ readerName }).strict(),
  'queue.view': nothing,
  'queue.signIn': z.object({ readerName, pin }).strict(),
  'queue.signOut': nothing,
  'queue.approve': z.object({ requestId }).strict(),
  'queue.deny': z.object({ requestId, reason: z.string().trim().min(1).max(500) }).strict(),
} as const;

/** What main answers, by the name of the call. */
export interface Answers {
  'app.facts': AppFacts;
  'keys.situation': SecurityKeysSituation;
  'keys.restart': null;
  'authority.current': AuthorityView | null;
  'authority.inspect': AuthorityCandidate;
  'authority.trust': AuthorityView;
  'authority.forget': null;
  'authority.openedLink': string | null;
  'enrollment.state': EnrollmentState | null;
  'enrollment.begin': EnrollmentState;
  'enrollment.answer': EnrollmentState;
  'enrollment.leave': null;
  'queue.view': QueueView;
  'queue.signIn': ApproverView;
  'queue.signOut': null;
  'queue.approve': CertificateRequest;
  'queue.deny': CertificateRequest;
}

/** What main tells without being asked. */
export interface Events {
  'keys.changed': SecurityKeysSituation;
  'authority.changed': AuthorityView | null;
  'authority.linkOpened': string;
  'enrollment.changed': { readonly readerName: string; readonly state: EnrollmentState };
  'queue.changed': QueueView;
}

export type CallName = keyof typeof CALLS;
export type CallArguments<Name extends CallName> = z.infer<(typeof CALLS)[Name]>;
export type EventName = keyof Events;
export const EVENT_NAMES = ['keys.changed', 'authority.changed', 'authority.linkOpened', 'enrollment.changed', 'queue.changed'] as const satisfies readonly EventName[];

/** The object that preload puts on `window.latchkey`. */
export interface LatchkeyBridge {
  call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<Result<Answers[Name]>>;
  /** The returned function ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (event: Events[Name]) => void): () => void;
}
