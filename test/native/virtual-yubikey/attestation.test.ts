import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeTlvs, findTlv } from '../../../native/piv/tlv.ts';
import { testAttestationRootPem } from '../../../native/virtual-yubikey/test-attestation-root.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { approve, authenticate, exchange, generate, plugIn, statusOf, tlv } from './host.ts';

/** Real: slots 9a and f9 of a YubiKey 5.4.3, from test/vectors or the shared material they were copied from. */
const REAL = ['../../vectors/attestation/', '/work/shared/attestation/vectors/'];

async function attest(key: VirtualYubiKey, slot = '9a'): Promise<Buffer> {
  const { data, statusWord } = await exchange(key, `00f9${slot}00`);
  expect(statusWord).toBe('9000');
  return Buffer.from(data, 'hex');
}

async function intermediate(key: VirtualYubiKey): Promise<X509Certificate> {
  const { data } = await exchange(key, '00cb3fff', tlv('5c', '5fff01'));
  const object = findTlv(Buffer.from(data, 'hex'), 0x53) ?? new Uint8Array();
  return new X509Certificate(Buffer.from(findTlv(object, 0x70) ?? []));
}

async function attestedKey(options: Parameters<typeof plugIn>[0] = {}, policies = ''): Promise<VirtualYubiKey> {
  const key = await plugIn(options);
  await (options.fips && options.firmware === '5.7.1' ? approve(key) : authenticate(key, options.firmware === '5.7.1' ? '0a' : '03'));
  await generate(key, '9a', '11', policies);
  return key;
}

/** Extensions as "OID in hex: value in hex" (RFC 5280, 4.1: body, field 3). */
function extensions(certificate: Uint8Array): readonly string[] {
  const body = decodeTlvs(certificate)?.[0]?.value;
  const fields = decodeTlvs(decodeTlvs(body ?? new Uint8Array())?.[0]?.value ?? new Uint8Array()) ?? [];
  const list = decodeTlvs(fields.find(({ tag }) => tag === 0xa3)?.value ?? new Uint8Array())?.[0]?.value;
  return (decodeTlvs(list ?? new Uint8Array()) ?? []).map(({ value }) => {
    const parts = decodeTlvs(value) ?? [];
    return parts.map((part) => Buffer.from(part.value).toString('hex')).join(': ');
  });
}

const OID = '2b0601040182c40a03';

describe('ATTEST', () => {
  it('makes a statement that chains to the test root over the certificate in f9', async () => {
    const key = await attestedKey();
    const statement = new X509Certificate(await attest(key));
    const f9 = await intermediate(key);
    const root = new X509Certificate(testAttestationRootPem);
    expect(statement.verify(f9.publicKey)).toBe(true);
    expect(f9.verify(root.publicKey)).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(statement.checkIssued(f9) && f9.checkIssued(root)).toBe(true);
    expect(statement.subject).toBe('CN=YubiKey PIV Attestation 9a');
    expect([f9.subject, f9.issuer, root.subject].join()).not.toContain('Yubico');
  });

  it('carries the public key of the slot', async () => {
    const key = await attestedKey();
    const [metadata, statement] = [await exchange(key, '00f7009a'), new X509Certificate(await attest(key))];
    expect(statement.publicKey.export({ format: 'der', type: 'spki' }).toString('hex')).toContain(metadata.data.slice(-130));
  });

  it('has the same form as the statement of a real 5.4.3', async () => {
    const pem = REAL.map((folder) => new URL(folder + 'yubikey-5.4.3-9a.pem', import.meta.url)).flatMap((path) => {
      try {
        return [readFileSync(path, 'utf8')];
      } catch {
        return [];
      }
    });
    if (pem[0] === undefined) return console.info('skipped: no real attestation statement on this machine');
    const real = new X509Certificate(pem[0]);
    const serial = Buffer.from(real.raw).readUInt32BE(Buffer.from(real.raw).indexOf(Buffer.from(`${OID}0704060204`, 'hex')) + 14);
    const key = await attestedKey({ serial, formFactor: 'usb-c-nano' }, 'aa0102ab0101');
    const statement = await attest(key);
    expect(extensions(statement)).toEqual(extensions(real.raw));
    const virtual = new X509Certificate(statement);
    expect([virtual.subject, virtual.validFrom, virtual.validTo, virtual.serialNumber.length]).toEqual([real.subject, real.validFrom, real.validTo, real.serialNumber.padStart(32, '0').length]);
  });

  it.each([
    ['5.4.3', false, [`${OID}03: 050403`, `${OID}07: 0204004f7f91`, `${OID}08: 0302`, `${OID}09: 03`]],
    ['5.7.1', true, [`${OID}03: 050701`, `${OID}07: 0204004f7f91`, `${OID}08: 0302`, `${OID}09: 83`, `${OID}0a: `]],
    ['4.3.7', false, [`${OID}03: 040307`, `${OID}08: 0302`]],
  ])('tells of firmware %s', async (firmware, fips, expected) => {
    expect(extensions(await attest(await attestedKey({ firmware, fips }, 'aa0103ab0102')))).toEqual(expected);
  });

  it.each([
    ['an empty slot', '00f99c0000', '6a80'],
    ['the attestation key itself', '00f9f90000', '6a86'],
    ['a reference that is no slot', '00f9800000', '6a86'],
    ['another P2', '00f99a0100', '6a86'],
  ])('refuses %s', async (_, apdu, statusWord) => {
    expect(await statusOf(await attestedKey(), apdu)).toBe(statusWord);
  });

  it('refuses an imported key', async () => {
    const key = await attestedKey();
    await exchange(key, '00fe119a', tlv('06', '11'.repeat(32)));
    expect(await statusOf(key, '00f99a0000')).toBe('6a80');
  });

  it('refuses without a certificate, or with rubbish, in f9', async () => {
    const key = await attestedKey();
    await exchange(key, '00db3fff', tlv('5c', '5fff01') + tlv('53', tlv('70', '300330010a')));
    expect(await statusOf(key, '00f99a0000')).toBe('6a80');
    await exchange(key, '00db3fff', tlv('5c', '5fff01') + '5300');
    expect(await statusOf(key, '00f99a0000')).toBe('6a80');
  });

  it('does not exist before 4.3', async () => {
    expect(await statusOf(await attestedKey({ firmware: '4.2.8' }), '00f99a0000')).toBe('6d00');
  });
});
