import { describe, expect, test } from 'vitest';
import type { EnrollmentFacts } from '../../../core/enrollment/facts.ts';
import { planEnrollment } from '../../../core/enrollment/plan.ts';
import { ENROLLMENT_STEPS, type EnrollmentQuestions, type EnrollmentStepId } from '../../../core/enrollment/state.ts';
import { nextStretch } from '../../../core/enrollment/steps.ts';
import {
  HELD,
  KEY_HASH,
  KEY_PAIR,
  OTHER_HASH,
  OWN_SECRETS,
  SILENT_SECRETS,
  exampleFacts,
  exampleKey,
  exampleRecord,
  exampleRequest,
  ownKey,
} from './example-facts.ts';

const CSR = Uint8Array.of(0x30, 0x00);
const ISSUED = { certificate: Uint8Array.of(0x30, 0x01), unfit: null };
const ISSUED_REQUEST = exampleRequest({ status: 'issued', certificate: ISSUED.certificate });
const FITTING = { ...HELD, fits: true };
const FROM_CSR: readonly EnrollmentStepId[] = ['attestation', 'csr', 'submit', 'approval', 'check', 'write', 'prove'];
const FROM_KEY: readonly EnrollmentStepId[] = ['key-pair', ...FROM_CSR];
const FINISH: readonly EnrollmentStepId[] = ['check', 'write', 'prove'];

interface Row {
  readonly name: string;
  readonly facts: EnrollmentFacts;
  readonly remaining: readonly EnrollmentStepId[];
  /** Of a plan that asks. */
  readonly asks?: Partial<EnrollmentQuestions>;
  /** Of a plan that does not ask. */
  readonly kind?: 'finished' | 'denied' | 'stuck' | 'proceed' | 'wait';
}

const foreign = { ...HELD, subject: 'CN=Old' };
const record = (csr: Uint8Array | null = null) => exampleRecord(undefined, csr);

const ROWS: readonly Row[] = [
  {
    name: 'a key from the factory needs everything',
    facts: exampleFacts(),
    remaining: ENROLLMENT_STEPS,
    asks: { pin: 'choose', puk: 'choose', identity: { name: '', email: '', isFixed: false }, replaces: null, isFinishing: false, pinAttemptsLeft: 3 },
  },
  {
    name: 'an invitation fixes name and e-mail',
    facts: exampleFacts({ invited: { name: 'Ana', email: 'ana@example.org', role: 'user', expiresAt: new Date(0) } }),
    remaining: ENROLLMENT_STEPS,
    asks: { identity: { name: 'Ana', email: 'ana@example.org', isFixed: true } },
  },
  {
    name: 'the very first invitation names nobody',
    facts: exampleFacts({ invited: { name: '', email: '', role: 'approver', expiresAt: new Date(0) } }),
    remaining: ENROLLMENT_STEPS,
    asks: { identity: { name: '', email: '', isFixed: false } },
  },
  {
    name: 'cut off after the PIN',
    facts: exampleFacts({ key: exampleKey({ pin: OWN_SECRETS.pin }) }),
    remaining: ENROLLMENT_STEPS.slice(1),
    asks: { pin: 'enter', puk: 'choose' },
  },
  {
    name: 'cut off after the PUK',
    facts: exampleFacts({ key: exampleKey({ pin: OWN_SECRETS.pin, puk: OWN_SECRETS.puk }) }),
    remaining: ENROLLMENT_STEPS.slice(2),
    asks: { pin: 'enter', puk: null },
  },
  {
    name: 'cut off between storing the new management key and setting it',
    facts: exampleFacts({ key: exampleKey({ ...OWN_SECRETS, managementKey: { algorithm: 'AES-192', isFactory: true, isPinProtected: true, isPinDerived: false } }) }),
    remaining: ENROLLMENT_STEPS.slice(2),
    asks: { pin: 'enter' },
  },
  { name: 'cut off after the management key', facts: exampleFacts({ key: exampleKey(OWN_SECRETS) }), remaining: FROM_KEY, asks: { pin: 'enter' } },
  {
    name: 'a PUK that is blocked keeps nobody from enrolling',
    facts: exampleFacts({ key: exampleKey({ ...OWN_SECRETS, puk: { isFactory: true, attemptsLeft: 0, attemptsTotal: 3 } }) }),
    remaining: FROM_KEY,
    asks: { puk: null },
  },
  {
    name: 'cut off after the key pair: it is noted as ours, so it is used',
    facts: exampleFacts({ key: ownKey(), record: record() }),
    remaining: FROM_CSR,
    asks: { pin: 'enter', keyPair: null, replaces: null },
  },
  {
    name: 'the answer to GENERATE got lost: what lies there now is ours',
    facts: exampleFacts({ key: ownKey(), record: exampleRecord({ kind: 'generating', before: OTHER_HASH }) }),
    remaining: FROM_CSR,
    asks: { keyPair: null, replaces: null },
  },
  {
    name: 'GENERATE never arrived: the foreign key is still there, and asked about again',
    facts: exampleFacts({ key: ownKey(), record: exampleRecord({ kind: 'generating', before: KEY_HASH }) }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: null, certificateExpiresAt: null, canKeep: false } },
  },
  {
    name: 'a key without a serial may be another one than was noted',
    facts: exampleFacts({ key: ownKey({ serial: null }), record: exampleRecord({ kind: 'generating', before: null }) }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: null, certificateExpiresAt: null, canKeep: false } },
  },
  {
    name: 'an imported key is never taken for ours',
    facts: exampleFacts({
      key: ownKey({ authentication: { keyPair: { ...KEY_PAIR, origin: 'imported' }, certificate: null, fits: null } }),
      record: exampleRecord({ kind: 'generating', before: null }),
    }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: null, certificateExpiresAt: null, canKeep: false } },
  },
  {
    name: "somebody else's certificate",
    facts: exampleFacts({ key: ownKey(), held: foreign }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: 'CN=Old', certificateExpiresAt: HELD.expiresAt, canKeep: false } },
  },
  {
    name: "somebody else's certificate whose key cannot be known",
    facts: exampleFacts({ key: exampleKey(OWN_SECRETS), held: foreign }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: 'CN=Old', certificateExpiresAt: HELD.expiresAt, canKeep: false } },
  },
  {
    name: 'an old certificate that is left beside our new key pair is not worth a question',
    facts: exampleFacts({ key: ownKey(), held: foreign, record: record() }),
    remaining: FROM_CSR,
    asks: { replaces: null },
  },
  {
    name: 'the CSR is made and was not handed in: that needs nobody',
    facts: exampleFacts({ key: ownKey(), record: record(CSR) }),
    remaining: ['submit', 'approval', ...FINISH],
    kind: 'proceed',
  },
  {
    name: 'a request waits at the CA',
    facts: exampleFacts({ key: ownKey(), record: record(CSR), request: exampleRequest() }),
    remaining: ['approval', ...FINISH],
    kind: 'wait',
  },
  {
    name: 'a request waits at the CA, handed in from another computer',
    facts: exampleFacts({ key: ownKey(), request: exampleRequest() }),
    remaining: ['approval', ...FINISH],
    kind: 'wait',
  },
  {
    name: 'approved, and the CA is about to issue',
    facts: exampleFacts({ key: ownKey(), request: exampleRequest({ status: 'approved' }) }),
    remaining: ['approval', ...FINISH],
    kind: 'wait',
  },
  {
    name: 'issued: the PIN puts it onto the key',
    facts: exampleFacts({ key: ownKey(), record: record(CSR), request: ISSUED_REQUEST, issued: ISSUED }),
    remaining: FINISH,
    asks: { pin: 'enter', isFinishing: true, identity: null, keyPair: null, puk: null, replaces: null },
  },
  {
    name: 'issued, and it does not fit: found before the PIN is asked for',
    facts: exampleFacts({
      key: ownKey(),
      request: ISSUED_REQUEST,
      issued: { ...ISSUED, unfit: { kind: 'certificate-unfit', reason: 'chain' } },
    }),
    remaining: FINISH,
    kind: 'stuck',
  },
  {
    name: 'issued so long ago that it has run out: a new key pair, after a question',
    facts: exampleFacts({
      key: ownKey(),
      request: ISSUED_REQUEST,
      issued: { ...ISSUED, unfit: { kind: 'certificate-unfit', reason: 'expired' } },
    }),
    remaining: FROM_KEY,
    asks: { replaces: { certificateSubject: null, certificateExpiresAt: null, canKeep: false } },
  },
  {
    name: 'on the key, and not proven yet',
    facts: exampleFacts({ key: ownKey(), held: FITTING, record: record(CSR), request: ISSUED_REQUEST, issued: ISSUED }),
    remaining: FINISH,
    asks: { isFinishing: true },
  },
  { name: 'enrolled and proven', facts: exampleFacts({ key: ownKey(), held: FITTING }), remaining: [], kind: 'finished' },
  {
    name: 'enrolled, before 5.3',
    facts: exampleFacts({ key: ownKey(SILENT_SECRETS), held: FITTING }),
    remaining: [],
    kind: 'finished',
  },
  {
    name: 'enrolled, and the PIN is the factory one again (set-pin-retries does that)',
    facts: exampleFacts({ key: ownKey({ pin: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 } }), held: FITTING }),
    remaining: ['pin'],
    asks: { pin: 'choose', keyPair: null, isFinishing: false },
  },
  {
    name: 'denied, and the person does not know yet',
    facts: exampleFacts({ key: ownKey(), record: record(CSR), request: exampleRequest({ status: 'denied', denialReason: 'Wrong name' }) }),
    remaining: [],
    kind: 'denied',
  },
  {
    name: 'denied, and told: a new key pair without a question',
    facts: exampleFacts({
      key: ownKey(),
      record: exampleRecord({ kind: 'discarded', publicKeySha256: KEY_HASH }),
      request: exampleRequest({ status: 'denied', denialReason: 'Wrong name' }),
    }),
    remaining: FROM_KEY,
    asks: { replaces: null },
  },
  {
    name: 'before 5.3 nothing is known: what the person types decides',
    facts: exampleFacts({ key: exampleKey(SILENT_SECRETS) }),
    remaining: ENROLLMENT_STEPS,
    asks: { pin: 'enter-or-change', puk: 'enter-or-keep' },
  },
  {
    name: 'before 5.3 a key pair of ours says that PIN, PUK and management key came before',
    facts: exampleFacts({ key: ownKey(SILENT_SECRETS), record: record() }),
    remaining: FROM_CSR,
    asks: { pin: 'enter', puk: null },
  },
  {
    name: 'a blocked PIN',
    facts: exampleFacts({ key: ownKey({ pin: { isFactory: false, attemptsLeft: 0, attemptsTotal: 3 } }) }),
    remaining: FROM_KEY,
    kind: 'stuck',
  },
  {
    name: 'a blocked PIN does not matter while the approver decides',
    facts: exampleFacts({ key: ownKey({ pin: { isFactory: false, attemptsLeft: 0, attemptsTotal: 3 } }), request: exampleRequest() }),
    remaining: ['approval', ...FINISH],
    kind: 'wait',
  },
  {
    name: 'cut off between setting the new management key and its flag, or set by another program: only the PIN can tell',
    facts: exampleFacts({ key: exampleKey({ ...OWN_SECRETS, managementKey: { algorithm: '3DES', isFactory: false, isPinProtected: false, isPinDerived: false } }) }),
    remaining: ['management-key', ...FROM_KEY],
    asks: { pin: 'enter' },
  },
  {
    name: 'a key that is enrolled and to be renewed is asked about, as over anything else',
    facts: exampleFacts({ key: ownKey(), held: FITTING, outgoingSha256: KEY_HASH }),
    remaining: FROM_KEY,
    asks: { pin: 'enter', puk: null, replaces: { certificateSubject: 'CN=Somebody', certificateExpiresAt: HELD.expiresAt, canKeep: false } },
  },
  {
    name: 'the key pair that took the place of a renewed one is not asked about again',
    facts: exampleFacts({ key: ownKey(), held: FITTING, outgoingSha256: OTHER_HASH }),
    remaining: [],
    kind: 'finished',
  },
];

describe('planEnrollment', () => {
  test.each(ROWS)('$name', ({ facts, remaining, asks, kind }) => {
    const plan = planEnrollment(facts);
    expect(plan.kind).toBe(kind ?? 'ask');
    expect('remaining' in plan ? plan.remaining : []).toEqual(remaining);
    if (plan.kind === 'ask') expect(plan.questions).toMatchObject(asks ?? {});
  });

  test('says why nothing helps', () => {
    const blocked = planEnrollment(exampleFacts({ key: exampleKey({ ...OWN_SECRETS, pin: { isFactory: false, attemptsLeft: 0, attemptsTotal: 3 } }) }));
    expect(blocked).toMatchObject({ kind: 'stuck', failure: { kind: 'pin-blocked' } });
    const unfit = { certificate: ISSUED.certificate, unfit: { kind: 'certificate-unfit', reason: 'public-key' } } as const;
    expect(planEnrollment(exampleFacts({ key: ownKey(), request: ISSUED_REQUEST, issued: unfit }))).toMatchObject({ kind: 'stuck', failure: unfit.unfit });
  });

  test('passes on why the approver said no', () => {
    const facts = exampleFacts({ key: ownKey(), record: record(CSR), request: exampleRequest({ status: 'denied', denialReason: 'Wrong name' }) });
    expect(planEnrollment(facts)).toMatchObject({ kind: 'denied', reason: 'Wrong name' });
  });

  test('offers P-256 first, what the firmware can do, and no RSA where it comes out weak', () => {
    const offered = (major: number, minor: number, patch: number): readonly string[] | undefined => {
      const plan = planEnrollment(exampleFacts({ key: exampleKey({ firmware: { major, minor, patch } }) }));
      return plan.kind === 'ask' ? plan.questions.keyPair?.offered : undefined;
    };
    expect(offered(5, 4, 3)).toEqual(['ECCP256', 'ECCP384', 'RSA2048']);
    expect(offered(5, 7, 1)).toEqual(['ECCP256', 'ECCP384', 'RSA2048', 'RSA3072', 'RSA4096', 'ED25519']);
    expect(offered(4, 3, 4)).toEqual(['ECCP256', 'ECCP384']);
    expect(offered(4, 3, 7)).toEqual(['ECCP256', 'ECCP384', 'RSA2048']);
  });

  test('a stretch ends before the approval', () => {
    expect(nextStretch(ENROLLMENT_STEPS)).toEqual(['pin', 'puk', 'management-key', 'key-pair', 'attestation', 'csr', 'submit']);
    expect(nextStretch(['approval', 'check'])).toEqual([]);
    expect(nextStretch(FINISH)).toEqual(FINISH);
  });
});
