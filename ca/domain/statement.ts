/** What makes a signed statement a decision of the officer who hands it in. */
import { equalBytes } from '../../core/bytes.ts';
import { verifyDecision, type DecisionStatement } from '../../core/requests/decision-statement.ts';
import type { Decision } from '../../core/requests/decision.ts';
import type { Failure } from '../../core/failures.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { StoredStatement, StoreReader, StoreWriter } from '../storage/store.ts';
import type { Context } from './context.ts';
import type { Officer } from './officers.ts';

/** How far its time may be from our clock: for clocks that are wrong, and for a person who takes their time with the PIN. */
const MAX_AGE_MS = 10 * 60_000;
/** As much of a SHA-256 as an id has digits. */
const ID_DIGITS = 32;

type StatementProblem = Extract<Failure, { kind: 'statement-refused' }>['problem'];

export const statementRefused = (problem: StatementProblem): { readonly ok: false; readonly failure: Failure } => failed({ kind: 'statement-refused', problem });

/** A decision whose statement holds, as it will be kept. */
export interface ProvenDecision<D extends Decision = Decision> {
  readonly decision: D;
  readonly stored: StoredStatement;
}

function subjectOf(decision: Decision): string {
  if ('requestId' in decision) return decision.requestId;
  return 'serialNumber' in decision ? decision.serialNumber : decision.email.toLowerCase();
}

/** Signed by the certificate that signed in, byte for byte. */
async function isBy(context: Context, officer: Officer, statement: DecisionStatement): Promise<boolean> {
  const signer = await context.store.read((rows) => rows.certificate(officer.serialNumber));
  return signer?.certificate != null && equalBytes(signer.certificate, statement.certificate.der);
}

/** Fails with statement-refused: unreadable, signature, other-certificate, other-authority, time. */
export async function checkStatement(context: Context, officer: Officer, jws: string): Promise<Result<ProvenDecision>> {
  const verified = await verifyDecision(jws);
  if (!verified.ok) return verified;
  const { decision, authority, at, signedSha256 } = verified.value;
  if (!(await isBy(context, officer, verified.value))) return statementRefused('other-certificate');
  if (authority !== context.authority.fingerprint) return statementRefused('other-authority');
  if (Math.abs(at.getTime() - context.clock().getTime()) > MAX_AGE_MS) return statementRefused('time');
  const { name: by, serialNumber } = officer;
  // What was signed is its name, so that the same words count once, whatever is done to the signature.
  const stored = { id: signedSha256.slice(0, ID_DIGITS), kind: decision.decision, subject: subjectOf(decision), by, serialNumber, at, statement: jws };
  return success({ decision, stored });
}

/** Whether it was handed in before: a statement counts once. */
export async function isUsed(rows: StoreReader, { stored }: ProvenDecision): Promise<boolean> {
  return (await rows.statements(stored.subject)).some(({ id }) => id === stored.id);
}

/** Keeps it, in the transaction of what it decides. */
export async function keep(rows: StoreWriter, { stored }: ProvenDecision): Promise<void> {
  await rows.addStatement(stored);
}
