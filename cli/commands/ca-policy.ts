import { join } from 'node:path';
import { judgeAttestation } from '../../ca/domain/attestation.ts';
import type { Policy, ProfilePolicy } from '../../ca/domain/policy.ts';
import { ruleFindings, type RuleFinding } from '../../ca/domain/policy-check.ts';
import { FOLDER, readBytes } from '../../ca/folder.ts';
import { loadPolicy, POLICY_FILE } from '../../ca/policy/policy-source.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { verifyAttestation } from '../../core/x509/attestation.ts';
import { inspectCsr, type InspectedCsr } from '../../core/x509/csr-inspection.ts';
import { formatAlternativeName } from '../../core/x509/names.ts';
import { readPem } from '../../core/x509/pem.ts';
import { loadAttestationTrust } from '../../native/attestation-roots.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';

export interface PolicyCheckOptions {
  readonly dir?: string;
  readonly policy?: string;
}

export interface PolicyTestOptions extends PolicyCheckOptions {
  readonly csr: string;
  readonly profile?: string;
}

/** Fails with policy-invalid, and with file-unreadable where a file was named that is not there. */
async function policyIn({ dir, policy }: PolicyCheckOptions): Promise<Result<Policy>> {
  const path = policy ?? join(dir ?? '.', POLICY_FILE);
  const there = policy === undefined ? success(undefined) : await readBytes(path);
  return there.ok ? loadPolicy(path) : there;
}

/** `latchkey ca policy check`: every mistake of the file, or what its profiles are. */
export async function check(_: CommandContext, options: PolicyCheckOptions): Promise<Outcome> {
  const policy = await policyIn(options);
  if (!policy.ok) return policy;
  const names = [...policy.value.profiles.values()].map(({ name, kind }) => ({ name, kind }));
  return { ok: true, json: { profiles: names }, text: `The policy is good. Profiles: ${names.map(({ name, kind }) => `${name} (${kind})`).join(', ')}` };
}

async function inspected(path: string): Promise<Result<InspectedCsr>> {
  const file = await readBytes(path);
  if (!file.ok) return file;
  if (file.value[0] === 0x30) return inspectCsr(file.value);
  try {
    const text = new TextDecoder().decode(file.value);
    return await inspectCsr([...readPem(text, 'CERTIFICATE REQUEST'), ...readPem(text, 'NEW CERTIFICATE REQUEST')][0] ?? new Uint8Array());
  } catch {
    return failed({ kind: 'csr-unreadable', detail: 'neither DER nor PEM' });
  }
}

async function findingsOf(profile: ProfilePolicy, csr: InspectedCsr, dir: string | undefined): Promise<Result<readonly RuleFinding[]>> {
  const trust = await loadAttestationTrust(dir === undefined ? [] : [join(dir, FOLDER.attestationRoots)]);
  if (!trust.ok) return trust;
  const verified = judgeAttestation(await verifyAttestation(csr.attestation, csr.publicKey, trust.value), csr.keyType);
  if (!verified.ok) return verified;
  const claimed = { name: csr.commonName ?? '', email: csr.email, otherNames: csr.otherNames.map(formatAlternativeName), invitedAs: null };
  return success(ruleFindings(profile, { verified: verified.value, claimed }));
}

/** `latchkey ca policy test`: what the rules say of a CSR, one by one. Nothing is handed in. */
export async function test(_: CommandContext, options: PolicyTestOptions): Promise<Outcome> {
  const policy = await policyIn(options);
  if (!policy.ok) return policy;
  const name = options.profile ?? policy.value.defaultProfile;
  const profile = policy.value.profiles.get(name);
  if (profile === undefined) return failed({ kind: 'profile-unknown', profile: name });
  const csr = await inspected(options.csr);
  if (!csr.ok) return csr;
  const findings = await findingsOf(profile, csr.value, options.dir);
  if (!findings.ok) return findings;
  const isAllowed = findings.value.every(({ problem }) => problem === null);
  const lines = findings.value.map(({ rule, problem }) => `${problem === null ? 'kept  ' : 'BROKEN'}  ${rule}${problem === null ? '' : `: ${problem}`}`);
  const certificate = { name: csr.value.commonName, keyType: csr.value.keyType, validDays: profile.validDays, kind: profile.kind };
  const end = isAllowed ? `It would be taken; the certificate is valid for ${profile.validDays} days, after ${profile.approvers} approval(s).` : 'It would be refused.';
  return { ok: true, json: { profile: name, isAllowed, rules: findings.value, certificate }, text: [`Profile ${name}:`, ...lines, end].join('\n') };
}
