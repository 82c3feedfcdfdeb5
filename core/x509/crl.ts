/** Reading CRLs (RFC 5280, section 5.1). */
import { toHex } from '../bytes.ts';
import type { ParsedCertificate } from './certificate.ts';
import { contextTag, DerProblem, DerReader, nextTime, onlyElement, readObjectIdentifier, TAG } from './der-reading.ts';
import { CRL_EXTENSION_OID } from './object-identifiers.ts';
import { verifySignature } from './signature-algorithm.ts';

/** A CRL, taken apart as far as its checks need. The entries stay bytes until somebody asks. */
export interface ParsedCrl {
  readonly der: Uint8Array;
  /** DER Name. */
  readonly issuerName: Uint8Array;
  readonly thisUpdate: Date;
  /** null: it does not say, against section 5.1.2.5. */
  readonly nextUpdate: Date | null;
  /** cRLNumber; null: it has none. */
  readonly number: bigint | null;
  /** Whole issuingDistributionPoint; null: it speaks for every certificate of its issuer. */
  readonly scope: Uint8Array | null;
  /** keyIdentifier of authorityKeyIdentifier. */
  readonly authorityKeyIdentifier: Uint8Array | null;
  /** The bytes that are signed. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** Content of revokedCertificates. */
  readonly entryBytes: Uint8Array;
}

export interface ParsedCrlEntry {
  /** Lower-case hex without the sign byte. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** CRLReason; 0 where it says none. */
  readonly reasonCode: number;
}

function unsigned(integer: Uint8Array): Uint8Array {
  return integer.length > 1 && integer[0] === 0 ? integer.subarray(1) : integer;
}

/** Values of a SEQUENCE of extensions, by object identifier. */
function extensionValues(reader: DerReader): ReadonlyMap<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  while (!reader.isAtEnd) {
    const extension = reader.enter(TAG.sequence);
    const oid = readObjectIdentifier(extension.next(TAG.objectIdentifier).content);
    extension.optional(TAG.boolean);
    values.set(oid, extension.next(TAG.octetString).content);
  }
  return values;
}

function readExtensions(list: DerReader): Pick<ParsedCrl, 'number' | 'scope' | 'authorityKeyIdentifier'> {
  const values = list.nextTag === contextTag(0) ? extensionValues(list.enter(contextTag(0)).enter(TAG.sequence)) : new Map<string, Uint8Array>();
  const number = values.get(CRL_EXTENSION_OID.cRLNumber);
  const keyIdentifier = values.get(CRL_EXTENSION_OID.authorityKeyIdentifier);
  return {
    number: number === undefined ? null : BigInt(`0x${toHex(onlyElement(number, TAG.integer).content) || '0'}`),
    scope: values.get(CRL_EXTENSION_OID.issuingDistributionPoint) ?? null,
    authorityKeyIdentifier: keyIdentifier === undefined ? null : (new DerReader(keyIdentifier).enter(TAG.sequence).optional(0x80)?.content ?? null),
  };
}

function readCrl(der: Uint8Array): ParsedCrl {
  const outer = new DerReader(onlyElement(der, TAG.sequence).content);
  const tbs = outer.next(TAG.sequence);
  const signatureAlgorithm = readObjectIdentifier(outer.enter(TAG.sequence).next(TAG.objectIdentifier).content);
  const signature = outer.next(TAG.bitString).content.subarray(1);
  outer.end();
  const list = new DerReader(tbs.content);
  list.optional(TAG.integer);
  list.next(TAG.sequence);
  const issuerName = list.next(TAG.sequence).whole;
  const thisUpdate = nextTime(list);
  const hasNextUpdate = list.nextTag === TAG.utcTime || list.nextTag === TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? nextTime(list) : null;
  const entryBytes = list.optional(TAG.sequence)?.content ?? new Uint8Array();
  return { der, issuerName, thisUpdate, nextUpdate, tbs: tbs.whole, signatureAlgorithm, signature, entryBytes, ...readExtensions(list) };
}

/** Parses one DER CRL; undefined where it is none, or is cut off or has bytes behind its end. */
export function parseCrl(der: Uint8Array): ParsedCrl | undefined {
  try {
    return readCrl(der);
  } catch (error) {
    if (error instanceof DerProblem) return undefined;
    throw error;
  }
}

/** The entries, in the order of the list. Throws DerProblem where one is broken. */
export function* crlEntries(crl: ParsedCrl): Generator<ParsedCrlEntry> {
  const reader = new DerReader(crl.entryBytes);
  while (!reader.isAtEnd) {
    const entry = reader.enter(TAG.sequence);
    const serialNumber = toHex(unsigned(entry.next(TAG.integer).content));
    const revokedAt = nextTime(entry);
    const reason = entry.isAtEnd ? undefined : extensionValues(entry.enter(TAG.sequence)).get(CRL_EXTENSION_OID.reasonCode);
    yield { serialNumber, revokedAt, reasonCode: reason === undefined ? 0 : (onlyElement(reason, TAG.enumerated).content[0] ?? 0) };
  }
}

/** Whether `issuer`'s key made the signature of the CRL. Names are not looked at. */
export function isCrlSignedBy(crl: ParsedCrl, issuer: ParsedCertificate): Promise<boolean> {
  return verifySignature(issuer.publicKey, crl.signatureAlgorithm, crl.tbs, crl.signature);
}
