/** Typed access to `window.latchkey`, and what main tells kept at hand, so that a place opens without a wait. */
import { useSyncExternalStore } from 'react';
import type { Answers, CallArguments, CallName, LatchkeyBridge } from '../core/ipc.ts';
import type { EnrollmentState } from '../core/enrollment/state.ts';
import type { Result } from '../core/result.ts';

declare global {
  interface Window {
    readonly latchkey: LatchkeyBridge;
  }
}

/** Asks main. A call that breaks (main is gone, or refuses the arguments) is a failure like any other, never a throw. */
export async function call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<Result<Answers[Name]>> {
  try {
    return await window.latchkey.call(name, args);
  } catch {
    return { ok: false, failure: { kind: 'unexpected', id: name } };
  }
}

/** A value that main answers once and tells again at every change; undefined until the first answer. */
export interface Live<Value> {
  readonly get: () => Value | undefined;
  readonly set: (value: Value) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

function createValue<Value>(): Live<Value> {
  let current: Value | undefined;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (value) => {
      current = value;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function createLive<Value>(ask: () => Promise<Result<Value>>, hear: (listener: (told: Value) => void) => void): Live<Value> {
  const value = createValue<Value>();
  let heard = false;
  hear((told) => {
    heard = true;
    value.set(told);
  });
  // An event that overtakes the first answer is the newer truth.
  void ask().then((answer) => {
    if (answer.ok && !heard) value.set(answer.value);
  });
  return value;
}

export const keysSituation = createLive(
  () => call('keys.situation', {}),
  (listener) => window.latchkey.on('keys.changed', listener),
);
export const currentAuthority = createLive(
  () => call('authority.current', {}),
  (listener) => window.latchkey.on('authority.changed', listener),
);
export const queueView = createLive(
  () => call('queue.view', {}),
  (listener) => window.latchkey.on('queue.changed', listener),
);
/** The keys that were enrolled from this computer. */
export const knownKeys = createLive(
  () => call('knownKeys.list', {}),
  (listener) => window.latchkey.on('knownKeys.changed', listener),
);

/** Enrollment states by the name of the reader, as far as main told. */
const enrollments = createValue<ReadonlyMap<string, EnrollmentState>>();
enrollments.set(new Map());
export function rememberEnrollment(readerName: string, state: EnrollmentState): void {
  enrollments.set(new Map(enrollments.get()).set(readerName, state));
}
window.latchkey.on('enrollment.changed', ({ readerName, state }) => rememberEnrollment(readerName, state));
// Another CA, or another invitation, makes every state an old one.
window.latchkey.on('authority.changed', () => enrollments.set(new Map()));

/** Serials by reader: another key in the same reader has nothing to do with what was told of the last one. */
const serials = new Map<string, number | null>();
keysSituation.subscribe(() => {
  const situation = keysSituation.get();
  if (situation?.kind !== 'present') return;
  for (const key of situation.keys) {
    if (key.kind !== 'ready') continue;
    const last = serials.get(key.readerName);
    serials.set(key.readerName, key.facts.serial);
    if (last !== undefined && last !== key.facts.serial) forgetEnrollment(key.readerName);
  }
});
function forgetEnrollment(readerName: string): void {
  const others = new Map(enrollments.get());
  others.delete(readerName);
  enrollments.set(others);
}

export const appFacts = createValue<Answers['app.facts']>();
void call('app.facts', {}).then((answer) => {
  if (answer.ok) appFacts.set(answer.value);
});

/** An invitation link that waits to be looked at; null once somebody took it. */
export const openedLink = createValue<string | null>();
window.latchkey.on('authority.linkOpened', (link) => openedLink.set(link));
void call('authority.openedLink', {}).then((answer) => {
  if (answer.ok && answer.value !== null) openedLink.set(answer.value);
});

export function useLive<Value>(live: Live<Value>): Value | undefined {
  return useSyncExternalStore(live.subscribe, live.get);
}

/** The last known enrollment state of the key in a reader; undefined: none is known. */
export function useEnrollmentState(readerName: string | null): EnrollmentState | undefined {
  const all = useLive(enrollments);
  return readerName === null ? undefined : all?.get(readerName);
}
