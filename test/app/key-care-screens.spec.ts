/** Every screen of key care, looked at as screens.spec.ts does; those of a moment too, which are kept waiting for it. */
import { EVENT_CHANNEL } from '../../electron/channels.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { en } from '../../renderer/messages/en.ts';
import { softwareAuthority } from '../core/x509/software-authority.ts';
import { changed, OWN, withUnknownManagementKey } from '../cli/owned-key.ts';
import { otherPublicKey } from '../native/piv/test-certificate.ts';
import { button, heading } from './acts.ts';
import { back, care, lookAfter, openFromList, submit, told, type, typeNewPin, words } from './care-acts.ts';
import { forgetKeys, test } from './care-desk.ts';
import { holdAt, startDeviceProcess, useUpRestart } from './cut-off.ts';
import { killDeviceProcess } from './device-process.ts';
import { enrolledKey } from './enrolled-key.ts';
import { expect } from './fixtures.ts';
import { holdCertificate, holdKey } from './held-slots.ts';
import { inspect, look } from './look.ts';

const INVENTORY = `${care.list.look}: ${care.list.inventory}`;
const RESET = `${care.list.startOver} ${care.list.reset}`;

test('PIN, PUK, the lock and the attempts', async ({ desk, authority }) => {
  test.setTimeout(240_000);
  const { window, app } = desk;
  await desk.plugIn(await enrolledKey(desk, authority, { firmware: '5.7.1', formFactor: 'usb-c-nano' }));
  await lookAfter(window);
  await look(app, 'care');
  await button(window, care.acts['change-pin']).click();
  await type(window, en.enrollment.pin.new, '12345');
  await look(app, 'care-change-pin');
  await submit(window).click();
  await inspect(app, 'care-change-pin-incomplete');
  await back(window);
  await button(window, care.pin.check.title).click();
  await type(window, care.pin.check.field, OWN.wrongPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toBeVisible();
  await inspect(app, 'care-wrong-pin');
  await type(window, care.pin.check.field, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.pin.check.done)).toBeVisible();
  await inspect(app, 'care-done');
  await button(window, care.done).click();
  await button(window, `${care.list.forgot} ${care.newPinWithPuk}`).click();
  await inspect(app, 'care-new-pin-with-puk');
  await back(window);
  await button(window, care.acts['change-puk']).click();
  await look(app, 'care-change-puk');
  await window.getByRole('radio', { name: en.enrollment.puk.own }).check();
  await inspect(app, 'care-own-puk');
  await back(window);
  await button(window, care.acts['rotate-management-key']).click();
  await inspect(app, 'care-lock');
  await back(window);

  await button(window, care.acts['set-retries']).click();
  await look(app, 'care-attempts');
  await submit(window).click();
  await type(window, care.retries.present.label, OWN.pin);
  await inspect(app, 'care-attempts-present-pin');
  await submit(window).click();
  await typeNewPin(window, OWN.newPin);
  await inspect(app, 'care-attempts-new-pin');
  await submit(window).click();
  await expect(heading(window, care.retries.newPuk.title)).toBeVisible();
  await inspect(app, 'care-attempts-new-puk');
});

test('what is on a key, and losing it', async ({ desk, authority }) => {
  test.setTimeout(240_000);
  const { window, app } = desk;
  const another = await softwareAuthority('Example Mail CA');
  const enrolled = await enrolledKey(desk, authority, { firmware: '5.7.1' });
  const mail = await another.issue({ publicKey: otherPublicKey(), commonName: 'mail.example.org' });
  const full = changed(enrolled, (state) => {
    holdKey(state, '9c', { keyType: 'RSA2048', origin: 'imported', pinPolicy: 'always' });
    holdKey(state, '9d');
    holdCertificate(state, '9d', mail);
    holdKey(state, '82');
  });
  const { key } = await desk.plugIn(full);
  await lookAfter(window);
  const reading = holdAt(key, { ins: 'ATTEST' });
  await button(window, INVENTORY).click();
  await expect(told(window, care.inventory.reading)).toBeVisible();
  await inspect(app, 'care-inventory-reading');
  reading.letGo();
  await expect(told(window, care.inventory.lead)).toBeVisible();
  await look(app, 'care-inventory');
  await window.getByRole('button', { name: new RegExp(`^${care.inventory.places['9d']}`) }).click();
  await inspect(app, 'care-slot-unfit');
  await back(window);
  await window.getByRole('button', { name: new RegExp(`^${care.inventory.places['9a']}`) }).click();
  await look(app, 'care-slot');
  await told(window, care.slot.chain).click();
  await expect(window.getByRole('listitem').filter({ hasText: authority.name })).toBeVisible();
  await window.getByRole('main').getByText(care.slot.text, { exact: true }).click();
  await inspect(app, 'care-slot-unfolded');
  await button(window, care.slot.delete).click();
  await inspect(app, 'care-delete');
  await back(window, 3);
  await button(window, `${care.list.move}: ${care.list.oldKey}`).click();
  await look(app, 'care-move');
  await back(window);

  await useUpRestart(desk);
  await button(window, RESET).click();
  await expect(told(window, care.reset.lost)).toBeVisible();
  await look(app, 'care-reset');
  await type(window, care.reset.typeSerial(String(key.serial)), String(key.serial));
  const resetting = holdAt(key, { ins: 'RESET_RETRY_COUNTER' });
  await submit(window).click();
  await expect(heading(window, care.reset.workingTitle)).toBeVisible();
  await inspect(app, 'care-resetting');
  await killDeviceProcess(app.app);
  resetting.letGo();
  await expect(told(window, words({ kind: 'device-process-ended' }))).toBeVisible();
  await inspect(app, 'care-device-process-ended');
  await button(window, en.problem.restart).click();
  await expect(heading(window, care.reset.unfinished.title)).toBeVisible();
  await expect(told(window, care.reset.certificateAndSecret(care.certificateFor('Ana Example')))).toBeVisible();
  await look(app, 'care-reset-unfinished');
});

interface Condition {
  readonly name: string;
  readonly says: string;
  readonly hasPicture?: true;
  readonly change: (key: VirtualYubiKey) => VirtualYubiKey;
}

/** What the first screen of a key says of it. */
const CONDITIONS: readonly Condition[] = [
  {
    name: 'key-pin-last-attempt',
    says: care.conditions['pin-last-attempt'].title,
    hasPicture: true,
    change: (key) => changed(key, ({ pin }) => void (pin.attemptsLeft = 1)),
  },
  {
    name: 'key-pin-and-puk-blocked',
    says: care.conditions['pin-and-puk-blocked'].title,
    change: (key) => changed(key, ({ pin, puk }) => void (pin.attemptsLeft = puk.attemptsLeft = 0)),
  },
  {
    name: 'key-certificate-without-key',
    says: care.conditions['certificate-without-key'].title(care.certificateFor('Ana Example')),
    change: (key) => changed(key, ({ keys }) => void delete keys['9a']),
  },
];

test('what is wrong with a key', async ({ desk, authority }) => {
  test.setTimeout(240_000);
  const { window, app } = desk;
  const enrolled = await enrolledKey(desk, authority);
  for (const { name, says, hasPicture = false, change } of CONDITIONS) {
    const { pull } = await desk.plugIn(change(desk.renamed(enrolled)));
    await expect(told(window, says)).toBeVisible();
    for (const ways of await told(window, care.waysOut).all()) await ways.click();
    await (hasPicture ? look : inspect)(app, name);
    await pull();
    await forgetKeys(window);
  }
  const { pull } = await desk.plugIn(changed(desk.renamed(enrolled), ({ pin }) => void (pin.attemptsLeft = 0)));
  await told(window, care.waysOut).click();
  await look(app, 'key-pin-blocked');
  await button(window, care.acts['unblock-pin']).click();
  await typeNewPin(window, OWN.newPin);
  await look(app, 'care-unblock-pin');
  await back(window);
  await pull();
  await forgetKeys(window);
  await desk.plugIn(withUnknownManagementKey(desk.renamed(enrolled)));
  await inspect(app, 'key-lock-unknown');
  await button(window, care.acts['enter-management-key']).click();
  await look(app, 'care-lock-unknown');
});

test('screens of a moment', async ({ desk }) => {
  test.setTimeout(240_000);
  const { window, app } = desk;
  const { key, pull, plugIn } = await desk.plugIn(desk.fromTheShop('5.4.3'));
  await openFromList(window, care.acts['change-pin']);
  await pull();
  await expect(told(window, care.keyGone)).toBeVisible();
  await inspect(app, 'care-key-gone');
  await back(window, 2);

  const first = holdAt(key, { ins: 'SELECT' });
  const isBack = plugIn();
  await expect(heading(window, en.key.reading)).toBeVisible();
  await inspect(app, 'key-reading');
  first.letGo();
  await isBack;

  const beginning = holdAt(key, { ins: 'SELECT' });
  await button(window, en.key.enroll).click();
  await expect(told(window, en.enrollment.reading)).toBeVisible();
  await inspect(app, 'enroll-reading');
  beginning.letGo();
  await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
  await back(window);

  await useUpRestart(desk);
  await killDeviceProcess(app.app);
  await expect(told(window, words({ kind: 'device-process-ended' }))).toBeVisible();
  await inspect(app, 'device-process-ended');
  await startDeviceProcess(desk);
  // As main says it while the process begins.
  await app.app.evaluate(({ BrowserWindow }, channel) => BrowserWindow.getAllWindows()[0]?.webContents.send(channel, 'keys.changed', { kind: 'starting' }), EVENT_CHANNEL);
  await expect(told(window, en.key.starting)).toBeVisible();
  await inspect(app, 'key-starting');
});
