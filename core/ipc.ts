/**
 * THE contract between the window and the main process: calls (window asks, main answers) and events (main tells).
 * A new call costs one line here and one handler in electron/main/handlers.ts. Main parses every argument with the
 * parser given here before a handler sees it; the window uses only the types.
 */
import { z } from 'zod';
import type { ApproverSession, AuditPage, CertificatePage, PinnedAuthority, QueuePage } from './certificate-authority.ts';
import type { SigningCommands } from './by-hand/signing-commands.ts';
import type { EnrollmentState } from './enrollment/state.ts';
import type { KeyCondition } from './key-care/conditions.ts';
import type { SlotView } from './key-care/inventory-view.ts';
import type { KnownKey } from './key-care/known-keys.ts';
import type { WayOut } from './key-care/ways-out.ts';
import { PIV_SLOTS, type RetiredSlot } from './piv-slots.ts';
import type { CertificateRequest } from './requests/certificate-request.ts';
import { MAX_DECISIONS, type DecisionOutcome } from './requests/decision.ts';
import type { CreatedInvitation, InvitationView } from './requests/invitation-view.ts';
import { CERTIFICATE_STATUSES, REVOCATION_REASONS, type IssuedCertificate } from './requests/issued-certificate.ts';
import { ROLES, type OfficerRole, type Role } from './requests/roles.ts';
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
  readonly invitation: { readonly name: string; readonly email: string; readonly role: Role } | null;
}

export type AuthorityView = Pick<PinnedAuthority, 'address' | 'name' | 'fingerprint' | 'protocol'>;

/** What a person needs to sign a CSR by hand. */
export interface RequestByHand {
  readonly csrPem: string;
  readonly commands: SigningCommands;
}

/** Who is signed in at the CA. */
export interface ApproverView {
  readonly name: string;
  readonly role: OfficerRole;
  readonly serialNumber: string;
  /** Serial of the security key that signed in, and signs decisions; null where it tells none. */
  readonly keySerial: number | null;
  readonly expiresAt: Date;
}

/**
 * The queue as main keeps it for the window: how long it is and its first page; further pages are asked for with
 * 'queue.requests'. `revision` grows whenever something in it changed.
 */
export type QueueView =
  | { readonly kind: 'signed-out' }
  | {
      readonly kind: 'signed-in';
      readonly approver: ApproverView;
      readonly counts: QueuePage['counts'];
      readonly pending: QueuePage;
      readonly revision: number;
      readonly offline: boolean;
    };

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
const page = { search: z.string().max(200).optional(), after: z.string().max(200).optional(), limit: z.int().min(1).max(500) };
const serialNumber = z.string().regex(/^[0-9a-f]{2,40}$/);
const csrSha256 = z.string().regex(/^[0-9a-f]{64}$/);
const requestId = z.string().regex(/^[0-9a-f]{32}$/);
const reason = z.enum(REVOCATION_REASONS);
const decision = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('approve'), requestId, csrSha256 }).strict(),
  z.object({ decision: z.literal('deny'), requestId, csrSha256, reason: z.string().trim().min(1).max(500) }).strict(),
  z.object({ decision: z.literal('revoke'), serialNumber, reason }).strict(),
  z.object({ decision: z.literal('hold'), serialNumber }).strict(),
  z.object({ decision: z.literal('release'), serialNumber }).strict(),
  z.object({ decision: z.literal('revoke-person'), email: z.string().min(1).max(320), reason }).strict(),
]);
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
  /** The CA of an EST server; like authority.inspect. User name and password stay in main until it is trusted and used, and on no disk. */
  'authority.inspectEst': z.object({ address, label: z.string().max(200), user: z.string().max(200), password: z.string().max(1024) }).strict(),
  /** Asks the person for the certificate of a CA they run by hand, and pins it; null: they changed their mind. */
  'authority.chooseByHand': nothing,
  'authority.forget': nothing,
  /** An invitation link that the system opened the app with, once; null afterwards. */
  'authority.openedLink': nothing,
  'enrollment.state': z.object({ readerName }).strict(),
  /** Reads the key and the CA and says what is left to do. `renews`: also where the certificate on the key is still good. */
  'enrollment.begin': z.object({ readerName, renews: z.boolean().optional() }).strict(),
  'enrollment.answer': z.object({ readerName, answers }).strict(),
  /** Takes the request back that waits at the CA. */
  'enrollment.withdraw': z.object({ readerName }).strict(),
  /** Stops watching; what is done stays done. */
  'enrollment.leave': z.object({ readerName }).strict(),
  /** The CSR that waits to be signed by hand, and the commands for it. `csrFile`: where the person saved it. */
  'byHand.request': z.object({ readerName, csrFile: z.string().max(4096).optional() }).strict(),
  /** Asks the person for a file; answers its path, or null where they changed their mind. */
  'byHand.saveCsr': z.object({ readerName }).strict(),
  /** Asks the person for the certificate that came back, and goes on with it; null: they changed their mind. */
  'byHand.openCertificate': z.object({ readerName }).strict(),
  'queue.view': nothing,
  'queue.signIn': z.object({ readerName, pin }).strict(),
  'queue.signOut': nothing,
  'queue.requests': z.object({ ...page, list: z.enum(['pending', 'decided']) }).strict(),
  'queue.request': z.object({ requestId }).strict(),
  /** Signs each with the key that signed in, in the same reader; the PIN is for all of them and not kept. */
  'queue.decide': z.object({ pin, decisions: z.array(decision).min(1).max(MAX_DECISIONS).readonly() }).strict(),
  'queue.certificates': z.object({ ...page, status: z.enum(CERTIFICATE_STATUSES).optional() }).strict(),
  'queue.invitations': z.object(page).strict(),
  'queue.invite': z
    .object({ name: z.string().max(200), email: z.string().max(320), role: z.enum(ROLES), profile: z.string().max(64), days: z.int(), uses: z.int(), isAutomatic: z.boolean() })
    .strict(),
  'queue.endInvitation': z.object({ invitationId: requestId }).strict(),
  'queue.officers': nothing,
  'queue.setRole': z.object({ serialNumber, role: z.enum(ROLES) }).strict(),
  'queue.audit': z.object(page).strict(),
  'queue.profiles': nothing,
} as const;

type Profiles = Extract<Awaited<ReturnType<ApproverSession['profiles']>>, { readonly ok: true }>['value'];

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
  'authority.inspectEst': AuthorityCandidate;
  'authority.chooseByHand': AuthorityView | null;
  'authority.forget': null;
  'authority.openedLink': string | null;
  'enrollment.state': EnrollmentState | null;
  'enrollment.begin': EnrollmentState;
  'enrollment.answer': EnrollmentState;
  'enrollment.withdraw': EnrollmentState;
  'enrollment.leave': null;
  'byHand.request': RequestByHand;
  'byHand.saveCsr': string | null;
  'byHand.openCertificate': EnrollmentState | null;
  'queue.view': QueueView;
  'queue.signIn': ApproverView;
  'queue.signOut': null;
  'queue.requests': QueuePage;
  'queue.request': CertificateRequest;
  'queue.decide': readonly DecisionOutcome[];
  'queue.certificates': CertificatePage;
  'queue.invitations': { readonly invitations: readonly InvitationView[]; readonly next: string | null };
  'queue.invite': CreatedInvitation;
  'queue.endInvitation': InvitationView;
  'queue.officers': readonly IssuedCertificate[];
  'queue.setRole': IssuedCertificate;
  'queue.audit': AuditPage;
  'queue.profiles': Profiles;
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
