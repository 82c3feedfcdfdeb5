/** Chains below a pinned root: what leads to it, and what does not although it looks alike. */
import { beforeAll, describe, expect, test } from 'vitest';
import { checkCertificateFit } from '../../../core/x509/certificate-fit.ts';
import { keyIdentifier, randomSerialNumber, toBeSigned, withSignature } from '../../../core/x509/certificate-building.ts';
import { commonNameOnly } from '../../../core/x509/names.ts';
import { AUTHORITY_PROFILE, PERSON_PROFILE, ROOT_PROFILE, validityOf, type CertificateProfile } from '../../../core/x509/profile.ts';
import { softwareKey, type SoftwareKey } from './software-key.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const DAY_MS = 86_400_000;

interface Ca {
  readonly name: string;
  readonly key: SoftwareKey;
  readonly certificate: Uint8Array;
}

interface Wanted {
  readonly profile?: Partial<CertificateProfile>;
  readonly madeAt?: Date;
  readonly key?: SoftwareKey;
}

async function certify(issuer: { readonly name: string; readonly key: SoftwareKey }, name: string, publicKey: Uint8Array, profile: CertificateProfile, madeAt = NOW): Promise<Uint8Array> {
  const tbs = await toBeSigned({
    profile,
    serialNumber: randomSerialNumber(),
    subject: commonNameOnly(name),
    issuer: commonNameOnly(issuer.name),
    validity: validityOf(profile, madeAt),
    alternativeNames: [],
    publicKey,
    authorityKeyIdentifier: await keyIdentifier(issuer.key.publicKey),
    signatureAlgorithm: 'ecdsaWithSHA256',
  });
  const signature = await issuer.key.sign(tbs);
  if (!signature.ok) throw new Error(signature.failure.kind);
  return withSignature(tbs, 'ecdsaWithSHA256', signature.value);
}

async function newRoot(profile: Partial<CertificateProfile> = {}): Promise<Ca> {
  const own = { name: 'Root', key: softwareKey('ECCP256') };
  return { ...own, certificate: await certify(own, 'Root', own.key.publicKey, { ...ROOT_PROFILE, ...profile }) };
}

async function below(issuer: Ca, name: string, { profile = {}, madeAt, key = softwareKey('ECCP256') }: Wanted = {}): Promise<Ca> {
  return { name, key, certificate: await certify(issuer, name, key.publicKey, { ...AUTHORITY_PROFILE, ...profile }, madeAt) };
}

const { publicKey } = softwareKey('ECCP256');
const leafOf = (issuer: Ca): Promise<Uint8Array> => certify(issuer, 'Ana', publicKey, PERSON_PROFILE);
const fit = (certificate: Uint8Array, caCertificate: Uint8Array, chain: readonly Uint8Array[]) => checkCertificateFit({ certificate, publicKey, caCertificate, chain, now: NOW });
const CHAIN_UNFIT = { ok: false, failure: { kind: 'certificate-unfit', reason: 'chain' } };

let root: Ca;
let issuing: Ca;
beforeAll(async () => {
  root = await newRoot();
  issuing = await below(root, 'Issuing CA');
});

describe('leads to the pinned root', () => {
  test('through one issuer, found among others in any order', async () => {
    const stranger = await below(await newRoot(), 'Issuing CA');
    const leaf = await leafOf(issuing);
    expect((await fit(leaf, root.certificate, [issuing.certificate])).ok).toBe(true);
    expect((await fit(leaf, root.certificate, [stranger.certificate, Uint8Array.of(1), root.certificate, issuing.certificate])).ok).toBe(true);
  });

  test('through two', async () => {
    const deep = await newRoot({ pathLength: null });
    const middle = await below(deep, 'Middle', { profile: { pathLength: 1 } });
    const low = await below(middle, 'Low');
    expect((await fit(await leafOf(low), deep.certificate, [low.certificate, middle.certificate])).ok).toBe(true);
  });

  test('by the certificate of the issuer’s renewal too, with the same key', async () => {
    const expired = await below(root, 'Issuing CA', { madeAt: new Date(NOW.getTime() - 3651 * DAY_MS), key: issuing.key });
    const leaf = await leafOf(issuing);
    expect(await fit(leaf, root.certificate, [expired.certificate])).toMatchObject(CHAIN_UNFIT);
    expect((await fit(leaf, root.certificate, [issuing.certificate, expired.certificate])).ok).toBe(true);
  });
});

describe('does not lead there', () => {
  test.each<[string, () => Promise<{ leaf: Uint8Array; chain: readonly Uint8Array[]; pinned?: Uint8Array }>]>([
    ['without its issuer', async () => ({ leaf: await leafOf(issuing), chain: [] })],
    ['below another root of the same name', async () => ({ leaf: await leafOf(issuing), chain: [issuing.certificate], pinned: (await newRoot()).certificate })],
    ['by an issuer of the same name that another root signed', async () => {
      const other = await below(await newRoot(), 'Issuing CA');
      return { leaf: await leafOf(other), chain: [other.certificate, issuing.certificate] };
    }],
    ['by a person’s certificate', async () => {
      const person = await below(root, 'Person', { profile: PERSON_PROFILE });
      return { leaf: await leafOf(person), chain: [person.certificate] };
    }],
    ['by a CA that may sign lists only', async () => {
      const lists = await below(root, 'Lists', { profile: { keyUsage: ['cRLSign'] } });
      return { leaf: await leafOf(lists), chain: [lists.certificate] };
    }],
    ['by a CA that a CA for people signed (pathLenConstraint 0)', async () => {
      const extra = await below(issuing, 'Extra');
      return { leaf: await leafOf(extra), chain: [extra.certificate, issuing.certificate] };
    }],
    ['by a CA that has ended', async () => {
      const ended = await below(root, 'Ended', { madeAt: new Date(NOW.getTime() - 3651 * DAY_MS) });
      return { leaf: await leafOf(ended), chain: [ended.certificate] };
    }],
    ['by a CA of tomorrow', async () => {
      const tomorrow = await below(root, 'Tomorrow', { madeAt: new Date(NOW.getTime() + DAY_MS) });
      return { leaf: await leafOf(tomorrow), chain: [tomorrow.certificate] };
    }],
    ['in a circle', async () => {
      const [a, b] = [{ name: 'A', key: softwareKey('ECCP256') }, { name: 'B', key: softwareKey('ECCP256') }];
      const profile = { ...AUTHORITY_PROFILE, pathLength: null };
      const certificates = [await certify(b, 'A', a.key.publicKey, profile), await certify(a, 'B', b.key.publicKey, profile)];
      return { leaf: await leafOf({ ...a, certificate: certificates[0] as Uint8Array }), chain: certificates };
    }],
  ])('%s', async (_what, make) => {
    const { leaf, chain, pinned = root.certificate } = await make();
    expect(await fit(leaf, pinned, chain)).toMatchObject(CHAIN_UNFIT);
  });

  test('and a thousand certificates that somebody sent along cost no time', async () => {
    const many = Array.from({ length: 1000 }, () => issuing.certificate);
    const started = performance.now();
    expect(await fit(await leafOf(await below(await newRoot(), 'Issuing CA')), root.certificate, many)).toMatchObject(CHAIN_UNFIT);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
