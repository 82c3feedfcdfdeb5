/** A certificate to be is signed with a throwaway key first, and looked at: what is wrong with it is found before the CA signs. */
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { withSignature } from '../../core/x509/certificate-building.ts';
import { lintCertificate, type LintRules } from '../../core/x509/certificate-lint.ts';
import type { SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';

interface TrialKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/** Made once a process for each algorithm, of the weakest key that signs so: nobody ever trusts it. */
const trialKeys = new Map<SignatureAlgorithmName, TrialKey>();

function makeTrialKey(algorithm: SignatureAlgorithmName): TrialKey {
  switch (algorithm) {
    case 'ecdsaWithSHA256':
      return { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256' };
    case 'ecdsaWithSHA384':
      return { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha384' };
    case 'ecdsaWithSHA512':
      return { ...generateKeyPairSync('ec', { namedCurve: 'P-521' }), hash: 'sha512' };
    case 'ed25519':
      return { ...generateKeyPairSync('ed25519'), hash: null };
    case 'sha256WithRSAEncryption':
      return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256' };
    case 'sha384WithRSAEncryption':
      return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha384' };
    case 'sha512WithRSAEncryption':
      return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha512' };
  }
}

function trialKey(algorithm: SignatureAlgorithmName): TrialKey {
  const known = trialKeys.get(algorithm) ?? makeTrialKey(algorithm);
  trialKeys.set(algorithm, known);
  return known;
}

/** Problems of a TBSCertificate, in plain words: ours (core/x509/certificate-lint.ts), and whether OpenSSL reads it. */
export function trialProblems(tbs: Uint8Array, algorithm: SignatureAlgorithmName, rules: LintRules): readonly string[] {
  const { privateKey, publicKey, hash } = trialKey(algorithm);
  const der = withSignature(tbs, algorithm, new Uint8Array(sign(hash, tbs, privateKey)));
  const problems = lintCertificate(der, rules);
  try {
    return new X509Certificate(der).verify(publicKey) ? problems : [...problems, 'OpenSSL does not verify it'];
  } catch {
    return [...problems, 'OpenSSL does not read it'];
  }
}
