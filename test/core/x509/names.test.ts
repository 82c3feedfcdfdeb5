import { AsnConvert } from '@peculiar/asn1-schema';
import { Extension, Name } from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../core/bytes.ts';
import { isCommonName, isEmail, isPersonsName } from '../../../core/x509/name-rules.ts';
import {
  alternativeNamesExtension,
  attributeValues,
  commonNameOnly,
  describeName,
  formatAlternativeName,
  parseAlternativeName,
  readAlternativeNames,
  sameName,
  type AlternativeName,
} from '../../../core/x509/names.ts';
import { NAME_OID } from '../../../core/x509/object-identifiers.ts';

const NAMES: readonly AlternativeName[] = [
  { kind: 'email', value: 'ana@example.org' },
  { kind: 'uri', value: 'https://example.org/ana' },
  { kind: 'dns', value: 'ana.example.org' },
  { kind: 'ip', value: '127.0.0.1' },
  { kind: 'ip', value: '2001:db8::1' },
  { kind: 'upn', value: 'añá@example.org' },
];

describe('alternative names', () => {
  test('come back as they went in, after a journey through DER', () => {
    const der = AsnConvert.serialize(alternativeNamesExtension(NAMES));
    expect(readAlternativeNames(AsnConvert.parse(der, Extension))).toEqual({ names: NAMES, unknown: 0 });
  });

  test('as text and back, with colons in the value', () => {
    for (const name of NAMES) expect(parseAlternativeName(formatAlternativeName(name))).toEqual(name);
    expect(parseAlternativeName('phone:1')).toBeUndefined();
  });

  test('a kind that is not read is counted', () => {
    // SEQUENCE { [8] registeredID 1.2.3 }
    const extension = new Extension({ extnID: '2.5.29.17', extnValue: alternativeNamesExtension([]).extnValue });
    extension.extnValue.buffer = fromHex('300488022a03').buffer;
    expect(readAlternativeNames(extension)).toEqual({ names: [], unknown: 1 });
  });
});

describe('the subject', () => {
  test('is one UTF8String', () => {
    const der = Buffer.from(AsnConvert.serialize(commonNameOnly('Añá'))).toString('hex');
    // SEQUENCE { SET { SEQUENCE { 2.5.4.3, UTF8String "Añá" } } }
    expect(der).toBe('3010310e300c06035504030c0541c3b1c3a1');
  });

  test('is described with its attributes', () => {
    const name = AsnConvert.parse(fromHex('301a310b3009060355040613024445310b300906035504030c02416e'), Name);
    expect(describeName(name)).toBe('C=DE, CN=An');
    expect(attributeValues(name, NAME_OID.commonName)).toEqual(['An']);
  });

  test.each([
    ['Boss', 'CN=Boss'],
    ['x, CN=Boss', String.raw`CN=x\, CN\=Boss`],
    [String.raw`a\, b`, String.raw`CN=a\\\, b`],
    [' #a"b"<c>;d+e ', String.raw`CN=\ #a\"b\"\<c\>\;d\+e\ `],
    ['#1', String.raw`CN=\#1`],
    ['a\0b', String.raw`CN=a\00b`],
  ])('never passes for more than it is: %j', (value, described) => {
    expect(describeName(commonNameOnly(value))).toBe(described);
  });

  test('two are the same only byte for byte', () => {
    expect(sameName(commonNameOnly('A'), commonNameOnly('A'))).toBe(true);
    expect(sameName(commonNameOnly('A'), commonNameOnly('a'))).toBe(false);
  });
});

describe('rules', () => {
  test.each(['Ana Example', 'Ñ', 'O’Neill, Zoë', 'x'.repeat(64), '😀'.repeat(64)])('%s can be a common name', (text) => expect(isCommonName(text)).toBe(true));
  test.each(['', ' Ana', 'Ana ', 'x'.repeat(65), 'A\nB', 'A\0', 'a\u202eb'])('%j cannot be a common name', (text) => expect(isCommonName(text)).toBe(false));
  test.each(['ana@example.org', "o'neill+x@a-b.example"])('%s can be an e-mail address', (text) => expect(isEmail(text)).toBe(true));
  test.each(['', 'ana', 'ana@', '@example.org', 'a b@example.org', 'aná@example.org', 'a@b@c.org', 'a@b..org', 'a@-b.org', `${'x'.repeat(250)}@b.org`])(
    '%j cannot be an e-mail address',
    (text) => expect(isEmail(text)).toBe(false),
  );
  test.each<[AlternativeName, boolean]>([
    [{ kind: 'uri', value: 'https://example.org/a?b#c' }, true],
    [{ kind: 'uri', value: 'example.org' }, false],
    [{ kind: 'uri', value: 'https://exämple.org' }, false],
    [{ kind: 'dns', value: 'a.example.org' }, true],
    [{ kind: 'dns', value: '*.example.org' }, false],
    [{ kind: 'dns', value: 'a..b' }, false],
    [{ kind: 'upn', value: 'añá@corp.example' }, true],
    [{ kind: 'upn', value: 'ana' }, false],
    [{ kind: 'ip', value: '127.0.0.1' }, false],
  ])('%o in a person’s certificate: %s', (name, allowed) => expect(isPersonsName(name)).toBe(allowed));
});
