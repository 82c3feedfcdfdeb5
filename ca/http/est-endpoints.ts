/**
 * Enrollment over Secure Transport (RFC 7030, RFC 8951), so that programs that are not ours can enroll: cacerts, simpleenroll,
 * simplereenroll, csrattrs, below `/.well-known/est/` and, by the profile that a label names, below `/.well-known/est/LABEL/`.
 * Errors are plain text, because EST clients show the body.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Failure } from '../../core/failures.ts';
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { csrAttributes } from '../../core/x509/csr-attributes.ts';
import { inspectCsr } from '../../core/x509/csr-inspection.ts';
import { formatAlternativeName } from '../../core/x509/names.ts';
import { certificatesEnvelope } from '../../core/x509/pkcs7.ts';
import { stranger, type Actor, type Context } from '../domain/context.ts';
import { hashSecret } from '../domain/invitations.ts';
import type { ProfilePolicy } from '../domain/policy.ts';
import { certifiedNames } from '../domain/renewal.ts';
import { submitRequest, type Submission } from '../domain/submit.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { basicCode, clientCertificate } from './est-authentication.ts';
import { limitersOf, limitReading, type Limiters } from './limiters.ts';
import { isAnswerable, problemAnswer } from './problems.ts';

const ROOT = '/.well-known/est';
/** Base64 of the largest CSR with an attestation that there is, and line breaks. */
const MAX_CSR_BYTES = 32 * 1024;
const CHALLENGE = 'Basic realm="invitation code", charset="UTF-8"';

type Label = { readonly Params: { readonly label?: string } };

/** Base64 in one line: senders need not break it, and some receivers do not take breaks (RFC 8951, section 3.1). */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The DER in a body: base64 with any line breaks, or between PEM lines, as clients send it. Fails with csr-unreadable. */
function csrIn(body: unknown): Result<Uint8Array> {
  const text = typeof body === 'string' ? body.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '') : '';
  const isBase64 = text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  return isBase64 ? success(new Uint8Array(Buffer.from(text, 'base64'))) : failed({ kind: 'csr-unreadable', detail: 'no base64 of a PKCS#10 request' });
}

function refuse(reply: FastifyReply, failure: Failure): FastifyReply {
  if (!isAnswerable(failure)) throw new Error(`A CA does not answer with ${failure.kind}.`);
  const { status, headers, body } = problemAnswer(failure);
  const detail = 'detail' in failure && typeof failure.detail === 'string' ? `: ${failure.detail}` : '';
  // A code or certificate that does not hold is a matter of who asks, and asks for another one (RFC 7030, section 3.2.3).
  const isUnknown = failure.kind.startsWith('invitation-') || failure.kind === 'renewal-refused' || failure.kind === 'not-signed-in';
  const asked = isUnknown ? { 'www-authenticate': CHALLENGE } : {};
  return reply.code(isUnknown ? 401 : status).headers({ ...headers, ...asked }).type('text/plain; charset=utf-8').send(`${body.title}${detail}.\n`);
}

/** RFC 7030, sections 4.2.3: 200 with the certificate and its chain, or 202 with Retry-After. */
function answer(context: Context, reply: FastifyReply, { status, certificate, chain = [], denialReason, retryAfterSeconds }: SubmittedRequest): FastifyReply {
  if (certificate !== undefined) return sendCertificates(reply, [certificate, ...chain]);
  if (status === 'pending' || status === 'approved') {
    const seconds = Math.max(1, retryAfterSeconds ?? context.policy.retryAfterSeconds);
    return reply.code(202).header('retry-after', String(seconds)).type('text/plain; charset=utf-8').send('An approver has to decide. Ask again with the same request.\n');
  }
  return refuse(reply, { kind: 'request-denied', reason: denialReason ?? '' });
}

function sendCertificates(reply: FastifyReply, certificates: readonly Uint8Array[]): FastifyReply {
  return reply.type('application/pkcs7-mime; smime-type=certs-only').send(base64(certificatesEnvelope(certificates)));
}

/** The profile that a label names; the default one without. Fails with profile-unknown. */
function profileOf(context: Context, label: string | undefined): Result<ProfilePolicy> {
  const { policy } = context;
  const profile = policy.profiles.get(label ?? policy.defaultProfile);
  return profile === undefined ? failed({ kind: 'profile-unknown', profile: label ?? '' }) : success(profile);
}

/** RFC 7030, section 4.2.2: the names of a reenrollment are those of the certificate; only the key may be another. */
async function checkSameNames(csr: Uint8Array, certificate: StoredCertificate): Promise<Result<void>> {
  const inspected = await inspectCsr(csr);
  if (!inspected.ok) return inspected;
  const { commonName, email, otherNames } = inspected.value;
  const certified = certifiedNames(certificate);
  const wanted = [...(email === null ? [] : [`email:${email}`]), ...otherNames.map(formatAlternativeName)];
  if (commonName !== certificate.name) return failed({ kind: 'csr-name-refused', field: 'commonName' });
  return wanted.every((name) => certified.includes(name)) ? success(undefined) : failed({ kind: 'csr-name-refused', field: 'subjectAltName' });
}

interface Enrolling {
  readonly request: FastifyRequest<Label>;
  readonly isReenrollment: boolean;
}

/** Who asks, and on which grounds. Fails with not-signed-in, renewal-refused. */
async function groundsOf(context: Context, { request, isReenrollment }: Enrolling): Promise<Result<{ readonly code: string | undefined; readonly certificate: StoredCertificate | null }>> {
  const code = basicCode(request);
  const certificate = code === undefined || isReenrollment ? await clientCertificate(context, request) : success(null);
  if (!certificate.ok) return certificate;
  const isKnown = certificate.value !== null || (code !== undefined && !isReenrollment);
  return isKnown ? success({ code: certificate.value === null ? code : undefined, certificate: certificate.value }) : failed({ kind: 'not-signed-in' });
}

async function enroll(context: Context, enrolling: Enrolling, actor: Actor): Promise<Result<SubmittedRequest>> {
  const { request, isReenrollment } = enrolling;
  const { label } = request.params;
  const profile = profileOf(context, label);
  if (!profile.ok) return profile;
  const grounds = await groundsOf(context, enrolling);
  if (!grounds.ok) return grounds;
  const csr = csrIn(request.body);
  if (!csr.ok) return csr;
  const { code, certificate } = grounds.value;
  if (isReenrollment && certificate !== null) {
    const same = await checkSameNames(csr.value, certificate);
    if (!same.ok) return same;
  }
  const submission: Submission = { csr: csr.value, invitationCode: code, profile: label, renewsSerialNumber: certificate?.serialNumber, actor };
  return submitRequest(context, submission);
}

/** Seconds to wait; 0: go on. Guessing at codes is limited as everywhere. */
function waitOf(limiters: Limiters, request: FastifyRequest): number {
  const code = basicCode(request);
  const perCode = code === undefined ? 0 : limiters.invitations.take(hashSecret(code));
  return Math.max(limiters.requests.take(request.ip), limiters.submissions.take(request.ip), limiters.wrongGuesses.peek(request.ip), perCode);
}

function addEnrollment(room: FastifyInstance, context: Context, limiters: Limiters, operation: 'simpleenroll' | 'simplereenroll'): void {
  const isReenrollment = operation === 'simplereenroll';
  for (const url of [`${ROOT}/${operation}`, `${ROOT}/:label/${operation}`]) {
    room.post<Label>(url, { bodyLimit: MAX_CSR_BYTES }, async (request, reply) => {
      const wait = waitOf(limiters, request);
      if (wait > 0) return refuse(reply, { kind: 'too-many-requests', retryAfterSeconds: wait });
      const submitted = await enroll(context, { request, isReenrollment }, stranger(request.ip, request.id));
      if (submitted.ok) return answer(context, reply, submitted.value);
      if (submitted.failure.kind === 'invitation-unknown') limiters.wrongGuesses.take(request.ip);
      return refuse(reply, submitted.failure);
    });
  }
}

function addReading(room: FastifyInstance, context: Context): void {
  for (const prefix of [ROOT, `${ROOT}/:label`]) {
    room.get<Label>(`${prefix}/cacerts`, async (request, reply) => {
      const profile = profileOf(context, request.params.label);
      if (!profile.ok) return refuse(reply, profile.failure);
      const all = [context.authority, ...context.formerAuthorities].flatMap(({ chain }) => chain.map(({ der }) => der));
      return sendCertificates(reply, [...new Map(all.map((der) => [Buffer.from(der).toString('hex'), der])).values()]);
    });
    room.get<Label>(`${prefix}/csrattrs`, async (request, reply) => {
      const profile = profileOf(context, request.params.label);
      return profile.ok ? reply.type('application/csrattrs').send(base64(csrAttributes(profile.value.keyTypes))) : refuse(reply, profile.failure);
    });
  }
}

/** Adds EST in a room of its own: its bodies are base64, its errors text. */
export async function addEstEndpoints(app: FastifyInstance, context: Context): Promise<void> {
  await app.register(async (room) => {
    room.removeAllContentTypeParsers();
    room.addContentTypeParser('application/pkcs10', { parseAs: 'string', bodyLimit: MAX_CSR_BYTES }, (_request, body, done) => done(null, body));
    room.setErrorHandler<Error & { readonly statusCode?: number }>((error, _request, reply) => {
      const status = error.statusCode ?? 500;
      if (status < 400 || status >= 500) throw error;
      const words = status === 415 ? 'The body has to be application/pkcs10' : status === 413 ? 'The request is too large' : 'The request cannot be understood';
      return reply.code(status).type('text/plain; charset=utf-8').send(`${words}.\n`);
    });
    const limiters = limitersOf(context);
    await room.register(async (reading) => {
      limitReading(reading, context);
      addReading(reading, context);
    });
    addEnrollment(room, context, limiters, 'simpleenroll');
    addEnrollment(room, context, limiters, 'simplereenroll');
  });
}
