/** One live region for the whole window: steps and changes are told to those who do not see them. */
import { useSyncExternalStore } from 'react';

let current = '';
const listeners = new Set<() => void>();

/** Has `text` read out when nothing else is being read. */
export function announce(text: string): void {
  current = text;
  for (const listener of listeners) listener();
}

export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
