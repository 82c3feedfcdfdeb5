/** A CA key on a PKCS#11 token: SoftHSM, an HSM, or a YubiKey's 9c. The module runs in a process of its own (native/pkcs11). */
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { equalBytes } from '../../core/bytes.ts';
import type { Failure } from '../../core/failures.ts';
import { failed, success, type Result } from '../../core/result.ts';
import type { KeyType } from '../../core/security-key.ts';
import { isThere } from '../../native/pkcs11/locate.ts';
import type { ModuleFailure } from '../../native/pkcs11/module-failure.ts';
import type { FoundKey, TokenTarget } from '../../native/pkcs11/operation.ts';
import { Pkcs11Modules } from '../../native/pkcs11/pkcs11-modules.ts';
import { AuthorityKeyUnavailable, type AuthorityKey, type AuthorityKeyType } from './authority-key.ts';
import { parseTokenKeyUri, type TokenKeyUri } from './pkcs11-uri.ts';
import { isSignature, publicKeyFrom, signingScheme } from './signing-scheme.ts';

type Unusable = Extract<Failure, { kind: 'token-key-unusable' }>;
function unusable(problem: Unusable['problem'], detail?: string): { readonly ok: false; readonly failure: Unusable } {
  return { ok: false, failure: { kind: 'token-key-unusable', problem, ...(detail === undefined ? {} : { detail }) } };
}

/** Where distributions put modules (Debian and Ubuntu, Fedora, built from source). */
const MODULE_FOLDERS = [...['x86_64', 'aarch64'].flatMap((cpu) => [`/usr/lib/${cpu}-linux-gnu`, `/usr/lib/${cpu}-linux-gnu/pkcs11`]), '/usr/lib/softhsm', '/usr/lib64', '/usr/lib64/pkcs11', '/usr/lib', '/usr/lib/pkcs11', '/usr/local/lib', '/usr/local/lib/pkcs11'];

const RSA: Readonly<Record<number, KeyType>> = { 2048: 'RSA2048', 3072: 'RSA3072', 4096: 'RSA4096' };
const CURVES: Readonly<Record<string, KeyType>> = { prime256v1: 'ECCP256', secp384r1: 'ECCP384' };

/** What tokens can sign with here; P-521 is not among it. */
function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyType | undefined {
  if (asymmetricKeyType === 'ed25519') return 'ED25519';
  return asymmetricKeyType === 'rsa' ? RSA[asymmetricKeyDetails?.modulusLength ?? 0] : CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
}

/** What a module's failure means for a CA key. */
function problemOf(failure: ModuleFailure): Unusable {
  switch (failure.kind) {
    case 'security-key-removed':
      return unusable('token-missing').failure;
    case 'slot-empty':
      return unusable('key-missing').failure;
    case 'pin-wrong':
      return unusable('pin-wrong').failure;
    case 'pin-blocked':
      return unusable('pin-blocked').failure;
    case 'module-cannot':
      return unusable('key-type', failure.detail).failure;
    default:
      return unusable('module', 'detail' in failure && failure.detail !== undefined ? failure.detail : failure.kind).failure;
  }
}

async function targetOf(uri: TokenKeyUri): Promise<Result<TokenTarget>> {
  const { moduleName } = uri;
  const places = uri.modulePath !== null ? [uri.modulePath] : MODULE_FOLDERS.flatMap((folder) => [`${folder}/${moduleName}.so`, `${folder}/lib${moduleName}.so`, `${folder}/lib${moduleName}.so.2`]);
  for (const modulePath of places) if (await isThere(modulePath)) return success({ modulePath, token: uri.token });
  return unusable('module', `not found: ${uri.modulePath ?? moduleName}`);
}

async function pinFor(uri: TokenKeyUri, given: string | undefined): Promise<Result<string>> {
  if (given !== undefined) return given === '' ? unusable('pin-missing') : success(given);
  if (uri.pinFile === null) return unusable('pin-missing');
  try {
    const pin = ((await readFile(uri.pinFile, 'utf8')).split('\n')[0] ?? '').replace(/\r$/, '');
    return pin === '' ? unusable('pin-missing', 'the file of pin-source is empty') : success(pin);
  } catch {
    return unusable('pin-missing', 'the file of pin-source cannot be read');
  }
}

/** The URI, the token and the PIN of one key. */
interface OpenToken {
  readonly uri: TokenKeyUri;
  readonly target: TokenTarget;
  readonly pin: string;
}

async function openToken(uriText: string, givenPin: string | undefined): Promise<Result<OpenToken>> {
  const uri = parseTokenKeyUri(uriText);
  if (!uri.ok) return uri;
  const target = await targetOf(uri.value);
  if (!target.ok) return target;
  const pin = await pinFor(uri.value, givenPin);
  return pin.ok ? success({ uri: uri.value, target: target.value, pin: pin.value }) : pin;
}

/** The only key that fits. One attempt of the PIN. */
async function findKey({ uri, target, pin }: OpenToken, modules: Pkcs11Modules): Promise<Result<FoundKey>> {
  const found = await modules.findKeys(target, pin, uri.key);
  if (!found.ok) return failed(problemOf(found.failure));
  const [key, ...others] = found.value;
  if (key === undefined) return unusable('key-missing');
  return others.length > 0 ? unusable('key-ambiguous', `${found.value.length} keys`) : success(key);
}

/** Whether a key file's URI says where its PIN is, so that nobody need be asked. Fails with token-key-unusable (uri). */
export function needsPin(uri: string): Result<boolean> {
  const parsed = parseTokenKeyUri(uri);
  return parsed.ok ? success(parsed.value.pinFile === null) : parsed;
}

/** Signs through the token, one signature after the other, so that a PIN that turns out wrong is tried no second time. */
function signer({ target, pin }: OpenToken, found: FoundKey, publicKey: Uint8Array, keyType: KeyType, modules: Pkcs11Modules): AuthorityKey['sign'] {
  let queue: Promise<unknown> = Promise.resolve();
  let refused: Unusable | undefined;
  const key = { key: { ...(found.id.length === 0 ? {} : { id: found.id }), ...(found.label === '' ? {} : { label: found.label }) } };
  const signNow = async (message: Uint8Array): Promise<Uint8Array> => {
    if (refused !== undefined) throw new AuthorityKeyUnavailable(refused);
    const signed = await modules.sign(target, pin, message, keyType, { key, expectsTouch: true });
    if (!signed.ok) {
      const problem = problemOf(signed.failure);
      if (problem.problem === 'pin-wrong' || problem.problem === 'pin-blocked') refused = problem;
      throw new AuthorityKeyUnavailable(problem);
    }
    // Another token may answer to the same URI by now.
    if (!isSignature(publicKey, message, signed.value)) throw new AuthorityKeyUnavailable(unusable('key-missing', 'another key signed').failure);
    return signed.value;
  };
  return (message) => {
    const signature = queue.then(() => signNow(message));
    queue = signature.catch(() => undefined);
    return signature;
  };
}

/**
 * Opens the key that a PKCS#11 URI leads to; the PIN is tried once. `pin`: where the URI names no pin-source. `publicKey`
 * (DER SubjectPublicKeyInfo): of the CA's certificate, for tokens that show none. Fails with token-key-unusable.
 */
export async function openTokenKey(uri: string, pin: string | undefined, publicKey?: Uint8Array, modules: Pkcs11Modules = new Pkcs11Modules()): Promise<Result<AuthorityKey>> {
  const token = await openToken(uri, pin);
  if (!token.ok) return token;
  const found = await findKey(token.value, modules);
  if (!found.ok) return found;
  const der = found.value.publicKey ?? publicKey;
  if (der === undefined) return unusable('key-missing', 'the token does not show its public key');
  if (publicKey !== undefined && !equalBytes(der, publicKey)) return failed({ kind: 'authority-certificate-unfit', reason: 'other-key' });
  const parsed = publicKeyFrom(der);
  const [keyType, scheme] = [parsed && keyTypeOf(parsed), parsed && signingScheme(parsed)];
  if (keyType === undefined || scheme === undefined) return unusable('key-type');
  return success({ publicKey: der, signatureAlgorithm: scheme.algorithm, sign: signer(token.value, found.value, der, keyType, modules) });
}

/**
 * Makes the key that a URI names (by id; its label is `object` or "Latchkey CA") and opens it. Fails with token-key-unusable:
 * key-ambiguous where there is one already, key-type where the token does not make keys for its user (a YubiKey does not).
 */
export async function generateTokenKey(uri: string, pin: string | undefined, keyType: AuthorityKeyType, modules: Pkcs11Modules = new Pkcs11Modules()): Promise<Result<AuthorityKey>> {
  const token = await openToken(uri, pin);
  if (!token.ok) return token;
  const { key } = token.value.uri;
  if (key.id === undefined) return unusable('uri', 'a new key needs an id');
  const there = await modules.findKeys(token.value.target, token.value.pin, { id: key.id });
  if (!there.ok) return failed(problemOf(there.failure));
  if (there.value.length > 0) return unusable('key-ambiguous', 'there is a key with this id already');
  const made = await modules.generateKey(token.value.target, token.value.pin, { keyType, id: key.id, label: key.label ?? 'Latchkey CA' });
  return made.ok ? openTokenKey(uri, pin, undefined, modules) : failed(problemOf(made.failure));
}
