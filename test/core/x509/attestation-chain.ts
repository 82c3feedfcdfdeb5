/** Attestation certificates of a root of the test's own, in all the ways they may be right or wrong. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { Extension, Extensions, SubjectPublicKeyInfo, TBSCertificate, Validity, Version } from '@peculiar/asn1-x509';
import { fromHex } from '../../../core/bytes.ts';
import { withSignature } from '../../../core/x509/certificate-building.ts';
import { commonNameOnly } from '../../../core/x509/names.ts';
import { STATEMENT_OID } from '../../../core/x509/object-identifiers.ts';
import { signatureAlgorithm } from '../../../core/x509/signature-algorithm.ts';

export interface Signer {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
}

export function signer(name: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { name, privateKey, publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) };
}

/** Extension values by OID, in hex. */
export type HexExtensions = Readonly<Record<string, string>>;

/** A statement's usual extensions: firmware 5.7.1, serial 16909060, PIN once, touch cached, USB-C nano. */
export const STATEMENT: HexExtensions = {
  [STATEMENT_OID.firmware]: '050701',
  [STATEMENT_OID.serial]: '020401020304',
  [STATEMENT_OID.policy]: '0203',
  [STATEMENT_OID.formFactor]: '04',
};

/** A certificate without any of the extensions that RFC 5280 would want, as f9 certificates can be. */
export function certificate(subject: string, publicKey: Uint8Array, issuer: Signer, extensions: HexExtensions = {}): Uint8Array {
  const list = Object.entries(extensions).map(([extnID, hex]) => new Extension({ extnID, critical: false, extnValue: new OctetString(fromHex(hex)) }));
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: Uint8Array.of(1).buffer,
    signature: signatureAlgorithm('ecdsaWithSHA256'),
    issuer: commonNameOnly(issuer.name),
    validity: new Validity({ notBefore: new Date('2016-03-14'), notAfter: new Date('2052-04-17') }),
    subject: commonNameOnly(subject),
    subjectPublicKeyInfo: AsnConvert.parse(new Uint8Array(publicKey), SubjectPublicKeyInfo),
    ...(list.length > 0 ? { extensions: new Extensions(list) } : {}),
  });
  const bytes = new Uint8Array(AsnConvert.serialize(tbs));
  return withSignature(bytes, 'ecdsaWithSHA256', new Uint8Array(sign('sha256', bytes, issuer.privateKey)));
}

export interface Chain {
  readonly root: Signer;
  readonly rootCertificate: Uint8Array;
  readonly f9: Signer;
  readonly f9Certificate: Uint8Array;
  /** A statement of f9 for a key. */
  statement(publicKey: Uint8Array, extensions?: HexExtensions): Uint8Array;
}

/** Root and f9; statements on demand. */
export function attestationChain(rootName = 'Test attestation root'): Chain {
  const [root, f9] = [signer(rootName), signer('Test PIV attestation')];
  return {
    root,
    rootCertificate: certificate(root.name, root.publicKey, root),
    f9,
    f9Certificate: certificate(f9.name, f9.publicKey, root, { [STATEMENT_OID.firmware]: '050701' }),
    statement: (publicKey, extensions = STATEMENT) => certificate('YubiKey PIV Attestation 9a', publicKey, f9, extensions),
  };
}
