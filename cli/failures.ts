import type { Failure } from '../core/failures.ts';
import type { SigningCommands } from '../core/by-hand/signing-commands.ts';
import type { PivSlot } from '../core/piv-slots.ts';

/** Failures that only a command line has, beside those of core/failures.ts. */
export type CommandFailure =
  /** Arguments that do not fit together; `detail` is a sentence. */
  | { readonly kind: 'usage'; readonly detail: string }
  /** A secret was needed, no option gave it and nobody can be asked. */
  | { readonly kind: 'secret-missing'; readonly what: string; readonly option: string }
  /** The file of a secret can be read by everybody on this computer. */
  | { readonly kind: 'secret-exposed'; readonly path: string }
  /** A question was left unanswered, or answered with Ctrl-C. */
  | { readonly kind: 'cancelled' }
  /** The answer has to be said by an option, because nobody can be asked. */
  | { readonly kind: 'answer-missing'; readonly what: string; readonly option: string }
  /** The new secret and its repetition differ. */
  | { readonly kind: 'secrets-differ'; readonly what: string }
  | { readonly kind: 'no-security-key'; readonly wanted?: string }
  | { readonly kind: 'several-security-keys'; readonly readers: readonly string[] }
  /** No CA is known on this computer and no invitation was given. */
  | { readonly kind: 'no-authority' }
  | { readonly kind: 'nothing-in-slot'; readonly slot: PivSlot; readonly wanted: 'certificate' | 'key-pair' }
  /** The key's statement does not prove that the key pair was made on a genuine YubiKey. `issuer`: with 'unknown-issuer'. */
  | { readonly kind: 'not-proven-genuine'; readonly slot: PivSlot; readonly reason: 'unknown-issuer' | 'false'; readonly issuer?: string }
  /** Still waiting for an approver; the same command goes on later. */
  | { readonly kind: 'pending'; readonly requestId: string; readonly words: readonly string[]; readonly authority: string }
  /** A person has to sign the CSR; the next run is told the certificate. `csrFile` null: it is shown, and in no file. */
  | { readonly kind: 'certificate-awaited'; readonly authority: string; readonly csrFile: string | null; readonly csrPem: string; readonly commands: SigningCommands }
  /** The demo could not prove what it is there to prove. */
  | { readonly kind: 'demo-failed'; readonly detail: string };

export type AnyFailure = Failure | CommandFailure;
export type AnyFailureKind = AnyFailure['kind'];

/** The outcome of a command: what goes to standard output as text and as JSON, or why not. */
export type Outcome =
  /** `json: null`: it has been said already (see announce in output.ts). */
  | { readonly ok: true; readonly json: Readonly<Record<string, unknown>> | null; readonly text: string }
  | { readonly ok: false; readonly failure: AnyFailure; readonly json?: Readonly<Record<string, unknown>> };

/** Ends a command from within: thrown by the small questions a command asks, caught once in main.ts. */
export class CommandStopped extends Error {
  constructor(
    readonly failure: AnyFailure,
    readonly json: Readonly<Record<string, unknown>> = {},
  ) {
    super(failure.kind);
    this.name = 'CommandStopped';
  }
}
