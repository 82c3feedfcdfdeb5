import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';

/** Another process that uses a card: see card-program.ts for what it can be told. */
export interface OtherProgram {
  tell(line: string): Promise<void>;
  end(): Promise<void>;
}

/** `title` is the name that the system has for it. */
export async function startOtherProgram(pcscd: Pick<PrivatePcscd, 'environment'>, readerName: string, title: string): Promise<OtherProgram> {
  const path = fileURLToPath(new URL('./card-program.ts', import.meta.url));
  const child: ChildProcess = fork(path, [readerName, title], { execArgv: ['--import', import.meta.resolve('tsx')], env: pcscd.environment });
  await once(child, 'message');
  return {
    tell: async (line) => {
      const answered = once(child, 'message');
      child.send(line);
      const [answer] = (await answered) as unknown[];
      if (answer !== 'done') throw new Error(String(answer));
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
