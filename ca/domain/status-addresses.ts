/** Where CRLs, OCSP and CA certificates are reached over plain HTTP: what issued certificates name. See ca/http/status-server.ts. */
import type { Policy } from './policy.ts';

/** Paths below the address; the same on the HTTPS server. `id16`: the first 16 digits of the issuer's id. */
export const STATUS_PATH = {
  crl: (id16: string, partition: number) => `/crl/${id16}/${partition}.crl`,
  crlBundle: '/crl/bundle.pem',
  ocsp: '/ocsp',
  issuer: (id16: string) => `/ca/${id16}.crt`,
  issuerBundle: '/ca/bundle.pem',
} as const;

/** The part of an issuer's id that addresses have. */
export function shortIssuerId(issuerId: string): string {
  return issuerId.slice(0, 16);
}

function below(policy: Policy, path: string): string | null {
  const { address } = policy.revocation;
  return address === null ? null : address.replace(/\/+$/, '') + path;
}

/** The CRL that names certificates of this issuer and partition; null: certificates name none. */
export function crlAddress(policy: Policy, issuerId: string, partition: number): string | null {
  return below(policy, STATUS_PATH.crl(shortIssuerId(issuerId), partition));
}

/** The OCSP responder; null: certificates name none. */
export function ocspAddress(policy: Policy): string | null {
  return below(policy, STATUS_PATH.ocsp);
}

/** The issuer's own certificate; null: certificates name none. */
export function issuerAddress(policy: Policy, issuerId: string): string | null {
  return below(policy, STATUS_PATH.issuer(shortIssuerId(issuerId)));
}
