/** Roles, invitations, renewal, withdrawing, expiry and recovery, over HTTPS. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { expireRequests } from '../../../ca/domain/expire.ts';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { createRecovery } from '../../../ca/invite.ts';
import { silent } from '../../../ca/log.ts';
import { openStore } from '../../../ca/storage/open-store.ts';
import type { WantedInvitation } from '../../../core/requests/invitation-view.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { firstApprover, must, officerWith, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { signInAs } from '../test-officer.ts';

type Officer = Awaited<ReturnType<typeof firstApprover>>;
let authority: TestAuthority;
let owner: Officer;
let approver: Officer;
let auditor: Officer;
beforeAll(async () => {
  authority = await startTestAuthority({ policy: DEFAULT_POLICY });
  owner = await firstApprover(authority);
  approver = await officerWith(authority, await authority.invite('approver', 'Di Approver', 'di@example.org'));
  auditor = await officerWith(authority, await authority.invite('auditor', 'Al Auditor', 'al@example.org'));
});
afterAll(() => authority.close());

const DAY_MS = 86_400_000;
const refused = (failure: object): object => ({ ok: false, failure });
const notAllowed = (wanted: string): object => refused({ kind: 'not-allowed', wanted });
const WANTED: WantedInvitation = { name: 'Ina', email: 'ina@example.org', role: 'user', profile: 'person', days: 7, uses: 1, isAutomatic: false };
const codeIn = (link: string): string => new URL(link).searchParams.get('code') ?? '';

/** Everybody's clock is so much later; sessions are over then. */
async function later<T>(ms: number, act: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  try {
    return await act();
  } finally {
    vi.useRealTimers();
    const again = async (officer: Officer): Promise<Officer> => ({ ...officer, ...must(await signInAs(authority.pinned, officer.certificate, officer.sign)) });
    [owner, approver, auditor] = [await again(owner), await again(approver), await again(auditor)];
  }
}

describe('roles', () => {
  test('the first one is an owner, and everybody knows their role', async () => {
    expect([owner.role, approver.role, auditor.role]).toEqual(['owner', 'approver', 'auditor']);
    expect(must(await auditor.officers()).map(({ name, role }) => `${name}: ${role}`)).toEqual(expect.arrayContaining(['Bo Approver: owner', 'Di Approver: approver', 'Al Auditor: auditor']));
  });

  test('an auditor reads and does nothing', async () => {
    const { id } = must(await authority.client.submit((await person()).csr));
    expect(await auditor.request(id)).toMatchObject({ ok: true });
    expect(await auditor.audit({ limit: 5 })).toMatchObject({ ok: true });
    expect(await auditor.certificates({ limit: 5 })).toMatchObject({ ok: true });
    expect(await auditor.approve(id)).toEqual(notAllowed('approver'));
    expect(await auditor.invite(WANTED)).toEqual(notAllowed('approver'));
    expect(await auditor.setRole(auditor.serialNumber, 'owner')).toEqual(notAllowed('owner'));
    expect(must(await owner.request(id)).status).toBe('pending');
  });

  test('an approver invites users, and only owners invite to a role or change one', async () => {
    expect(await approver.invite(WANTED)).toMatchObject({ ok: true });
    for (const role of ['auditor', 'approver', 'owner'] as const) expect(await approver.invite({ ...WANTED, role })).toEqual(notAllowed('owner'));
    expect(await approver.setRole(approver.serialNumber, 'owner')).toEqual(notAllowed('owner'));
    expect(await owner.invite({ ...WANTED, role: 'auditor' })).toMatchObject({ ok: true });
  });

  test('whose role is taken away, whose certificate is held or revoked, is out at once', async () => {
    const demoted = await officerWith(authority, await authority.invite('approver', 'Gil', 'gil@example.org'));
    must(await owner.setRole(demoted.serialNumber, 'user'));
    expect(await demoted.officers()).toEqual(refused({ kind: 'not-signed-in' }));
    expect(await signInAs(authority.pinned, demoted.certificate, demoted.sign)).toEqual(refused({ kind: 'not-an-approver' }));
    const held = await officerWith(authority, await authority.invite('approver', 'Hal', 'hal@example.org'));
    must(await approver.decideOne({ decision: 'hold', serialNumber: held.serialNumber }));
    expect(await held.officers()).toEqual(refused({ kind: 'not-signed-in' }));
    expect(await signInAs(authority.pinned, held.certificate, held.sign)).toEqual(refused({ kind: 'sign-in-rejected', reason: 'revoked' }));
    must(await approver.decideOne({ decision: 'release', serialNumber: held.serialNumber }));
    expect(await held.officers()).toEqual(refused({ kind: 'not-signed-in' }));
    expect(await signInAs(authority.pinned, held.certificate, held.sign)).toMatchObject({ ok: true });
  });

  test('the last owner stays one', async () => {
    const { serialNumber } = owner;
    expect(await owner.setRole(serialNumber, 'approver')).toEqual(refused({ kind: 'last-owner' }));
    expect(await owner.decideOne({ decision: 'revoke', serialNumber, reason: 'superseded' })).toEqual(refused({ kind: 'last-owner' }));
    expect(await owner.decideOne({ decision: 'hold', serialNumber })).toEqual(refused({ kind: 'last-owner' }));
    expect(await owner.decideOne({ decision: 'revoke-person', email: 'bo@example.org', reason: 'superseded' })).toEqual(refused({ kind: 'last-owner' }));
    expect(await owner.officers()).toMatchObject({ ok: true });
  });
});

describe('a person who leaves', () => {
  test('takes certificates, waiting requests and invitations along, whatever the case of the address', async () => {
    const email = 'Gus@Example.org';
    const invited = must(await owner.invite({ ...WANTED, name: 'Gus', email, uses: 3 }));
    const [held, waiting, third] = [await person(), await person(), await person()];
    const certificate = must(await authority.client.submit(held.csr, codeIn(invited.link)));
    must(await approver.approve(certificate.id));
    const request = must(await authority.client.submit(waiting.csr, codeIn(invited.link)));
    const other = must(await authority.client.submit((await person()).csr));
    const [gone] = must(await approver.decideOne({ decision: 'revoke-person', email: 'gus@example.org', reason: 'affiliationChanged' })).certificates;
    expect(gone).toMatchObject({ name: 'Gus', status: 'revoked', revocationReason: 'affiliationChanged' });
    expect(must(await authority.client.request(request.id)).status).toBe('denied');
    expect(must(await authority.client.request(other.id)).status).toBe('pending');
    expect(await authority.client.submit(third.csr, codeIn(invited.link))).toEqual(refused({ kind: 'invitation-ended' }));
    expect(await approver.decideOne({ decision: 'revoke-person', email: 'gus@example.org', reason: 'affiliationChanged' })).toEqual(refused({ kind: 'certificate-unknown' }));
  });

  test('who is to be an owner is put out by an owner alone, and nothing happens else', async () => {
    const invited = must(await owner.invite({ ...WANTED, name: 'Ole', email: 'ole@example.org', role: 'owner' }));
    const decision = { decision: 'revoke-person', email: 'ole@example.org', reason: 'affiliationChanged' } as const;
    expect(await approver.decideOne(decision)).toEqual(notAllowed('owner'));
    expect(await authority.client.invitation(codeIn(invited.link))).toMatchObject({ ok: true });
    expect(await owner.decideOne(decision)).toMatchObject({ ok: true });
    expect(await authority.client.invitation(codeIn(invited.link))).toEqual(refused({ kind: 'invitation-ended' }));
  });
});

describe('an invitation', () => {
  test('for several keys is for so many, and the same key does not use it twice', async () => {
    const { invitation, link } = must(await approver.invite({ ...WANTED, uses: 2, isAutomatic: true }));
    const [one, two, three] = [await person({ attestedBy: authority.chain }), await person(), await person()];
    const first = must(await authority.client.submit(one.csr, codeIn(link)));
    expect(first.status).toBe('issued');
    expect(must(await authority.client.submit(one.csr, codeIn(link))).id).toBe(first.id);
    expect(must(await authority.client.submit((await person({ key: one.key })).csr, codeIn(link))).id).toBe(first.id);
    // Automatic is for keys that are proven to be genuine; an approver looks at others.
    expect(must(await authority.client.submit(two.csr, codeIn(link))).status).toBe('pending');
    expect(await authority.client.submit(three.csr, codeIn(link))).toEqual(refused({ kind: 'invitation-used' }));
    const [shown] = must(await auditor.invitations({ search: 'ina@', limit: 1 })).invitations;
    expect(shown).toMatchObject({ id: invitation.id, state: 'used', usesLeft: 0, uses: 2, createdBy: 'Di Approver' });
    expect(JSON.stringify(must(await auditor.invitations({ limit: 500 })))).not.toContain(codeIn(link));
  });

  test('that was taken back or has run out is of no use', async () => {
    const [ended, old] = [must(await approver.invite(WANTED)), must(await approver.invite(WANTED))];
    expect(must(await approver.endInvitation(ended.invitation.id)).state).toBe('ended');
    expect(must(await approver.endInvitation(ended.invitation.id)).state).toBe('ended');
    expect(await authority.client.invitation(codeIn(ended.link))).toEqual(refused({ kind: 'invitation-ended' }));
    expect(await authority.client.submit((await person()).csr, codeIn(ended.link))).toEqual(refused({ kind: 'invitation-ended' }));
    expect(await later(8 * DAY_MS, () => authority.client.invitation(codeIn(old.link)))).toEqual(refused({ kind: 'invitation-expired' }));
    expect(await approver.endInvitation('0'.repeat(32))).toEqual(refused({ kind: 'invitation-unknown' }));
  });

  test.each<[keyof WantedInvitation, Partial<WantedInvitation>]>([
    ['name', { name: ' ' }],
    ['email', { email: 'nobody' }],
    ['email', { email: '' }],
    ['role', { role: 'approver', profile: 'server' }],
    ['profile', { profile: 'spaceship' }],
    ['days', { days: 366 }],
    ['days', { days: 0 }],
    ['uses', { uses: 1001 }],
    ['uses', { uses: 0 }],
  ])('with a wrong %s is refused: %j', async (field, wrong) => {
    expect(await owner.invite({ ...WANTED, ...wrong })).toEqual(refused({ kind: 'invitation-refused', field }));
  });
});

describe('the policy', () => {
  test('asks for an invitation and for proof; what it refuses leaves nothing behind, and a code is not tried for ever', async () => {
    const profile = { ...DEFAULT_POLICY.profiles.get('person')!, isOpen: false, attestation: 'required' } as const;
    const limits = { ...DEFAULT_POLICY.limits, perInvitation: { burst: 3, perSecond: 0.001 } };
    const strict = await startTestAuthority({ policy: { ...DEFAULT_POLICY, profiles: new Map([['person', profile]]), limits } });
    try {
      const officer = await firstApprover(strict);
      const proven = await person({ attestedBy: strict.chain });
      expect(await strict.client.submit(proven.csr)).toMatchObject(refused({ kind: 'policy-violated', profile: 'person', rule: 'isOpen' }));
      const code = await strict.invite('user');
      expect(await strict.client.submit((await person()).csr, code)).toMatchObject(refused({ kind: 'policy-violated', rule: 'attestation' }));
      expect(must(await officer.all()).filter(({ status }) => status === 'pending')).toEqual([]);
      expect(must(await officer.invitations({ limit: 5 })).invitations[0]).toMatchObject({ state: 'open', usesLeft: 1 });
      expect(must(await strict.client.submit(proven.csr, code)).status).toBe('pending');
      expect(await strict.client.invitation(code)).toEqual(refused({ kind: 'invitation-used' }));
      expect(await strict.client.invitation(code)).toMatchObject(refused({ kind: 'too-many-requests' }));
    } finally {
      await strict.close();
    }
  });
});

describe('an applicant', () => {
  test('takes a request back, which then nobody can approve', async () => {
    const { csr } = await person({ name: 'Jo', email: 'jo@example.org' });
    const { id } = must(await authority.client.submit(csr));
    expect(must(await authority.client.withdraw(id)).status).toBe('withdrawn');
    expect(must(await authority.client.withdraw(id)).status).toBe('withdrawn');
    expect(await approver.approve(id)).toEqual(refused({ kind: 'request-already-decided', status: 'withdrawn' }));
    expect(await authority.client.withdraw('0'.repeat(32))).toEqual(refused({ kind: 'request-unknown' }));
    const again = must(await authority.client.submit(csr));
    expect(again).toMatchObject({ status: 'pending' });
    must(await approver.approve(again.id));
    expect(await authority.client.withdraw(again.id)).toEqual(refused({ kind: 'request-already-decided', status: 'issued' }));
  });

  test('whose request nobody decides in time is not approved later', async () => {
    const { id } = must(await authority.client.submit((await person({ name: 'Kit', email: 'kit@example.org' })).csr));
    expect(must(await approver.request(id)).expiresAt?.getTime()).toBeGreaterThan(Date.now() + 29 * DAY_MS);
    await later(31 * DAY_MS, async () => {
      const session = must(await signInAs(authority.pinned, approver.certificate, approver.sign));
      expect(await session.approve(id)).toEqual(refused({ kind: 'request-already-decided', status: 'expired' }));
      const store = must(await openStore({ folder: authority.dir }));
      const context = { store, clock: () => new Date(), log: silent };
      expect(await expireRequests(context)).toBeGreaterThan(0);
      expect(await expireRequests(context)).toBe(0);
      await store.close();
      expect(must(await authority.client.request(id)).status).toBe('expired');
    });
  });
});

describe('renewing', () => {
  async function enrolled(email: string) {
    const { csr, key } = await person({ name: 'Lou', email, attestedBy: authority.chain });
    const { id } = must(await authority.client.submit(csr));
    const serialNumber = must(await approver.approve(id)).certificateSerialNumber ?? '';
    return { key, serialNumber, certificate: must(await authority.client.request(id)).certificate ?? new Uint8Array() };
  }

  test('by the old key gives a certificate at once, for the same person, where the new key is genuine', async () => {
    const old = await enrolled('lou@example.org');
    const renewal = must(await authority.client.renewalCode(old.certificate, old.key.sign));
    const next = await person({ name: 'Somebody Else', email: 'else@example.org', attestedBy: authority.chain });
    const { id, status } = must(await authority.client.submit(next.csr, renewal?.code));
    expect(status).toBe('issued');
    expect(must(await approver.request(id))).toMatchObject({ renews: old.serialNumber, claimed: { name: 'Lou', email: 'lou@example.org', invitedAs: null } });
    expect(await authority.client.submit((await person()).csr, renewal?.code)).toEqual(refused({ kind: 'invitation-used' }));
    expect(must(await approver.certificates({ search: old.serialNumber, limit: 5 })).certificates).toMatchObject([{ status: 'good' }]);
  });

  test('with a key that is not proven waits for an approver, who sees what it renews', async () => {
    const old = await enrolled('max@example.org');
    const renewal = must(await authority.client.renewalCode(old.certificate, old.key.sign));
    const { id, status } = must(await authority.client.submit((await person()).csr, renewal?.code));
    expect(status).toBe('pending');
    expect(must(await approver.request(id))).toMatchObject({ renews: old.serialNumber, claimed: { email: 'max@example.org' } });
  });

  test('needs the key, and a certificate that is good', async () => {
    const old = await enrolled('ned@example.org');
    const { client } = authority;
    expect(await client.renewalCode(old.certificate, softwareKey('ECCP256').sign)).toEqual(refused({ kind: 'renewal-refused', reason: 'signature' }));
    expect(await client.renewalCode(Uint8Array.of(1), old.key.sign)).toEqual(refused({ kind: 'renewal-refused', reason: 'certificate' }));
    expect(await later(366 * DAY_MS, () => client.renewalCode(old.certificate, old.key.sign))).toEqual(refused({ kind: 'renewal-refused', reason: 'expired' }));
    const renewal = must(await client.renewalCode(old.certificate, old.key.sign));
    must(await approver.decideOne({ decision: 'revoke', serialNumber: old.serialNumber, reason: 'keyCompromise' }));
    expect(await client.submit((await person({ attestedBy: authority.chain })).csr, renewal?.code)).toEqual(refused({ kind: 'renewal-refused', reason: 'revoked' }));
    expect(await client.renewalCode(old.certificate, old.key.sign)).toEqual(refused({ kind: 'renewal-refused', reason: 'revoked' }));
  });
});

test('where every owner is lost, the machine invites a new one, and the audit log says so', async () => {
  const { code } = must(await createRecovery({ dir: authority.dir, name: 'Oz Owner', email: 'oz@example.org' }));
  const recovered = await officerWith(authority, code);
  expect([recovered.name, recovered.role]).toEqual(['Oz Owner', 'owner']);
  const { events } = must(await auditor.audit({ limit: 500 }));
  expect(events.find(({ event }) => event === 'owner-recovered')).toMatchObject({ actor: 'operator', subject: 'oz@example.org', from: '' });
  expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['signed-in', 'sign-in-refused', 'role-changed', 'invitation-created', 'invitation-used', 'invitation-ended', 'renewal-proven', 'certificate-held', 'request-withdrawn']));
  expect(JSON.stringify(events)).not.toContain(code);
  must(await recovered.setRole(owner.serialNumber, 'user'));
  expect(await owner.officers()).toEqual(refused({ kind: 'not-signed-in' }));
});
