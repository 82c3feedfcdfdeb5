/** Certificates that are of no use any more, or of somebody else: the ways out, what each loses, and enrolling anew. */
import { en } from '../../renderer/messages/en.ts';
import { softwareAuthority } from '../core/x509/software-authority.ts';
import { changed, OWN } from '../cli/owned-key.ts';
import { otherPublicKey, testCertificate } from '../native/piv/test-certificate.ts';
import { answerForNewKey, button, finishWithPin, goTo, heading } from './acts.ts';
import { back, care, lookAfter, submit, told, type } from './care-acts.ts';
import { test, type Desk } from './care-desk.ts';
import { atCommand } from './cut-off.ts';
import { expect } from './fixtures.ts';
import { heldCertificate, holdCertificate, publicKeyOf } from './held-slots.ts';
import { inspect, look } from './look.ts';
import type { TestAuthority } from './test-authority.ts';

const WORK = { timeout: 60_000 };
const DAY_MILLISECONDS = 86_400_000;
const CERTIFICATE = care.certificateFor('Ana Example');

/** From "who is this key for" to the end, on a key with a PIN and a PUK of its own. */
async function enrollOwned({ window }: Desk, authority: TestAuthority, name: string): Promise<void> {
  await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
  await type(window, en.enrollment.identity.name, name);
  await type(window, en.enrollment.identity.email, 'ana@example.org');
  await submit(window).click();
  await expect(heading(window, en.enrollment.pin.enterTitle)).toBeVisible();
  await type(window, en.enrollment.pin.current, OWN.pin);
  await submit(window).click();
  await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await authority.decide(name, 'approve');
  await finishWithPin(window, OWN.pin);
  await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);
}

test('a certificate of another CA on a key that can keep it: moved aside, and the new one enrolled beside it', async ({ desk, authority }) => {
  const { window } = desk;
  const owned = await desk.owned({ firmware: '5.7.1' });
  const former = await (await softwareAuthority('Former CA')).issue({ publicKey: await publicKeyOf(owned) });
  const { key } = await desk.plugIn(changed(owned, (state) => holdCertificate(state, '9a', former)));
  const before = key.exportState();
  await expect(told(window, care.conditions['certificate-foreign'].title(CERTIFICATE))).toBeVisible();
  await button(window, en.key.enroll).click();
  await expect(heading(window, en.enrollment.replace.title)).toBeVisible();
  await expect(window.getByRole('radio', { name: en.enrollment.replace.keep })).toBeChecked();
  await expect(told(window, en.enrollment.replace.kept)).toBeVisible();
  await look(desk.app, 'enroll-keep-old-key');
  await submit(window).click();
  await enrollOwned(desk, authority, 'Karla Keeper');
  const after = key.exportState();
  expect([after.keys['82'], after.objects['5fc10d']]).toEqual([before.keys['9a'], before.objects['5fc105']]);
  expect(after.keys['9a']).not.toEqual(before.keys['9a']);
  await button(window, en.enrollment.done.back).click();
  await lookAfter(window);
  await button(window, `${care.list.look}: ${care.list.inventory}`).click();
  await expect(window.getByRole('button', { name: new RegExp(`^${care.inventory.retired(1)}`) })).toContainText('Ana Example');
  await expect(window.getByRole('button', { name: new RegExp(`^${care.inventory.places['9a']}`) })).toContainText('Karla Keeper');
});

test('a certificate of another CA on a key that cannot keep it: replaced when the serial is typed', async ({ desk, authority }) => {
  const { window } = desk;
  const { key } = await desk.plugIn(await desk.owned());
  const before = key.exportState();
  await button(window, en.key.enroll).click();
  await expect(heading(window, en.enrollment.replace.title)).toBeVisible();
  await expect(told(window, en.enrollment.replace.lost)).toBeVisible();
  await expect(window.getByRole('radio', { name: en.enrollment.replace.keep })).toBeHidden();
  await type(window, en.enrollment.replace.typeSerial(key.serial), String(key.serial - 1));
  await submit(window).click();
  await expect(told(window, en.enrollment.replace.serialDifferent)).toBeVisible();
  await type(window, en.enrollment.replace.typeSerial(key.serial), String(key.serial));
  await submit(window).click();
  await enrollOwned(desk, authority, 'Rosa Replacer');
  const { keys, objects } = key.exportState();
  expect(Object.keys(keys).toSorted()).toEqual(['9a', 'f9']);
  expect([keys['9a'], objects['5fc105']]).not.toEqual([before.keys['9a'], before.objects['5fc105']]);
});

test('an expired certificate: room is made for a new one, and enrolling follows', async ({ desk }) => {
  const { window } = desk;
  const owned = await desk.owned({ firmware: '5.7.1' });
  const former = await softwareAuthority('Former CA');
  const expired = await former.issue({ publicKey: await publicKeyOf(owned), madeAt: new Date(Date.now() - 400 * DAY_MILLISECONDS) });
  const { key } = await desk.plugIn(changed(owned, (state) => holdCertificate(state, '9a', expired)));
  await expect(told(window, care.conditions['certificate-expired'].title(CERTIFICATE))).toBeVisible();
  await told(window, care.waysOut).click();
  await expect(window.getByRole('listitem').filter({ hasText: care.acts.enroll })).toContainText(care.losses.certificateAndKey(CERTIFICATE));
  await window.getByRole('alert').getByRole('button', { name: care.acts['retire-key'] }).click();
  await type(window, care.retire.pin, OWN.pin);
  await submit(window).click();
  await expect(told(window, care.retire.doneHint(care.inventory.retired(1)))).toBeVisible();
  expect(heldCertificate(key.exportState(), '82')).toEqual(expired);
  await button(window, care.retire.enroll).click();
  await expect(heading(window, en.enrollment.identity.title)).toBeVisible();
});

test('a certificate that does not fit its secret: enrolling says that it goes', async ({ desk }) => {
  const { window } = desk;
  const unfit = testCertificate(otherPublicKey(), { name: 'mail.example.org' });
  await desk.plugIn(changed(await desk.owned(), (state) => holdCertificate(state, '9a', unfit)));
  const certificate = care.certificateFor('mail.example.org');
  await expect(told(window, care.conditions['certificate-unfit'].title(certificate))).toBeVisible();
  await expect(told(window, care.losses.certificate(certificate)).first()).toBeVisible();
  await button(window, care.acts['go-on-enrolling']).click();
  await expect(heading(window, en.enrollment.replace.title)).toBeVisible();
  await expect(told(window, en.enrollment.replace.certificate('mail.example.org'))).toBeVisible();
});

test('a certificate without its secret is deleted', async ({ desk }) => {
  const { window } = desk;
  const { key } = await desk.plugIn(changed(await desk.owned(), ({ keys }) => void delete keys['9a']));
  await expect(told(window, care.conditions['certificate-without-key'].title(CERTIFICATE))).toBeVisible();
  await told(window, care.waysOut).click();
  await button(window, care.acts['delete-certificate']).click();
  await expect(heading(window, care.remove.title)).toBeVisible();
  await expect(window.getByRole('listitem').filter({ hasText: CERTIFICATE })).toBeVisible();
  await type(window, care.remove.pin, OWN.wrongPin);
  await submit(window).click();
  await expect(window.getByRole('alert')).toBeVisible();
  expect(key.exportState().objects['5fc105']).toBeDefined();
  await type(window, care.remove.pin, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.remove.done)).toBeVisible();
  expect(key.exportState().objects['5fc105']).toBeUndefined();
  await button(window, care.done).click();
  await expect(told(window, en.key.holds.nothing)).toBeVisible();
});

test('an enrollment that was left half done is finished from the first screen of the key', async ({ desk, authority }) => {
  const { window } = desk;
  const { key, plugIn } = await desk.plugIn(desk.fromTheShop('5.4.3'));
  await button(window, en.key.enroll).click();
  atCommand(key, { ins: 'ATTEST' }, () => key.setFaults({ pullAfterCommands: 0 }));
  await answerForNewKey(window, { pin: OWN.pin, name: 'Hanna Half', email: 'hanna@example.org' });
  await expect(heading(window, en.enrollment.stopped.title)).toBeVisible(WORK);
  await inspect(desk.app, 'enroll-stopped');
  key.setFaults({});
  await plugIn();
  await back(window);
  await goTo(window, 'key');
  await expect(told(window, care.conditions['enrollment-unfinished'].title)).toBeVisible();
  await button(window, care.acts['go-on-enrolling']).click();
  await enrollOwned(desk, authority, 'Hanna Half');
});
