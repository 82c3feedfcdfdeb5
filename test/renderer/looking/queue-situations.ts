/** The window of those who decide: requests, certificates, invitations, people, the audit log. */
import type { Page } from '@playwright/test';
import type { QueuePage } from '../../../core/certificate-authority.ts';
import type { AuditEvent, AuditEventName } from '../../../core/requests/audit-event.ts';
import type { CertificateRequest } from '../../../core/requests/certificate-request.ts';
import type { InvitationView } from '../../../core/requests/invitation-view.ts';
import type { IssuedCertificate } from '../../../core/requests/issued-certificate.ts';
import type { OfficerRole } from '../../../core/requests/roles.ts';
import { failed, success } from '../../../core/result.ts';
import { de } from '../../../renderer/messages/de.ts';
import { common, enrolled, from, HOUR, present, ready, type FakeAnswers, type Situation } from './sample-keys.ts';

function request(index: number, part: Partial<CertificateRequest> = {}): CertificateRequest {
  const names = ['Ana Example', 'Jonas Weber', 'Mira Okafor', 'Li Wei', 'Søren Nygård', 'Priya Nair'];
  const name = names[index % names.length] ?? 'Ana Example';
  const email = `${name.split(' ')[0]?.toLowerCase()}@fabrikam.example`;
  return {
    id: index.toString(16).padStart(32, '0'),
    status: 'pending',
    csr: Uint8Array.of(0x30, index & 0xff),
    profile: 'person',
    expiresAt: from(30 * 24 * HOUR),
    approvals: [],
    approvalsNeeded: 1,
    isOwn: false,
    renews: null,
    submittedAt: from(-(index * 37 + 4) * 60_000),
    submittedFrom: `10.20.0.${index % 250}`,
    verified: {
      keyType: 'ECCP256',
      attestation: {
        root: 'Yubico PIV Root CA Serial 263751',
        serial: 5210001 + index,
        firmware: '5.4.3',
        formFactor: 'usb-a-keychain',
        isFips: false,
        pinPolicy: 'once',
        touchPolicy: 'never',
      },
      attestationProblem: null,
    },
    claimed: { name, email, otherNames: [], invitedAs: { name, email, role: 'user' } },
    words: ['orchard', 'velvet', 'compass', 'lantern'],
    decision: null,
    certificateSerialNumber: null,
    certificateExpiresAt: null,
    ...part,
  };
}
const unproven = request(1, {
  verified: { keyType: 'RSA2048', attestation: null, attestationProblem: 'unknown-issuer', missingIssuer: 'CN=Yubico PIV Attestation B 1' },
  claimed: { name: 'Jonas Weber', email: null, otherNames: ['dns:jonas.fabrikam.example'], invitedAs: null },
});
const denied = request(2, { status: 'denied', decision: { by: 'Bo Approver', at: from(-2 * HOUR), reason: 'Please use your company key, not the private one.' } });
const issued = request(3, {
  status: 'issued',
  decision: { by: 'Bo Approver', at: from(-26 * HOUR), reason: null },
  certificateSerialNumber: '5ac04f9e21b7d3380e6bb1a94c1278fd',
  certificateExpiresAt: from(364 * 24 * HOUR),
});

function page(requests: readonly CertificateRequest[], after: string | undefined): Pick<QueuePage, 'requests' | 'next'> {
  const first = Number(after ?? 0);
  return { requests: requests.slice(first, first + 100), next: requests.length > first + 100 ? String(first + 100) : null };
}

/** As main keeps it: the first page of what waits; the rest is asked for. */
function signedIn(requests: readonly CertificateRequest[], offline = false, role: OfficerRole = 'approver'): FakeAnswers {
  const [pending, decided] = [true, false].map((wanted) => requests.filter(({ status }) => (status === 'pending') === wanted)) as [CertificateRequest[], CertificateRequest[]];
  const counts = { pending: pending.length, decided: decided.length };
  const approver = { name: 'Bo Approver', role, serialNumber: '0b', keySerial: enrolled.serial, expiresAt: from(7 * HOUR) } as const;
  return {
    ...common,
    'keys.situation': present(ready(enrolled)),
    'queue.view': success({ kind: 'signed-in', approver, counts, pending: { ...page(pending, undefined), counts }, revision: 0, offline }),
    'queue.requests': ({ list, after }) => success({ ...page(list === 'pending' ? pending : decided, after), counts }),
    'queue.request': failed({ kind: 'authority-unreachable', address: 'https://ca.fabrikam.example' }),
  };
}
const certificate = (name: string, part: Partial<IssuedCertificate> = {}): IssuedCertificate => ({
  serialNumber: '5ac04f9e21b7d3380e6bb1a94c1278fd',
  name,
  email: `${name.split(' ')[0]?.toLowerCase()}@fabrikam.example`,
  profile: 'person',
  role: 'user',
  issuedAt: from(-24 * HOUR),
  expiresAt: from(364 * 24 * HOUR),
  status: 'good',
  revokedAt: null,
  revocationReason: null,
  keySerial: 5210001,
  requestId: null,
  ...part,
});
const invitation: InvitationView = {
  id: '1'.repeat(32),
  name: 'Ana Example',
  email: 'ana@fabrikam.example',
  role: 'user',
  profile: 'person',
  uses: 1,
  usesLeft: 1,
  isAutomatic: false,
  state: 'open',
  createdAt: from(-HOUR),
  createdBy: 'Bo Approver',
  expiresAt: from(7 * 24 * HOUR),
};
/** What somebody with a role sees beside the requests. */
const officer: FakeAnswers = {
  ...signedIn([request(0)]),
  'queue.certificates': success({
    certificates: [
      certificate('Ana Example'),
      certificate('Jonas Weber', { serialNumber: '0b', status: 'held', revokedAt: from(-HOUR) }),
      certificate('Mira Okafor', { serialNumber: '0c', status: 'revoked', revokedAt: from(-2 * HOUR), revocationReason: 'keyCompromise' }),
    ],
    next: null,
  }),
  'queue.invitations': success({ invitations: [invitation, { ...invitation, id: '2'.repeat(32), name: 'Li Wei', email: 'li@fabrikam.example', role: 'auditor', state: 'used', usesLeft: 0 }], next: null }),
  'queue.profiles': success([
    { name: 'person', kind: 'person', mayBeAutomatic: true },
    { name: 'device', kind: 'device', mayBeAutomatic: true },
  ]),
  'queue.invite': success({ invitation, link: `latchkey://enroll?ca=https%3A%2F%2Fca.fabrikam.example%3A8443&sha256=${'9f'.repeat(32)}&code=Zm9vYmFyYmF6cXV4MTIzNA` }),
};
const event = (sequence: number, name: AuditEventName, part: Partial<AuditEvent> = {}): AuditEvent => ({
  sequence,
  at: from(-sequence * HOUR),
  event: name,
  actor: 'Bo Approver',
  actorSerialNumber: '0b',
  from: '10.20.0.7',
  httpRequestId: 'c2f1d0a9b8e7',
  subject: 'a'.repeat(32),
  facts: { name: 'Ana Example', profile: 'person' },
  hash: '9f'.repeat(32),
  ...part,
});
const owner: FakeAnswers = {
  ...officer,
  ...signedIn([request(0)], false, 'owner'),
  'queue.officers': success([certificate('Bo Approver', { role: 'owner' }), certificate('Di Approver', { serialNumber: '0d', role: 'approver' }), certificate('Al Auditor', { serialNumber: '0e', role: 'auditor' })]),
  'queue.audit': success({
    events: [
      event(4, 'certificate-issued'),
      event(3, 'request-approved'),
      event(2, 'request-submitted', { actor: '10.20.0.9', actorSerialNumber: null }),
      event(1, 'server-started', { actor: 'CA', actorSerialNumber: null, from: '', httpRequestId: '', subject: '', facts: { address: 'https://ca.fabrikam.example:8443' } }),
    ],
    next: null,
    verified: { at: from(-3 * HOUR), isWhole: true, events: 1204 },
  }),
};
const toSection =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Requests/ }).click();
    await page.getByRole('navigation', { name: 'What to look at' }).getByRole('button', { name }).click();
  };
const toRequests = (page: Page): Promise<void> => page.getByRole('button', { name: /^Requests/ }).click();
const openRequest =
  (name: string) =>
  async (page: Page): Promise<void> => {
    await toRequests(page);
    await page.getByRole('button', { name: `Request of ${name}` }).first().click();
  };

export const QUEUE_SITUATIONS: Readonly<Record<string, Situation>> = {
  'queue-sign-in': { answers: { ...common, 'keys.situation': present(ready(enrolled)) }, walk: toRequests },
  'queue-sign-in-wrong': {
    answers: { ...common, 'keys.situation': present(ready(enrolled)), 'queue.signIn': failed({ kind: 'pin-wrong', attemptsLeft: 2 }) },
    walk: async (page) => {
      await toRequests(page);
      await page.getByLabel('PIN', { exact: true }).fill('000000');
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  },
  'queue-sign-in-no-key': { answers: { ...common, 'keys.situation': present() }, walk: toRequests },
  'queue-sign-in-choose': {
    answers: { ...common, 'keys.situation': present(ready(enrolled), ready({ ...enrolled, serial: 5720003, readerName: 'another' })) },
    walk: toRequests,
  },
  'queue-list': { answers: signedIn([request(0), unproven, ...[4, 5, 6, 7, 8].map((index) => request(index)), denied, issued]), walk: toRequests },
  'queue-list-100000': {
    answers: signedIn(Array.from({ length: 100_000 }, (_, index) => request(index))),
    walk: async (page) => {
      await toRequests(page);
      // Pages are fetched as one scrolls to them.
      while ((await page.locator('li[data-index="520"]').count()) === 0) await page.locator('li[data-index]').last().scrollIntoViewIfNeeded();
    },
  },
  'queue-empty': { answers: signedIn([denied, issued], true), walk: toRequests },
  'queue-decided': {
    answers: signedIn([request(0), denied, issued]),
    walk: async (page) => {
      await toRequests(page);
      await page.getByRole('button', { name: /^Decided/ }).click();
    },
  },
  'queue-request': { answers: signedIn([request(0), unproven]), walk: openRequest('Ana Example') },
  'officer-certificates': { answers: officer, walk: toSection('Certificates') },
  'officer-certificate-revoke': {
    answers: officer,
    walk: async (page) => {
      await toSection('Certificates')(page);
      await page.getByRole('button', { name: 'Certificate of Ana Example' }).click();
      await page.getByRole('button', { name: 'Revoke…' }).click();
    },
  },
  'officer-certificate-owner': {
    answers: owner,
    walk: async (page) => {
      await toSection('Certificates')(page);
      await page.getByRole('button', { name: 'Certificate of Ana Example' }).click();
    },
  },
  'officer-certificate-revoked': {
    answers: officer,
    walk: async (page) => {
      await toSection('Certificates')(page);
      await page.getByRole('button', { name: 'Certificate of Mira Okafor' }).click();
    },
  },
  'officer-person-leaves': {
    answers: officer,
    walk: async (page) => {
      await toSection('Certificates')(page);
      await page.getByRole('button', { name: 'Certificate of Ana Example' }).click();
      await page.getByRole('button', { name: 'The person leaves…' }).click();
    },
  },
  'officer-people': { answers: owner, walk: toSection('People') },
  'officer-audit': {
    answers: owner,
    walk: async (page) => {
      await toSection('Log')(page);
      await page.getByText('Request approved', { exact: true }).click();
    },
  },
  'officer-audit-broken': {
    answers: { ...owner, 'queue.audit': success({ events: [event(1, 'signed-in')], next: null, verified: { at: from(-HOUR), isWhole: false, events: 7 } }) },
    walk: toSection('Log'),
  },
  'officer-invitations': { answers: officer, walk: toSection('Invitations') },
  'officer-invitation-form': {
    answers: officer,
    walk: async (page) => {
      await toSection('Invitations')(page);
      await page.getByRole('button', { name: 'Invite somebody' }).click();
    },
  },
  'officer-invitation-link': {
    answers: officer,
    walk: async (page) => {
      await toSection('Invitations')(page);
      await page.getByRole('button', { name: 'Invite somebody' }).click();
      await page.getByRole('button', { name: 'Make the link' }).click();
    },
  },
  'queue-request-own': { answers: signedIn([request(0, { isOwn: true, approvalsNeeded: 2, approvals: [{ by: 'Cy Approver', at: from(-HOUR) }] })]), walk: openRequest('Ana Example') },
  'queue-bulk': {
    answers: signedIn([0, 1, 2, 4].map((index) => request(index))),
    walk: async (page) => {
      await toRequests(page);
      for (const name of ['Ana Example', 'Mira Okafor']) await page.getByRole('checkbox', { name: new RegExp(name) }).first().check();
    },
  },
  'queue-request-unproven': { answers: signedIn([request(0), unproven]), walk: openRequest('Jonas Weber') },
  'queue-request-deny': {
    answers: signedIn([request(0)]),
    walk: async (page) => {
      await openRequest('Ana Example')(page);
      await page.getByRole('button', { name: 'Deny…' }).click();
    },
  },
  'queue-request-approved': {
    answers: {
      ...signedIn([request(0)]),
      'queue.decide': success([
        { ok: true, request: request(0, { ...issued, id: request(0).id, claimed: request(0).claimed, decision: { by: 'Bo Approver', at: from(0), reason: null } }), certificates: [] },
      ]),
    },
    walk: async (page) => {
      await openRequest('Ana Example')(page);
      await page.getByLabel('Your PIN', { exact: true }).fill('482915');
      await page.getByRole('button', { name: /^Approve Ana/ }).click();
    },
  },
  'german-request': {
    answers: signedIn([request(0)]),
    language: 'de',
    walk: async (page) => {
      await page.getByRole('button', { name: new RegExp(`^${de.rail.requests}`) }).click();
      await page.getByRole('button', { name: de.queue.open('Ana Example') }).click();
    },
  },
};
