/** The people of the demo: each has a key and does with the engine what they would do in the app. */
import { randomInt } from 'node:crypto';
import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import { inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import type { PinnedAuthority, Sign } from '../../core/certificate-authority.ts';
import { generatePuk } from '../../core/key-care/generate-puk.ts';
import { createEnrollment, type Enrollment } from '../../core/enrollment/run.ts';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import { seenInEntry } from '../../core/requests/decision-statement.ts';
import type { Result } from '../../core/result.ts';
import type { SecurityKey, SecurityKeys } from '../../core/security-key.ts';
import { createFileRecords } from '../enrollment-records.ts';
import { CommandStopped } from '../failures.ts';
import type { Folders } from '../folders.ts';
import { reportBug } from '../output.ts';
import type { StepReport } from '../step-report.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly pin: string;
  readonly securityKey: SecurityKey;
}

export type WaitingState = Extract<EnrollmentState, { kind: 'waiting-for-approval' }>;
export type DoneState = Extract<EnrollmentState, { kind: 'done' }>;

export function createPerson(name: string, email: string, keys: SecurityKeys, readerName: string): Person {
  // Six digits without a leading zero are never the factory PIN's neighbours in a row: 123456 alone is avoided.
  const pin = String(randomInt(200_000, 1_000_000));
  return { name, email, pin, securityKey: keys.at(readerName) };
}

/** The value of a result; a failure ends the demo and is worded like everywhere else. */
export function expect<T>(result: Result<T>): T {
  if (!result.ok) throw new CommandStopped(result.failure);
  return result.value;
}

/** Opens an invitation: from here on this CA is trusted, and the enrollment is ready to begin. */
export async function openInvitation(person: Person, link: string, folders: Folders, report: StepReport): Promise<{ readonly enrollment: Enrollment; readonly authority: PinnedAuthority }> {
  const { authority, invitation } = expect(await inspectLinkOrAddress(link));
  const enrollment = createEnrollment({
    securityKey: person.securityKey,
    authority,
    certificateAuthority: latchkeyAuthority(authority),
    invitationCode: invitation?.code ?? null,
    records: createFileRecords(folders),
    clock: systemClock,
    reportBug,
  });
  enrollment.onChange((state) => report.hear(state));
  return { enrollment, authority };
}

/** Chooses PIN and PUK and lets everything happen that can happen without an approver. */
export async function enroll(person: Person, enrollment: Enrollment): Promise<WaitingState | DoneState> {
  const asked = await enrollment.begin();
  if (asked.kind !== 'asking') throw unexpectedState('asking', asked);
  const state = await enrollment.answer({ newPin: person.pin, newPuk: generatePuk(), name: person.name, email: person.email });
  if (state.kind !== 'waiting-for-approval' && state.kind !== 'done') throw unexpectedState('waiting or done', state);
  return state;
}

/** The PIN once more, and the certificate goes onto the key and is proven. */
export async function finish(person: Person, enrollment: Enrollment): Promise<DoneState> {
  const state = await enrollment.answer({ currentPin: person.pin });
  if (state.kind !== 'done') throw unexpectedState('done', state);
  return state;
}

/** Signs in with the approver's key, compares the four words, approves. */
export async function approve(approver: Person, authority: PinnedAuthority, waiting: WaitingState): Promise<{ readonly verified: string }> {
  const { certificate } = expect(await approver.securityKey.facts()).authentication;
  if (certificate === null) throw new CommandStopped({ kind: 'slot-empty' });
  const sign: Sign = (message) => approver.securityKey.sign(approver.pin, message);
  const session = expect(await latchkeySignIn(authority)(certificate, sign));
  try {
    const entry = expect(await session.request(waiting.request.id));
    const { csrSha256, words } = await seenInEntry(entry);
    if (words.join(' ') !== waiting.request.words.join(' ')) throw new CommandStopped({ kind: 'demo-failed', detail: 'the four words differ' });
    const { attestation } = entry.verified;
    if (attestation === null) throw new CommandStopped({ kind: 'attestation-refused', problem: entry.verified.attestationProblem ?? 'missing' });
    const [outcome] = expect(await session.decide([{ decision: 'approve', requestId: entry.id, csrSha256 }], sign));
    if (outcome?.ok !== true) throw new CommandStopped(outcome?.failure ?? { kind: 'request-unknown' });
    return { verified: `YubiKey ${attestation.serial ?? ''}, firmware ${attestation.firmware}, key generated on it` };
  } finally {
    await session.signOut();
  }
}

function unexpectedState(wanted: string, state: EnrollmentState): CommandStopped {
  if (state.kind === 'stopped') return new CommandStopped(state.failure);
  if (state.kind === 'denied') return new CommandStopped({ kind: 'request-denied', reason: state.reason });
  if (state.kind === 'asking' && state.problem !== null) return new CommandStopped(state.problem);
  return new CommandStopped({ kind: 'demo-failed', detail: `the enrollment is in ${state.kind}, not in ${wanted}` });
}
