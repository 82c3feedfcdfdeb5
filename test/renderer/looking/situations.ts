/** Every situation the window can be in, as data: what main would answer, and the clicks that lead to the screen. */
import type { Page } from '@playwright/test';
import type { EnrollmentQuestions, EnrollmentState, EnrollmentStepId, StepProgress } from '../../../core/enrollment/state.ts';
import { ENROLLMENT_STEPS } from '../../../core/enrollment/state.ts';
import { COMMON_PIN_RULES } from '../../../core/key-care/pin-rules.ts';
import { failed, success } from '../../../core/result.ts';
import type { PresentSecurityKey, SecurityKeysSituation } from '../../../core/security-key.ts';
import { de } from '../../../renderer/messages/de.ts';
import { en } from '../../../renderer/messages/en.ts';
import { CARE_SITUATIONS } from './care-situations.ts';
import { QUEUE_SITUATIONS } from './queue-situations.ts';
import { authority, common, enrolled, factory, from, HOUR, keyPair, own, present, ready, type FakeAnswers, type Situation } from './sample-keys.ts';

/** Steps up to `present` are done; `state` is how the present one stands. */
function steps(present: EnrollmentStepId | null, state: StepProgress['state'] = 'working'): readonly StepProgress[] {
  const at = present === null ? -1 : ENROLLMENT_STEPS.indexOf(present);
  return ENROLLMENT_STEPS.map((id, index) => ({ id, state: index < at ? 'done' : index === at ? state : 'to-do', since: index === at ? from(-7000) : null }));
}

const questions: EnrollmentQuestions = {
  pin: 'choose',
  pinAttemptsLeft: 3,
  rules: COMMON_PIN_RULES,
  puk: 'choose',
  identity: { name: '', email: '', isFixed: false },
  keyPair: { offered: ['ECCP256', 'ECCP384', 'RSA2048'], offeredPinPolicies: ['once', 'always', 'never'], firmware: factory.firmware },
  replaces: null,
  isFinishing: false,
};
const finishing: EnrollmentQuestions = { ...questions, pin: 'enter', puk: null, identity: null, keyPair: null, isFinishing: true };
const allTypes: NonNullable<EnrollmentQuestions['keyPair']> = {
  offered: ['ECCP256', 'ECCP384', 'RSA2048', 'RSA3072', 'RSA4096', 'ED25519'],
  offeredPinPolicies: ['once', 'always', 'never'],
  firmware: { major: 5, minor: 7, patch: 1 },
};

function asking(part: Partial<EnrollmentQuestions> = {}, problem: Extract<EnrollmentState, { kind: 'asking' }>['problem'] = null): EnrollmentState {
  return { kind: 'asking', questions: { ...questions, ...part }, steps: steps(null), problem };
}

/** Opens the enrollment room on a state. */
function enrolling(state: EnrollmentState, more: FakeAnswers = {}, walk?: (page: Page) => Promise<void>): Situation {
  return {
    answers: { ...common, 'enrollment.state': success(state), 'enrollment.begin': success(state), ...more },
    walk: async (page) => {
      await page.getByRole('button', { name: 'Enroll this key' }).click();
      await walk?.(page);
    },
  };
}
const next = (page: Page): Promise<void> => page.getByRole('button', { name: 'Continue' }).click();
async function fillIdentity(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('Ana Example');
  await page.getByLabel('E-mail').fill('ana@fabrikam.example');
}
async function toPuk(page: Page): Promise<void> {
  await fillIdentity(page);
  await next(page);
  await page.getByLabel('New PIN', { exact: true }).fill('482915');
  await page.getByLabel('New PIN again', { exact: true }).fill('482915');
  await next(page);
}

const waiting: EnrollmentState = {
  kind: 'waiting-for-approval',
  steps: steps('approval', 'waiting'),
  request: { id: 'a'.repeat(32), words: ['orchard', 'velvet', 'compass', 'lantern'], submittedAt: from(-4 * 60_000), authorityName: authority.name },
  offline: null,
};
const doneState: EnrollmentState = {
  kind: 'done',
  steps: ENROLLMENT_STEPS.map((id) => ({ id, state: 'done', since: null })),
  certificate: {
    name: 'Ana Example',
    email: 'ana@fabrikam.example',
    authorityName: authority.name,
    serialNumber: '5ac04f9e21b7d3380e6bb1a94c1278fd',
    validFrom: from(-300_000),
    validTo: from(365 * 24 * HOUR),
  },
  proof: { through: 'pkcs11', module: { path: '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so', version: 'OpenSC 0.23' }, signed: true },
};

const unavailable = (failure: Extract<SecurityKeysSituation, { kind: 'unavailable' }>['failure']): Situation => ({
  answers: { ...common, 'keys.situation': success({ kind: 'unavailable', failure }) },
});
const troubled = (failure: Extract<PresentSecurityKey, { kind: 'problem' }>['failure'], more: FakeAnswers = {}): Situation => ({
  answers: { ...common, ...more, 'keys.situation': present({ kind: 'problem', readerName: factory.readerName, failure }) },
});
const candidate = { ...authority, invitation: null };
const lookAt =
  (text: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'I have an invitation' }).click();
    await page.getByLabel('Invitation or address').fill(text);
    await page.getByRole('button', { name: 'Look at this CA' }).click();
  };
const firstStart: FakeAnswers = { ...common, 'authority.current': success(null) };

export const SITUATIONS: Readonly<Record<string, Situation>> = {
  'first-start': { answers: firstStart, isFirstStart: true },
  'key-starting': { answers: { ...common, 'keys.situation': success({ kind: 'starting' }) } },
  'key-none': { answers: { ...common, 'keys.situation': present() } },
  'key-none-demo': { answers: { ...common, 'keys.situation': present(), 'app.facts': success({ version: '0.1.0', electron: '45.4.1', platform: 'linux', isDemo: true }) } },
  'key-service-missing': unavailable({ kind: 'smart-card-service-missing', detail: 'SCARD_E_NO_SERVICE 0x8010001D' }),
  'key-access-denied': unavailable({ kind: 'smart-card-access-denied', detail: 'SCARD_W_SECURITY_VIOLATION 0x8010006A' }),
  'key-process-ended': unavailable({ kind: 'device-process-ended', detail: 'exit code 134' }),
  'key-busy': troubled({ kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true }),
  'key-busy-asked': {
    ...troubled({ kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true }, { 'keys.releaseHolder': failed({ kind: 'holder-not-releasable', holder: 'scdaemon' }) }),
    walk: (page) => page.getByRole('button', { name: en.problem.release }).click(),
  },
  'key-busy-browser': troubled({ kind: 'security-key-busy', holder: 'firefox-esr' }),
  'key-not-piv': troubled({ kind: 'not-a-piv-key', detail: '6A82' }),
  'key-reading': { answers: { ...common, 'keys.situation': present({ kind: 'reading', readerName: factory.readerName }) } },
  'key-choose': { answers: { ...common, 'keys.situation': present(ready(factory), ready(enrolled), { kind: 'problem', readerName: 'third', failure: { kind: 'security-key-busy' } }) } },
  'key-factory': { answers: common },
  'key-enrolled': { answers: { ...common, 'keys.situation': present(ready(enrolled)), 'enrollment.state': success(doneState) } },
  'key-blocked': {
    answers: {
      ...common,
      'keys.situation': present(
        ready({ ...enrolled, model: 'YubiKey 5 Nano', formFactor: 'usb-a-nano', pin: { ...own, attemptsLeft: 0 }, puk: { ...own, attemptsLeft: 1 }, authentication: { keyPair, certificate: null, fits: null } }),
      ),
    },
  },
  'key-old-firmware': {
    answers: {
      ...common,
      'keys.situation': present(
        ready({
          ...factory,
          serial: null,
          model: 'YubiKey 4',
          firmware: { major: 4, minor: 3, patch: 5 },
          pin: { isFactory: null, attemptsLeft: 3, attemptsTotal: null },
          puk: { isFactory: null, attemptsLeft: null, attemptsTotal: null },
        }),
      ),
    },
  },
  'key-waiting': { answers: { ...common, 'keys.situation': present(ready({ ...enrolled, authentication: { keyPair, certificate: null, fits: null } })), 'enrollment.state': success(waiting) } },

  'authority-name': { answers: firstStart, isFirstStart: true, walk: (page) => page.getByRole('button', { name: 'I have an invitation' }).click() },
  'authority-ways': { answers: firstStart, isFirstStart: true, walk: (page) => page.getByRole('button', { name: en.welcome.address }).click() },
  'authority-est': {
    answers: firstStart,
    isFirstStart: true,
    walk: async (page) => {
      await page.getByRole('button', { name: en.welcome.address }).click();
      await page.getByRole('button', { name: en.authority.est.open }).click();
    },
  },
  'authority-unreadable': {
    answers: { ...firstStart, 'authority.inspect': failed({ kind: 'invitation-unreadable', reason: 'not-a-link' }) },
    isFirstStart: true,
    walk: lookAt('hello'),
  },
  'authority-mismatch': {
    answers: { ...firstStart, 'authority.inspect': failed({ kind: 'authority-fingerprint-mismatch', address: authority.address, expected: 'ab'.repeat(32), actual: authority.fingerprint }) },
    isFirstStart: true,
    walk: lookAt('latchkey://enroll?x'),
  },
  'authority-invited': {
    answers: { ...firstStart, 'authority.inspect': success({ ...candidate, invitation: { name: 'Ana Example', email: 'ana@fabrikam.example', role: 'approver' } }) },
    isFirstStart: true,
    walk: lookAt('latchkey://enroll?x'),
  },
  'authority-by-hand': { answers: { ...firstStart, 'authority.inspect': success(candidate) }, isFirstStart: true, walk: lookAt('https://ca.fabrikam.example:8443') },
  'authority-by-hand-different': {
    answers: { ...firstStart, 'authority.inspect': success(candidate) },
    isFirstStart: true,
    walk: async (page) => {
      await lookAt('https://ca.fabrikam.example:8443')(page);
      await page.getByLabel('The fingerprint you were given').fill(`SHA256 Fingerprint=${'ab:'.repeat(31)}ab`);
    },
  },

  'enroll-identity': enrolling(asking()),
  'enroll-identity-fixed': enrolling(asking({ identity: { name: 'Ana Example', email: 'ana@fabrikam.example', isFixed: true } })),
  'enroll-identity-options': enrolling(asking({ keyPair: allTypes }), {}, async (page) => {
    await page.getByText('More options').click();
    await page.getByLabel('Ed25519').check();
  }),
  'enroll-identity-advisory': enrolling(asking(), {}, async (page) => {
    await next(page);
    await page.getByText('More options').click();
  }),
  'enroll-pin-choose': enrolling(asking(), {}, async (page) => {
    await fillIdentity(page);
    await next(page);
    await page.getByLabel('New PIN', { exact: true }).fill('482915');
    await page.getByLabel('New PIN again', { exact: true }).fill('4829');
  }),
  'enroll-pin-wrong': enrolling(asking({ pin: 'enter', pinAttemptsLeft: 1, identity: null, keyPair: null, puk: null }, { kind: 'pin-wrong', attemptsLeft: 1 })),
  'enroll-pin-unknown': enrolling(asking({ pin: 'enter-or-change', identity: null, keyPair: null, puk: 'enter-or-keep' }), {}, async (page) => {
    await page.getByLabel('PIN', { exact: true }).fill('123456');
  }),
  'enroll-puk-generated': enrolling(asking(), {}, toPuk),
  'enroll-puk-own': enrolling(asking(), {}, async (page) => {
    await toPuk(page);
    await page.getByLabel('I choose my own').check();
  }),
  'enroll-puk-unknown': enrolling(asking({ pin: 'enter', puk: 'enter-or-keep', identity: null, keyPair: null }), {}, async (page) => {
    await page.getByLabel('PIN', { exact: true }).fill('482915');
    await next(page);
    await page.getByLabel('Change the PUK').check();
  }),
  'enroll-replace': enrolling(asking({ replaces: { certificateSubject: 'CN=Ana Example,O=Contoso', certificateExpiresAt: from(140 * 24 * HOUR), canKeep: false } })),
  'enroll-replace-keep': enrolling(asking({ replaces: { certificateSubject: 'CN=Ana Example,O=Contoso', certificateExpiresAt: from(140 * 24 * HOUR), canKeep: true } })),
  'enroll-pin-fips': enrolling(asking({ identity: null, keyPair: null, rules: { minLength: 8, refusesTrivial: true } })),
  'enroll-blocked': enrolling({ kind: 'stopped', failure: { kind: 'pin-blocked' }, steps: steps('pin', 'stopped') }, { 'keys.situation': present(ready({ ...factory, pin: { ...own, attemptsLeft: 0 } })) }),
  'enroll-working': enrolling({ kind: 'working', steps: steps('key-pair') }),
  'enroll-touch': enrolling({ kind: 'working', steps: steps('prove', 'waiting') }),
  'enroll-waiting': enrolling(waiting),
  'enroll-waiting-offline': enrolling({ ...waiting, offline: { kind: 'authority-unreachable', address: authority.address, detail: 'ECONNREFUSED' } }),
  'enroll-by-hand': enrolling(waiting, {
    'authority.current': success({ address: '', name: 'Kitchen CA', fingerprint: authority.fingerprint, protocol: 'by-hand' }),
    'byHand.request': success({
      csrPem: `-----BEGIN CERTIFICATE REQUEST-----\n${`${'MIIBFzCBvgIBADAWMRQwEgYDVQQDDAtBbmEgRXhhbXBsZTBZMBMGByqGSM49AgEG'}\n`.repeat(9)}-----END CERTIFICATE REQUEST-----\n`,
      commands: {
        openssl:
          "printf '%s\\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' extendedKeyUsage=clientAuth subjectKeyIdentifier=hash authorityKeyIdentifier=keyid subjectAltName=@names '[names]' email.1=ana@fabrikam.example | openssl x509 -req -in request.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -extfile /dev/stdin -out certificate.pem",
        easyRsa: ['./easyrsa import-req request.csr security-key', './easyrsa --subject-alt-name=email:ana@fabrikam.example sign-req client security-key'],
      },
    }),
  }),
  'enroll-finish': enrolling(asking(finishing)),
  'enroll-done': enrolling(doneState),
  'enroll-done-piv': enrolling({ ...doneState, proof: { through: 'piv', module: null, signed: true } }),
  'enroll-denied': enrolling({ kind: 'denied', reason: 'Please use your company key, not the private one.', steps: steps('approval', 'stopped') }),
  'enroll-stopped': enrolling({ kind: 'stopped', failure: { kind: 'card-error', instruction: 'GENERATE ASYMMETRIC KEY PAIR', statusWord: 0x6f00 }, steps: steps('key-pair', 'stopped') }, {}, (page) =>
    page.getByText('Details').click(),
  ),
  'enroll-stopped-removed': enrolling({ kind: 'stopped', failure: { kind: 'security-key-removed' }, steps: steps('write', 'stopped') }),

  settings: { answers: common, walk: (page) => page.getByRole('button', { name: 'Settings' }).click() },
  'settings-forget': {
    answers: common,
    walk: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Forget this CA…' }).click();
    },
  },
  'settings-none': { answers: firstStart, walk: (page) => page.getByRole('button', { name: 'Settings' }).click() },
  'german-first-start': { answers: firstStart, isFirstStart: true, language: 'de' },
  'german-key': { answers: common, language: 'de' },
  'german-questions': {
    answers: { ...common, 'enrollment.begin': success(asking()) },
    language: 'de',
    walk: async (page) => {
      await page.getByRole('button', { name: de.key.enroll }).click();
      await page.getByText(de.enrollment.identity.more).click();
    },
  },
  'german-waiting': { answers: { ...common, 'enrollment.begin': success(waiting) }, language: 'de', walk: (page) => page.getByRole('button', { name: de.key.enroll }).click() },
  ...CARE_SITUATIONS,
  ...QUEUE_SITUATIONS,
  'german-settings': { answers: common, language: 'de', walk: (page) => page.getByRole('button', { name: de.rail.settings }).click() },
};
