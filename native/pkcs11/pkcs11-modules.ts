/**
 * PKCS#11 for the rest of the product. Every call finds its token anew, between a C_Initialize and a C_Finalize of its
 * own, and holds nothing of the card afterwards. The library runs elsewhere, see module-host.ts.
 */
import { randomBytes, verify, X509Certificate, type KeyObject } from 'node:crypto';
import type { KeyProof, KeyType } from '../../core/security-key.ts';
import { moduleFailed, type ModuleResult } from './module-failure.ts';
import { inChildProcess, type ModuleSight, type StartModuleHost } from './module-host.ts';
import { DEFAULT_LIMITS, ModuleRunner, type ModuleLimits } from './module-runner.ts';
import { AUTHENTICATION_KEY, type FoundKey, type GeneratedKeyType, type KeyAttributes, type KeySelector, type ModuleDescription, type Operation, type OperationValues, type Phase, type TokenTarget } from './operation.ts';

export interface Pkcs11ModulesOptions {
  /** Default: a child process, for plain Node. */
  readonly startHost?: StartModuleHost;
  readonly limits?: Partial<ModuleLimits>;
}

export interface SignOptions {
  /** Default: slot 9a. */
  readonly key?: KeySelector;
  /** The key wants a finger: a refused signature then is touch-timeout. */
  readonly expectsTouch?: boolean;
  /** The key is about to sign: from now on it blinks, if it wants a touch. */
  readonly onSigning?: () => void;
}

/** All modules in use; one process each. Calls on one module wait for each other. */
export class Pkcs11Modules {
  readonly #options: Pkcs11ModulesOptions;
  readonly #runners = new Map<string, ModuleRunner>();
  readonly #describing = new Set<ModuleRunner>();

  constructor(options: Pkcs11ModulesOptions = {}) {
    this.#options = options;
  }

  /**
   * Starts the module's process and loads the library without touching a card, so that the first real call is fast: 20 ms
   * with OpenSC on a virtual key instead of 150 (from the bundle) or 400 (from the sources). Fails with module-failed, module-crashed.
   */
  warmUp(modulePath: string): Promise<ModuleResult<null>> {
    return this.#run(modulePath, { kind: 'load', modulePath });
  }

  /**
   * Loads and initialises the module and says what it is, in a process of its own that sees no reader: neither calls under
   * way nor keys are disturbed. Fails with module-failed (no module, or it hangs), module-crashed.
   */
  async describe(modulePath: string): Promise<ModuleResult<ModuleDescription>> {
    const runner = this.#newRunner(modulePath, 'no-readers');
    this.#describing.add(runner);
    const described = await runner.run({ kind: 'describe', modulePath });
    this.#describing.delete(runner);
    runner.close();
    return described;
  }

  /** Tries the PIN. Fails with pin-wrong, pin-blocked. */
  loginOnly(target: TokenTarget, pin: string): Promise<ModuleResult<ModuleDescription>> {
    return this.#run(target.modulePath, { kind: 'login', target, pin });
  }

  /** Fails with pin-wrong, pin-blocked, pin-invalid. */
  changePin(target: TokenTarget, currentPin: string, newPin: string): Promise<ModuleResult<ModuleDescription>> {
    return this.#run(target.modulePath, { kind: 'change-pin', target, currentPin, newPin });
  }

  /** Fails with module-cannot (all but ykcs11), puk-wrong, puk-blocked, pin-invalid. */
  changePuk(target: TokenTarget, currentPuk: string, newPuk: string): Promise<ModuleResult<ModuleDescription>> {
    return this.#run(target.modulePath, { kind: 'change-puk', target, currentPuk, newPuk });
  }

  /** Fails with module-cannot (all but ykcs11), puk-wrong, puk-blocked, pin-invalid. */
  unblockPin(target: TokenTarget, puk: string, newPin: string): Promise<ModuleResult<ModuleDescription>> {
    return this.#run(target.modulePath, { kind: 'unblock-pin', target, puk, newPin });
  }

  /**
   * Signs `message`: ECDSA with SHA-256 (P-256) or SHA-384 (P-384) as DER ECDSA-Sig-Value, RSA PKCS#1 v1.5 with SHA-256,
   * or Ed25519. Fails with module-cannot (no such mechanism), slot-empty (with OpenSC also: no certificate there),
   * touch-timeout, pin-wrong, pin-blocked.
   */
  async sign(target: TokenTarget, pin: string, message: Uint8Array, keyType: KeyType, options: SignOptions = {}): Promise<ModuleResult<Uint8Array>> {
    const outcome = await this.#sign(target, pin, message, keyType, options);
    return outcome.ok ? { ok: true, value: outcome.value.signature } : outcome;
  }

  /** Private keys with these attributes. Fails with pin-wrong, pin-blocked, security-key-removed (no such token), module-failed (several). */
  findKeys(target: TokenTarget, pin: string, key: KeyAttributes): Promise<ModuleResult<readonly FoundKey[]>> {
    return this.#run(target.modulePath, { kind: 'find-keys', target, pin, key });
  }

  /** Makes a key pair on a token that lets its user do so (a YubiKey does not). Fails with module-cannot, and as {@link findKeys}. */
  generateKey(target: TokenTarget, pin: string, wanted: { readonly keyType: GeneratedKeyType; readonly id: Uint8Array; readonly label: string }): Promise<ModuleResult<null>> {
    return this.#run(target.modulePath, { kind: 'generate-key', target, pin, ...wanted });
  }

  /**
   * Finds the certificate by its bytes and the key by the certificate, logs in, signs a random challenge, and verifies
   * it here, outside the module's process. Fails with proof-failed besides what {@link sign} fails with.
   */
  async prove(target: TokenTarget, pin: string, certificate: Uint8Array, options: Omit<SignOptions, 'key'> = {}): Promise<ModuleResult<KeyProof>> {
    const { publicKey } = new X509Certificate(certificate);
    const keyType = keyTypeOf(publicKey);
    if (!keyType) return moduleFailed({ kind: 'certificate-unfit', reason: 'public-key' });
    const challenge = randomBytes(32);
    const outcome = await this.#sign(target, pin, challenge, keyType, { ...options, key: { certificate } });
    if (!outcome.ok) return outcome;
    const { signature, module } = outcome.value;
    if (!verify(hashOf(keyType), challenge, publicKey, signature)) {
      return moduleFailed({ kind: 'proof-failed', reason: 'signature', module: target.modulePath });
    }
    return { ok: true, value: { through: 'pkcs11', module: { path: module.path, version: module.version }, signed: true } };
  }

  /** The key in this reader has been pulled: calls on it end soon, with security-key-removed, even where the module hangs. */
  noteRemoval(readerName: string): void {
    for (const runner of this.#runners.values()) runner.noteRemoval(readerName);
  }

  /** Ends all processes; calls under way fail. */
  close(): void {
    for (const runner of [...this.#runners.values(), ...this.#describing]) runner.close();
    this.#runners.clear();
  }

  #sign(target: TokenTarget, pin: string, message: Uint8Array, keyType: KeyType, options: SignOptions): Promise<ModuleResult<OperationValues['sign']>> {
    const { key = AUTHENTICATION_KEY, expectsTouch = false, onSigning } = options;
    const operation = { kind: 'sign', target, pin, key, keyType, message, expectsTouch } as const;
    return this.#run(target.modulePath, operation, (phase) => phase === 'C_Sign' && onSigning?.());
  }

  #run<O extends Operation>(modulePath: string, operation: O, onPhase?: (phase: Phase) => void): Promise<ModuleResult<OperationValues[O['kind']]>> {
    return this.#runnerFor(modulePath).run(operation, onPhase);
  }

  #runnerFor(modulePath: string): ModuleRunner {
    const known = this.#runners.get(modulePath);
    if (known) return known;
    const runner = this.#newRunner(modulePath, 'readers');
    this.#runners.set(modulePath, runner);
    return runner;
  }

  #newRunner(modulePath: string, sight: ModuleSight): ModuleRunner {
    const { startHost = inChildProcess() } = this.#options;
    const limits = { ...DEFAULT_LIMITS, ...this.#options.limits };
    return new ModuleRunner(modulePath, { startHost, sight, limits: sight === 'readers' ? limits : { ...limits, call: limits.description } });
  }
}

function keyTypeOf(publicKey: KeyObject): KeyType | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  if (asymmetricKeyType === 'ed25519') return 'ED25519';
  if (asymmetricKeyType === 'rsa') return asymmetricKeyDetails?.modulusLength === undefined ? undefined : RSA_KEY_TYPES[asymmetricKeyDetails.modulusLength];
  if (asymmetricKeyType === 'ec') return EC_KEY_TYPES[asymmetricKeyDetails?.namedCurve ?? ''];
  return undefined;
}

const RSA_KEY_TYPES: Readonly<Record<number, KeyType>> = { 1024: 'RSA1024', 2048: 'RSA2048', 3072: 'RSA3072', 4096: 'RSA4096' };
const EC_KEY_TYPES: Readonly<Record<string, KeyType>> = { prime256v1: 'ECCP256', secp384r1: 'ECCP384' };

/** The hash that {@link Pkcs11Modules.sign} uses, for node:crypto; null: the algorithm hashes by itself. */
function hashOf(keyType: KeyType): string | null {
  if (keyType === 'ED25519') return null;
  return keyType === 'ECCP384' ? 'sha384' : 'sha256';
}
