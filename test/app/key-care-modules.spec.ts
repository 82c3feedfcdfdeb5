/** The program libraries in the settings: which there are, which is used and why, and another one chosen. */
import { OWN } from '../cli/owned-key.ts';
import { call } from './calls.ts';
import { care, told } from './care-acts.ts';
import { goTo } from './acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';

const { modules } = care;

test('both libraries are shown with their versions; another is chosen, used, and given up again', async ({ desk }) => {
  const { window } = desk;
  const { key, readerName } = await desk.plugIn(await desk.owned());
  await goTo(window, 'settings');
  await expect(told(window, `${modules.inUse}: OpenSC`)).toBeVisible();
  await expect(told(window, modules.reasons.usual)).toBeVisible();
  const group = window.getByRole('radiogroup', { name: modules.title });
  const [openSc, ykcs11] = [group.getByRole('radio', { name: 'OpenSC', exact: true }), group.getByRole('radio', { name: 'ykcs11', exact: true })];
  await expect(openSc).toHaveAccessibleDescription(/OpenSC smartcard framework \d+\.\d+.*opensc-pkcs11\.so/);
  await expect(ykcs11).toHaveAccessibleDescription(/\d+\.\d+.*libykcs11/);
  await expect(group.getByRole('radio', { name: modules.automatic })).toBeChecked();
  const proof = async (): Promise<unknown> => (await call(window, 'care.verifyPin', { readerName, keySerial: key.serial, pin: OWN.pin })).ok;
  for (const { choice, used, reason } of [
    { choice: 'ykcs11', used: 'ykcs11', reason: modules.reasons.chosen },
    { choice: modules.none, used: null, reason: modules.reasons['none-chosen'] },
    { choice: modules.automatic, used: 'OpenSC', reason: modules.reasons.usual },
  ]) {
    const radio = group.getByRole('radio', { name: choice, exact: true });
    await radio.click();
    // It is chosen once the key can be reached that way.
    await expect(radio).toBeChecked();
    await expect(told(window, reason)).toBeVisible();
    await expect(told(window, `${modules.inUse}: `)).toHaveCount(used === null ? 0 : 1);
    if (used !== null) await expect(told(window, `${modules.inUse}: ${used}`)).toBeVisible();
    expect(await proof()).toBe(true);
  }
});
