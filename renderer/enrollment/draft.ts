/** What the person has typed so far: in the memory of this room, gone when it closes. */
import { FACTORY_PIN } from '../../core/key-care/pin-rules.ts';
import type { EnrollmentAnswers, EnrollmentQuestions } from '../../core/enrollment/state.ts';
import type { EnrollableKeyType, EnrollablePinPolicy, TouchPolicy } from '../../core/security-key.ts';
import { chosenOf, emptyPukDraft, newPukOf, type PukChoice, type PukDraft } from '../secrets/puk-draft.ts';

export interface EnrollmentDraft extends PukDraft {
  /** null: as the questions suggest. */
  readonly name: string | null;
  readonly email: string | null;
  /** As typed: names of core/x509/names.ts, apart by spaces or commas. */
  readonly otherNames: string;
  readonly keyType: EnrollableKeyType;
  readonly pinPolicy: EnrollablePinPolicy;
  readonly touchPolicy: TouchPolicy;
  /** The old key pair is moved aside, where the key can; nothing is lost then. */
  readonly keepsOldKey: boolean;
  /** The serial, typed to agree to the loss; 'yes' for a key whose serial cannot be read. */
  readonly replaceConfirmation: string;
  readonly currentPin: string;
  readonly newPin: string;
  readonly newPinAgain: string;
  readonly wantsNewPin: boolean;
}

export const emptyDraft: EnrollmentDraft = {
  ...emptyPukDraft,
  name: null,
  email: null,
  otherNames: '',
  keyType: 'ECCP256',
  pinPolicy: 'once',
  touchPolicy: 'never',
  keepsOldKey: true,
  replaceConfirmation: '',
  currentPin: '',
  newPin: '',
  newPinAgain: '',
  wantsNewPin: false,
};

/**
 * What stays when the answers are handed over. A generated PUK stays too: it is on paper already, and if the questions
 * come back another one would make that paper wrong.
 */
export function withoutSecrets(draft: EnrollmentDraft): EnrollmentDraft {
  return { ...draft, currentPin: '', newPin: '', newPinAgain: '', currentPuk: '', newPuk: '', newPukAgain: '' };
}

/** What was typed for a key and is no secret, kept while the person looks at other places. */
const kept = new Map<string, EnrollmentDraft>();

export function keptDraft(identity: string): EnrollmentDraft {
  return kept.get(identity) ?? emptyDraft;
}

export function keepDraft(identity: string, { name, email, otherNames, keyType, pinPolicy, touchPolicy }: EnrollmentDraft): void {
  kept.set(identity, { ...emptyDraft, name, email, otherNames, keyType, pinPolicy, touchPolicy });
}

/** The pages of the questions, in their order: what is lost, who, then the secrets. */
export type QuestionPage = 'replace' | 'identity' | 'pin' | 'puk';

export function questionPages(questions: EnrollmentQuestions): readonly QuestionPage[] {
  const pages: QuestionPage[] = [];
  if (questions.replaces !== null) pages.push('replace');
  if (questions.identity !== null || questions.keyPair !== null) pages.push('identity');
  pages.push('pin');
  if (questions.puk !== null) pages.push('puk');
  return pages;
}

export function isChoosingPin(questions: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  return questions.pin === 'choose' || (questions.pin === 'enter-or-change' && (draft.wantsNewPin || draft.currentPin === FACTORY_PIN));
}

export function pukChoices(questions: EnrollmentQuestions): readonly PukChoice[] {
  return questions.puk === 'enter-or-keep' ? ['keep', 'change'] : ['generate', 'own'];
}

export function chosenPukChoice(questions: EnrollmentQuestions, draft: EnrollmentDraft): PukChoice {
  return chosenOf(pukChoices(questions), draft);
}

/** Whether what is on the key is moved aside: the person's wish, where the key can. */
export function isKeepingOldKey({ replaces }: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  return replaces?.canKeep === true && draft.keepsOldKey;
}

/** The draft as answers to these questions, and to nothing else. */
export function toAnswers(questions: EnrollmentQuestions, draft: EnrollmentDraft): EnrollmentAnswers {
  return {
    ...(questions.pin === 'choose' ? {} : { currentPin: draft.currentPin }),
    ...(isChoosingPin(questions, draft) ? { newPin: draft.newPin } : {}),
    ...pukAnswers(questions, draft),
    ...(questions.identity === null
      ? {}
      : {
          name: (draft.name ?? questions.identity.name).trim(),
          email: (draft.email ?? questions.identity.email).trim(),
          otherNames: draft.otherNames.split(/[\s,]+/).filter((name) => name !== ''),
        }),
    ...(questions.keyPair === null ? {} : { keyType: draft.keyType, pinPolicy: draft.pinPolicy, touchPolicy: draft.touchPolicy }),
    ...replaceAnswers(questions, draft),
  };
}

function replaceAnswers(questions: EnrollmentQuestions, draft: EnrollmentDraft): EnrollmentAnswers {
  if (questions.replaces === null) return {};
  return isKeepingOldKey(questions, draft) ? { keepOldKey: true } : { replace: draft.replaceConfirmation !== '' };
}

function pukAnswers(questions: EnrollmentQuestions, draft: EnrollmentDraft): EnrollmentAnswers {
  if (questions.puk === null) return {};
  const choice = chosenPukChoice(questions, draft);
  const newPuk = newPukOf(choice, draft);
  if (newPuk === undefined) return {};
  return choice === 'change' ? { currentPuk: draft.currentPuk, newPuk } : { newPuk };
}
