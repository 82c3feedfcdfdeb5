/**
 * A CA behind an EST server of whatever make (RFC 7030, RFC 8951). EST has no names for requests: one that waits is handed
 * in again, the same CSR, which is why it is kept on this computer. Redirects are not followed.
 */
import { equalBytes, fromBase64, toBase64 } from '../core/bytes.ts';
import type { CertificateAuthority, PinnedAuthority, SubmittedRequest } from '../core/certificate-authority.ts';
import type { Failure } from '../core/failures.ts';
import { type Result, failed, success } from '../core/result.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { csrPublicKey } from '../core/x509/csr-inspection.ts';
import type { EnrollableKeyType } from '../core/security-key.ts';
import { keyTypeInAttributes } from '../core/x509/csr-attributes.ts';
import { writePem } from '../core/x509/pem.ts';
import { certificatesInEnvelope } from '../core/x509/pkcs7.ts';
import { encodePublicKey } from '../core/x509/public-key.ts';
import { type ExchangeRequest, type ExchangeResponse, createExchange, ExchangeError } from './https-exchange.ts';
import { type KeptRequest, type KeptRequests, requestIdOf, submittedOf } from './kept-requests.ts';
import { connectionFailure } from './latchkey-calls.ts';

/** HTTP Basic (section 3.2.3). For our own EST server the password is an invitation's code, and the user name does not count. */
export interface EstCredentials {
  readonly user: string;
  readonly password: string;
}

export interface EstOptions {
  readonly requests: KeptRequests;
  readonly credentials?: () => Promise<EstCredentials | null>;
  readonly timeoutMilliseconds?: number;
}

/** A server that says 202 without saying how long. */
const DEFAULT_RETRY_SECONDS = 60;
const MAX_ANSWER_LENGTH = 200;

type Trust = Parameters<typeof createExchange>[1]['trustedCa'];

/** A client of a pinned CA behind an EST server. */
export function estAuthority(authority: PinnedAuthority, { requests, credentials, ...options }: EstOptions): CertificateAuthority {
  const trust = trustOf(authority);

  /** Section 4.2: 200 with the certificate, 202 for later, or no. */
  const handIn = async (id: string, kept: KeptRequest): Promise<Result<SubmittedRequest>> => {
    const basic = (await credentials?.()) ?? undefined;
    const text = { content: `${toBase64(kept.csr).replaceAll(/(.{64})/g, '$1\n')}\n`, contentType: 'application/pkcs10' };
    const enroll = { method: 'POST', path: estPath(authority.label, 'simpleenroll'), text, ...(basic && { basic }) } as const;
    const answered = await estExchange(authority.address, enroll, trust, options);
    if (!answered.ok) return answered;
    const now = await readEnrollment(authority.address, kept, answered.value, basic !== undefined);
    if (!now.ok) return now;
    await requests.write(id, now.value);
    return success(submittedOf(id, now.value, new Date()));
  };

  const ask = async (id: string): Promise<Result<SubmittedRequest | null>> => {
    const kept = await requests.read(id);
    if (kept === null) return success(null);
    const known = submittedOf(id, kept, new Date());
    if (known.status !== 'pending' || known.retryAfterSeconds !== undefined) return success(known);
    const answer = await handIn(id, kept);
    if (answer.ok || answer.failure.kind !== 'est-refused') return answer;
    // It waited, and now the server does not want it: that is its way to say no.
    const denied: KeptRequest = { csr: kept.csr, submittedAt: kept.submittedAt, denialReason: answer.failure.answer };
    await requests.write(id, denied);
    return success(submittedOf(id, denied, new Date()));
  };

  return {
    submit: async (csr) => {
      const publicKey = csrPublicKey(csr);
      return publicKey.ok ? handIn(await requestIdOf(publicKey.value), { csr, submittedAt: new Date() }) : publicKey;
    },
    request: async (id) => {
      const answer = await ask(id);
      if (!answer.ok) return answer;
      return answer.value === null ? failed({ kind: 'request-unknown' }) : success(answer.value);
    },
    requestForKey: async (publicKey) => ask(await requestIdOf(publicKey)),
    invitation: () => Promise.resolve(failed({ kind: 'authority-cannot', what: 'invitations' })),
    withdraw: () => Promise.resolve(failed({ kind: 'authority-cannot', what: 'withdrawing a request' })),
    // simplereenroll wants the old certificate as TLS client certificate, and its key is where Node's TLS cannot reach.
    renewalCode: () => Promise.resolve(success(null)),
  };
}

function trustOf({ serverTrust, caCertificate }: PinnedAuthority): Trust {
  return serverTrust === 'public' ? undefined : writePem(caCertificate, 'CERTIFICATE');
}

/** "/.well-known/est/cacerts", with the label before the operation (section 3.2.2). */
export function estPath(label: string | undefined, operation: 'cacerts' | 'simpleenroll' | 'csrattrs'): string {
  return ['/.well-known/est', ...(label === undefined ? [] : [encodeURIComponent(label)]), operation].join('/');
}

/** One exchange with an EST server. Fails with authority-unreachable, -untrusted, -protocol. */
export async function estExchange(address: string, wanted: ExchangeRequest, trustedCa: Trust, options: { readonly timeoutMilliseconds?: number }): Promise<Result<ExchangeResponse>> {
  try {
    return success(await createExchange(address, { trustedCa, ...options })({ accept: '*/*', ...wanted }));
  } catch (error) {
    if (error instanceof ExchangeError) return failed(connectionFailure(address, error));
    throw error;
  }
}

/** The type of key that the server asks for (section 4.5); null: it does not say, or wants what no key here can be. Says nothing of a server that is away. */
export async function keyTypeWantedByEst(authority: PinnedAuthority, credentials: EstCredentials | null): Promise<EnrollableKeyType | null> {
  const asked = { method: 'GET', path: estPath(authority.label, 'csrattrs'), ...(credentials && { basic: credentials }) } as const;
  const answer = await estExchange(authority.address, asked, trustOf(authority), {});
  if (!answer.ok || answer.value.status !== 200) return null;
  const der = bytesIn(answer.value);
  return (der && keyTypeInAttributes(der)) ?? null;
}

/** The certificates of a certs-only answer; undefined: it is none. Line breaks and PEM armor are taken (RFC 8951, section 3.1). */
export function certificatesInAnswer(response: ExchangeResponse): readonly Uint8Array[] | undefined {
  const der = bytesIn(response);
  return der && certificatesInEnvelope(der);
}

function bytesIn({ text }: ExchangeResponse): Uint8Array | undefined {
  try {
    return fromBase64(text.replaceAll(/-----[A-Z0-9 ]+-----/g, ''));
  } catch {
    // The base64 decoder's way to say that it is none.
    return undefined;
  }
}

async function readEnrollment(address: string, { csr, submittedAt }: KeptRequest, response: ExchangeResponse, wasGiven: boolean): Promise<Result<KeptRequest>> {
  const { status, retryAfterSeconds } = response;
  if (status === 202) return success({ csr, submittedAt, retryAt: new Date(Date.now() + (retryAfterSeconds ?? DEFAULT_RETRY_SECONDS) * 1000) });
  if (status !== 200) return failed(refusal(address, response, wasGiven));
  const certificates = certificatesInAnswer(response);
  const publicKey = csrPublicKey(csr);
  if (!publicKey.ok) return publicKey;
  const certificate = certificates?.find((der) => isFor(der, publicKey.value));
  if (certificates === undefined || certificate === undefined) return failed({ kind: 'authority-protocol', address, detail: 'no certificate for the CSR in the answer' });
  return success({ csr, submittedAt, certificate, chain: certificates.filter((der) => der !== certificate) });
}

function isFor(der: Uint8Array, publicKey: Uint8Array): boolean {
  const parsed = parseCertificate(der);
  return parsed !== undefined && equalBytes(encodePublicKey(parsed.publicKey), publicKey);
}

/** Sections 4.2.3 and 3.2.3. A server's own trouble, and a proxy's, is one that passes. */
function refusal(address: string, { status, text, contentType, retryAfterSeconds }: ExchangeResponse, wasGiven: boolean): Failure {
  if (status === 401) return { kind: 'est-sign-in-refused', address, wasGiven };
  if (status === 429) return { kind: 'too-many-requests', retryAfterSeconds: retryAfterSeconds ?? DEFAULT_RETRY_SECONDS };
  if (status >= 500) return { kind: 'authority-unreachable', address, detail: `status ${status}` };
  if (status >= 300 && status < 400) return { kind: 'authority-protocol', address, detail: `it sends elsewhere (status ${status}), which is not followed` };
  if (status === 404) return { kind: 'authority-protocol', address, detail: 'there is no EST server, or no such label (status 404)' };
  return { kind: 'est-refused', address, status, answer: contentType.startsWith('text/plain') ? oneLine(text) : '' };
}

/** What a server says, fit for one line: nothing in it can move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ').trim().replace(/\.$/, '').slice(0, MAX_ANSWER_LENGTH);
}
