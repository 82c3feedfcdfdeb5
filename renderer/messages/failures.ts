/** From a failure to what the window says of it: what happened, what to do, a button, Details. */
import type { Failure, FailureKind } from '../../core/failures.ts';

export interface FailureWords {
  /** What happened. */
  readonly what: string;
  /** What to do. */
  readonly todo: string;
}

/** One entry a kind: the compiler names the kind that has no words. */
export type FailureTexts = { readonly [Kind in FailureKind]: (failure: Extract<Failure, { readonly kind: Kind }>) => FailureWords };

/** What a button beneath a problem can do. `retry` is whatever the stopped screen was about to do. */
export type FailureAction = 'restart' | 'retry' | 'name-authority' | 'sign-in' | 'unblock-pin' | 'lock' | 'release' | null;

export function wordFailure(failure: Failure, texts: FailureTexts): FailureWords {
  const word = texts[failure.kind] as (failure: Failure) => FailureWords;
  return word(failure);
}

/** The act that can cure a failure; null where only the person can (it goes on by itself) or nothing can. */
export function actionFor(failure: Failure): FailureAction {
  switch (failure.kind) {
    case 'device-process-ended':
      return 'restart';
    case 'security-key-busy':
      return failure.isReleasable === true ? 'release' : 'retry';
    case 'pin-blocked':
      return 'unblock-pin';
    case 'management-key-unknown':
      return 'lock';
    case 'smart-card-service-missing':
    case 'smart-card-access-denied':
    case 'not-a-piv-key':
    case 'security-key-removed':
    case 'puk-blocked':
    case 'move-unsupported':
      return null;
    case 'authority-fingerprint-mismatch':
    case 'authority-untrusted':
    case 'authority-address-invalid':
    case 'invitation-unreadable':
    case 'invitation-unknown':
    case 'invitation-expired':
    case 'invitation-used':
    case 'est-sign-in-refused':
      return 'name-authority';
    case 'not-signed-in':
      return 'sign-in';
    default:
      return 'retry';
  }
}

/** Programs that hold a key because a page uses it, by the names the system knows them under (15 characters on Linux). */
const BROWSERS = /^(firefox|chrom|google-chrome|msedge|microsoft-edge|brave|opera|vivaldi|safari|thunderbird|librewolf)/i;
const GNUPG = /^(scdaemon|gpg-agent)/i;

export type HolderKind = 'unknown' | 'gnupg' | 'browser' | 'other';

/** What kind of program keeps a key from us. */
export function holderKind(holder: string | undefined): HolderKind {
  if (holder === undefined) return 'unknown';
  if (GNUPG.test(holder)) return 'gnupg';
  return BROWSERS.test(holder) ? 'browser' : 'other';
}

/** What a program library is known as: the two that most people have by name, any other by its file. */
export function libraryName(path: string): string {
  const file = path.split(/[/\\]/).at(-1) ?? path;
  if (/ykcs11/i.test(file)) return 'ykcs11';
  return /opensc/i.test(file) ? 'OpenSC' : file;
}

/** A command that cures the failure, for the platform the window runs on. */
export function cureCommand(failure: Failure, platform: string): string | null {
  if (failure.kind === 'security-key-busy' && holderKind(failure.holder) === 'gnupg') return 'gpgconf --kill scdaemon';
  if (failure.kind === 'smart-card-service-missing' && platform === 'linux') return 'sudo systemctl enable --now pcscd.socket';
  return null;
}

/** What Details shows: the kind and its facts, one a line. Failures carry no secret, so neither does this. */
export function failureDetails(failure: Failure): string {
  return Object.entries(failure)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (key === 'kind' ? String(value) : `${key}: ${detailValue(key, value)}`))
    .join('\n');
}

function detailValue(key: string, value: unknown): string {
  if (key === 'statusWord' && typeof value === 'number') return value.toString(16).toUpperCase().padStart(4, '0');
  return String(value);
}
