/** What a test of the app has around it: a smart card service of its own, keys to plug in, a CA, and the app itself. */
import { test as base, expect } from '@playwright/test';
import { startPrivatePcscd, type PrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey, type VirtualYubiKeyOptions } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { forgetProfile, launchApp, type LaunchOptions, type RunningApp } from './launch.ts';
import { TestAuthority } from './test-authority.ts';

/** A key and the reader it goes into. */
export interface PluggableKey {
  readonly key: VirtualYubiKey;
  readonly readerName: string;
  plugIn(): Promise<void>;
  pull(): Promise<void>;
}

export interface World {
  /** A new key, plugged into the first (0) or second (1) reader. */
  plugIn(reader: 0 | 1, options?: Partial<VirtualYubiKeyOptions>): Promise<PluggableKey>;
  /** The app; profiles and windows go with the test. */
  launch(options?: LaunchOptions): Promise<RunningApp>;
}

export interface WorkerWorld {
  readonly pcscd: PrivatePcscd;
  readonly authority: TestAuthority;
}

let lastSerial = 5_210_000;

export const test = base.extend<{ world: World }, WorkerWorld>({
  pcscd: [
    // Playwright reads from the braces which fixtures are wanted.
    async ({}, use) => {
      const pcscd = await startPrivatePcscd({ readers: 2 });
      await use(pcscd);
      await pcscd.close();
    },
    { scope: 'worker' },
  ],
  authority: [
    async ({}, use) => {
      const authority = await TestAuthority.create();
      await authority.haveApprover();
      await use(authority);
      await authority.close();
    },
    { scope: 'worker' },
  ],
  world: async ({ pcscd }, use) => {
    const insertions: VpcdInsertion[] = [];
    const apps: RunningApp[] = [];
    const launch = async (options: LaunchOptions = {}): Promise<RunningApp> => {
      const app = await launchApp({ pcscSocket: pcscd.socketPath, ...options });
      apps.push(app);
      return app;
    };
    await use({ launch, plugIn: (reader, options) => plugIn(pcscd, reader, options, insertions) });
    for (const app of apps) {
      await app.close().catch(() => undefined);
      await forgetProfile(app.userData);
    }
    for (const insertion of insertions) await insertion.close();
    expect(apps.flatMap((app) => app.complaints), 'what the pages complained of').toEqual([]);
  },
});

async function plugIn(pcscd: PrivatePcscd, reader: 0 | 1, options: Partial<VirtualYubiKeyOptions> | undefined, insertions: VpcdInsertion[]): Promise<PluggableKey> {
  const [port, readerName] = [pcscd.ports[reader], pcscd.readerNames[reader]];
  if (port === undefined || readerName === undefined) throw new Error(`no reader ${reader}`);
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: ++lastSerial, ...options });
  const insertion = await insertIntoVpcd(key, { port });
  insertions.push(insertion);
  return { key, readerName, plugIn: () => insertion.insert(), pull: () => insertion.remove() };
}

export { expect };
