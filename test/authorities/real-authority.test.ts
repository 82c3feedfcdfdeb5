/** The client and our own CA, as they will meet. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import { inspectAuthority, inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { parseInvitation } from '../../core/invitation.ts';
import { buildCsr } from '../../core/x509/csr-building.ts';
import { fourWords } from '../../core/requests/four-words.ts';
import { type SoftwareKey, softwareKey } from '../core/x509/software-key.ts';
import { type FlowAuthority, need, startFlowAuthority } from '../flows/flow-authority.ts';

let authority: FlowAuthority;
let otherAuthority: FlowAuthority;
beforeAll(async () => {
  [authority, otherAuthority] = await Promise.all([startFlowAuthority(), startFlowAuthority()]);
});
afterAll(() => Promise.all([authority.close(), otherAuthority.close()]));

const csrOf = async (key: SoftwareKey, commonName = 'Ana Example'): Promise<Uint8Array> =>
  need(await buildCsr({ commonName, email: 'ana@example.org', attestation: null, ...key }));

async function submitted(): Promise<{ readonly id: string; readonly csr: Uint8Array; readonly key: SoftwareKey }> {
  const key = softwareKey('ECCP256');
  const csr = await csrOf(key);
  return { id: need(await authority.client.submit(csr)).id, csr, key };
}

describe('inspectLinkOrAddress', () => {
  test('an invitation leads to the CA and to whom it invites', async () => {
    const inspected = need(await inspectLinkOrAddress(await authority.invite('Ina', 'ina@example.org')));
    expect(inspected).toMatchObject({ authority: { ...authority.pinned, name: 'Flow CA' }, invitation: { name: 'Ina', email: 'ina@example.org', role: 'user' } });
  });

  test('an address typed by hand leads to a fingerprint to be compared', async () => {
    const typed = authority.pinned.address.replace('https://', ' ');
    expect(need(await inspectLinkOrAddress(typed))).toEqual({ authority: authority.pinned, invitation: null });
  });

  test('an invitation with the fingerprint of another CA goes no further, and its code is not told', async () => {
    const link = (await authority.invite('Ina', 'ina@example.org')).replace(authority.pinned.fingerprint, otherAuthority.pinned.fingerprint);
    expect(await inspectLinkOrAddress(link)).toEqual({
      ok: false,
      failure: {
        kind: 'authority-fingerprint-mismatch',
        address: authority.pinned.address,
        expected: otherAuthority.pinned.fingerprint,
        actual: authority.pinned.fingerprint,
      },
    });
  });

  test.each([
    ['latchkey://enroll?ca=x', { kind: 'invitation-unreadable', reason: 'address' }],
    ['not an address', { kind: 'authority-address-invalid' }],
    ['https://127.0.0.1:1', { kind: 'authority-unreachable' }],
  ])('%s', async (text, failure) => {
    expect(await inspectLinkOrAddress(text)).toMatchObject({ ok: false, failure });
  });

  test('an invitation that was used says so', async () => {
    const link = await authority.invite('Ina', 'ina@example.org');
    need(await authority.client.submit(await csrOf(softwareKey('ECCP256')), need(parseInvitation(link)).code));
    expect(await inspectLinkOrAddress(link)).toEqual({ ok: false, failure: { kind: 'invitation-used' } });
  });
});

describe('an applicant', () => {
  test('who pinned another CA gets nowhere', async () => {
    const wrong = { ...otherAuthority.pinned, address: authority.pinned.address };
    expect(await latchkeyAuthority(wrong).request('0'.repeat(32))).toMatchObject({ failure: { kind: 'authority-untrusted' } });
  });

  test('hands in, asks, and finds the request by the key', async () => {
    const { id, csr, key } = await submitted();
    expect(await authority.client.request(id)).toMatchObject({ ok: true, value: { id, status: 'pending', retryAfterSeconds: 1 } });
    expect(await authority.client.requestForKey(key.publicKey)).toMatchObject({ ok: true, value: { id } });
    expect(need(await authority.client.submit(csr)).id).toBe(id);
    expect(await authority.client.requestForKey(softwareKey('ECCP256').publicKey)).toEqual({ ok: true, value: null });
    expect(await authority.client.request('0'.repeat(32))).toEqual({ ok: false, failure: { kind: 'request-unknown' } });
  });

  test.each([
    ['garbage', async () => Uint8Array.of(1, 2, 3), 'csr-unreadable'],
    ['half a CSR', async () => (await csrOf(softwareKey('ECCP256'))).slice(0, 80), 'csr-unreadable'],
    ['a CSR that was changed', async () => changed(await csrOf(softwareKey('ECCP256'))), 'csr-signature-invalid'],
  ])('who hands in %s is told so', async (_name, make, kind) => {
    expect(await authority.client.submit(await make())).toMatchObject({ ok: false, failure: { kind } });
  });

  test('finds the CA again after it was restarted', async () => {
    const { id } = await submitted();
    await authority.restart();
    expect(await authority.client.request(id)).toMatchObject({ ok: true, value: { id, status: 'pending' } });
  });
});

describe('an approver', () => {
  test('sees who asks, approves once, and the certificate is there', async () => {
    const { id, csr } = await submitted();
    const entry = need(await authority.approver.request(id));
    expect(entry).toMatchObject({ status: 'pending', claimed: { name: 'Ana Example', email: 'ana@example.org' }, words: await fourWords(csr), verified: { attestationProblem: 'missing' } });
    expect(need(await authority.approver.all()).map((request) => request.id)).toContain(id);
    expect(await authority.approver.approve(id)).toMatchObject({ ok: true, value: { decision: { by: 'Ada Approver' } } });
    expect(await authority.approver.approve(id)).toMatchObject({ ok: false, failure: { kind: 'request-already-decided' } });
    expect(need(await authority.client.request(id)).certificate).toBeInstanceOf(Uint8Array);
  });

  test('denies with a reason that the applicant reads', async () => {
    const { id } = await submitted();
    expect((await authority.approver.deny(id, 'Who are you?')).ok).toBe(true);
    expect(await authority.client.request(id)).toMatchObject({ ok: true, value: { status: 'denied', denialReason: 'Who are you?' } });
  });

  test('whose key is not that of the certificate is not let in', async () => {
    const { id } = await submitted();
    need(await authority.approver.approve(id));
    const certificate = need(await authority.client.request(id)).certificate ?? new Uint8Array();
    expect(await latchkeySignIn(authority.pinned)(certificate, softwareKey('ECCP256').sign)).toEqual({ ok: false, failure: { kind: 'sign-in-rejected', reason: 'signature' } });
  });

  test('who is none is not let in', async () => {
    const { id, key } = await submitted();
    need(await authority.approver.approve(id));
    const certificate = need(await authority.client.request(id)).certificate ?? new Uint8Array();
    expect(await latchkeySignIn(authority.pinned)(certificate, key.sign)).toEqual({ ok: false, failure: { kind: 'not-an-approver' } });
  });

  test('whose key refuses to sign: that is what is told', async () => {
    const refusing = async () => ({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } }) as const;
    expect(await latchkeySignIn(authority.pinned)(new Uint8Array(), refusing)).toEqual({ ok: false, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
  });

  test('who signed out is signed out', async () => {
    await otherAuthority.approver.signOut();
    expect(await otherAuthority.approver.officers()).toEqual({ ok: false, failure: { kind: 'not-signed-in' } });
  });
});

test('inspectAuthority answers the same whoever asks first', async () => {
  expect(await inspectAuthority(authority.pinned.address, {}, authority.pinned.fingerprint)).toEqual({ ok: true, value: authority.pinned });
});

/** One bit of the signature. */
function changed(csr: Uint8Array): Uint8Array {
  const copy = csr.slice();
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
