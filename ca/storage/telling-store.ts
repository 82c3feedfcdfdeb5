/** A store that tells of lines of the audit log once they are on disk. */
import type { Store, StoredAuditEvent, StoreWriter } from './store.ts';

/** `told` hears of each line after its transaction is committed, and of none that was rolled back. */
export function tellingStore(store: Store, told: (event: StoredAuditEvent) => void): Store {
  return {
    ...store,
    write: async (work) => {
      let lines: StoredAuditEvent[] = [];
      const result = await store.write((rows) => {
        lines = [];
        const watched: Partial<StoreWriter> = {
          addAuditEvent: async (event) => {
            await rows.addAuditEvent(event);
            lines.push(event);
          },
        };
        // Everything else is the store's own, `this` included.
        return work(Object.assign(Object.create(rows) as StoreWriter, watched));
      });
      for (const line of lines) told(line);
      return result;
    },
  };
}
