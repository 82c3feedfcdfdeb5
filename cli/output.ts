import { randomBytes } from 'node:crypto';
import type { UnexpectedFailure } from '../core/failures.ts';
import { toBase64 } from '../core/bytes.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { CommandStopped, type AnyFailure, type Outcome } from './failures.ts';
import { describeFailure } from './messages/en.ts';

/** Where a command speaks: its one result to standard output, everything else to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** A line for the person who watches. */
  readonly progress: (line: string) => void;
}

export function createOutput(isJson: boolean): Output {
  return { isJson, progress: (line) => void process.stderr.write(`${harmless(line)}\n`) };
}

/**
 * Runs a command to its end and answers its exit code. With --json exactly one object goes to standard output, also for
 * a failure: `{"ok":false,"failure":{"kind":…},"happened":…,"toDo":…}`.
 */
export async function conclude(output: Output, command: () => Promise<Outcome>): Promise<ExitCode> {
  const outcome = await outcomeOf(command);
  if (outcome.ok) {
    if (outcome.json !== null) await announce(output, outcome.json, outcome.text);
    return EXIT.done;
  }
  await reportFailure(output, outcome.failure, outcome.json ?? {});
  return exitCodeOf(outcome.failure);
}

/** Gives the result: at the end, or where a command goes on serving, once it serves. */
export function announce(output: Output, json: Readonly<Record<string, unknown>>, text: string): Promise<void> {
  return write(output.isJson ? jsonLine({ ok: true, ...json }) : `${harmless(text)}\n`);
}

/** Says what happened and what to do: as the one JSON object, or in words on standard error. */
export async function reportFailure(output: Output, failure: AnyFailure, json: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { happened, toDo, details } = describeFailure(failure);
  if (output.isJson) {
    await write(jsonLine({ ok: false, ...json, failure, happened, toDo }));
    return;
  }
  output.progress(`${happened}\n${toDo}${details === undefined ? '' : `\n  (${details})`}`);
}

async function outcomeOf(command: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof CommandStopped) return { ok: false, failure: error.failure, json: error.json };
    return { ok: false, failure: reportBug(error) };
  }
}

/** Names and reasons come from other people: what would steer the terminal is shown as a box. */
function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\u25a1');
}

/** Writes a bug whole to standard error under a new id. Errors of ours never carry secrets. */
export function reportBug(error: unknown): UnexpectedFailure {
  const id = randomBytes(4).toString('hex');
  process.stderr.write(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return { kind: 'unexpected', id };
}

/** Bytes as base64, dates as ISO 8601. */
function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? toBase64(part) : part))}\n`;
}

/** Waits until a pipe has taken it all: process.exit would cut it off. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
