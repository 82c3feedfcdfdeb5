/** Answers to OCSP requests (RFC 6960; RFC 5019 for those that can be kept). What is said is what the store says now. */
import { createHash } from 'node:crypto';
import { concatBytes, toHex } from '../../core/bytes.ts';
import { publicKeyBits, subjectDer } from '../../core/x509/certificate-parts.ts';
import { type CertificateId, parseOcspRequest, type OcspRequest } from '../../core/x509/ocsp-request.ts';
import { type OcspCertificateStatus, ocspRefusal, ocspResponse, ocspToBeSigned, type SingleAnswer } from '../../core/x509/ocsp-response.ts';
import type { StoredCertificate, StoreReader } from '../storage/store.ts';
import type { Authority } from './authority.ts';
import type { Context } from './context.ts';
import { liveAuthorities } from './crl.ts';
import { type OcspResponder, OcspResponders } from './ocsp-responder.ts';

export interface OcspReply {
  /** DER OCSPResponse. */
  readonly der: Uint8Array;
  /** How long it can be kept and handed on; null: it cannot. */
  readonly kept: { readonly thisUpdate: Date; readonly nextUpdate: Date } | null;
}

type Kept = OcspReply & { readonly kept: NonNullable<OcspReply['kept']> };

const MINUTE_MS = 60_000;
/** Answers at hand; past that they are forgotten. Each has about a kilobyte. */
const MAX_KEPT = 20_000;
/** An answer is made anew when less than this part of its life is left. */
const RENEWED_PART = 1 / 2;

/** Hashes under which a CertID may name an issuer: "SHA-1/NAME/KEY". */
function idsOf({ certificate }: Authority): readonly string[] {
  return (['SHA-1', 'SHA-256'] as const).map((hash) => {
    const digest = (bytes: Uint8Array) => createHash(hash.replace('-', '')).update(bytes).digest('hex');
    return `${hash}/${digest(subjectDer(certificate.der))}/${digest(publicKeyBits(certificate.der))}`;
  });
}

function statusOf(certificate: StoredCertificate | undefined, authority: Authority): OcspCertificateStatus {
  // Planned, but not signed: nobody can have it.
  if (certificate === undefined || certificate.issuerId !== authority.id || certificate.certificate === null) return { status: 'unknown' };
  if (certificate.status === 'good' || certificate.revokedAt === null) return { status: 'good' };
  return { status: 'revoked', at: certificate.revokedAt, reason: certificate.revocationReason };
}

/** What an answer is at hand under: as soon as another thing is true, it is another one. */
function keyOf(id: CertificateId, status: OcspCertificateStatus): string {
  const facts = status.status === 'revoked' ? `${status.at.getTime()}/${status.reason ?? 'hold'}` : status.status;
  return `${toHex(id.der)}/${facts}`;
}

export class OcspAnswers {
  private readonly responders: OcspResponders;
  private readonly kept = new Map<string, Kept>();
  private readonly issuers = new Map<string, readonly string[]>();

  constructor(private readonly context: Context) {
    this.responders = new OcspResponders(context);
  }

  private issuerOf(id: CertificateId): Authority | undefined {
    const wanted = `${id.hash}/${id.issuerNameHash}/${id.issuerKeyHash}`;
    return liveAuthorities(this.context).find((authority) => {
      const ids = this.issuers.get(authority.id) ?? idsOf(authority);
      this.issuers.set(authority.id, ids);
      return ids.includes(wanted);
    });
  }

  private async statuses(rows: StoreReader, request: OcspRequest, authority: Authority): Promise<readonly OcspCertificateStatus[]> {
    const statuses: OcspCertificateStatus[] = [];
    for (const id of request.certificates) {
      // One signature answers all, and it is one issuer's: of others it knows nothing.
      const isIts = this.issuerOf(id) === authority;
      statuses.push(isIts ? statusOf(await rows.certificate(id.serialNumber), authority) : { status: 'unknown' });
    }
    return statuses;
  }

  private build(responder: OcspResponder, request: OcspRequest, statuses: readonly OcspCertificateStatus[]): Kept {
    const now = new Date(Math.floor(this.context.clock().getTime() / 1000) * 1000);
    const lifeMs = this.context.policy.revocation.ocspMinutes * MINUTE_MS;
    const nextUpdate = new Date(Math.min(now.getTime() + lifeMs, responder.expiresAt.getTime()));
    const answers = request.certificates.map((id, index): SingleAnswer => {
      const status = statuses[index] as OcspCertificateStatus;
      return { certificateId: id.der, status, thisUpdate: now, nextUpdate: status.status === 'unknown' ? null : nextUpdate };
    });
    const tbs = ocspToBeSigned({ responder: { keyHash: responder.keyHash }, producedAt: now, answers, nonce: request.nonce });
    const der = ocspResponse(tbs, responder.signatureAlgorithm, responder.sign(tbs), [responder.certificate]);
    return { der, kept: { thisUpdate: now, nextUpdate } };
  }

  private keep(key: string, reply: Kept): void {
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    this.kept.set(key, reply);
  }

  /** The answer at hand, where it is still young enough. */
  private atHand(key: string): Kept | undefined {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    const { thisUpdate, nextUpdate } = found.kept;
    const now = this.context.clock().getTime();
    const isYoung = now >= thisUpdate.getTime() && nextUpdate.getTime() - now > (nextUpdate.getTime() - thisUpdate.getTime()) * RENEWED_PART;
    return isYoung ? found : undefined;
  }

  private async signed(request: OcspRequest, authority: Authority): Promise<OcspReply> {
    const statuses = await this.context.store.read((rows) => this.statuses(rows, request, authority));
    const [id, ...others] = request.certificates as readonly [CertificateId, ...CertificateId[]];
    const status = statuses[0] as OcspCertificateStatus;
    const canBeKept = others.length === 0 && request.nonce === null && status.status !== 'unknown';
    const key = canBeKept ? keyOf(id, status) : '';
    const known = canBeKept ? this.atHand(key) : undefined;
    if (known) return known;
    const responder = await this.responders.of(authority);
    if (!responder) return { der: ocspRefusal('tryLater'), kept: null };
    const reply = this.build(responder, request, statuses);
    if (!canBeKept) return { der: reply.der, kept: null };
    this.keep(key, reply);
    return reply;
  }

  /**
   * The answer to a DER OCSPRequest; always one, also to nonsense (malformedRequest) and about certificates of CAs that
   * are not ours (unauthorized, RFC 5019, section 2.2.3).
   */
  async answer(der: Uint8Array): Promise<OcspReply> {
    // A copy: what is kept must not hold on to a buffer of the network.
    const request = parseOcspRequest(concatBytes(der));
    if (!request) return { der: ocspRefusal('malformedRequest'), kept: null };
    const authority = request.certificates.map((id) => this.issuerOf(id)).find((found) => found !== undefined);
    return authority ? this.signed(request, authority) : { der: ocspRefusal('unauthorized'), kept: null };
  }
}
