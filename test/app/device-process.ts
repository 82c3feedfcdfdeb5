import type { ElectronApplication } from '@playwright/test';

/** The process that talks to keys, ended as a crash ends it. */
export async function killDeviceProcess(app: ElectronApplication): Promise<void> {
  const pid = await app.evaluate(({ app: electron }) => electron.getAppMetrics().find(({ name }) => name === 'Latchkey security keys')?.pid);
  if (pid === undefined) throw new Error('there is no device process');
  process.kill(pid, 'SIGKILL');
}
