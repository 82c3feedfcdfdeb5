/** CKR return values (PKCS#11 2.40, section 4.1 and 5.1.1-5.1.7) as failures. A code appears in `detail` only. */
import { basename } from 'node:path';
import type { ModuleFailure } from './module-failure.ts';
import { modulePathOf, type Operation, type Phase } from './operation.ts';

/** The return values that mean something to us. */
export const CKR = {
  GENERAL_ERROR: 0x05,
  FUNCTION_FAILED: 0x06,
  ARGUMENTS_BAD: 0x07,
  DEVICE_ERROR: 0x30,
  DEVICE_REMOVED: 0x32,
  FUNCTION_NOT_SUPPORTED: 0x54,
  KEY_TYPE_INCONSISTENT: 0x63,
  MECHANISM_INVALID: 0x70,
  PIN_INCORRECT: 0xa0,
  PIN_INVALID: 0xa1,
  PIN_LEN_RANGE: 0xa2,
  PIN_LOCKED: 0xa4,
  SESSION_CLOSED: 0xb0,
  SESSION_HANDLE_INVALID: 0xb3,
  TOKEN_NOT_PRESENT: 0xe0,
  USER_ALREADY_LOGGED_IN: 0x100,
  USER_NOT_LOGGED_IN: 0x101,
  CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;

/** A refusal that we find ourselves, on the way through a module. */
export class TokenProblem extends Error {
  constructor(readonly failure: ModuleFailure) {
    super(failure.kind);
    this.name = 'TokenProblem';
  }
}

/** The CKR code of what pkcs11js threw; undefined where it is something else (dlopen, a bug). */
export function returnValueOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error.name !== 'Pkcs11Error') return undefined;
  return (error as Error & { readonly code: number }).code;
}

/** What a thrown error of a call means. `phase` is the function that was called, for the meaning depends on it. */
export function failureOf(error: unknown, operation: Operation, phase: Phase): ModuleFailure {
  if (error instanceof TokenProblem) return error.failure;
  const path = modulePathOf(operation);
  const code = returnValueOf(error);
  if (code === undefined) return { kind: 'module-failed', module: path, detail: `${phase}: ${withoutPath(error, path)}` };
  return meaningOf(code, operation, phase) ?? { kind: 'module-failed', module: path, detail: `${phase}: ${describe(error, code)}` };
}

function meaningOf(code: number, operation: Operation, phase: Phase): ModuleFailure | undefined {
  const usesPuk = operation.kind === 'change-puk' || operation.kind === 'unblock-pin';
  switch (code) {
    case CKR.PIN_INCORRECT:
      return { kind: usesPuk ? 'puk-wrong' : 'pin-wrong', attemptsLeft: null };
    case CKR.PIN_LOCKED:
      return { kind: usesPuk ? 'puk-blocked' : 'pin-blocked' };
    case CKR.PIN_LEN_RANGE:
    case CKR.PIN_INVALID:
      return refusedValue(operation, code);
    case CKR.TOKEN_NOT_PRESENT:
    case CKR.DEVICE_REMOVED:
    case CKR.SESSION_CLOSED:
    case CKR.SESSION_HANDLE_INVALID:
      return { kind: 'security-key-removed' };
    case CKR.FUNCTION_NOT_SUPPORTED:
    case CKR.MECHANISM_INVALID:
    case CKR.KEY_TYPE_INCONSISTENT:
      return { kind: 'module-cannot', module: modulePathOf(operation), detail: `${phase}: ${hexCode(code)}` };
    case CKR.USER_NOT_LOGGED_IN:
    case CKR.DEVICE_ERROR:
    case CKR.FUNCTION_FAILED:
    case CKR.GENERAL_ERROR:
      // The login went through a moment ago, so 6982 to the signature means that nobody touched the key.
      return operation.kind === 'sign' && operation.expectsTouch && phase === 'C_Sign' ? { kind: 'touch-timeout' } : undefined;
    default:
      return undefined;
  }
}

/** The module, or the key's own rules, refuse the new value. */
function refusedValue(operation: Operation, code: number): ModuleFailure | undefined {
  if (operation.kind !== 'change-pin' && operation.kind !== 'change-puk' && operation.kind !== 'unblock-pin') return undefined;
  const value = operation.kind === 'change-puk' ? operation.newPuk : operation.newPin;
  const which = operation.kind === 'change-puk' ? 'PUK' : 'PIN';
  if (code === CKR.PIN_INVALID) return { kind: 'pin-invalid', which, rule: 'too-simple' };
  return { kind: 'pin-invalid', which, rule: new TextEncoder().encode(value).length > 8 ? 'too-long' : 'too-short' };
}

function describe(error: unknown, code: number): string {
  const name = error instanceof Error ? error.message : '';
  return name.startsWith('CKR_') && name !== 'CKR_VENDOR_DEFINED' ? name : hexCode(code);
}

function hexCode(code: number): string {
  return `CKR 0x${code.toString(16)}`;
}

/** dlopen's message without the folder, which may name a person. */
function withoutPath(error: unknown, path: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(path, basename(path));
}
