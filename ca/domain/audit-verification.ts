/** Looking at the whole audit log: whether a line is missing, was changed, or stands in another place. */
import { failed, success, type Result } from '../../core/result.ts';
import type { Store, StoredAuditEvent, StoredCheckpoint } from '../storage/store.ts';
import { FIRST_PREVIOUS_HASH, hashOf } from './audit.ts';
import { isGenuine, type CheckpointIssuer } from './audit-checkpoint.ts';
import type { Context } from './context.ts';

const LINES_AT_A_TIME = 1000;

export interface VerifiedAudit {
  readonly events: number;
  /** Lines up to the last checkpoint; those after it are chained, but the CA has not signed for them yet. */
  readonly signedUpTo: number;
}

/** A log to look at, and who may have signed it. */
export interface AuditLog {
  /** In the order they are kept in. */
  readonly events: AsyncIterable<StoredAuditEvent>;
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Of the root. */
  readonly fingerprint: string;
  readonly issuers: readonly CheckpointIssuer[];
}

type Problem = 'missing' | 'changed' | 'order' | 'checkpoint' | 'end';
const broken = (sequence: number, problem: Problem): Result<never> => failed({ kind: 'audit-broken', sequence, problem });

function problemOf(event: StoredAuditEvent, expected: number, previousHash: string): Problem | undefined {
  if (event.sequence > expected) return 'missing';
  if (event.sequence < expected) return 'order';
  return event.previousHash !== previousHash || event.hash !== hashOf(event) ? 'changed' : undefined;
}

/** Fails with audit-broken and the first line that does not fit. */
export async function verifyAudit({ events, checkpoints, fingerprint, issuers }: AuditLog): Promise<Result<VerifiedAudit>> {
  const signed = new Map(checkpoints.map((checkpoint) => [checkpoint.sequence, checkpoint]));
  let [expected, previousHash] = [1, FIRST_PREVIOUS_HASH];
  for await (const event of events) {
    const problem = problemOf(event, expected, previousHash);
    if (problem !== undefined) return broken(expected, problem);
    const checkpoint = signed.get(event.sequence);
    if (checkpoint !== undefined && (checkpoint.hash !== event.hash || !(await isGenuine(checkpoint, fingerprint, issuers)))) return broken(event.sequence, 'checkpoint');
    [expected, previousHash] = [expected + 1, event.hash];
  }
  const signedUpTo = checkpoints.at(-1)?.sequence ?? 0;
  return signedUpTo >= expected ? broken(expected, 'end') : success({ events: expected - 1, signedUpTo });
}

/** The lines of a store, a thousand at a time: the log may be longer than memory. */
export async function* auditLines(store: Store): AsyncGenerator<StoredAuditEvent> {
  for (let next = 1; ; ) {
    const lines = await store.read((rows) => rows.auditEventsFrom(next, LINES_AT_A_TIME));
    yield* lines;
    if (lines.length < LINES_AT_A_TIME) return;
    next = (lines.at(-1)?.sequence ?? next) + 1;
  }
}

/** The CAs of a server, as signers of its log. */
export function checkpointIssuers({ authority, formerAuthorities }: Pick<Context, 'authority' | 'formerAuthorities'>): readonly CheckpointIssuer[] {
  return [authority, ...formerAuthorities].map(({ id, certificate, key }) => ({ id, certificate, signatureAlgorithm: key.signatureAlgorithm }));
}

/** Looks at the whole log of a running CA, and keeps what came of it where auditors see it. */
export async function verifyOwnAudit(context: Context): Promise<Result<VerifiedAudit>> {
  const { store, authority, clock } = context;
  const checkpoints = await store.read((rows) => rows.checkpoints());
  const found = await verifyAudit({ events: auditLines(store), checkpoints, fingerprint: authority.fingerprint, issuers: checkpointIssuers(context) });
  const failure = found.ok || found.failure.kind !== 'audit-broken' ? null : found.failure;
  const events = found.ok ? found.value.events : (failure?.sequence ?? 1) - 1;
  await store.write((rows) => rows.setSetting('audit-verified', JSON.stringify({ at: clock().toISOString(), isWhole: found.ok, events })));
  if (failure !== null) context.log('error', 'audit-broken', { sequence: failure.sequence, problem: failure.problem });
  return found;
}
