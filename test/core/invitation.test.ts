import { assert, pre, property, string, stringMatching, webAuthority } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInvitation, looksLikeInvitation, parseAuthorityAddress, parseInvitation } from '../../core/invitation.ts';

const FINGERPRINT = '0f'.repeat(32);
const CODE = 'rK3-b_Zp0QaYx7LmN2vWcg';
const INVITATION = { address: 'https://ca.example.org:8443', fingerprint: FINGERPRINT, code: CODE };
const LINK = `latchkey://enroll?ca=https%3A%2F%2Fca.example.org%3A8443&sha256=${FINGERPRINT}&code=${CODE}`;

describe('parseInvitation', () => {
  test.each([
    ['as it is made', LINK],
    ['unescaped', `latchkey://enroll?ca=https://ca.example.org:8443&sha256=${FINGERPRINT}&code=${CODE}`],
    ['with a slash', LINK.replace('enroll?', 'enroll/?')],
    ['as a mail program broke it', ` ${LINK.slice(0, 40)}\r\n  ${LINK.slice(40)}\n`],
    ['in upper case where that means nothing', LINK.replace('latchkey:', 'LATCHKEY:').replace(FINGERPRINT, FINGERPRINT.toUpperCase())],
    ['with a fingerprint as openssl prints it', LINK.replace(FINGERPRINT, FINGERPRINT.match(/../g)!.join(':'))],
    ['with more parameters', `${LINK}&utm=1`],
  ])('reads a link %s', (_name, link) => {
    expect(parseInvitation(link)).toEqual({ ok: true, value: INVITATION });
  });

  test.each([
    ['', 'not-a-link'],
    ['hello', 'not-a-link'],
    ['https://ca.example.org', 'not-a-link'],
    [LINK.replace('enroll', 'wipe'), 'not-a-link'],
    [LINK.replace('https', 'http'), 'address'],
    [LINK.replace('8443', '8443%2Fpath'), 'address'],
    [LINK.replace('ca.example', 'user%40ca.example'), 'address'],
    [LINK.replace('8443', '84430'), 'address'],
    [LINK.replace('ca=', 'x='), 'address'],
    [LINK.replace(FINGERPRINT, FINGERPRINT.slice(1)), 'fingerprint'],
    [LINK.replace(FINGERPRINT, `g${FINGERPRINT.slice(1)}`), 'fingerprint'],
    [LINK.replace('sha256', 'sha1'), 'fingerprint'],
    [LINK.replace(CODE, ''), 'code'],
    [LINK.replace(CODE, 'a%00bcdefgh'), 'code'],
    [LINK.replace(CODE, 'x'.repeat(201)), 'code'],
  ])('refuses %s', (link, reason) => {
    expect(parseInvitation(link)).toEqual({ ok: false, failure: { kind: 'invitation-unreadable', reason } });
  });

  test('is the inverse of formatInvitation', () => {
    expect(formatInvitation(INVITATION)).toBe(LINK);
    const hosts = webAuthority({ withPort: true, withIPv4: true, withIPv6: true });
    const codes = stringMatching(/^[A-Za-z0-9_-]{8,64}$/);
    const hashes = stringMatching(/^[0-9a-f]{64}$/);
    assert(
      property(hosts, hashes, codes, (host, fingerprint, code) => {
        const address = parseAuthorityAddress(host);
        pre(address.ok);
        const invitation = { address: address.ok ? address.value : '', fingerprint, code };
        expect(parseInvitation(formatInvitation(invitation))).toEqual({ ok: true, value: invitation });
      }),
    );
  });

  test('never throws', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(parseInvitation(`latchkey://enroll?ca=${text}`).ok).toBe(false);
      }),
    );
  });
});

describe('parseAuthorityAddress', () => {
  test.each([
    ['ca.example.org', 'https://ca.example.org'],
    ['ca.example.org:8443', 'https://ca.example.org:8443'],
    [' https://CA.example.org:8443/ ', 'https://ca.example.org:8443'],
    ['https://ca.example.org:443', 'https://ca.example.org'],
    ['127.0.0.1:8443', 'https://127.0.0.1:8443'],
    ['[::1]:8443', 'https://[::1]:8443'],
    ['bücher.example', 'https://xn--bcher-kva.example'],
  ])('reads %s', (typed, address) => {
    expect(parseAuthorityAddress(typed)).toEqual({ ok: true, value: address });
  });

  test.each([
    [''],
    ['   '],
    ['http://ca.example.org'],
    ['ftp://ca.example.org'],
    ['ca.example.org/path'],
    ['ca.example.org?x=1'],
    ['ca.example.org#top'],
    ['user@ca.example.org'],
    ['ca example org'],
    ['ca.example.org:99999'],
    ['https://'],
    ['https:\\\\ca.example.org'],
    [`${'a'.repeat(300)}.org`],
  ])('refuses "%s"', (typed) => {
    expect(parseAuthorityAddress(typed)).toEqual({ ok: false, failure: { kind: 'authority-address-invalid' } });
  });
});

test('looksLikeInvitation tells links from addresses', () => {
  expect(looksLikeInvitation(' Latchkey://enroll')).toBe(true);
  expect(looksLikeInvitation('ca.example.org')).toBe(false);
});
