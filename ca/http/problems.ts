/** THE table from failures to HTTP: problem+json (RFC 9457) with the failure's kind and facts in it. */
import type { z } from 'zod';
import type { authorityFailure } from '../../core/authority-api.ts';
import type { Failure } from '../../core/failures.ts';

/** What a CA may answer with; core/authority-api.ts parses it on the other side. */
export type AnswerableFailure = z.infer<typeof authorityFailure>;

interface Problem {
  readonly status: number;
  /** For people who read the answer with curl. The app words failures itself. */
  readonly title: string;
}

const PROBLEMS: Readonly<Record<AnswerableFailure['kind'], Problem>> = {
  'request-malformed': { status: 400, title: 'The request cannot be understood' },
  'csr-unreadable': { status: 400, title: 'This is not a certification request (PKCS#10)' },
  'csr-signature-invalid': { status: 400, title: 'The certification request is not signed by its own key' },
  'not-signed-in': { status: 401, title: 'Sign in first' },
  'sign-in-rejected': { status: 401, title: 'Signing in failed' },
  'not-allowed': { status: 403, title: 'This takes a higher role' },
  'own-request': { status: 403, title: 'Nobody approves their own request' },
  'renewal-refused': { status: 401, title: 'The certificate cannot be renewed with' },
  'not-an-approver': { status: 403, title: 'This certificate is not an approver’s' },
  'request-denied': { status: 403, title: 'An approver denied the request' },
  'request-unknown': { status: 404, title: 'There is no such request' },
  'certificate-unknown': { status: 404, title: 'There is no such certificate' },
  'profile-unknown': { status: 404, title: 'There is no such profile' },
  'invitation-unknown': { status: 404, title: 'There is no such invitation' },
  'invitation-used': { status: 409, title: 'The invitation was used already' },
  'request-already-decided': { status: 409, title: 'The request is decided already' },
  'already-approved-by-you': { status: 409, title: 'You have approved the request; another person has to' },
  'certificate-revoked': { status: 409, title: 'The certificate is revoked for good' },
  'certificate-not-held': { status: 409, title: 'The certificate is not on hold' },
  'last-owner': { status: 409, title: 'It is the last owner’s certificate' },
  'invitation-ended': { status: 410, title: 'The invitation was taken back' },
  'invitation-expired': { status: 410, title: 'The invitation has ended' },
  'request-too-large': { status: 413, title: 'The request is too large' },
  'csr-key-refused': { status: 422, title: 'Keys of this type get no certificate' },
  'csr-name-refused': { status: 422, title: 'A name in the certification request cannot stand in a certificate' },
  'statement-refused': { status: 422, title: 'The signed statement of the decision does not hold' },
  'invitation-refused': { status: 422, title: 'The policy does not allow this invitation' },
  'policy-violated': { status: 422, title: 'The policy does not allow this certificate' },
  'certificate-lint-failed': { status: 422, title: 'The certificate would break a rule of RFC 5280; it was not signed' },
  'signature-refused': { status: 422, title: 'The signature is not one of the CA’s key over these bytes' },
  'attestation-refused': { status: 422, title: 'The attestation does not hold' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  unexpected: { status: 500, title: 'Something went wrong here; the id finds it in the log' },
  'authority-locked': { status: 503, title: 'The CA’s key is locked' },
};

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly type: string; readonly title: string; readonly status: number; readonly failure: AnswerableFailure };
}

/** Whether a failure is one that clients of a CA may see. Any other here is a bug. */
export function isAnswerable(failure: Failure): failure is AnswerableFailure & Failure {
  return failure.kind in PROBLEMS;
}

/** A failure as an HTTP answer. */
export function problemAnswer(failure: AnswerableFailure): ProblemAnswer {
  const { status, title } = PROBLEMS[failure.kind];
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (failure.kind === 'too-many-requests') headers['retry-after'] = String(failure.retryAfterSeconds);
  return { status, headers, body: { type: `urn:latchkey:problem:${failure.kind}`, title, status, failure } };
}
