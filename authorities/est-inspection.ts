/** Looking at an EST server before anybody trusts it: which CA does it name, and is its server really its own? */
import { sha256, toHex } from '../core/bytes.ts';
import { isAuthority } from '../core/by-hand/certificate-file.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import { parseAuthorityAddress } from '../core/invitation.ts';
import { type Result, failed, success } from '../core/result.ts';
import { chainToPinned, isSelfSigned, parseCandidates } from '../core/x509/certificate-chain.ts';
import type { ParsedCertificate } from '../core/x509/certificate.ts';
import { attributeValues, describeName } from '../core/x509/names.ts';
import { NAME_OID } from '../core/x509/object-identifiers.ts';
import { writePem } from '../core/x509/pem.ts';
import { certificatesInAnswer, estExchange, estPath } from './est.ts';

/**
 * The CA of an EST server at a typed address (RFC 7030, section 4.1). It is to be pinned once the person confirmed its
 * fingerprint (section 4.1.1). TLS has to lead to that CA, or to a public one of the web, which is then noted.
 * Fails with authority-address-invalid, authority-unreachable, -untrusted, -protocol.
 */
export async function inspectEst(typed: string, label: string | undefined, options: { readonly timeoutMilliseconds?: number } = {}): Promise<Result<PinnedAuthority>> {
  const address = parseAuthorityAddress(typed);
  if (!address.ok) return address;
  const cacerts = { method: 'GET', path: estPath(label, 'cacerts') } as const;
  const shown = await estExchange(address.value, cacerts, null, options);
  if (!shown.ok) return shown;
  const certificates = shown.value.status === 200 ? certificatesInAnswer(shown.value) : undefined;
  if (certificates === undefined) return failed({ kind: 'authority-protocol', address: address.value, detail: `no CA certificates from EST (status ${shown.value.status})` });
  const authorities = parseCandidates(certificates).filter(isAuthority);
  const root = await rootOf(authorities);
  if (root === undefined) return failed({ kind: 'authority-protocol', address: address.value, detail: 'the server names no CA certificate that is valid' });
  return withServerTrust(await pinnedOf(address.value, label, root, authorities), (trust) => estExchange(address.value, cacerts, trust, options));
}

/** The self-signed one, of several the newest: the others are those of a change of keys (section 4.1.3). */
async function rootOf(authorities: readonly ParsedCertificate[]): Promise<ParsedCertificate | undefined> {
  const now = new Date();
  const current = authorities.filter(({ notBefore, notAfter }) => notBefore <= now && now < notAfter);
  const selfSigned: ParsedCertificate[] = [];
  for (const authority of current) if (await isSelfSigned(authority)) selfSigned.push(authority);
  return selfSigned.sort((a, b) => b.notBefore.getTime() - a.notBefore.getTime())[0] ?? current[0];
}

async function pinnedOf(address: string, label: string | undefined, root: ParsedCertificate, authorities: readonly ParsedCertificate[]): Promise<PinnedAuthority> {
  const ders = authorities.map(({ der }) => der);
  const issuers: Uint8Array[] = [];
  for (const authority of authorities) {
    if (authority !== root && (await chainToPinned(authority, ders, root, new Date())) !== undefined) issuers.push(authority.der);
  }
  return {
    protocol: 'est',
    address,
    ...(label === undefined ? {} : { label }),
    name: attributeValues(root.subject, NAME_OID.commonName)[0] ?? describeName(root.subject),
    fingerprint: toHex(await sha256(root.der)),
    caCertificate: root.der,
    ...(issuers.length === 0 ? {} : { issuers }),
  };
}

type AskAgain = (trust: string | undefined) => ReturnType<typeof estExchange>;

async function withServerTrust(authority: PinnedAuthority, ask: AskAgain): Promise<Result<PinnedAuthority>> {
  const own = await ask(writePem(authority.caCertificate, 'CERTIFICATE'));
  if (own.ok) return success(authority);
  if (own.failure.kind !== 'authority-untrusted') return own;
  return (await ask(undefined)).ok ? success({ ...authority, serverTrust: 'public' }) : own;
}
