/** What main and the device process say to each other. Both ends are ours, so messages are typed and not parsed. */
import type { Result } from '../../core/result.ts';
import type { KeyActivity, SecurityKey, SecurityKeys, SecurityKeysSituation } from '../../core/security-key.ts';
import type { ModuleSight } from '../../native/pkcs11/module-host.ts';
import type { OperationMessage, OperationReply } from '../../native/pkcs11/operation.ts';

/** The calls of the SecurityKey port; a callback stays in main and comes back as `activity`. */
export type KeyCallName = keyof SecurityKey;
/** The calls of the SecurityKeys port that are answered. */
export type KeysCallName = keyof Pick<SecurityKeys, 'releaseHolder' | 'modules' | 'chooseModule'>;

export type ToDevice =
  /** `handle` stands for one {@link SecurityKey} in main, which goes on meaning the key it first met. */
  | { readonly kind: 'call'; readonly id: number; readonly handle: number; readonly readerName: string; readonly name: KeyCallName; readonly args: readonly unknown[] }
  | { readonly kind: 'keys-call'; readonly id: number; readonly name: KeysCallName; readonly args: readonly unknown[] }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'close' };

export type FromDevice =
  | { readonly kind: 'situation'; readonly situation: SecurityKeysSituation }
  | { readonly kind: 'activity'; readonly id: number; readonly activity: KeyActivity }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  /** Something was thrown: a bug. Main logs `description` and answers with the id of that entry. */
  | { readonly kind: 'bug'; readonly id: number | null; readonly description: string };

/** What the device process asks of the processes of PKCS#11 modules, which main alone can start; `host` is its number for one. */
export type ToModules =
  | { readonly kind: 'module-start'; readonly host: number; readonly sight: ModuleSight }
  | { readonly kind: 'module-operation'; readonly host: number; readonly message: OperationMessage }
  | { readonly kind: 'module-end'; readonly host: number };

export type FromModules =
  | { readonly kind: 'module-reply'; readonly host: number; readonly reply: OperationReply }
  /** It has ended, by itself or because it was asked to. */
  | { readonly kind: 'module-exit'; readonly host: number };
