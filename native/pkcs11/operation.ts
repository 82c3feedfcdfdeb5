/** What is asked of a module, and what it answers: the messages between our process and the one that loads the module. */
import type { KeyType } from '../../core/security-key.ts';
import type { ModuleResult } from './module-failure.ts';

/** What a token says of itself (CK_TOKEN_INFO, without the padding), and the number of its slot; what is left out may be anything. */
export interface TokenAttributes {
  readonly label?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly slotId?: number;
}

/** Which token: the one in a PC/SC reader, or (an HSM, a CA's key) the one with a label, or the only one with these attributes. */
export type TokenSelector = { readonly readerName: string } | { readonly tokenLabel: string } | { readonly token: TokenAttributes };

/** A token behind a module. */
export type TokenTarget = { readonly modulePath: string } & TokenSelector;

/** CKA_ID and CKA_LABEL; what is left out may be anything. */
export interface KeyAttributes {
  readonly id?: Uint8Array;
  readonly label?: string;
}

/** Which private key: by CKA_ID, or the one that belongs to a DER certificate on the token; by its label only where an operator named it. */
export type KeySelector = { readonly id: Uint8Array } | { readonly certificate: Uint8Array } | { readonly key: KeyAttributes };

/** A private key that was found, and DER SubjectPublicKeyInfo of its other half; null: the token does not show it. */
export interface FoundKey {
  readonly id: Uint8Array;
  readonly label: string;
  readonly publicKey: Uint8Array | null;
}

/** What a token makes where it is asked to. */
export type GeneratedKeyType = 'ECCP256' | 'ECCP384' | 'RSA4096' | 'ED25519';

/** CKA_ID of PIV slot 9a in OpenSC and in ykcs11 (9c is 02, 9d 03, 9e 04). */
export const AUTHENTICATION_KEY: KeySelector = { id: Uint8Array.of(0x01) };

export interface ModuleDescription {
  readonly path: string;
  /** "0.23": what the library says of itself, which leaves out the third number. */
  readonly version: string;
  readonly description: string;
  readonly manufacturer: string;
}

export type Operation =
  /** Loads the library, so that the next operation need not; it does not touch a card. */
  | { readonly kind: 'load'; readonly modulePath: string }
  | { readonly kind: 'describe'; readonly modulePath: string }
  | { readonly kind: 'login'; readonly target: TokenTarget; readonly pin: string }
  | { readonly kind: 'change-pin'; readonly target: TokenTarget; readonly currentPin: string; readonly newPin: string }
  | { readonly kind: 'change-puk'; readonly target: TokenTarget; readonly currentPuk: string; readonly newPuk: string }
  | { readonly kind: 'unblock-pin'; readonly target: TokenTarget; readonly puk: string; readonly newPin: string }
  | {
      readonly kind: 'sign';
      readonly target: TokenTarget;
      readonly pin: string;
      readonly key: KeySelector;
      readonly keyType: KeyType;
      readonly message: Uint8Array;
      readonly expectsTouch: boolean;
    }
  | { readonly kind: 'find-keys'; readonly target: TokenTarget; readonly pin: string; readonly key: KeyAttributes }
  | { readonly kind: 'generate-key'; readonly target: TokenTarget; readonly pin: string; readonly keyType: GeneratedKeyType; readonly id: Uint8Array; readonly label: string };

/** What an operation answers with, by its kind. */
export interface OperationValues {
  load: null;
  describe: ModuleDescription;
  login: ModuleDescription;
  'change-pin': ModuleDescription;
  'change-puk': ModuleDescription;
  'unblock-pin': ModuleDescription;
  sign: { readonly signature: Uint8Array; readonly module: ModuleDescription };
  'find-keys': readonly FoundKey[];
  'generate-key': null;
}

/** The PKCS#11 function that is about to be called; the last one heard of names a hang. */
export type Phase = 'start' | 'load' | 'C_Initialize' | 'C_GetSlotList' | 'C_OpenSession' | 'C_Login' | 'C_SetPIN' | 'C_FindObjects' | 'C_GenerateKeyPair' | 'C_Sign' | 'C_Finalize';

/** Ours to the process that loads the module. */
export interface OperationMessage {
  readonly id: number;
  readonly operation: Operation;
}

/** Its answers: that it is ready, where it has got to, and the outcome. */
export type OperationReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'phase'; readonly id: number; readonly phase: Phase }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: ModuleResult<OperationValues[Operation['kind']]> };

/** The module that an operation is for. */
export function modulePathOf(operation: Operation): string {
  return 'target' in operation ? operation.target.modulePath : operation.modulePath;
}
