/** What a key holds: shown, opened, exported, deleted, moved aside; and made with the policies that were chosen. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { en } from '../../renderer/messages/en.ts';
import { changed, OWN } from '../cli/owned-key.ts';
import { otherPublicKey, testCertificate } from '../native/piv/test-certificate.ts';
import { button, choose, choosePin, heading } from './acts.ts';
import { back, care, lookAfter, openFromList, submit, takeGeneratedPuk, told, type } from './care-acts.ts';
import { test } from './care-desk.ts';
import { expect } from './fixtures.ts';
import { heldCertificate, holdCertificate, holdKey } from './held-slots.ts';
import { saveTo } from './save-dialog.ts';

const WORK = { timeout: 60_000 };
const INVENTORY = `${care.list.look}: ${care.list.inventory}`;
const { inventory: places, slot: texts } = care;

function place(window: Page, name: string): Locator {
  return window.getByRole('button', { name: new RegExp(`^${name}`) });
}

/** The value beside a name. */
function fact(window: Page, name: string): Locator {
  return window.locator('dl > div').filter({ has: window.locator('dt').getByText(name, { exact: true }) }).locator('dd');
}

test('every place of a key is shown, and a certificate is opened, exported and deleted', async ({ desk }) => {
  const { window, app } = desk;
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-export-'));
  const full = changed(await desk.owned({ firmware: '5.7.1' }), (state) => {
    const publicKey = holdKey(state, '9c', { keyType: 'RSA2048', origin: 'imported', pinPolicy: 'always' });
    holdCertificate(state, '9c', testCertificate(publicKey, { name: 'Ana signs' }));
    holdKey(state, '9d');
    holdCertificate(state, '9d', testCertificate(otherPublicKey(), { name: 'mail.example.org' }));
    holdKey(state, '9e', { pinPolicy: 'never', touchPolicy: 'always' });
    holdCertificate(state, '82', testCertificate(holdKey(state, '82'), { name: 'Ana before' }));
    holdCertificate(state, '83', new Uint8Array(40));
  });
  const { key } = await desk.plugIn(full);
  await openFromList(window, INVENTORY);
  const expected: readonly (readonly [string, readonly string[]])[] = [
    [places.places['9a'], ['Ana Example', 'P-256', places.origin.generated, places.verdicts.genuine]],
    [places.places['9c'], ['Ana signs', 'RSA 2048', places.origin.imported, places.verdicts.none]],
    [places.places['9d'], ['mail.example.org', places.unfit, places.verdicts.genuine]],
    [places.places['9e'], [places.noCertificate, 'P-256']],
    [`${places.retired(1)}(?!\\d)`, ['Ana before', places.verdicts.genuine]],
    [`${places.retired(2)}(?!\\d)`, [places.unreadable, places.noSecret]],
  ];
  for (const [name, words] of expected) for (const word of words) await expect(place(window, name)).toContainText(word);

  await place(window, places.places['9e']).click();
  await expect(fact(window, texts.pin)).toHaveText(en.pinPolicies.never);
  await expect(fact(window, texts.touch)).toHaveText(en.touchPolicies.always);
  await back(window);
  await place(window, places.places['9c']).click();
  await expect(heading(window, places.places['9c'])).toBeVisible();
  await expect(fact(window, texts.pin)).toHaveText(en.pinPolicies.always);
  await expect(fact(window, texts.proof)).toHaveText(texts.proofs.none);
  await expect(fact(window, texts.subject).first()).toHaveText('Ana signs');
  await expect(fact(window, texts.issuer).first()).toHaveText('Test issuer');
  await expect(fact(window, texts.fits)).toHaveText(en.app.yes);

  const held = heldCertificate(key.exportState(), '9c');
  for (const { format, label } of [
    { format: 'pem', label: texts.savePem },
    { format: 'der', label: texts.saveDer },
  ] as const) {
    const file = join(folder, `certificate.${format}`);
    await saveTo(app, file);
    await button(window, label).click();
    await expect(told(window, texts.saved(file))).toBeVisible();
    const der = execFileSync('openssl', ['x509', '-in', file, '-inform', format, '-outform', 'der']);
    expect(new Uint8Array(der)).toEqual(held);
    expect(execFileSync('openssl', ['x509', '-in', file, '-inform', format, '-noout', '-subject'], { encoding: 'utf8' })).toContain('Ana signs');
  }
  await window.getByRole('main').getByText(texts.text, { exact: true }).click();
  expect(await window.locator('pre').filter({ hasText: 'BEGIN CERTIFICATE' }).textContent()).toBe(await readFile(join(folder, 'certificate.pem'), 'utf8'));

  await button(window, texts.delete).click();
  await expect(told(window, care.certificateFor('Ana signs'))).toBeVisible();
  await type(window, care.remove.pin, OWN.pin);
  await submit(window).click();
  await expect(heading(window, care.remove.done)).toBeVisible();
  await button(window, care.done).click();
  await expect(told(window, places.noCertificate)).toBeVisible();
  expect([heldCertificate(key.exportState(), '9c'), key.exportState().keys['9c']]).toEqual([undefined, full.exportState().keys['9c']]);
  await rm(folder, { recursive: true });
});

test('the old secret is moved aside, and goes on to be shown', async ({ desk }) => {
  const { window } = desk;
  const { key } = await desk.plugIn(await desk.owned({ firmware: '5.7.1' }));
  const { keys } = key.exportState();
  await openFromList(window, `${care.list.move}: ${care.list.oldKey}`);
  await expect(told(window, care.retire.secret('P-256'))).toBeVisible();
  await type(window, care.retire.pin, OWN.pin);
  await submit(window).click();
  await expect(told(window, care.retire.doneHint(places.retired(1)))).toBeVisible();
  expect(key.exportState().keys).toMatchObject({ '82': keys['9a'] });
  await button(window, care.later).click();
  await expect(button(window, `${care.list.move}: ${care.list.oldKey}`)).toBeHidden();
  await button(window, INVENTORY).click();
  await expect(place(window, places.retired(1))).toContainText(places.verdicts.genuine);
  await expect(place(window, places.places['9a'])).toBeHidden();
});

test('policies are chosen with the kind of secret, and the attestation shows them; the advisory offers RSA', async ({ desk }) => {
  const { window } = desk;
  const { key } = await desk.plugIn(desk.fromTheShop('5.4.3'));
  key.setAutoTouch(true);
  const { identity, keyTypeWarnings, pinPolicies, touchPolicies } = en.enrollment;
  await button(window, en.key.enroll).click();
  await type(window, identity.name, 'Paula Policy');
  await type(window, identity.email, 'paula@example.org');
  await expect(told(window, keyTypeWarnings.eucleak)).toBeVisible();
  await button(window, identity.chooseRsa).click();
  await expect(told(window, identity.chosenRsa)).toBeVisible();
  await told(window, identity.more).click();
  await expect(window.getByRole('radio', { name: 'RSA 2048' })).toBeChecked();
  await expect(window.getByRole('radiogroup', { name: identity.pinPolicy }).getByRole('radio', { checked: true })).toHaveAccessibleName(pinPolicies.once.name);
  await expect(window.getByRole('radiogroup', { name: identity.touch }).getByRole('radio', { checked: true })).toHaveAccessibleName(touchPolicies.never.name);
  await choose(window, identity.pinPolicy, pinPolicies.always.name);
  await choose(window, identity.touch, touchPolicies.cached.name);
  await submit(window).click();
  await choosePin(window, OWN.newPin);
  await submit(window).click();
  await takeGeneratedPuk(window);
  await submit(window).click();
  await expect(heading(window, en.enrollment.waiting.title)).toBeVisible(WORK);
  expect(key.exportState().keys['9a']).toMatchObject({ keyType: 'RSA2048', pinPolicy: 'always', touchPolicy: 'cached' });
  await button(window, en.enrollment.waiting.back).click();
  await lookAfter(window);
  await button(window, INVENTORY).click();
  await place(window, places.places['9a']).click();
  await expect(fact(window, texts.kind)).toHaveText(`RSA 2048, ${places.origin.generated}`);
  await expect(fact(window, texts.pin)).toHaveText(en.pinPolicies.always);
  await expect(fact(window, texts.touch)).toHaveText(en.touchPolicies.cached);
  await expect(fact(window, texts.proof)).toHaveText(texts.proofs.genuine);
});
