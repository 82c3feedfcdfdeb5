/**
 * The app's own log file, for bugs and for what the device process says. Never an argument of a call, an answer of a
 * key or anything else that could hold a secret: callers write what they themselves worded, or an error of ours.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UnexpectedFailure } from '../../core/failures.ts';

/** Above this the file is put aside as latchkey.log.1 and a new one begun. */
const MAX_BYTES = 1_000_000;

export interface Log {
  note(line: string): void;
  /** Writes an unknown error whole, under an id that the person can report. */
  bug(where: string, error: unknown): UnexpectedFailure;
}

/** A log in `folder`/latchkey.log, made when first needed. Failing to write is not a reason to fail. */
export function openLog(folder: string): Log {
  const path = join(folder, 'latchkey.log');
  const write = (text: string): void => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(path, `${path}.1`);
      appendFileSync(path, `${new Date().toISOString()} ${text}\n`, { mode: 0o600 });
    } catch {
      // A full or read-only disk must not take the app down.
    }
  };
  return {
    note: write,
    bug: (where, error) => {
      const id = randomBytes(4).toString('hex');
      write(`[${id}] ${where}: ${describeError(error)}`);
      return { kind: 'unexpected', id };
    },
  };
}

/** Stack, causes and all; for the log only. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describeError(error.cause)}`;
}
