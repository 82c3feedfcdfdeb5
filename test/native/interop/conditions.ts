import { lookAfter, type CarePorts } from '../../../core/key-care/key-care.ts';
import type { KeyConditionKind } from '../../../core/key-care/conditions.ts';
import type { SharedKey } from './shared-key.ts';

/** Nothing was noted on this computer, and it trusts no CA. */
const PORTS: CarePorts = {
  records: { read: async () => null, write: async () => undefined, remove: async () => undefined },
  clock: { now: () => new Date() },
  authority: null,
};

/** What we would tell the person of the key now. */
export async function conditionsOf(shared: SharedKey): Promise<readonly KeyConditionKind[]> {
  const conditions = await lookAfter(await shared.facts(), PORTS);
  return conditions.map(({ kind }) => kind);
}
