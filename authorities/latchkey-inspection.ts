/** Looking at a CA before anybody trusts it: which certificate does it show, and is its server really its own? */
import { X509Certificate } from 'node:crypto';
import { API, authorityBody } from '../core/authority-api.ts';
import { sha256, toHex } from '../core/bytes.ts';
import type { InvitationFacts, PinnedAuthority } from '../core/certificate-authority.ts';
import { looksLikeInvitation, parseAuthorityAddress, parseInvitation } from '../core/invitation.ts';
import { type Result, failed, success } from '../core/result.ts';
import { chainToPinned, parseCandidates } from '../core/x509/certificate-chain.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { createExchange } from './https-exchange.ts';
import { createLatchkeyCalls } from './latchkey-calls.ts';
import { type LatchkeyOptions, latchkeyAuthority, pinnedCalls } from './latchkey.ts';

/** A CA that was looked at. Pin `authority` once its fingerprint is confirmed: by the invitation, or by the person. */
export interface InspectedAuthority {
  readonly authority: PinnedAuthority;
  /** null: only an address was given, so that the person has to compare the fingerprint. */
  readonly invitation: (InvitationFacts & { readonly code: string }) | null;
}

/**
 * Looks at the CA that an invitation link or a typed address leads to. An invitation is looked up only after the CA's
 * fingerprint was found right, over TLS that trusts that CA alone, so that nobody else sees its code.
 * Fails with invitation-unreadable, authority-address-invalid, authority-fingerprint-mismatch, authority-unreachable,
 * -untrusted, -protocol, and the invitation- failures.
 */
export async function inspectLinkOrAddress(linkOrAddress: string, options: LatchkeyOptions = {}): Promise<Result<InspectedAuthority>> {
  if (!looksLikeInvitation(linkOrAddress)) {
    const address = parseAuthorityAddress(linkOrAddress);
    if (!address.ok) return address;
    const authority = await inspectAuthority(address.value, options);
    return authority.ok ? success({ authority: authority.value, invitation: null }) : authority;
  }
  const invitation = parseInvitation(linkOrAddress);
  if (!invitation.ok) return invitation;
  const { address, fingerprint, code } = invitation.value;
  const authority = await inspectAuthority(address, options, fingerprint);
  if (!authority.ok) return authority;
  const facts = await latchkeyAuthority(authority.value, options).invitation(code);
  return facts.ok ? success({ authority: authority.value, invitation: { ...facts.value, code } }) : facts;
}

/**
 * Fetches the certificate of the CA at an address, trusting nothing, and then asks once more with that certificate as
 * the only trusted one: a server that shows another CA's certificate fails with authority-untrusted.
 * With `expectedFingerprint` also fails with authority-fingerprint-mismatch.
 */
export async function inspectAuthority(
  address: string,
  options: LatchkeyOptions = {},
  expectedFingerprint?: string,
): Promise<Result<PinnedAuthority>> {
  const call = { method: 'GET', path: API.authority, isRepeatable: true } as const;
  const unverified = createLatchkeyCalls(address, createExchange(address, { trustedCa: null, ...options }));
  const shown = await unverified.call(call, authorityBody);
  if (!shown.ok) return shown;
  const { name, caCertificate } = shown.value.body;
  if (!isCaCertificate(caCertificate)) return failed({ kind: 'authority-protocol', address, detail: 'what it shows is no CA certificate' });
  const fingerprint = toHex(await sha256(caCertificate));
  if (expectedFingerprint !== undefined && fingerprint !== expectedFingerprint) {
    return failed({ kind: 'authority-fingerprint-mismatch', address, expected: expectedFingerprint, actual: fingerprint });
  }
  const authority: PinnedAuthority = { address, name, fingerprint, caCertificate };
  const confirmed = await pinnedCalls(authority, options).call(call, authorityBody);
  if (!confirmed.ok) return confirmed;
  const issuers = await issuersBelow(caCertificate, confirmed.value.body.issuers);
  if (issuers === undefined) return failed({ kind: 'authority-protocol', address, detail: 'a CA it names does not stand below the one it shows' });
  return success({ ...authority, name: confirmed.value.body.name, ...(issuers.length === 0 ? {} : { issuers }) });
}

/** The issuers, where each of them leads to the root; undefined: one does not. Those that have ended are left out. */
async function issuersBelow(root: Uint8Array, issuers: readonly Uint8Array[]): Promise<readonly Uint8Array[] | undefined> {
  const pinned = parseCertificate(root);
  if (pinned === undefined) return undefined;
  const now = new Date();
  const current = parseCandidates(issuers).filter(({ notAfter }) => notAfter > now);
  const chains = await Promise.all(current.map((issuer) => chainToPinned(issuer, issuers, pinned, now)));
  return chains.includes(undefined) ? undefined : current.map(({ der }) => der);
}

function isCaCertificate(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).ca;
  } catch {
    return false;
  }
}
