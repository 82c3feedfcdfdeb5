/** A key that GnuPG's real scdaemon holds: the window names it, asks it to let go, and goes on by itself. */
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../../native/virtual-yubikey/vpcd.ts';
import { en } from '../../renderer/messages/en.ts';
import { setUpGnuPg } from '../native/pcsc/gnupg.ts';
import { withOpenPgp } from '../native/pcsc/openpgp-key.ts';
import { button } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { look } from './look.ts';

test("GnuPG's card daemon is named and asked to let go; the key shows up without another click", async ({ world, pcscd }) => {
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5_219_001 });
  const insertion = await insertIntoVpcd(withOpenPgp(key), { port: pcscd.ports[0] ?? 0 });
  const gnuPg = await setUpGnuPg(pcscd);
  try {
    await gnuPg.takeCard();
    const app = await world.launch({ env: { GNUPGHOME: gnuPg.home } });
    const { window } = app;
    await button(window, en.welcome.look).click();
    await expect(window.getByRole('alert')).toContainText(/GnuPG|scdaemon/);
    await look(app, 'key-busy');
    await button(window, en.problem.release).click();
    await expect(window.getByText(String(key.serial))).toBeVisible();
    await expect(window.getByRole('alert')).toBeHidden();
  } finally {
    await gnuPg.end();
    await insertion.close();
  }
});
