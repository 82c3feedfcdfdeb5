/** What each step does, through the ports. */
import { sha256, toHex } from '../bytes.ts';
import { type Result, done, failed } from '../result.ts';
import type { Attestation, KeyActivity, KeyProof } from '../security-key.ts';
import { buildCsr } from '../x509/csr-building.ts';
import type { CheckedAnswers } from './check-answers.ts';
import type { EnrollmentFacts } from './facts.ts';
import { fitOf, readIssued, readKey } from './gather-facts.ts';
import type { EnrollmentPorts } from './ports.ts';
import { type EnrollmentRecord, recordId } from './record.ts';
import { isSpentCode, proveRenewal } from './renewal.ts';
import type { EnrollmentStepId } from './state.ts';

/** One run over the steps. The PIN is in it, so it is dropped as soon as the run rests. */
export interface StepRun {
  readonly ports: EnrollmentPorts;
  readonly answers: CheckedAnswers | null;
  facts: EnrollmentFacts;
  /** The PIN that the key has now; null: nobody gave one. */
  pin: string | null;
  attestation: Attestation | null;
  proof: KeyProof | null;
  readonly onActivity: (activity: KeyActivity) => void;
}

type StepEffect = (run: StepRun) => Promise<Result<void>>;

/** Times a touch is asked for before the person is asked whether to go on; the key itself waits about 15 s each time. */
const TOUCH_TRIES = 4;

export const STEP_EFFECTS: Readonly<Record<Exclude<EnrollmentStepId, 'approval'>, StepEffect>> = {
  pin: async (run) => {
    const { current, replacement } = answersOf(run).pin;
    const key = run.ports.securityKey;
    const changed = replacement === null ? await key.verifyPin(current) : await key.changePin(current, replacement);
    if (!changed.ok) return changed;
    run.pin = replacement ?? current;
    return done;
  },
  puk: async (run) => {
    const { puk } = answersOf(run);
    if (puk === null) return done;
    return run.ports.securityKey.changePuk(puk.current, puk.replacement);
  },
  'management-key': (run) => run.ports.securityKey.protectManagementKey(pinOf(run)),
  'key-pair': generateKeyPair,
  attestation: async (run) => {
    const attestation = await run.ports.securityKey.attest();
    // A key without a certificate in f9 has none to give; whether that will do is the CA's to say.
    if (!attestation.ok) return attestation.failure.kind === 'attestation-unavailable' ? done : attestation;
    run.attestation = attestation.value;
    return done;
  },
  csr: makeCsr,
  submit,
  check: async (run) => {
    const { keyPair } = run.facts.key.authentication;
    if (keyPair === null) throw new Error('There is no key pair to check the certificate with.');
    return fitOf(run.ports, certificateOf(run), keyPair.publicKey, run.facts.request?.chain);
  },
  // Reads back what it wrote, so the key is not read once more here.
  write: (run) => run.ports.securityKey.writeCertificate(pinOf(run), certificateOf(run)),
  prove: async (run) => {
    const proof = await withTouch(() => run.ports.securityKey.prove(pinOf(run), certificateOf(run), run.onActivity));
    if (!proof.ok) return proof;
    run.proof = proof.value;
    if (run.facts.record !== null) await run.ports.records.remove(run.facts.record.id);
    return done;
  },
};

/** The certificate that is to be, or is, on the key. */
export function certificateOf(run: StepRun): Uint8Array {
  const { held, issued } = run.facts;
  const certificate = issued?.certificate ?? (held?.fits ? held.certificate : undefined);
  if (certificate === undefined) throw new Error('There is no certificate yet.');
  return certificate;
}

/** With the invitation's code, or the one that the old key was given for its successor. */
async function submit(run: StepRun): Promise<Result<void>> {
  const { record } = run.facts;
  if (record === null || record.csr === null) throw new Error('There is no CSR to hand in.');
  const { certificateAuthority, invitationCode } = run.ports;
  const renewal = invitationCode === null ? (record.renewal ?? null) : null;
  let submitted = await certificateAuthority.submit(record.csr, invitationCode ?? renewal?.code);
  // A code that came too late is no reason to stop: an approver decides then.
  if (!submitted.ok && renewal !== null && isSpentCode(submitted.failure)) submitted = await certificateAuthority.submit(record.csr);
  if (!submitted.ok) return submitted;
  const { id, submittedAt } = submitted.value;
  const { renewal: _, ...rest } = record;
  await note(run, { ...rest, request: { id, submittedAt } });
  run.facts = { ...run.facts, request: submitted.value, issued: await readIssued(run.ports, run.facts, submitted.value) };
  return done;
}

/** Noted before the key generates: the answer may get lost, and the new key pair must be known as ours all the same. */
async function generateKeyPair(run: StepRun): Promise<Result<void>> {
  const { keyPair, keepsOldKey } = answersOf(run);
  if (keyPair === null) throw new Error('A key pair is to be generated, and nobody was asked of which type.');
  const proven = await proveRenewal(run, withTouch);
  if (!proven.ok) return proven;
  const renewal = proven.value;
  const { key, publicKeySha256 } = run.facts;
  const id = recordId(key.serial, run.ports.authority.fingerprint);
  const generating: EnrollmentRecord = { id, keyPair: { kind: 'generating', before: publicKeySha256 }, csr: null, request: null, renewal };
  if (renewal !== null) await note(run, generating);
  // A move that was cut off is finished first, so that what 9a still shows of the old key is not taken for the new one's.
  if (keepsOldKey || run.facts.key.movedTo !== null) {
    const moved = await run.ports.securityKey.retireKey({ pin: pinOf(run) });
    if (!moved.ok) return moved;
  }
  await note(run, generating);
  const generated = await run.ports.securityKey.generateKey({ ...keyPair, pin: pinOf(run) });
  if (!generated.ok) return generated;
  const generatedSha256 = toHex(await sha256(generated.value));
  await note(run, { id, keyPair: { kind: 'generated', publicKeySha256: generatedSha256 }, csr: null, request: null, renewal });
  // What the CA said was about the key pair that is gone now.
  run.facts = { ...run.facts, request: null, issued: null };
  return done;
}

async function makeCsr(run: StepRun): Promise<Result<void>> {
  const { identity } = answersOf(run);
  const { key, publicKeySha256 } = run.facts;
  const { keyPair } = key.authentication;
  if (identity === null || keyPair === null || publicKeySha256 === null) throw new Error('A CSR needs a name and a key pair.');
  const csr = await buildCsr({
    commonName: identity.name,
    email: identity.email,
    otherNames: identity.otherNames,
    publicKey: keyPair.publicKey,
    attestation: run.attestation,
    sign: (message) => withTouch(() => run.ports.securityKey.sign(pinOf(run), message, run.onActivity)),
  });
  if (!csr.ok) return csr;
  const id = recordId(key.serial, run.ports.authority.fingerprint);
  const renewal = run.facts.record?.renewal ?? null;
  await note(run, { id, keyPair: { kind: 'generated', publicKeySha256 }, csr: csr.value, request: null, renewal });
  return done;
}

async function withTouch<T>(act: () => Promise<Result<T>>): Promise<Result<T>> {
  for (let tries = 1; ; tries++) {
    const result = await act();
    if (result.ok || result.failure.kind !== 'touch-timeout' || tries === TOUCH_TRIES) return result;
  }
}

async function note(run: StepRun, record: EnrollmentRecord): Promise<void> {
  await run.ports.records.write(record);
  run.facts = { ...run.facts, record };
}

/** Reads the key anew, which is where the effects of the steps on it show. */
export async function rereadKey(run: StepRun): Promise<Result<void>> {
  const keyPart = await readKey(run.ports, run.facts.request?.chain);
  if (!keyPart.ok) return keyPart;
  // Another key in the same reader: what was found out of the first does not hold for it.
  if (keyPart.value.key.serial !== run.facts.key.serial) return failed({ kind: 'security-key-removed' });
  run.facts = { ...run.facts, ...keyPart.value };
  return done;
}

function answersOf(run: StepRun): CheckedAnswers {
  if (run.answers === null) throw new Error('The step needs answers, and nobody was asked.');
  return run.answers;
}

function pinOf(run: StepRun): string {
  if (run.pin === null) throw new Error('The step needs the PIN, and nobody was asked for it.');
  return run.pin;
}
