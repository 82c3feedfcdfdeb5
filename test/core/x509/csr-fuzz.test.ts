import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseCertificate } from '../../../core/x509/certificate.ts';
import { attestationTrust, verifyAttestation } from '../../../core/x509/attestation.ts';
import { inspectCsr } from '../../../core/x509/csr-inspection.ts';
import { softwareKey } from '../../core/x509/software-key.ts';

/** Kept, so that a run that fails fails again. */
const SEED = 20261125;

const openssl = (...args: readonly string[]): Uint8Array => new Uint8Array(execFileSync('openssl', [...args, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=Ana', '-outform', 'DER'], { stdio: ['ignore', 'pipe', 'ignore'] }));
const csr = openssl('req', '-new', '-addext', 'subjectAltName=email:ana@example.org,DNS:a.example');
const statement = openssl('req', '-new', '-x509');
const { publicKey } = softwareKey('ECCP256');

/** Some bytes are others, and maybe the end is missing. */
const mutated = (bytes: Uint8Array) =>
  fc.tuple(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.nat(bytes.length)).map(([changes, kept]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of changes) copy[at] = value;
    return kept % 3 === 0 ? copy.subarray(0, kept) : copy;
  });

/** SEQUENCEs in each other, with lengths that fit. */
function nested(depth: number): Uint8Array {
  let inner: Uint8Array = new Uint8Array([0x05, 0x00]);
  for (let level = 0; level < depth; level += 1) {
    const { length } = inner;
    const head = length < 0x80 ? [0x30, length] : [0x30, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
    inner = new Uint8Array([...head, ...inner]);
  }
  return inner;
}

test('a CSR that was changed is answered, never thrown', async () => {
  const original = await inspectCsr(csr);
  const whole = original.ok ? original.value : undefined;
  expect(whole?.email).toBe('ana@example.org');
  const answered = fc.asyncProperty(mutated(csr), async (bytes) => {
    const inspected = await inspectCsr(bytes);
    // What the key did not sign (the tag around the algorithm, say) may differ; what is taken from the CSR never does.
    if (inspected.ok) expect({ ...inspected.value, csr }).toEqual(whole);
  });
  await fc.assert(answered, { seed: SEED, numRuns: 1000 });
});

test('an attestation that was changed is judged, never thrown', async () => {
  const trust = attestationTrust([]);
  const judged = fc.asyncProperty(mutated(statement), mutated(statement), async (one, two) => {
    expect((await verifyAttestation({ statement: one, intermediate: two }, publicKey, trust)).kind).not.toBe('verified');
  });
  await fc.assert(judged, { seed: SEED, numRuns: 500 });
});

test.each([10, 1000, 3000])('%i SEQUENCEs in each other', async (depth) => {
  const bytes = nested(depth);
  expect((await inspectCsr(bytes)).ok).toBe(false);
  expect(parseCertificate(bytes)).toBeUndefined();
});

test.each([[[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]], [[0x30, 0x80, 0, 0]], [[]], [[0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1]]])('lengths that are not there: %j', async (bytes) => {
  expect((await inspectCsr(new Uint8Array(bytes))).ok).toBe(false);
});
