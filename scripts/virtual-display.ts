import { spawn } from 'node:child_process';

/** An X server without a screen, of this run's own. */
export interface VirtualDisplay {
  /** For the environment variable DISPLAY, such as ":99". */
  readonly name: string;
  close(): Promise<void>;
}

/** Starts Xvfb on a free display number and waits until it is ready. Throws where Xvfb is missing or ends at once. */
export async function startVirtualDisplay(): Promise<VirtualDisplay> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x1000x24', '-nolisten', 'tcp', '-noreset'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    server.once('error', reject);
    server.once('close', (code) => reject(new Error(`Xvfb ended with ${code ?? 'a signal'}`)));
  });
  return {
    name: `:${number}`,
    close: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}
