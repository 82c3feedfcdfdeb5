/**
 * Who signs OCSP answers: a certificate of its own for each issuer (RFC 6960, section 4.2.2.2), so that the CA's key is
 * not needed for every question. Its key is in the memory of this process only; it lives for days and is made anew in time.
 */
import { createHash, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { publicKeyBits } from '../../core/x509/certificate-parts.ts';
import { OCSP_RESPONDER_PROFILE } from '../../core/x509/profile.ts';
import type { SignatureAlgorithmName } from '../../core/x509/signature-algorithm.ts';
import type { StoredCertificate } from '../storage/store.ts';
import { record } from './audit.ts';
import type { Authority } from './authority.ts';
import { AUTHORITY_ACTOR, type Context } from './context.ts';
import { planCertificate, signCertificate } from './issue.ts';

export interface OcspResponder {
  /** DER. */
  readonly certificate: Uint8Array;
  /** SHA-1 of the bits of its key: how answers name it (byKey). */
  readonly keyHash: Uint8Array;
  readonly expiresAt: Date;
  readonly signatureAlgorithm: SignatureAlgorithmName;
  sign(message: Uint8Array): Uint8Array;
}

/** Renewed when a third of its life is left. */
const RENEWED_MS = (OCSP_RESPONDER_PROFILE.validDays * 86_400_000) / 3;
/** After a failure nobody tries again for so long: every question would. */
const RETRY_MS = 10_000;

/** A responder whose certificate is not signed yet. */
interface PlannedResponder {
  readonly planned: StoredCertificate;
  readonly privateKey: KeyObject;
}

async function plan(context: Context, authority: Authority): Promise<PlannedResponder> {
  const keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
  const wanted = {
    profile: OCSP_RESPONDER_PROFILE,
    name: `${authority.name} OCSP`.slice(0, 64),
    alternativeNames: [],
    publicKey: new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' })),
    requestId: null,
    role: null,
  };
  const planned = await planCertificate(authority, wanted, context.clock());
  await context.store.write((rows) => rows.addCertificate(planned));
  return { planned, privateKey: keys.privateKey };
}

async function finish(context: Context, authority: Authority, { planned, privateKey }: PlannedResponder): Promise<OcspResponder> {
  const certificate = await signCertificate(authority, planned);
  await context.store.write(async (rows) => {
    await rows.setCertificate(planned.serialNumber, certificate);
    const facts = { issuer: authority.name, expiresAt: planned.expiresAt.toISOString() };
    await record(rows, { event: 'ocsp-responder-issued', actor: AUTHORITY_ACTOR, at: context.clock(), subject: planned.serialNumber, facts });
  });
  return {
    certificate,
    keyHash: createHash('sha1').update(publicKeyBits(certificate)).digest(),
    expiresAt: planned.expiresAt,
    signatureAlgorithm: 'ecdsaWithSHA256',
    sign: (message) => sign('sha256', message, privateKey),
  };
}

/** The responders of this process, by issuer. */
export class OcspResponders {
  private readonly responders = new Map<string, OcspResponder>();
  private readonly underWay = new Map<string, Promise<OcspResponder | undefined>>();
  private readonly failedAt = new Map<string, number>();
  /** Kept until it is signed: a key that an approver holds signs it hours later, and each try would plan another one. */
  private readonly waiting = new Map<string, PlannedResponder>();

  constructor(private readonly context: Context) {}

  private async planFor(authority: Authority): Promise<PlannedResponder> {
    const before = this.waiting.get(authority.id);
    const isGood = before !== undefined && before.planned.expiresAt.getTime() - this.context.clock().getTime() > RENEWED_MS;
    const planned = isGood ? before : await plan(this.context, authority);
    this.waiting.set(authority.id, planned);
    return planned;
  }

  private async issueOrSay(authority: Authority): Promise<OcspResponder | undefined> {
    try {
      const responder = await finish(this.context, authority, await this.planFor(authority));
      this.waiting.delete(authority.id);
      this.responders.set(authority.id, responder);
      this.failedAt.delete(authority.id);
      return responder;
    } catch (error) {
      this.failedAt.set(authority.id, this.context.clock().getTime());
      this.context.log('error', 'ocsp-responder-not-issued', { issuer: authority.id, error: String(error) });
      return undefined;
    } finally {
      this.underWay.delete(authority.id);
    }
  }

  private renew(authority: Authority): Promise<OcspResponder | undefined> {
    const now = this.context.clock().getTime();
    if (now - (this.failedAt.get(authority.id) ?? -Infinity) < RETRY_MS) return Promise.resolve(undefined);
    const underWay = this.underWay.get(authority.id) ?? this.issueOrSay(authority);
    this.underWay.set(authority.id, underWay);
    return underWay;
  }

  /** The one of this issuer, made at the first question; undefined: the CA's key cannot make one now. */
  async of(authority: Authority): Promise<OcspResponder | undefined> {
    const known = this.responders.get(authority.id);
    const leftMs = (known?.expiresAt.getTime() ?? 0) - this.context.clock().getTime();
    if (known === undefined || leftMs <= 0) return this.renew(authority);
    // The next one is made beside the answers; until it is there, the present one goes on.
    if (leftMs < RENEWED_MS) void this.renew(authority);
    return known;
  }
}
