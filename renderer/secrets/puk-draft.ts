/** What is typed, or made, for a new PUK: in the memory of the screen that asks for it, gone when it closes. */
import { brokenLengthRule, brokenRule, type PinRules } from '../../core/key-care/pin-rules.ts';

export type PukChoice = 'generate' | 'own' | 'keep' | 'change';

export interface PukDraft {
  /** null: the first that is offered. */
  readonly pukChoice: PukChoice | null;
  readonly currentPuk: string;
  readonly newPuk: string;
  readonly newPukAgain: string;
  /** '' until it is asked for. */
  readonly generatedPuk: string;
  readonly isPukWritten: boolean;
}

export const emptyPukDraft: PukDraft = { pukChoice: null, currentPuk: '', newPuk: '', newPukAgain: '', generatedPuk: '', isPukWritten: false };

export function chosenOf(offered: readonly PukChoice[], { pukChoice }: PukDraft): PukChoice {
  return offered.find((choice) => choice === pukChoice) ?? offered[0] ?? 'keep';
}

/** Whether everything that a choice asks for is there. */
export function isPukDraftComplete(choice: PukChoice, draft: PukDraft, rules: PinRules): boolean {
  const isNewFine = brokenRule('PUK', draft.newPuk, rules) === null && draft.newPuk === draft.newPukAgain;
  switch (choice) {
    case 'generate':
      return draft.generatedPuk !== '' && draft.isPukWritten;
    case 'own':
      return isNewFine;
    case 'keep':
      return true;
    case 'change':
      return isNewFine && brokenLengthRule(draft.currentPuk) === null;
  }
}

/** The new PUK of a choice; undefined where it stays. */
export function newPukOf(choice: PukChoice, draft: PukDraft): string | undefined {
  switch (choice) {
    case 'generate':
      return draft.generatedPuk;
    case 'own':
    case 'change':
      return draft.newPuk;
    case 'keep':
      return undefined;
  }
}
