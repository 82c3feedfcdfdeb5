import type { AnyFailure } from '../failures.ts';

/**
 * The words for one failure. A message comes in pairs: what happened (past tense, no blame), and the one thing to do
 * next, with the command that does it where there is one. `details` is for the curious and free of secrets.
 */
export interface Wording {
  readonly happened: string;
  readonly toDo: string;
  readonly details?: string | undefined;
}

/** The words for a list of kinds of failure; a kind without an entry does not compile. */
export type WordingTable<Kinds extends AnyFailure> = {
  readonly [Kind in Kinds['kind']]: (failure: Extract<Kinds, { readonly kind: Kind }>) => Wording;
};

/** "1 attempt", "3 attempts". */
export function attempts(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`;
}
