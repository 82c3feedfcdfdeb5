/** Situations of key care: every condition of a key, every screen of looking after it, and how each goes wrong. */
import type { Page } from '@playwright/test';
import type { CareRecord } from '../../../core/key-care/care-record.ts';
import { conditionsOf } from '../../../core/key-care/conditions.ts';
import type { KnownKey } from '../../../core/key-care/known-keys.ts';
import { waysOut } from '../../../core/key-care/ways-out.ts';
import type { ConditionView } from '../../../core/ipc.ts';
import { failed, success } from '../../../core/result.ts';
import type { ModulesFacts, SecurityKeyFacts } from '../../../core/security-key.ts';
import { glanceAtCertificate, type CertificateGlance } from '../../../core/x509/certificate-glance.ts';
import { de } from '../../../renderer/messages/de.ts';
import { en } from '../../../renderer/messages/en.ts';
import { ELSEWHERE, INVENTORY } from './sample-inventory.ts';
import { common, enrolled, factory, from, HOUR, keyPair, own, present, ready, type FakeAnswers, type Situation } from './sample-keys.ts';

const DAY = 24 * HOUR;
const { care } = en;

interface Circumstances {
  readonly record?: Pick<CareRecord, 'action' | 'open'>;
  readonly isFromAuthority?: boolean;
  /** In place of the certificate's own, whose dates are fixed. */
  readonly glance?: Partial<CertificateGlance>;
}

/** The conditions as main would tell them. */
function conditions(key: SecurityKeyFacts, { record, isFromAuthority = true, glance }: Circumstances): readonly ConditionView[] {
  const { certificate } = key.authentication;
  const seen = certificate === null ? null : glanceAtCertificate(certificate);
  const facts = {
    key,
    glance: seen === null ? null : { ...seen, ...glance },
    isFromAuthority: certificate === null ? null : isFromAuthority,
    record: record === undefined ? null : { ...record, serial: key.serial ?? 0, startedAt: from(-26 * HOUR) },
    now: new Date(),
  };
  return conditionsOf(facts).map((condition) => ({ condition, waysOut: waysOut(condition, key) }));
}

function caring(key: SecurityKeyFacts, circumstances: Circumstances = {}): FakeAnswers {
  return { ...common, 'keys.situation': present(ready(key)), 'care.conditions': success(conditions(key, circumstances)), 'care.inventory': success(INVENTORY) };
}

type Walk = (page: Page) => Promise<void>;
const press =
  (name: string | RegExp): Walk =>
  (page) =>
    page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click();
const open =
  (...names: readonly (string | RegExp)[]): Walk =>
  async (page) => {
    for (const name of [care.open, ...names]) await press(name)(page);
  };
const type =
  (label: string, value: string): Walk =>
  (page) =>
    page.getByLabel(label, { exact: true }).fill(value);
const walk =
  (...steps: readonly Walk[]): Walk =>
  async (page) => {
    for (const step of steps) await step(page);
  };

function looking(answers: FakeAnswers, ...steps: readonly Walk[]): Situation {
  return { answers, walk: walk(...steps) };
}

const pinBlocked: SecurityKeyFacts = { ...enrolled, pin: { ...own, attemptsLeft: 0 } };
const lastAttempt: SecurityKeyFacts = { ...enrolled, pin: { ...own, attemptsLeft: 1 } };
const bothBlocked: SecurityKeyFacts = { ...pinBlocked, puk: { ...own, attemptsLeft: 0 } };
const unknownLock: SecurityKeyFacts = { ...enrolled, managementKey: { algorithm: 'AES-192', isFactory: false, isPinProtected: false, isPinDerived: false } };
const fips: SecurityKeyFacts = { ...enrolled, model: 'YubiKey 5C NFC FIPS', isFips: true, demandsComplexPin: true };
const old: SecurityKeyFacts = {
  ...enrolled,
  serial: 4300007,
  model: 'YubiKey 4',
  formFactor: 'usb-a-keychain',
  firmware: { major: 4, minor: 3, patch: 7 },
  pin: { isFactory: null, attemptsLeft: 3, attemptsTotal: null },
  puk: { isFactory: null, attemptsLeft: null, attemptsTotal: null },
  managementKey: { algorithm: '3DES', isFactory: null, isPinProtected: false, isPinDerived: false },
};
const noSerial: SecurityKeyFacts = { ...old, serial: null };
const resetCutOff: SecurityKeyFacts = { ...enrolled, pin: { ...own, attemptsLeft: 0 }, puk: { ...own, attemptsLeft: 2 } };

const knownFirst: KnownKey = {
  serial: 5720002,
  model: 'YubiKey 5C NFC',
  formFactor: 'usb-c-keychain',
  name: 'Ana Example',
  email: 'ana@fabrikam.example',
  authorityName: 'Fabrikam CA',
  validFrom: from(-25 * DAY),
  expiresAt: from(340 * DAY),
  enrolledAt: from(-25 * DAY),
};
const knownBackup: KnownKey = { ...knownFirst, serial: 5210001, model: 'YubiKey 5 NFC', formFactor: 'usb-a-keychain', expiresAt: from(362 * DAY), enrolledAt: from(-3 * DAY) };

const done: FakeAnswers = {
  'enrollment.state': success({
    kind: 'done',
    steps: [],
    proof: null,
    certificate: { name: 'Ana Example', email: 'ana@fabrikam.example', authorityName: 'Fabrikam CA', serialNumber: '5ac04f9e', validFrom: from(-25 * DAY), validTo: from(340 * DAY) },
  }),
};
const fine: FakeAnswers = { ...caring(enrolled), ...done };

const modules: ModulesFacts = {
  choice: 'automatic',
  used: '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
  reason: 'usual',
  found: [
    { path: '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so', name: 'OpenSC', version: 'OpenSC Project 0.23', failure: null },
    { path: '/usr/lib/x86_64-linux-gnu/libykcs11.so.2', name: 'ykcs11', version: 'PKCS#11 PIV Library (SP-800-73) 2.2', failure: null },
  ],
};
const toSettings: Walk = press('Settings');
const toModules: Walk = async (page) => {
  await toSettings(page);
  await page.getByRole('heading', { name: care.modules.title }).scrollIntoViewIfNeeded();
};

const changePin = open(care.acts['change-pin']);
const fillNewPin = walk(type('New PIN', '482915'), type('New PIN again', '482915'));
const changed = walk(changePin, type(care.pin.change.current, '111222'), fillNewPin, press(care.pin.change.submit));
const toRetriesPresent = walk(open(care.acts['set-retries']), press('Continue'));
const toSlot = (place: string): Walk => open(`${care.list.look}: ${care.list.inventory}`, new RegExp(`^${place}`));

export const CARE_SITUATIONS: Readonly<Record<string, Situation>> = {
  'condition-pin-blocked': { answers: caring(pinBlocked) },
  'condition-pin-blocked-ways': looking(caring(pinBlocked), (page) => page.getByText(care.waysOut).click()),
  'condition-both-blocked': { answers: caring(bothBlocked) },
  'condition-reset-unfinished': { answers: caring(resetCutOff, { record: { action: 'reset', open: [] } }) },
  'condition-retries-unfinished': {
    answers: caring({ ...enrolled, pin: { ...own, isFactory: true }, puk: { ...own, isFactory: true } }, { record: { action: 'retries', open: ['PIN', 'PUK'] } }),
  },
  'condition-last-attempt': { answers: caring(lastAttempt) },
  'condition-attempts-lost': { answers: { ...caring({ ...enrolled, pin: { ...own, attemptsLeft: 2 } }), ...done } },
  'condition-puk-blocked': { answers: { ...caring({ ...enrolled, puk: { ...own, attemptsLeft: 0 } }), ...done } },
  'condition-lock-unknown': { answers: { ...caring(unknownLock), ...done } },
  'condition-lock-unfinished': { answers: caring({ ...enrolled, managementKey: { ...enrolled.managementKey, isFactory: true } }) },
  'condition-lock-derived': { answers: { ...caring({ ...enrolled, managementKey: { ...enrolled.managementKey, isPinProtected: false, isPinDerived: true } }), ...done } },
  'condition-retire-unfinished': { answers: caring({ ...enrolled, movedTo: '82', authentication: { ...enrolled.authentication, keyPair: null, fits: null } }) },
  'condition-without-key': { answers: caring({ ...enrolled, authentication: { ...enrolled.authentication, keyPair: null, fits: null } }) },
  'condition-unfit': { answers: caring({ ...enrolled, authentication: { ...enrolled.authentication, fits: false } }) },
  'condition-unreadable': { answers: caring({ ...enrolled, authentication: { keyPair, certificate: new Uint8Array([1, 2, 3]), fits: null } }) },
  'condition-expired': { answers: caring(enrolled, { glance: { validTo: from(-12 * DAY) } }) },
  'key-none-renewals-due': {
    answers: { ...common, 'keys.situation': present(), 'knownKeys.list': success([{ ...knownFirst, expiresAt: from(9 * DAY) }, { ...knownBackup, expiresAt: from(2 * DAY) }]) },
  },
  'condition-expires-in-months': { answers: { ...caring(enrolled, { glance: { validFrom: from(-265 * DAY), validTo: from(100 * DAY) } }), ...done } },
  'condition-expires-soon': { answers: { ...caring(enrolled, { glance: { validFrom: from(-360 * DAY), validTo: from(5 * DAY) } }), ...done } },
  'condition-foreign': { answers: caring(enrolled, { isFromAuthority: false }) },
  'condition-unfinished': { answers: { ...caring({ ...enrolled, authentication: { keyPair, certificate: null, fits: null } }), 'enrollment.begin': failed({ kind: 'authority-unreachable', address: 'https://ca.fabrikam.example' }) } },
  'condition-pin-factory': { answers: caring({ ...enrolled, pin: { ...own, isFactory: true }, puk: { ...own, isFactory: true } }) },
  'condition-several': { answers: caring({ ...unknownLock, pin: { ...own, attemptsLeft: 1 }, puk: { ...own, attemptsLeft: 0 } }, { isFromAuthority: false }) },

  'keys-pair': { answers: { ...fine, 'knownKeys.list': success([knownFirst, knownBackup]) } },
  'keys-offer': { answers: { ...fine, 'knownKeys.list': success([knownFirst]) } },
  'backup-plug-in': looking({ ...fine, 'knownKeys.list': success([knownFirst]) }, press(care.keys.enroll)),
  'backup-found': looking({ ...fine, 'keys.situation': present(ready(enrolled), ready(factory)), 'knownKeys.list': success([knownFirst]) }, press(/5720002/), press(care.keys.enroll)),
  'enroll-done-offer': looking({ ...fine, 'knownKeys.list': success([knownFirst]) }, press(en.key.showCertificate)),
  'enroll-done-pair': looking({ ...fine, 'knownKeys.list': success([knownBackup, knownFirst]) }, press(en.key.showCertificate)),

  'care-list': looking(fine, open()),
  'care-list-old': looking(caring(noSerial), open()),
  'care-list-blocked': looking(caring(pinBlocked), open()),

  'care-change-pin': looking(fine, changePin),
  'care-change-pin-typing': looking(fine, changePin, type(care.pin.change.current, '111222'), type('New PIN', '12345'), press(care.pin.change.submit)),
  'care-change-pin-fips': looking(caring(fips), changePin, type('New PIN', '11111111')),
  'care-change-pin-factory': looking(caring(factory), changePin),
  'care-change-pin-wrong': looking({ ...fine, 'care.changePin': failed({ kind: 'pin-wrong', attemptsLeft: 1 }) }, changed),
  'care-change-pin-last': looking(caring(lastAttempt), changePin),
  'care-change-pin-busy': looking({ ...fine, 'care.changePin': failed({ kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true }) }, changed),
  'care-change-pin-interrupted': looking({ ...fine, 'care.changePin': failed({ kind: 'security-key-removed' }) }, changed),
  'care-change-pin-blocked': looking(caring(pinBlocked), changePin),
  'care-change-pin-done': looking({ ...fine, 'care.changePin': success(null) }, changed),
  'care-check-pin': looking(fine, open(care.pin.check.title)),
  'care-unblock': looking(caring(pinBlocked), press(care.acts['unblock-pin'])),
  'care-unblock-last': looking(caring({ ...pinBlocked, puk: { ...own, attemptsLeft: 1 } }), press(care.acts['unblock-pin'])),
  'care-unblock-old': looking(caring({ ...old, pin: { ...old.pin, attemptsLeft: 0 } }), press(care.acts['unblock-pin'])),
  'care-unblock-both-blocked': looking(caring(bothBlocked), open(care.acts['unblock-pin'])),
  'care-change-puk': looking(fine, open(care.acts['change-puk'])),
  'care-change-puk-saved': looking({ ...fine, 'care.savePuk': success('/home/ana/Documents/latchkey-puk-5720002.txt') }, open(care.acts['change-puk']), press(en.secrets.save)),
  'care-change-puk-own': looking(fine, open(care.acts['change-puk']), (page) => page.getByLabel('I choose my own').check()),
  'care-lock': looking(fine, open(care.acts['rotate-management-key'])),
  'care-lock-unknown': looking({ ...caring(unknownLock), ...done }, press(care.acts['enter-management-key'])),
  'care-lock-unknown-tried': looking({ ...caring(unknownLock), ...done }, press(care.acts['enter-management-key']), type(care.lock.code, '01:02:03'), press(care.lock.submit)),
  'care-lock-old': looking(caring(old), open(care.acts['rotate-management-key'])),
  'care-lock-derived': looking(caring({ ...enrolled, managementKey: { ...enrolled.managementKey, isPinProtected: false, isPinDerived: true } }), open(care.acts['rotate-management-key'])),
  'care-retries': looking(fine, open(care.acts['set-retries'])),
  'care-retries-wrong-number': looking(fine, open(care.acts['set-retries']), (page) => page.getByRole('textbox', { name: care.retries.pin }).fill('300')),
  'care-retries-present': looking(fine, toRetriesPresent),
  'care-retries-pin': looking(fine, toRetriesPresent, type(care.retries.present.label, '482915'), press('Continue')),
  'care-retries-puk': looking(fine, toRetriesPresent, type(care.retries.present.label, '482915'), press('Continue'), fillNewPin, press('Continue')),
  'care-retries-unfinished': looking(
    caring({ ...enrolled, pin: { ...own, isFactory: true }, puk: { ...own, isFactory: true } }, { record: { action: 'retries', open: ['PIN', 'PUK'] } }),
    open(care.acts['set-retries']),
  ),
  'care-inventory': looking(fine, open(`${care.list.look}: ${care.list.inventory}`)),
  'care-inventory-reading': looking({ ...common, 'keys.situation': present(ready(enrolled)) }, open(`${care.list.look}: ${care.list.inventory}`)),
  'care-inventory-empty': looking({ ...caring(factory), 'care.inventory': success([]) }, open(`${care.list.look}: ${care.list.inventory}`)),
  'care-inventory-failed': looking({ ...fine, 'care.inventory': failed({ kind: 'card-error', instruction: 'GET DATA', statusWord: 0x6f00 }) }, open(`${care.list.look}: ${care.list.inventory}`)),
  'care-slot': looking(fine, toSlot(care.inventory.places['9a'])),
  'care-slot-certificate': looking({ ...fine, 'care.exportCertificate': success('/home/ana/Documents/ana-example.pem') }, toSlot(care.inventory.places['9a']), press(care.slot.savePem), async (page) => {
    await page.getByText(care.slot.chain).click();
    await page.getByText(care.slot.text, { exact: true }).click();
    await page.getByText('/home/ana/Documents').first().scrollIntoViewIfNeeded();
  }),
  'care-slot-unfit': looking(fine, toSlot(care.inventory.places['9c'])),
  'care-slot-secret': looking(fine, toSlot(care.inventory.places['9e'])),
  'care-slot-retired': looking(fine, toSlot(care.inventory.retired(1))),
  'care-delete': looking(fine, toSlot(care.inventory.places['9a']), press(care.slot.delete)),
  'care-retire': looking(fine, open(`${care.list.move}: ${care.list.oldKey}`)),
  'care-retire-unfinished': looking(caring({ ...enrolled, movedTo: '82', authentication: { ...enrolled.authentication, keyPair: null, fits: null } }), press(care.acts['go-on-retiring'])),
  'care-unblock-derived': looking(caring({ ...pinBlocked, managementKey: { ...enrolled.managementKey, isPinProtected: false, isPinDerived: true } }), press(care.acts['unblock-pin'])),
  'care-retire-done': looking({ ...fine, 'care.retireKey': success('83') }, open(`${care.list.move}: ${care.list.oldKey}`), type(care.retire.pin, '482915'), press(care.retire.submit)),
  'care-reset': looking(fine, open(`${care.list.startOver} ${care.list.reset}`)),
  'care-reset-different': looking(fine, open(`${care.list.startOver} ${care.list.reset}`), type(care.reset.typeSerial('5720002'), '5720003'), press(care.reset.submit)),
  'care-reset-no-serial': looking({ ...caring(noSerial), 'care.inventory': success(ELSEWHERE) }, open(`${care.list.startOver} ${care.list.reset}`)),
  'care-reset-working': looking(fine, open(`${care.list.startOver} ${care.list.reset}`), type(care.reset.typeSerial('5720002'), '5720002'), press(care.reset.submit)),
  'care-reset-done': looking({ ...fine, 'care.reset': success(null) }, open(`${care.list.startOver} ${care.list.reset}`), type(care.reset.typeSerial('5720002'), '5720002'), press(care.reset.submit)),
  'care-reset-unfinished': looking(caring(resetCutOff, { record: { action: 'reset', open: [] } }), open(`${care.list.startOver} ${care.list.reset}`)),
  'care-pulled': looking(fine, changePin, type(care.pin.change.current, '111222'), (page) => page.evaluate(() => window.latchkeyTell?.('keys.changed', { kind: 'present', keys: [] }))),
  'care-process-ended': looking(fine, changePin, (page) => page.evaluate(() => window.latchkeyTell?.('keys.changed', { kind: 'unavailable', failure: { kind: 'device-process-ended', detail: 'exit code 134' } }))),

  'modules-two': looking({ ...common, 'modules.view': success(modules) }, toModules),
  'modules-trouble': looking(
    {
      ...common,
      'modules.view': success({
        choice: '/opt/vendor/libpkcs11.so',
        used: modules.used,
        reason: 'chosen-missing',
        found: [...modules.found, { path: '/usr/lib/libcackey.so', name: null, version: null, failure: { kind: 'module-crashed', module: '/usr/lib/libcackey.so' } }],
      } satisfies ModulesFacts),
    },
    toModules,
  ),
  'modules-none': looking({ ...common, 'modules.view': success({ choice: 'automatic', used: null, reason: 'none-found', found: [] }) }, toModules),

  'german-condition': { answers: caring(pinBlocked), language: 'de', walk: (page) => page.getByText(de.care.waysOut).click() },
  'german-care-list': { answers: fine, language: 'de', walk: press(de.care.open) },
  'german-care-pin': { answers: fine, language: 'de', walk: walk(press(de.care.open), press(de.care.acts['change-pin'])) },
  'german-care-inventory': { answers: fine, language: 'de', walk: walk(press(de.care.open), press(`${de.care.list.look}: ${de.care.list.inventory}`)) },
  'german-care-reset': { answers: fine, language: 'de', walk: walk(press(de.care.open), press(`${de.care.list.startOver} ${de.care.list.reset}`)) },
  'german-keys-pair': { answers: { ...fine, 'knownKeys.list': success([knownFirst, knownBackup]) }, language: 'de' },
};
