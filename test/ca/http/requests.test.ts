import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInvitation } from '../../../ca/invite.ts';
import { API } from '../../../core/authority-api.ts';
import { sha256, toBase64, toHex } from '../../../core/bytes.ts';
import { fourWords } from '../../../core/requests/four-words.ts';
import { parseCertificate } from '../../../core/x509/certificate.ts';
import { attestationChain, signer } from '../../core/x509/attestation-chain.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';

let authority: TestAuthority;
let approver: Awaited<ReturnType<typeof firstApprover>>;
beforeAll(async () => {
  authority = await startTestAuthority();
  approver = await firstApprover(authority);
});
afterAll(() => authority.close());

const refused = (failure: object) => ({ ok: false, failure });

describe('submitting', () => {
  test('a request waits, is approved, and its certificate is fetched', async () => {
    const { csr, key } = await person({ attestedBy: authority.chain });
    const submitted = must(await authority.client.submit(csr, await authority.invite('user')));
    expect(submitted).toMatchObject({ status: 'pending', retryAfterSeconds: 2 });
    expect(submitted.certificate).toBeUndefined();
    const entry = must(await approver.request(submitted.id));
    expect(entry).toMatchObject({
      status: 'pending',
      submittedFrom: '127.0.0.1',
      verified: { keyType: 'ECCP256', attestation: { root: 'Test attestation root', serial: 16909060, firmware: '5.7.1', pinPolicy: 'once', touchPolicy: 'cached' }, attestationProblem: null },
      claimed: { name: 'Ana Example', email: 'ana@example.org', otherNames: [], invitedAs: { name: 'Ana Example', email: 'ana@example.org', role: 'user' } },
      words: await fourWords(csr),
      decision: null,
      certificateSerialNumber: null,
    });
    const approved = must(await approver.approve(submitted.id));
    expect(approved).toMatchObject({ status: 'issued', decision: { by: 'Bo Approver', reason: null } });
    const issued = must(await authority.client.request(submitted.id));
    const certificate = parseCertificate(issued.certificate ?? new Uint8Array());
    expect(toHex(certificate?.serialNumber ?? new Uint8Array())).toBe(approved.certificateSerialNumber);
    expect(certificate?.notAfter).toEqual(approved.certificateExpiresAt);
    expect(must(await authority.client.requestForKey(key.publicKey))?.id).toBe(submitted.id);
  });

  test('202 and Retry-After while it waits, 200 afterwards', async () => {
    const { csr } = await person();
    const first = await authority.exchange({ method: 'POST', path: API.requests, body: { csr: toBase64(csr) } });
    expect([first.status, first.retryAfterSeconds]).toEqual([202, 2]);
    const { id } = JSON.parse(first.text) as { id: string };
    await approver.approve(id);
    const later = await authority.exchange({ method: 'GET', path: API.request(id) });
    expect([later.status, later.retryAfterSeconds]).toEqual([200, undefined]);
  });

  test('denied: the applicant reads the reason, and may ask anew', async () => {
    const key = softwareKey('ECCP256');
    const first = must(await authority.client.submit((await person({ key })).csr));
    must(await approver.deny(first.id, 'Who are you?'));
    expect(must(await authority.client.request(first.id))).toMatchObject({ status: 'denied', denialReason: 'Who are you?' });
    const second = must(await authority.client.submit((await person({ key })).csr));
    expect(second).toMatchObject({ status: 'pending' });
    expect(second.id).not.toBe(first.id);
    expect(must(await authority.client.requestForKey(key.publicKey))?.id).toBe(second.id);
  });

  test('without an invitation the CSR says who it is, and other names are shown', async () => {
    const { csr } = await person({ name: 'Somebody', email: 'some@example.org' });
    const { id } = must(await authority.client.submit(csr));
    expect(must(await approver.request(id)).claimed).toEqual({ name: 'Somebody', email: 'some@example.org', otherNames: [], invitedAs: null });
  });

  test('an invitation overrules name and e-mail of the CSR', async () => {
    const { csr } = await person({ name: 'Mallory', email: 'mallory@example.org' });
    const { id } = must(await authority.client.submit(csr, await authority.invite('user', 'Cy', 'cy@example.org')));
    await approver.approve(id);
    const certificate = Buffer.from(must(await authority.client.request(id)).certificate ?? []).toString('latin1');
    expect(certificate).toContain('cy@example.org');
    expect(certificate).not.toContain('allory');
  });
});

describe('asking twice', () => {
  test('the same CSR is the same request, in every state', async () => {
    const { csr } = await person();
    const { id } = must(await authority.client.submit(csr));
    expect(must(await authority.client.submit(csr)).id).toBe(id);
    await approver.approve(id);
    const again = must(await authority.client.submit(csr));
    expect([again.id, again.status]).toEqual([id, 'issued']);
    expect(again.certificate).toEqual(must(await authority.client.request(id)).certificate);
  });

  test('the same CSR twenty times at once is one request', async () => {
    const { csr } = await person();
    const code = await authority.invite('user');
    const ids = await Promise.all(Array.from({ length: 20 }, async () => must(await authority.client.submit(csr, code)).id));
    expect(new Set(ids).size).toBe(1);
  });

  test('another CSR of a key whose request waits is that request', async () => {
    const key = softwareKey('ECCP256');
    const { id } = must(await authority.client.submit((await person({ key })).csr));
    expect(must(await authority.client.submit((await person({ key })).csr)).id).toBe(id);
  });

  test('another CSR of the same key with the same, used code is that request', async () => {
    const key = softwareKey('ECCP256');
    const code = await authority.invite('user');
    const { id } = must(await authority.client.submit((await person({ key })).csr, code));
    expect(must(await authority.client.submit((await person({ key })).csr, code)).id).toBe(id);
  });

  test('twenty people with one code: one of them gets in', async () => {
    const code = await authority.invite('user');
    const people = await Promise.all(Array.from({ length: 20 }, () => person()));
    const results = await Promise.all(people.map(({ csr }) => authority.client.submit(csr, code)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok)).toEqual(Array.from({ length: 19 }, () => refused({ kind: 'invitation-used' })));
  });

  test('an invitation that comes later replaces the waiting request', async () => {
    const key = softwareKey('ECCP256');
    const { csr } = await person({ key });
    const first = must(await authority.client.submit(csr));
    const second = must(await authority.client.submit(csr, await authority.invite('user')));
    expect(second.id).not.toBe(first.id);
    expect(must(await authority.client.request(first.id)).status).toBe('withdrawn');
    expect(must(await approver.request(second.id)).claimed.invitedAs).not.toBeNull();
  });

  test('a key with a certificate may ask for another one', async () => {
    const key = softwareKey('ECCP256');
    const first = must(await authority.client.submit((await person({ key })).csr));
    await approver.approve(first.id);
    expect(must(await authority.client.submit((await person({ key })).csr))).toMatchObject({ status: 'pending' });
  });
});

describe('invitations', () => {
  test('say whom they are for, and are not used up by that', async () => {
    const code = await authority.invite('approver', 'Di', 'di@example.org');
    expect(must(await authority.client.invitation(code))).toMatchObject({ name: 'Di', email: 'di@example.org', role: 'approver' });
    expect(await authority.client.submit((await person()).csr, code)).toMatchObject({ ok: true });
    expect(await authority.client.invitation(code)).toEqual(refused({ kind: 'invitation-used' }));
  });

  test('unknown, and used by another key', async () => {
    expect(await authority.client.invitation('no-such-code')).toEqual(refused({ kind: 'invitation-unknown' }));
    expect(await authority.client.submit((await person()).csr, 'no-such-code')).toEqual(refused({ kind: 'invitation-unknown' }));
    expect(await authority.client.submit((await person()).csr, authority.firstCode)).toEqual(refused({ kind: 'invitation-used' }));
  });

  test('expired', async () => {
    const long = new Date(Date.now() - 2 * 86_400_000);
    const { code } = must(await createInvitation({ dir: authority.dir, name: 'Ana', email: 'ana@example.org', role: 'user', days: 1 }, long));
    expect(await authority.client.invitation(code)).toEqual(refused({ kind: 'invitation-expired' }));
    expect(await authority.client.submit((await person()).csr, code)).toEqual(refused({ kind: 'invitation-expired' }));
  });

  test('an expired one still finds the request it was used for', async () => {
    const almost = new Date(Date.now() - 86_400_000 + 1500);
    const { code, expiresAt } = must(await createInvitation({ dir: authority.dir, name: 'Ana', email: 'ana@example.org', role: 'user', days: 1 }, almost));
    const { csr } = await person();
    const { id } = must(await authority.client.submit(csr, code));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, expiresAt.getTime() - Date.now() + 10)));
    expect(must(await authority.client.submit(csr, code)).id).toBe(id);
  });

  test('an approver’s, from the machine itself, needs no approval where the key is proven genuine', async () => {
    const attested = await person({ attestedBy: authority.chain });
    expect(must(await authority.client.submit(attested.csr, await authority.invite('approver')))).toMatchObject({ status: 'issued' });
    const bare = await person();
    expect(must(await authority.client.submit(bare.csr, await authority.invite('approver')))).toMatchObject({ status: 'pending' });
  });

  test.each([
    ['name', { name: '' }],
    ['email', { email: 'nobody' }],
    ['days', { days: 0 }],
  ])('a wrong %s is refused', async (detail, wrong) => {
    const options = { dir: authority.dir, name: 'Ana', email: 'ana@example.org', role: 'user', days: 1, ...wrong } as const;
    expect(await createInvitation(options)).toEqual(refused({ kind: 'invitation-refused', field: detail }));
  });

  test('a folder that is no CA, and an address that is none', async () => {
    const options = { dir: '/nowhere', name: 'Ana', email: 'ana@example.org', role: 'user', days: 1 } as const;
    expect(await createInvitation(options)).toEqual(refused({ kind: 'authority-folder-missing', path: '/nowhere' }));
    expect(await createInvitation({ ...options, dir: authority.dir, address: 'http://x' })).toEqual(refused({ kind: 'authority-address-invalid' }));
  });
});

describe('attestation', () => {
  test('of another key: refused', async () => {
    const attestation = { statement: authority.chain.statement(signer('other').publicKey), intermediate: authority.chain.f9Certificate };
    expect(await authority.client.submit((await person({ attestation })).csr)).toEqual(refused({ kind: 'attestation-refused', problem: 'other-key' }));
  });

  test('by an impostor of a trusted root: refused', async () => {
    const impostor = attestationChain();
    expect(await authority.client.submit((await person({ attestedBy: impostor })).csr)).toEqual(refused({ kind: 'attestation-refused', problem: 'signature' }));
  });

  test('garbage: refused', async () => {
    const attestation = { statement: Uint8Array.of(0x30, 0x00), intermediate: authority.chain.f9Certificate };
    expect(await authority.client.submit((await person({ attestation })).csr)).toEqual(refused({ kind: 'attestation-refused', problem: 'unreadable' }));
  });

  test('of an unknown root: shown as not verified, with the missing issuer', async () => {
    const stranger = attestationChain('Root of a stranger');
    const { id } = must(await authority.client.submit((await person({ attestedBy: stranger })).csr, await authority.invite('approver')));
    expect(must(await approver.request(id))).toMatchObject({
      status: 'pending',
      verified: { attestation: null, attestationProblem: 'unknown-issuer', missingIssuer: 'CN=Root of a stranger' },
    });
  });

  test('none: shown as not verified', async () => {
    const { id } = must(await authority.client.submit((await person()).csr));
    expect(must(await approver.request(id))).toMatchObject({ status: 'pending', verified: { attestation: null, attestationProblem: 'missing' } });
  });
});

describe('what is not there', () => {
  test('requests and keys', async () => {
    expect(await authority.client.request('0'.repeat(32))).toEqual(refused({ kind: 'request-unknown' }));
    expect(must(await authority.client.requestForKey(softwareKey('ECCP256').publicKey))).toBeNull();
    const path = API.requestForKey(toHex(await sha256(Uint8Array.of(1))));
    expect((await authority.exchange({ method: 'GET', path })).status).toBe(404);
  });
});
