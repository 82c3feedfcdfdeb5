/**
 * THE contract between the window and the main process: calls (window asks, main answers) and events (main tells).
 * A new call costs one line here and one handler in electron/main/handlers.ts. Main parses every argument with the
 * parser given here before a handler sees it; the window uses only the types.
 */
import { z } from 'zod';
import type { PinnedAuthority } from './certificate-authority.ts';
import type { EnrollmentState } from './enrollment/state.ts';
import type { KeyCondition } from './key-care/conditions.ts';
import type { SlotView } from './key-care/inventory-view.ts';
import type { KnownKey } from './key-care/known-keys.ts';
import type { WayOut } from './key-care/ways-out.ts';
import { PIV_SLOTS, type RetiredSlot } from './piv-slots.ts';
import type { CertificateRequest } from './requests/certificate-request.ts';
import type { Result } from './result.ts';
import { ENROLLABLE_KEY_TYPES, type ModulesFacts, type SecurityKeysSituation } from './security-key.ts';

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

/** A condition of a key with the ways out of it, the least destructive first. */
export interface ConditionView {
  readonly condition: KeyCondition;
  readonly waysOut: readonly WayOut[];
}

const readerName = z.string().min(1).max(256);
/** `keySerial`: of the key on the person's screen. Another one in the same reader fails with security-key-removed: a PIN is for one key alone. */
const keyInHand = { readerName, keySerial: z.int().nonnegative().nullable() };
const pin = z.string().max(64);
const slot = z.enum(PIV_SLOTS);
/** In hex; only where a person has one that the key does not tell. */
const managementKey = z.string().regex(/^[0-9a-fA-F]{0,64}$/).optional();
const attempts = z.int().min(1).max(255);
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
    pinPolicy: z.enum(['never', 'once', 'always']).optional(),
    touchPolicy: z.enum(['never', 'always', 'cached']).optional(),
    replace: z.boolean().optional(),
    keepOldKey: z.boolean().optional(),
  })
  .strict();

/** Parsers of what the window sends, by the name of the call. */
export const CALLS = {
  'app.facts': nothing,
  'keys.situation': nothing,
  /** Starts the device process anew after it ended. */
  'keys.restart': nothing,
  /** Asks the program that keeps the key from us to let it go. */
  'keys.releaseHolder': nothing,
  /** What a person should know of this key, the most urgent first. Reads nothing from the key. */
  'care.conditions': z.object({ readerName }).strict(),
  'care.inventory': z.object({ readerName }).strict(),
  'care.verifyPin': z.object({ ...keyInHand, pin }).strict(),
  'care.changePin': z.object({ ...keyInHand, currentPin: pin, newPin: pin }).strict(),
  'care.unblockPin': z.object({ ...keyInHand, puk: pin, newPin: pin }).strict(),
  'care.changePuk': z.object({ ...keyInHand, currentPuk: pin, newPuk: pin }).strict(),
  'care.rotateManagementKey': z.object({ ...keyInHand, pin, managementKey }).strict(),
  'care.setRetries': z.object({ ...keyInHand, pin, managementKey, pinAttempts: attempts, pukAttempts: attempts, newPin: pin, newPuk: pin }).strict(),
  'care.retireKey': z.object({ ...keyInHand, pin, managementKey }).strict(),
  'care.deleteCertificate': z.object({ ...keyInHand, slot, pin, managementKey }).strict(),
  /** `serial`: as the person typed it; null where the key tells none. */
  'care.reset': z.object({ readerName, serial: z.int().nonnegative().nullable() }).strict(),
  /** Asks the person for a file; answers its path, or null where they changed their mind. */
  'care.exportCertificate': z.object({ readerName, slot, format: z.enum(['pem', 'der']) }).strict(),
  /** Writes the sheet with the PUK to a file of the person's choice, readable by them alone. */
  'care.savePuk': z.object({ serial: z.int().nonnegative().nullable(), sheet: z.string().min(1).max(2000) }).strict(),
  'modules.view': nothing,
  'modules.choose': z.object({ choice: z.string().min(1).max(4096) }).strict(),
  'knownKeys.list': nothing,
  'knownKeys.forget': z.object({ serial: z.int().nonnegative() }).strict(),
  'authority.current': nothing,
  /** An invitation link, or an address alone: looks at the CA and trusts nothing yet. */
  'authority.inspect': z.object({ linkOrAddress: z.string().min(1).max(4096) }).strict(),
  /** Pins the CA of the last inspection, if its fingerprint is this one. */
  'authority.trust': z.object({ address, fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }).strict(),
  'authority.forget': nothing,
  /** An invitation link that the system opened the app with, once; null afterwards. */
  'authority.openedLink': nothing,
  'enrollment.state': z.object({ readerName }).strict(),
  /** Reads the key and the CA and says what is left to do. `renews`: also where the certificate on the key is still good. */
  'enrollment.begin': z.object({ readerName, renews: z.boolean().optional() }).strict(),
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
  'keys.releaseHolder': null;
  'care.conditions': readonly ConditionView[];
  'care.inventory': readonly SlotView[];
  'care.verifyPin': null;
  'care.changePin': null;
  'care.unblockPin': null;
  'care.changePuk': null;
  'care.rotateManagementKey': null;
  'care.setRetries': null;
  'care.retireKey': RetiredSlot;
  'care.deleteCertificate': null;
  'care.reset': null;
  'care.exportCertificate': string | null;
  'care.savePuk': string | null;
  'modules.view': ModulesFacts;
  'modules.choose': ModulesFacts;
  'knownKeys.list': readonly KnownKey[];
  'knownKeys.forget': null;
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
  'knownKeys.changed': readonly KnownKey[];
  'authority.linkOpened': string;
  'enrollment.changed': { readonly readerName: string; readonly state: EnrollmentState };
  'queue.changed': QueueView;
}

export type CallName = keyof typeof CALLS;
export type CallArguments<Name extends CallName> = z.infer<(typeof CALLS)[Name]>;
export type EventName = keyof Events;
export const EVENT_NAMES = ['keys.changed', 'knownKeys.changed', 'authority.changed', 'authority.linkOpened', 'enrollment.changed', 'queue.changed'] as const satisfies readonly EventName[];

/** The object that preload puts on `window.latchkey`. */
export interface LatchkeyBridge {
  call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<Result<Answers[Name]>>;
  /** The returned function ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (event: Events[Name]) => void): () => void;
}
