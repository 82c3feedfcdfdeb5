import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CommandStopped } from './failures.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACES = ['\u007f', '\b'];

/**
 * The person at the terminal, also where standard input is a pipe: questions go to standard error, answers come from
 * /dev/tty. Nobody may be there: `isThere` says so, and then every question is a CommandStopped of the caller.
 */
export class Terminal {
  private input: ReadStream | null | undefined;
  private typedAhead = '';

  /** Whether somebody can be asked. Opens the terminal the first time. */
  get isThere(): boolean {
    return this.open() !== null;
  }

  /** Asks for a line that may be seen. The answer is trimmed. */
  async ask(question: string): Promise<string> {
    process.stderr.write(question);
    return (await this.readLine(false)).trim();
  }

  /** Asks for a secret: nothing is echoed, not even its length. */
  async askSecret(question: string): Promise<string> {
    process.stderr.write(question);
    const line = await this.readLine(true);
    process.stderr.write('\n');
    return line;
  }

  /** Shows a secret until Enter is pressed, then wipes the line it stands on. */
  async showOnce(text: string): Promise<void> {
    process.stderr.write(text);
    await this.readLine(true);
    process.stderr.write('\r\u001b[2K');
  }

  /** Asks a question whose answer is yes or no; anything but yes is no. */
  async confirm(question: string): Promise<boolean> {
    const answer = await this.ask(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer);
  }

  /** Gives the terminal back. */
  close(): void {
    this.input?.destroy();
    this.input = null;
  }

  private open(): ReadStream | null {
    if (this.input === undefined) this.input = openTerminal();
    return this.input;
  }

  /** Raw mode switches the echo off; without it the system's own line editing is at work. */
  private async readLine(isSecret: boolean): Promise<string> {
    const input = this.open();
    if (input === null) throw new CommandStopped({ kind: 'cancelled' });
    input.setRawMode(isSecret);
    try {
      return await this.collectLine(input);
    } finally {
      input.setRawMode(false);
      input.pause();
    }
  }

  private collectLine(input: ReadStream): Promise<string> {
    return new Promise((resolve, reject) => {
      const line: string[] = [];
      const settle = (act: () => void): void => {
        input.off('data', onData);
        input.off('end', onEnd);
        act();
      };
      const onEnd = (): void => settle(() => reject(new CommandStopped({ kind: 'cancelled' })));
      const onData = (chunk: Buffer | string): void => {
        const characters = Array.from(this.typedAhead + chunk.toString());
        this.typedAhead = '';
        for (const [index, character] of characters.entries()) {
          if (character === '\r' || character === '\n') {
            this.typedAhead = characters.slice(index + 1).join('');
            return settle(() => resolve(line.join('')));
          }
          if (character === CTRL_C || character === CTRL_D) return onEnd();
          edit(line, character);
        }
      };
      input.on('data', onData);
      input.on('end', onEnd);
      input.resume();
      if (this.typedAhead !== '') onData('');
    });
  }
}

/** The line editing that raw mode takes away. */
function edit(line: string[], character: string): void {
  if (BACKSPACES.includes(character)) line.pop();
  else if (character === CTRL_U) line.length = 0;
  else line.push(character);
}

function openTerminal(): ReadStream | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync('/dev/tty', 'r+');
    // Decoded here, so that a character whose bytes come in two pieces stays one.
    return new ReadStream(descriptor).setEncoding('utf8') as ReadStream;
  } catch {
    // ENXIO: no controlling terminal, as under a service manager or CI.
    if (descriptor !== undefined) closeSync(descriptor);
    return null;
  }
}
