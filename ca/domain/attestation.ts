/** What the CA makes of an attestation: refuse at once, or show the approver what it is worth. */
import type { VerifiedFacts } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { EnrollableKeyType } from '../../core/security-key.ts';
import type { AttestationFinding } from '../../core/x509/attestation.ts';

/**
 * Refused at once is what cannot be honest: a CSR that is no CSR, is not signed by its own key or has a weak key (see
 * core/x509/csr-inspection.ts), and here an attestation of another key, with a broken signature, or not readable.
 * Shown to the approver as not verified is what can be honest: no attestation (an old key, another maker's, a CSR made
 * by hand), or one whose issuer is not known here (a new generation of keys). Such a request is never approved by itself,
 * but for the very first approver's: see requests.ts.
 */
export function judgeAttestation(finding: AttestationFinding, keyType: EnrollableKeyType): Result<VerifiedFacts> {
  switch (finding.kind) {
    case 'verified':
      return success({ keyType, attestation: finding.facts, attestationProblem: null });
    case 'refuted':
      return failed({ kind: 'attestation-refused', problem: finding.problem });
    case 'unproven':
      if (finding.problem === 'missing') return success({ keyType, attestation: null, attestationProblem: 'missing' });
      return success({ keyType, attestation: null, attestationProblem: 'unknown-issuer', missingIssuer: finding.issuer });
  }
}
