/**
 * The audit log: every event that matters, each line chained to the one before by its hash, so that removing, changing or
 * reordering one is found. A line is written in the transaction of what it tells: neither is there without the other.
 */
import { createHash } from 'node:crypto';
import type { AuditEventName } from '../../core/requests/audit-event.ts';
import type { StoredAuditEvent, StoreWriter } from '../storage/store.ts';
import type { Actor } from './context.ts';

export interface AuditFacts {
  readonly event: AuditEventName;
  readonly actor: Actor;
  readonly at: Date;
  /** What it is about; '' for nothing in particular. */
  readonly subject: string;
  /** Never secret: no code, token, passphrase or PIN. */
  readonly facts?: StoredAuditEvent['facts'];
}

/** What the first line is chained to. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** Hash of a line: SHA-256 over a JSON array of its fields in this order, the facts sorted by name, and the hash before it. */
export function hashOf(event: Omit<StoredAuditEvent, 'hash'>): string {
  const facts = Object.entries(event.facts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { sequence, at, actor, actorSerialNumber, from, httpRequestId, subject, previousHash } = event;
  const line = JSON.stringify([sequence, at.toISOString(), event.event, actor, actorSerialNumber, from, httpRequestId, subject, facts, previousHash]);
  return createHash('sha256').update(line, 'utf8').digest('hex');
}

/** Writes one line in the transaction of what it tells. */
export async function record(rows: StoreWriter, told: AuditFacts): Promise<void> {
  const last = await rows.lastAuditEvent();
  const line = {
    sequence: (last?.sequence ?? 0) + 1,
    at: told.at,
    event: told.event,
    actor: told.actor.name,
    actorSerialNumber: told.actor.serialNumber,
    from: told.actor.from,
    httpRequestId: told.actor.httpRequestId,
    subject: told.subject,
    facts: told.facts ?? {},
    previousHash: last?.hash ?? FIRST_PREVIOUS_HASH,
  };
  await rows.addAuditEvent({ ...line, hash: hashOf(line) });
}
