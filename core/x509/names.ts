/**
 * Names in certificates: the subject, and the alternative names (RFC 5280, sections 4.1.2.6 and 4.2.1.6).
 * Text comes in and goes out; ASN.1 stays in here.
 */
import { AsnConvert, AsnUtf8StringConverter, OctetString } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  Extension,
  GeneralName,
  Name,
  OtherName,
  RelativeDistinguishedName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { EXTENSION_OID, NAME_OID, UPN_OID } from './object-identifiers.ts';

export type AlternativeNameKind = 'email' | 'uri' | 'dns' | 'ip' | 'upn';

/** rfc822Name, uniformResourceIdentifier, dNSName, iPAddress, or otherName with a user principal name. */
export interface AlternativeName {
  readonly kind: AlternativeNameKind;
  readonly value: string;
}

/** "uri:https://…": how {@link AlternativeName} is shown and stored. */
export function formatAlternativeName(name: AlternativeName): string {
  return `${name.kind}:${name.value}`;
}

/** The inverse of {@link formatAlternativeName}; undefined for anything else. */
export function parseAlternativeName(text: string): AlternativeName | undefined {
  const match = /^(email|uri|dns|ip|upn):(.+)$/s.exec(text);
  return match ? { kind: match[1] as AlternativeNameKind, value: match[2] as string } : undefined;
}

/** A subject of one common name, as UTF8String (RFC 5280, section 4.1.2.4). */
export function commonNameOnly(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: NAME_OID.commonName, value })])]);
}

/** Every value of one attribute of a distinguished name, in their order. */
export function attributeValues(name: Name, oid: string): readonly string[] {
  return name.flatMap((relative) => [...relative]).filter((part) => part.type === oid).map((part) => part.value.toString());
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  [NAME_OID.commonName]: 'CN',
  [NAME_OID.serialNumber]: 'serialNumber',
  [NAME_OID.countryName]: 'C',
  [NAME_OID.localityName]: 'L',
  [NAME_OID.stateOrProvinceName]: 'ST',
  [NAME_OID.organizationName]: 'O',
  [NAME_OID.organizationalUnitName]: 'OU',
  [NAME_OID.emailAddress]: 'emailAddress',
};

/**
 * "CN=Ada, O=Example", in the order of the certificate. Values are escaped as RFC 4514 (section 2.4) says, so that none
 * looks like an attribute of its own: an organization "x, CN=Boss" is written "O=x\, CN\=Boss".
 */
export function describeName(name: Name): string {
  return name
    .flatMap((relative) => [...relative])
    .map((part) => `${SHORT_NAMES[part.type] ?? part.type}=${escapeValue(part.value.toString())}`)
    .join(', ');
}

function escapeValue(value: string): string {
  // "=" may be escaped too: so what looks like an attribute is one.
  return value.replace(/[\\,+"<>;=]|^[ #]|(?<=.) $/gs, String.raw`\$&`).replaceAll('\0', String.raw`\00`);
}

/** Whether two distinguished names are the same, byte for byte of their DER. */
export function sameName(a: Name, b: Name): boolean {
  const [left, right] = [new Uint8Array(AsnConvert.serialize(a)), new Uint8Array(AsnConvert.serialize(b))];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function toGeneralName(name: AlternativeName): GeneralName {
  switch (name.kind) {
    case 'email':
      return new GeneralName({ rfc822Name: name.value });
    case 'uri':
      return new GeneralName({ uniformResourceIdentifier: name.value });
    case 'dns':
      return new GeneralName({ dNSName: name.value });
    case 'ip':
      return new GeneralName({ iPAddress: name.value });
    case 'upn':
      return new GeneralName({
        otherName: new OtherName({ typeId: UPN_OID, value: AsnUtf8StringConverter.toASN(name.value).toBER() }),
      });
  }
}

/** The name in a GeneralName; undefined for the kinds that no profile here uses. */
function fromGeneralName(name: GeneralName): AlternativeName | undefined {
  if (name.rfc822Name !== undefined) return { kind: 'email', value: name.rfc822Name };
  if (name.uniformResourceIdentifier !== undefined) return { kind: 'uri', value: name.uniformResourceIdentifier };
  if (name.dNSName !== undefined) return { kind: 'dns', value: name.dNSName };
  if (name.iPAddress !== undefined) return { kind: 'ip', value: name.iPAddress };
  if (name.otherName?.typeId === UPN_OID) {
    return { kind: 'upn', value: AsnConvert.parse(name.otherName.value, AttributeValue).toString() };
  }
  return undefined;
}

/** The subjectAltName extension, for a CSR or a certificate. */
export function alternativeNamesExtension(names: readonly AlternativeName[]): Extension {
  const value = AsnConvert.serialize(new SubjectAlternativeName(names.map(toGeneralName)));
  return new Extension({ extnID: EXTENSION_OID.subjectAltName, critical: false, extnValue: new OctetString(value) });
}

/**
 * What a subjectAltName extension says. `unknown` counts the names of kinds that are not read (directory names and such).
 * Throws on broken ASN.1.
 */
export function readAlternativeNames(extension: Extension): { readonly names: readonly AlternativeName[]; readonly unknown: number } {
  const all = [...AsnConvert.parse(extension.extnValue.buffer, SubjectAlternativeName)].map(fromGeneralName);
  const names = all.filter((name) => name !== undefined);
  return { names, unknown: all.length - names.length };
}
