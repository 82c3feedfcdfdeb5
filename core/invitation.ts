/**
 * What leads to a CA: an invitation link, `latchkey://enroll?ca=ORIGIN&sha256=FINGERPRINT&code=CODE`, or an address typed
 * by hand. Both are parsed here and nowhere else.
 */
import type { Failure } from './failures.ts';
import { type Result, failed, success } from './result.ts';

/** An invitation: where the CA is, which certificate it has, and the code that says who is invited. */
export interface Invitation {
  /** Origin, such as "https://ca.example.org:8443". */
  readonly address: string;
  /** SHA-256 of the CA's DER certificate, 64 lower-case hex digits. */
  readonly fingerprint: string;
  readonly code: string;
}

const SCHEME = 'latchkey:';
const FINGERPRINT = /^[0-9a-f]{64}$/;
/** What the CA hands out is base64url; anything that looks like a token is let through, and the CA decides. */
const CODE = /^[A-Za-z0-9_-]{8,200}$/;
/** Nobody types an address longer than this (host names are at most 253 characters). */
const MAX_ADDRESS_LENGTH = 300;

/** Whether the text wants to be a link rather than an address. Says nothing about its being right. */
export function looksLikeInvitation(text: string): boolean {
  return text.trim().toLowerCase().startsWith(SCHEME);
}

/**
 * Reads an invitation link; white space around and inside it (line breaks of a mail) is ignored.
 * Fails with invitation-unreadable and what about it is wrong.
 */
export function parseInvitation(link: string): Result<Invitation> {
  const text = link.replace(/\s+/g, '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // In a scheme the URL standard does not know, "enroll" is the host; where the slashes are missing it is the path.
  const command = url === undefined ? undefined : url.host || url.pathname;
  if (url === undefined || url.protocol !== SCHEME || command !== 'enroll') return unreadable('not-a-link');
  const address = parseOrigin(url.searchParams.get('ca') ?? '');
  if (address === undefined) return unreadable('address');
  const fingerprint = (url.searchParams.get('sha256') ?? '').replaceAll(':', '').toLowerCase();
  if (!FINGERPRINT.test(fingerprint)) return unreadable('fingerprint');
  const code = url.searchParams.get('code') ?? '';
  if (!CODE.test(code)) return unreadable('code');
  return success({ address, fingerprint, code });
}

/** The link of an invitation: the inverse of {@link parseInvitation}. */
export function formatInvitation(invitation: Invitation): string {
  const query = new URLSearchParams({ ca: invitation.address, sha256: invitation.fingerprint, code: invitation.code });
  return `latchkey://enroll?${query.toString()}`;
}

/**
 * The origin of an address as people type it: "ca.example.org", "ca.example.org:8443", "https://ca.example.org/".
 * A path is dropped only where it is empty. Fails with authority-address-invalid.
 */
export function parseAuthorityAddress(typed: string): Result<string> {
  const text = typed.trim();
  const address = parseOrigin(text.includes('://') ? text : `https://${text}`);
  return address === undefined ? failed({ kind: 'authority-address-invalid' }) : success(address);
}

/** The origin of an https URL that is nothing but an origin; undefined for every other text. */
function parseOrigin(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_LENGTH || /[\s\\]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isOriginOnly = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  // "https://host?" and "https://host#" have an empty query or fragment that URL does not show.
  if (url.protocol !== 'https:' || url.hostname === '' || !isOriginOnly || /[?#@]/.test(text)) return undefined;
  return url.origin;
}

function unreadable(reason: Extract<Failure, { kind: 'invitation-unreadable' }>['reason']): Result<Invitation> {
  return failed({ kind: 'invitation-unreadable', reason });
}
