/** Whether two certificates, or a certificate and a request, are the same person's. */
import type { StoredCertificate } from '../storage/store.ts';
import type { Officer } from './officers.ts';

/** Addresses compared without case, as people write them; two that are missing are not the same. */
export function isSameEmail(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== '' && a.toLowerCase() === b.toLowerCase();
}

/**
 * Whether an officer and the holder of a certificate are one person: by certificate, key or e-mail address, and by name
 * where one of them has no address. Rather two people taken for one than one for two.
 */
export function isSamePerson(officer: Officer, certificate: StoredCertificate): boolean {
  if (certificate.serialNumber === officer.serialNumber || isSameEmail(certificate.email, officer.email)) return true;
  if (officer.publicKeySha256 !== '' && certificate.publicKeySha256 === officer.publicKeySha256) return true;
  const isNamedOnly = certificate.email === null || officer.email === null;
  return isNamedOnly && certificate.name.trim().toLowerCase() === officer.name.trim().toLowerCase();
}
