import type { Failure } from './failures.ts';

/** The outcome of anything that is expected to fail sometimes. A bug is thrown, never returned. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** A success that carries `value`. */
export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A success that carries nothing. */
export const done: Result<void> = { ok: true, value: undefined };

/** An expected failure. */
export function failed(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}

/** Makes the compiler name the case that a switch forgot. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
