import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LATCHKEY, type Computer } from './latchkey-process.ts';

const WITH_TERMINAL = fileURLToPath(new URL('./with-terminal.py', import.meta.url));

/** Questions in their order, each with what is typed once it is on the screen. */
export type Dialogue = readonly (readonly [question: string, typed: string])[];

/** What a person saw. */
export interface Seen {
  readonly code: number;
  readonly screen: string;
  /** Questions of the dialogue that never came. */
  readonly unasked: readonly string[];
}

/** Runs `latchkey …` at a terminal; each question is waited for and answered with what is typed. */
export async function latchkeyAtTerminal(computer: Computer, args: readonly string[], dialogue: Dialogue): Promise<Seen> {
  const { stdout } = await promisify(execFile)('python3', [WITH_TERMINAL, JSON.stringify(dialogue), process.execPath, ...LATCHKEY, ...args], { env: computer.environment });
  return JSON.parse(stdout) as Seen;
}
