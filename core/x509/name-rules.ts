/** What a name must be to stand in a certificate. Used for what a CSR asks for and for what an invitation fixes. */
import type { AlternativeName } from './names.ts';

/** ub-common-name (RFC 5280, appendix A.1). */
export const MAX_COMMON_NAME = 64;
/** Mailbox (RFC 5321, section 4.5.3.1). */
export const MAX_EMAIL = 254;
const MAX_URI = 512;
const MAX_DNS = 253;

/** Controls, and the marks that turn the direction of text round: what a person reads must be what is there. */
const UNREADABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
/** rfc822Name is IA5String: ASCII only (RFC 5280, section 4.2.1.6). Quoted local parts are legal and never wanted. */
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const UPN = /^[^\s@]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const DNS_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

/** Whether a text can be the common name of a person or a CA. */
export function isCommonName(text: string): boolean {
  return text.trim() === text && text.length > 0 && [...text].length <= MAX_COMMON_NAME && !UNREADABLE.test(text);
}

/** Whether a text can be an rfc822Name. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL && EMAIL.test(text) && !text.includes('..');
}

function isUri(text: string): boolean {
  // A URI in a certificate is absolute and ASCII (RFC 5280, section 4.2.1.6).
  return text.length <= MAX_URI && /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text);
}

function isDnsName(text: string): boolean {
  return text.length <= MAX_DNS && text.split('.').every((label) => DNS_LABEL.test(label));
}

/** Whether an alternative name may stand in a person's certificate. An IP address never does. */
export function isPersonsName(name: AlternativeName): boolean {
  switch (name.kind) {
    case 'email':
      return isEmail(name.value);
    case 'uri':
      return isUri(name.value);
    case 'dns':
      return isDnsName(name.value);
    case 'upn':
      return name.value.length <= MAX_EMAIL && UPN.test(name.value) && !UNREADABLE.test(name.value);
    case 'ip':
      return false;
  }
}
