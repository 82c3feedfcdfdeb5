/** Certificates and private keys on a token (PKCS#11 2.40, sections 4.4 and 5.7). */
import pkcs11js, { type Handle, type Template } from 'pkcs11js';
import { equalBytes } from '../../core/bytes.ts';
import { TokenProblem } from './errors.ts';
import type { KeyAttributes, KeySelector } from './operation.ts';
import type { TokenSession } from './session.ts';

/** PIV has 24 key slots and f9; more than that is another kind of token, and still enough. */
const FIND_AT_MOST = 256;

/** The private key; throws TokenProblem `slot-empty`, or `proof-failed` where a certificate was given and is not there. */
export async function findPrivateKey(token: TokenSession, selector: KeySelector): Promise<Handle> {
  await token.tell('C_FindObjects');
  const wanted = 'key' in selector ? selector.key : { id: 'id' in selector ? selector.id : findCertificateId(token, selector.certificate) };
  const [key] = find(token, { class: pkcs11js.CKO_PRIVATE_KEY, ...wanted });
  if (key) return key;
  throw new TokenProblem(!('certificate' in selector) ? { kind: 'slot-empty' } : { kind: 'proof-failed', reason: 'key-not-found', module: token.description.path });
}

/** Whether the key asks for the PIN again before each signature (CKA_ALWAYS_AUTHENTICATE; PIV slot 9c). */
export function asksForPinAgain({ cryptoki, session }: TokenSession, key: Handle): boolean {
  try {
    const [attribute] = cryptoki.C_GetAttributeValue(session, key, [{ type: pkcs11js.CKA_ALWAYS_AUTHENTICATE }]);
    return attribute !== undefined && bytesOf(attribute.value)[0] === 1;
  } catch {
    return false; // older modules do not know the attribute
  }
}

/** CKA_ID of the certificate with these very bytes: a label or a subject could be another certificate's too. */
function findCertificateId(token: TokenSession, certificate: Uint8Array): Uint8Array {
  for (const candidate of find(token, { class: pkcs11js.CKO_CERTIFICATE })) {
    const [value, id] = token.cryptoki.C_GetAttributeValue(token.session, candidate, [{ type: pkcs11js.CKA_VALUE }, { type: pkcs11js.CKA_ID }]);
    if (value && id && equalBytes(bytesOf(value.value), certificate)) return bytesOf(id.value);
  }
  throw new TokenProblem({ kind: 'proof-failed', reason: 'certificate-not-found', module: token.description.path });
}

/** Objects with these attributes, at most {@link FIND_AT_MOST}. */
export function find({ cryptoki, session }: TokenSession, wanted: { readonly class: number } & KeyAttributes): Handle[] {
  const template: Template = [{ type: pkcs11js.CKA_CLASS, value: wanted.class }];
  if (wanted.id) template.push({ type: pkcs11js.CKA_ID, value: Buffer.from(wanted.id) });
  if (wanted.label !== undefined) template.push({ type: pkcs11js.CKA_LABEL, value: wanted.label });
  cryptoki.C_FindObjectsInit(session, template);
  try {
    return cryptoki.C_FindObjects(session, FIND_AT_MOST);
  } finally {
    cryptoki.C_FindObjectsFinal(session);
  }
}

/** The bytes of an attribute; none where it has another kind of value. */
export function bytesOf(value: unknown): Uint8Array {
  return Buffer.isBuffer(value) ? value : new Uint8Array();
}
