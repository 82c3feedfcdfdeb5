/**
 * What a person wants to know of a certificate at a glance: for whom, by whom, from when until when. Reads those fields of the DER
 * (RFC 5280, section 4.1) and judges nothing: whether the certificate fits the key is decided in core/x509.
 */

export interface CertificateGlance {
  /** Common name, else the last part of the subject. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Where the next element begins. */
  readonly end: number;
}

const TAG = { sequence: 0x30, explicitVersion: 0xa0, oid: 0x06, utcTime: 0x17, generalizedTime: 0x18, bmpString: 0x1e, t61String: 0x14 } as const;
/** id-at-commonName, 2.5.4.3 (RFC 5280, appendix A.1). */
const COMMON_NAME = '550403';

/** null: not a certificate that can be read. */
export function glanceAtCertificate(der: Uint8Array): CertificateGlance | null {
  try {
    const tbs = readElement(readElement(der, 0, TAG.sequence).content, 0, TAG.sequence).content;
    const fields = children(tbs);
    // version is [0] and may be absent; then serialNumber, signature, issuer, validity, subject.
    const first = fields[0]?.tag === TAG.explicitVersion ? 1 : 0;
    const [issuer, validity, subject] = [fields[first + 2], fields[first + 3], fields[first + 4]];
    if (issuer === undefined || validity === undefined || subject === undefined) return null;
    const [notBefore, notAfter] = children(validity.content);
    if (notBefore === undefined || notAfter === undefined) return null;
    return { subject: nameOf(subject.content), issuer: nameOf(issuer.content), validFrom: readTime(notBefore), validTo: readTime(notAfter) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readElement(bytes: Uint8Array, start: number, tag?: number): Element {
  const found = byteAt(bytes, start);
  if (tag !== undefined && found !== tag) throw new RangeError('another element');
  let length = byteAt(bytes, start + 1);
  let begin = start + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3) throw new RangeError('length');
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + byteAt(bytes, begin + index);
    begin += count;
  }
  const end = begin + length;
  if (end > bytes.length) throw new RangeError('truncated');
  return { tag: found, content: bytes.subarray(begin, end), end };
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new RangeError('truncated');
  return byte;
}

function children(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; at = found.at(-1)?.end ?? bytes.length) found.push(readElement(bytes, at));
  return found;
}

/** RDNSequence → the common name, or whatever comes last. */
function nameOf(rdnSequence: Uint8Array): string {
  let last = '';
  for (const set of children(rdnSequence)) {
    for (const attribute of children(set.content)) {
      const [type, value] = children(attribute.content);
      if (type?.tag !== TAG.oid || value === undefined) continue;
      last = readText(value);
      if (hex(type.content) === COMMON_NAME) return last;
    }
  }
  return last;
}

function readText({ tag, content }: Element): string {
  if (tag === TAG.bmpString) return new TextDecoder('utf-16be').decode(content);
  return new TextDecoder(tag === TAG.t61String ? 'latin1' : 'utf-8').decode(content);
}

/** UTCTime counts years from 1950 to 2049 (RFC 5280, section 4.1.2.5.1). */
function readTime({ tag, content }: Element): Date {
  const text = new TextDecoder().decode(content);
  const match = (tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text);
  if (match === null || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) throw new RangeError('time');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
  const fullYear = tag === TAG.utcTime ? year + (year >= 50 ? 1900 : 2000) : year;
  return new Date(Date.UTC(fullYear, month - 1, day, hour, minute, second));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
