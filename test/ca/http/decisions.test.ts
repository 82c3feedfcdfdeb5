/** Signed decisions: whose they are, what they are about, and what is kept of them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { API } from '../../../core/authority-api.ts';
import { seenInEntry, signDecision } from '../../../core/requests/decision-statement.ts';
import type { Decision } from '../../../core/requests/decision.ts';
import { firstApprover, must, officerWith, person, startTestAuthority, tokenOf, type TestAuthority } from '../running-authority.ts';
import { signInAs } from '../test-officer.ts';

const PERSON = DEFAULT_POLICY.profiles.get('person')!;
const DEVICE = DEFAULT_POLICY.profiles.get('device')!;
/** Two people have to agree to a device. */
const POLICY = {
  ...DEFAULT_POLICY,
  profiles: new Map([
    ['person', PERSON],
    ['device', { ...DEVICE, approvers: 2 }],
  ]),
  limits: { ...DEFAULT_POLICY.limits, submissions: { burst: 10_000, perSecond: 1000 } },
};

type Officer = Awaited<ReturnType<typeof firstApprover>>;
let authority: TestAuthority;
let owner: Officer;
let approver: Officer;
let other: Officer;
let token = '';
beforeAll(async () => {
  authority = await startTestAuthority({ policy: POLICY });
  owner = await firstApprover(authority);
  approver = await officerWith(authority, await authority.invite('approver', 'Di Approver', 'di@example.org'));
  other = await officerWith(authority, await authority.invite('approver', 'Ed Approver', 'ed@example.org'));
  token = await tokenOf(authority, approver);
});
afterAll(() => authority.close());

const refused = (failure: object): object => ({ ok: false, failure });
const submit = async (name = 'Ana Example', email = 'ana@example.org'): Promise<string> => must(await authority.client.submit((await person({ name, email })).csr)).id;

interface Outcome {
  readonly ok: boolean;
  readonly failure?: unknown;
}
/** Hands statements in as they are, in Di's session. */
async function handIn(...statements: readonly string[]): Promise<readonly Outcome[]> {
  const answer = await authority.exchange({ method: 'POST', path: API.decisions, body: { statements }, bearerToken: token });
  return (JSON.parse(answer.text) as { outcomes: Outcome[] }).outcomes;
}
async function approval(requestId: string): Promise<Decision> {
  return { decision: 'approve', requestId, csrSha256: (await seenInEntry(must(await approver.request(requestId)))).csrSha256 };
}
async function statement(decision: Decision, by: { readonly officer?: Officer; readonly fingerprint?: string; readonly at?: Date } = {}): Promise<string> {
  const { certificate, sign } = by.officer ?? approver;
  return must(await signDecision(decision, { authority: by.fingerprint ?? authority.pinned.fingerprint, certificate, at: by.at ?? new Date(), sign }));
}

describe('a statement', () => {
  test('of another CA, of another certificate, too old, from tomorrow, or about another CSR is refused, and nothing happens', async () => {
    const [id, another] = [await submit(), await submit()];
    const decision = await approval(id);
    const { csrSha256 } = (await approval(another)) as { csrSha256: string };
    const minute = 60_000;
    const cases = [
      [await statement(decision, { fingerprint: 'ab'.repeat(32) }), 'other-authority'],
      [await statement(decision, { officer: other }), 'other-certificate'],
      [await statement(decision, { at: new Date(Date.now() - 11 * minute) }), 'time'],
      [await statement(decision, { at: new Date(Date.now() + 11 * minute) }), 'time'],
      [await statement({ decision: 'approve', requestId: id, csrSha256 }), 'other-request'],
      ['not a statement', 'unreadable'],
    ] as const;
    const outcomes = await handIn(...cases.map(([jws]) => jws));
    expect(outcomes).toEqual(cases.map(([, problem]) => refused({ kind: 'statement-refused', problem })));
    expect(must(await approver.request(id))).toMatchObject({ status: 'pending', approvals: [] });
    expect(await handIn(await statement(decision, { at: new Date(Date.now() - 9 * minute) }))).toMatchObject([{ ok: true }]);
  });

  test('counts once: the same again does not hold what was released', async () => {
    const id = await submit();
    const { certificateSerialNumber } = must(await approver.approve(id));
    const serialNumber = certificateSerialNumber ?? '';
    const hold = await statement({ decision: 'hold', serialNumber });
    expect(await handIn(hold)).toMatchObject([{ ok: true }]);
    must(await approver.decideOne({ decision: 'release', serialNumber }));
    expect(await handIn(hold)).toEqual([refused({ kind: 'statement-refused', problem: 'used' })]);
    const { certificates } = must(await approver.certificates({ search: serialNumber, limit: 5 }));
    expect(certificates).toMatchObject([{ status: 'good', serialNumber }]);
  });

  test.each([
    ['no statements', { statements: [] }],
    ['too many', { statements: Array.from({ length: 101 }, () => 'x') }],
    ['one that is too long', { statements: ['x'.repeat(16_385)] }],
    ['no list', { statements: 'x' }],
  ])('%s is malformed', async (_name, body) => {
    const answer = await authority.exchange({ method: 'POST', path: API.decisions, body, bearerToken: token });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { failure: { kind: 'request-malformed' } }]);
  });
});

describe('of several decisions at once', () => {
  test('a hundred are made, each by itself', async () => {
    const ids = await Promise.all(Array.from({ length: 97 }, (_, index) => submit(`Person ${index}`, `person-${index}@example.org`)));
    const decisions = await Promise.all([...ids, ids[0] as string].map(approval));
    const unknown: Decision = { decision: 'approve', requestId: '0'.repeat(32), csrSha256: 'ab'.repeat(32) };
    const outcomes = must(await approver.decide([unknown, ...decisions, { decision: 'hold', serialNumber: '0badcafe' }], approver.sign));
    expect(outcomes).toHaveLength(100);
    expect(outcomes[0]).toEqual(refused({ kind: 'request-unknown' }));
    expect(outcomes[98]).toEqual(refused({ kind: 'request-already-decided', status: 'issued' }));
    expect(outcomes[99]).toEqual(refused({ kind: 'certificate-unknown' }));
    const issued = outcomes.slice(1, 98).map((outcome) => outcome.ok && outcome.request?.certificateSerialNumber);
    expect(new Set(issued).size).toBe(97);
  });
});

describe('one’s own request', () => {
  test('is not approved, by e-mail address or by key, and may be denied', async () => {
    const id = await submit('Di', 'DI@Example.org');
    expect(must(await approver.request(id)).isOwn).toBe(true);
    expect(must(await other.request(id)).isOwn).toBe(false);
    expect(await approver.approve(id)).toEqual(refused({ kind: 'own-request' }));
    const { csr } = await person({ name: 'Somebody Else', email: 'else@example.org', key: approver.key });
    const ofKey = must(await authority.client.submit(csr)).id;
    expect(await approver.approve(ofKey)).toEqual(refused({ kind: 'own-request' }));
    expect(must(await approver.deny(id, 'I take it back'))).toMatchObject({ status: 'denied' });
    expect(must(await other.approve(ofKey))).toMatchObject({ status: 'issued' });
  });
});

describe('where two people have to agree', () => {
  const device = async (): Promise<string> => {
    const { link } = must(await owner.invite({ name: 'Printer', email: '', role: 'user', profile: 'device', days: 1, uses: 1, isAutomatic: false }));
    const code = new URL(link).searchParams.get('code') ?? '';
    return must(await authority.client.submit((await person({ name: 'Printer' })).csr, code)).id;
  };

  test('the first yes waits for the second, by another person', async () => {
    const id = await device();
    expect(must(await approver.approve(id))).toMatchObject({ status: 'pending', approvalsNeeded: 2, approvals: [{ by: 'Di Approver' }] });
    expect(await approver.approve(id)).toEqual(refused({ kind: 'already-approved-by-you' }));
    expect(must(await authority.client.request(id)).status).toBe('pending');
    expect(must(await other.approve(id))).toMatchObject({ status: 'issued', approvals: [{ by: 'Di Approver' }, { by: 'Ed Approver' }] });
  });

  test('the same person with another key is not another person', async () => {
    const again = await officerWith(authority, await authority.invite('approver', 'Di A.', 'Di@example.org'));
    const id = await device();
    must(await approver.approve(id));
    expect(await again.approve(id)).toEqual(refused({ kind: 'already-approved-by-you' }));
  });

  test('the yes of somebody who was revoked since does not count', async () => {
    const leaving = await officerWith(authority, await authority.invite('approver', 'Fay', 'fay@example.org'));
    const id = await device();
    must(await leaving.approve(id));
    must(await owner.decideOne({ decision: 'revoke', serialNumber: leaving.serialNumber, reason: 'keyCompromise' }));
    expect(must(await approver.approve(id)).status).toBe('pending');
    expect(must(await other.approve(id)).status).toBe('issued');
  });

  test('at the same moment it is issued once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await device();
      const results = await Promise.all([approver.approve(id), other.approve(id), owner.approve(id)]);
      expect(results.filter(({ ok }) => ok)).toHaveLength(2);
      expect(must(await approver.request(id))).toMatchObject({ status: 'issued' });
      expect(must(await approver.certificates({ search: 'printer', limit: 500 })).certificates.filter(({ requestId }) => requestId === id)).toHaveLength(1);
    }
  });
});

describe('certificates', () => {
  test('of a person who leaves are revoked all at once', async () => {
    const ids = [await submit('Gus', 'gus@example.org'), await submit('Gus', 'Gus@Example.org'), await submit('Gus', 'other-gus@example.org')];
    for (const id of ids) must(await approver.approve(id));
    const { certificates } = must(await approver.decideOne({ decision: 'revoke-person', email: 'GUS@example.org', reason: 'cessationOfOperation' }));
    expect(certificates.map(({ status, revocationReason }) => [status, revocationReason])).toEqual([['revoked', 'cessationOfOperation'], ['revoked', 'cessationOfOperation']]);
    expect(must(await approver.certificates({ search: 'other-gus', limit: 5 })).certificates).toMatchObject([{ status: 'good' }]);
    expect(await approver.decideOne({ decision: 'revoke-person', email: 'nobody@example.org', reason: 'unspecified' })).toEqual(refused({ kind: 'certificate-unknown' }));
  });

  test('that are revoked cannot be released, and good ones neither', async () => {
    const serialNumber = must(await approver.approve(await submit())).certificateSerialNumber ?? '';
    expect(await approver.decideOne({ decision: 'release', serialNumber })).toEqual(refused({ kind: 'certificate-not-held' }));
    must(await approver.decideOne({ decision: 'revoke', serialNumber, reason: 'superseded' }));
    expect(await approver.decideOne({ decision: 'release', serialNumber })).toEqual(refused({ kind: 'certificate-revoked' }));
    expect(await approver.decideOne({ decision: 'hold', serialNumber })).toEqual(refused({ kind: 'certificate-revoked' }));
  });

  test('of an owner are no approver’s business', async () => {
    expect(await approver.decideOne({ decision: 'revoke', serialNumber: owner.serialNumber, reason: 'keyCompromise' })).toEqual(refused({ kind: 'not-allowed', wanted: 'owner' }));
  });
});

test('every decision is in the audit log, with who, from where and in which request', async () => {
  const id = await submit('Hal', 'hal@example.org');
  must(await approver.approve(id));
  const { events } = must(await owner.audit({ search: id, limit: 50 }));
  expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['request-submitted', 'request-approved']));
  const approved = events.find(({ event }) => event === 'request-approved');
  expect(approved).toMatchObject({ actor: 'Di Approver', actorSerialNumber: approver.serialNumber, from: '127.0.0.1', facts: { name: 'Hal' } });
  expect(approved?.httpRequestId).not.toBe('');
  expect(await signInAs(authority.pinned, approver.certificate, approver.sign)).toMatchObject({ ok: true });
});
