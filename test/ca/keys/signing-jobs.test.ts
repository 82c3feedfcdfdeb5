/** Signatures of a key that an approver holds: what is asked for, what is taken, and what the holder refuses. */
import { beforeAll, describe, expect, test } from 'vitest';
import { newAuthorityCertificate, openAuthority, type Authority } from '../../../ca/domain/authority.ts';
import { OPERATOR_ACTOR, type Context } from '../../../ca/domain/context.ts';
import { OcspResponders } from '../../../ca/domain/ocsp-responder.ts';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { handInSignature, heldKeySigner, openJobs } from '../../../ca/domain/signing-jobs.ts';
import type { AuthorityKey } from '../../../ca/keys/authority-key.ts';
import { authorityKey, generatePrivateKey } from '../../../ca/keys/software.ts';
import { silent } from '../../../ca/log.ts';
import { signPending } from '../../../ca/sign-pending.ts';
import type { Store, StoredAuditEvent, StoredCertificate, StoredCrl, StoredSigningJob, StoreWriter } from '../../../ca/storage/store.ts';
import { toHex } from '../../../core/bytes.ts';
import type { SigningJob } from '../../../core/certificate-authority.ts';
import { problemWithJob, type ApprovedRequest } from '../../../core/requests/signing-check.ts';
import { randomSerialNumber, toBeSigned } from '../../../core/x509/certificate-building.ts';
import { subjectDer } from '../../../core/x509/certificate-parts.ts';
import { crlToBeSigned } from '../../../core/x509/crl-building.ts';
import { buildCsr } from '../../../core/x509/csr-building.ts';
import { commonNameOnly, type AlternativeName } from '../../../core/x509/names.ts';
import { AUTHORITY_PROFILE, AUTHORITY_SERVER_PROFILE, PERSON_PROFILE, validityOf, type CertificateProfile } from '../../../core/x509/profile.ts';
import { softwareKey } from '../../core/x509/software-key.ts';
import { must } from '../running-authority.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const clock = (): Date => NOW;
const ana = softwareKey('ECCP256');
let key: AuthorityKey;
let ca: Authority;
let approved: ApprovedRequest;

beforeAll(async () => {
  key = must(authorityKey(await generatePrivateKey('ECCP256')));
  ca = must(await openAuthority([await newAuthorityCertificate({ name: 'Held CA', key, days: 3650, now: NOW })], key, NOW));
  const csr = must(await buildCsr({ commonName: 'Ana Example', email: 'ana@example.org', attestation: null, ...ana }));
  approved = { csr, name: 'Ana Example', email: 'ana@example.org', otherNames: [] };
});

/** The few rows that signing jobs need; the stores themselves have a suite of their own. */
class FewRows {
  readonly jobs = new Map<string, StoredSigningJob>();
  readonly planned = new Map<string, Partial<StoredCertificate>>();
  readonly events: StoredAuditEvent[] = [];
  crlInStore: StoredCrl | undefined;
  revokedSerials: readonly string[] = [];
  readonly settings = new Map<string, string>();
  readonly store: Store = {
    read: (work) => work(this.#rows as StoreWriter),
    write: (work) => work(this.#rows as StoreWriter),
    dump: async () => undefined,
    load: async () => null,
    counts: async () => ({}),
    close: async () => undefined,
  };
  readonly #rows: Partial<StoreWriter> = {
    signingJob: async (id) => this.jobs.get(id),
    openSigningJobs: async () => [...this.jobs.values()].filter(({ signature }) => signature === null),
    addSigningJob: async (job) => void this.jobs.set(job.id, job),
    signSigningJob: async (id, signature, signedBy) => {
      const job = this.jobs.get(id);
      if (job === undefined || job.signature !== null) return false;
      this.jobs.set(id, { ...job, signature, signedBy });
      return true;
    },
    addCertificate: async (certificate) => void this.planned.set(certificate.serialNumber, certificate),
    setCertificate: async () => true,
    certificate: async (serial) => this.planned.get(serial) as StoredCertificate | undefined,
    request: async () => undefined,
    lastAuditEvent: async () => this.events.at(-1),
    addAuditEvent: async (event) => void this.events.push(event),
    crl: async () => this.crlInStore,
    putCrl: async (crl) => void (this.crlInStore = crl),
    crlPartitions: async () => [0],
    revoked: async () => this.revokedSerials.map((serialNumber) => ({ serialNumber, revokedAt: NOW, reason: 'keyCompromise' as const })),
    setting: async (name) => this.settings.get(name),
    setSetting: async (name, value) => void this.settings.set(name, value),
  };
}

interface Planned {
  readonly profile?: CertificateProfile;
  readonly publicKey?: Uint8Array;
  readonly name?: string;
  readonly names?: readonly AlternativeName[];
  readonly issuer?: string;
}

async function certificateTbs({ profile = PERSON_PROFILE, publicKey = ana.publicKey, name = 'Ana Example', names = [{ kind: 'email', value: 'ana@example.org' }], issuer = 'Held CA' }: Planned = {}) {
  const serialNumber = randomSerialNumber();
  const validity = validityOf(profile, NOW, ca.certificate);
  const tbs = await toBeSigned({ profile, serialNumber, subject: commonNameOnly(name), issuer: commonNameOnly(issuer), validity, alternativeNames: names, publicKey, authorityKeyIdentifier: ca.keyIdentifier, signatureAlgorithm: 'ecdsaWithSHA256' });
  return { tbs, serialNumber: toHex(serialNumber) };
}

function crlTbs(number: number, serials: readonly string[]): Uint8Array {
  const entries = serials.map((serialNumber) => ({ serialNumber, revokedAt: NOW, reason: 'keyCompromise' as const }));
  const nextUpdate = new Date(NOW.getTime() + 86_400_000);
  return crlToBeSigned({ issuerName: subjectDer(ca.certificate.der), authorityKeyIdentifier: ca.keyIdentifier, signatureAlgorithm: 'ecdsaWithSHA256', number, thisUpdate: NOW, nextUpdate, entries, distributionPoint: null });
}

const signerOf = (rows: FewRows) => heldKeySigner(() => rows.store, clock)(ca.certificate.der);
const jobsOf = (rows: FewRows) => openJobs({ store: rows.store, clock });

describe('a signature that is wanted', () => {
  test('waits as one job, however often it is asked for, and is there once it was handed in', async () => {
    const rows = new FewRows();
    const { tbs, serialNumber } = await certificateTbs();
    rows.planned.set(serialNumber, { profile: 'person', name: 'Ana Example', requestId: 'a'.repeat(32) });
    for (const _ of [1, 2]) await expect(signerOf(rows)(tbs)).rejects.toMatchObject({ failure: { kind: 'authority-locked' } });
    const [job, ...others] = await jobsOf(rows);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ kind: 'certificate', about: 'Ana Example', requestId: 'a'.repeat(32), toBeSigned: tbs });
    const signature = await key.sign(tbs);
    must(await handInSignature({ store: rows.store, clock }, job?.id ?? '', signature, OPERATOR_ACTOR));
    expect(await signerOf(rows)(tbs)).toEqual(signature);
    expect(await jobsOf(rows)).toEqual([]);
    expect(rows.events.map(({ event, actor }) => [event, actor])).toEqual([['signature-handed-in', 'operator']]);
    // The answer got lost, and it is handed in again.
    expect((await handInSignature({ store: rows.store, clock }, job?.id ?? '', signature, OPERATOR_ACTOR)).ok).toBe(true);
    expect(rows.events).toHaveLength(1);
  });

  test('that does not hold is refused, and the job stays open', async () => {
    const rows = new FewRows();
    const { tbs, serialNumber } = await certificateTbs();
    rows.planned.set(serialNumber, { profile: 'person', name: 'Ana Example', requestId: null });
    await expect(signerOf(rows)(tbs)).rejects.toThrow();
    const [job] = await jobsOf(rows);
    const stranger = must(authorityKey(await generatePrivateKey('ECCP256')));
    for (const wrong of [await stranger.sign(tbs), await key.sign(Uint8Array.of(1)), new Uint8Array(), Uint8Array.of(0x30)]) {
      expect(await handInSignature({ store: rows.store, clock }, job?.id ?? '', wrong, OPERATOR_ACTOR)).toEqual({ ok: false, failure: { kind: 'signature-refused' } });
    }
    expect(await handInSignature({ store: rows.store, clock }, 'f'.repeat(32), await key.sign(tbs), OPERATOR_ACTOR)).toEqual({ ok: false, failure: { kind: 'request-unknown' } });
    expect(await jobsOf(rows)).toHaveLength(1);
  });

  test('bytes that nobody planned are asked of nobody', async () => {
    const rows = new FewRows();
    for (const bytes of [(await certificateTbs()).tbs, new TextEncoder().encode('anything')]) await expect(signerOf(rows)(bytes)).rejects.toThrow();
    expect(await jobsOf(rows)).toEqual([]);
  });
});

test('an OCSP responder is planned once, however often it is asked for before it is signed', async () => {
  const rows = new FewRows();
  let now = NOW;
  const held = { ...ca, key: { ...ca.key, sign: signerOf(rows) } };
  const context: Context = { authority: held, formerAuthorities: [], store: rows.store, trust: { certificates: [] }, policy: DEFAULT_POLICY, clock: () => now, log: silent };
  const responders = new OcspResponders(context);
  for (const minutes of [0, 1, 2]) {
    now = new Date(NOW.getTime() + minutes * 60_000);
    expect(await responders.of(held)).toBeUndefined();
  }
  expect((await jobsOf(rows)).map(({ kind }) => kind)).toEqual(['ocsp-responder']);
  expect(must(await signPending(rows.store, key, clock)).map(({ refused }) => refused)).toEqual([undefined]);
  now = new Date(NOW.getTime() + 180_000);
  expect((await responders.of(held))?.expiresAt.getTime()).toBeGreaterThan(now.getTime());
});

describe('a CRL', () => {
  test('with the same entries is asked for once; with others it takes the place of the one before', async () => {
    const rows = new FewRows();
    await expect(signerOf(rows)(crlTbs(1, ['0a']))).rejects.toThrow();
    await expect(signerOf(rows)(crlTbs(2, ['0a']))).rejects.toThrow();
    const [first] = await jobsOf(rows);
    expect(await jobsOf(rows)).toHaveLength(1);
    await expect(signerOf(rows)(crlTbs(3, ['0a', '0b']))).rejects.toThrow();
    const [second, ...others] = await jobsOf(rows);
    expect(others).toEqual([]);
    expect(second?.id).not.toBe(first?.id);
    expect(await handInSignature({ store: rows.store, clock }, first?.id ?? '', await key.sign(first?.toBeSigned ?? new Uint8Array()), OPERATOR_ACTOR)).toEqual({ ok: false, failure: { kind: 'request-unknown' } });
  });

  test('is handed out from its signature on, and due again only where something changed meanwhile', async () => {
    for (const [revoked, stillDue] of [[['0a'], false], [['0a', '0b'], true], [[], true]] as const) {
      const rows = new FewRows();
      rows.settings.set(`crl-due:${ca.id}:0`, 'mark');
      await expect(signerOf(rows)(crlTbs(7, ['0a']))).rejects.toThrow();
      rows.revokedSerials = revoked;
      expect(must(await signPending(rows.store, key, clock)).map(({ refused }) => refused)).toEqual([undefined]);
      expect(rows.crlInStore).toMatchObject({ issuerId: ca.id, partition: 0, number: 7 });
      expect(rows.settings.get(`crl-due:${ca.id}:0`)).toBe(stillDue ? 'mark' : '');
    }
  });
});

describe('before it signs, the holder looks whether it is what was approved', () => {
  const job = async (planned: Planned = {}, kind: SigningJob['kind'] = 'certificate'): Promise<SigningJob> => ({ id: '0'.repeat(32), kind, about: 'Ana Example', issuer: ca.certificate.der, requestId: null, toBeSigned: (await certificateTbs(planned)).tbs });
  const look = async (planned: Planned, kind?: SigningJob['kind']) => problemWithJob(await job(planned, kind), approved, NOW);

  test('and signs what is', async () => {
    expect(await look({})).toBeUndefined();
    expect(await look({ profile: AUTHORITY_SERVER_PROFILE }, 'server-certificate')).toBeUndefined();
  });

  test.each<[string, Planned, SigningJob['kind'] | undefined, RegExp]>([
    ['another key', { publicKey: softwareKey('ECCP256').publicKey }, undefined, /another key/],
    ['another name', { name: 'Eve Example' }, undefined, /it names CN=Eve Example/],
    ['one more name', { names: [{ kind: 'email', value: 'boss@example.org' }] }, undefined, /nobody claimed email:boss/],
    ['another issuer', { issuer: 'Other CA' }, undefined, /issued by CN=Other CA/],
    ['a CA', { profile: { ...AUTHORITY_PROFILE, purposes: PERSON_PROFILE.purposes } }, undefined, /would be a CA/],
    ['any purpose', { profile: { ...PERSON_PROFILE, purposes: ['2.5.29.37.0'] } }, undefined, /more than a person/],
    ['a person as a server', {}, 'server-certificate', /more than a server/],
    ['a person as a responder', {}, 'ocsp-responder', /more than OCSP/],
    ['a certificate as a CRL', {}, 'crl', /no CRL/],
    ['a checkpoint', {}, 'audit-checkpoint', /nothing that is signed by hand/],
  ])('%s is not signed', async (_what, planned, kind, reason) => {
    expect(await look(planned, kind)).toMatch(reason);
  });

  test('nor for the CA’s own key, nor without a request, nor what is no certificate', async () => {
    expect(await look({ publicKey: key.publicKey })).toMatch(/key of the CA itself/);
    expect(await problemWithJob(await job(), null, NOW)).toMatch(/no request/);
    expect(await problemWithJob({ ...(await job()), toBeSigned: Uint8Array.of(0x30, 0x00) }, approved, NOW)).toMatch(/no certificate/);
  });
});
