/**
 * For tests of key care: a desk with the app open on it, and keys that come and go. One app for all of them, of somebody
 * who enrolled at the CA of the run; its page begins anew with every test.
 */
import type { Page } from '@playwright/test';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../native/virtual-yubikey/vpcd.ts';
import { ownedKey, type OwnedKeyOptions } from '../cli/owned-key.ts';
import { watchAttempts } from '../flows/watched-card.ts';
import { call, shownKeys } from './calls.ts';
import { expect, test as base, type PluggableKey } from './fixtures.ts';
import { forgetProfile, launchApp, type RunningApp } from './launch.ts';

/** A key on the desk, and every attempt at its PIN and PUK that it turned down: "20 63c2" is a wrong PIN, with 2 left. */
export interface KeyOnDesk extends PluggableKey {
  readonly lostAttempts: readonly string[];
}

export interface Desk {
  readonly app: RunningApp;
  readonly window: Page;
  /** Plugs a key into the first (0) reader, or the second (1), until the app has read it. After the test it is pulled. */
  plugIn(key: VirtualYubiKey, reader?: 0 | 1): Promise<KeyOnDesk>;
  /** A key in use, as `OWN` in owned-key.ts says, with a certificate of another CA; not plugged in yet. */
  owned(options?: OwnedKeyOptions): Promise<VirtualYubiKey>;
  /** A key from the shop; not plugged in yet. */
  fromTheShop(firmware: string, options?: { readonly fips: boolean }): VirtualYubiKey;
  /** The same key under a serial of its own, so that nothing is known of it. */
  renamed(key: VirtualYubiKey): VirtualYubiKey;
}

/** So that keys of one name do not count as backups of each other. */
export async function forgetKeys(window: Page): Promise<void> {
  const known = await call(window, 'knownKeys.list', {});
  for (const { serial } of known.ok ? known.value : []) await call(window, 'knownKeys.forget', { serial });
}

let lastSerial = 5_230_000;
const READ = { intervals: [50] };

export const test = base.extend<{ desk: Desk }, { deskApp: RunningApp }>({
  deskApp: [
    async ({ pcscd, authority }, use) => {
      const app = await launchApp({ pcscSocket: pcscd.socketPath });
      await call(app.window, 'authority.inspect', { linkOrAddress: authority.address });
      expect(await call(app.window, 'authority.trust', { address: authority.address, fingerprint: authority.fingerprint })).toMatchObject({ ok: true });
      await use(app);
      await app.close();
      await forgetProfile(app.userData);
    },
    { scope: 'worker' },
  ],
  desk: async ({ deskApp, pcscd }, use) => {
    const onDesk: { readonly key: VirtualYubiKey; readonly insertion: VpcdInsertion }[] = [];
    const { window } = deskApp;
    const complaintsBefore = deskApp.complaints.length;
    await window.reload();
    await use({
      app: deskApp,
      window,
      owned: (options) => ownedKey(++lastSerial, options),
      fromTheShop: (firmware, options) => new VirtualYubiKey({ firmware, serial: ++lastSerial, ...options }),
      renamed: (key) => new VirtualYubiKey({ firmware: key.firmware, serial: ++lastSerial, state: { ...key.exportState(), serial: lastSerial } }),
      plugIn: async (key, reader = 0) => {
        const [port, readerName] = [pcscd.ports[reader], pcscd.readerNames[reader]];
        if (port === undefined || readerName === undefined) throw new Error(`no reader ${reader}`);
        const watched = watchAttempts({ transmit: key.transmit.bind(key) });
        key.transmit = watched.transmit;
        const isRead = async (): Promise<boolean> => (await shownKeys(window)).some((shown) => shown.kind === 'ready' && shown.facts.serial === key.serial);
        const isEmpty = async (): Promise<boolean> => (await shownKeys(window)).every((shown) => shown.readerName !== readerName);
        await expect.poll(isEmpty, READ).toBe(true);
        const insertion = await insertIntoVpcd(key, { port });
        onDesk.push({ key, insertion });
        await expect.poll(isRead, READ).toBe(true);
        const plugIn = async (): Promise<void> => {
          await expect.poll(isEmpty, READ).toBe(true);
          await insertion.insert();
          await expect.poll(isRead, READ).toBe(true);
        };
        return { key, readerName, lostAttempts: watched.lostAttempts, plugIn, pull: () => insertion.remove() };
      },
    });
    for (const { insertion } of onDesk) await insertion.close();
    await forgetKeys(window);
    expect(onDesk.flatMap(({ key }) => key.bugs), 'bugs of the virtual keys').toEqual([]);
    expect(deskApp.complaints.slice(complaintsBefore), 'what the page complained of').toEqual([]);
  },
});
