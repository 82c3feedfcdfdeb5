/** Looks at the person's answers before anything reaches the key, where a wrong value can cost an attempt. Pure. */
import { type Result, done, failed, success } from '../result.ts';
import type { EnrollableKeyType, EnrollablePinPolicy, TouchPolicy } from '../security-key.ts';
import { FACTORY_PIN, FACTORY_PUK, checkCurrent, checkNew } from '../key-care/pin-rules.ts';
import { isCommonName, isEmail, isPersonsName } from '../x509/name-rules.ts';
import { type AlternativeName, parseAlternativeName } from '../x509/names.ts';
import type { EnrollmentAnswers, EnrollmentQuestions } from './state.ts';

/** Change one value into another; `replacement` null: the current one stays. */
export interface SecretChange {
  readonly current: string;
  readonly replacement: string | null;
}

/** Who the certificate is for. */
export interface CheckedIdentity {
  readonly name: string;
  readonly email: string;
  readonly otherNames: readonly AlternativeName[];
}

/** Answers that can be acted on. Lives only as long as the run that they started. */
export interface CheckedAnswers {
  readonly pin: SecretChange;
  /** null: the PUK stays. */
  readonly puk: { readonly current: string; readonly replacement: string } | null;
  readonly identity: CheckedIdentity | null;
  readonly keyPair: { readonly keyType: EnrollableKeyType; readonly pinPolicy: EnrollablePinPolicy; readonly touchPolicy: TouchPolicy } | null;
  /** What is in 9a is moved to a retired slot before a new key pair takes its place. */
  readonly keepsOldKey: boolean;
}

/** 'unasked': the person has not agreed to what is replaced yet; there is nothing to say about it but to ask again. */
export type AnswersCheck = Result<CheckedAnswers> | 'unasked';

/** Fails with pin-invalid, csr-name-refused, key-type-unsupported, policy-refused. */
export function checkAnswers(questions: EnrollmentQuestions, answers: EnrollmentAnswers, firmware: string): AnswersCheck {
  const pin = checkPin(questions, answers);
  if (!pin.ok) return pin;
  const puk = checkPuk(questions, answers);
  if (!puk.ok) return puk;
  const identity = checkIdentity(questions, answers);
  if (!identity.ok) return identity;
  const keyType = answers.keyType ?? questions.keyPair?.offered[0] ?? 'ECCP256';
  if (questions.keyPair !== null && !questions.keyPair.offered.includes(keyType)) {
    return failed({ kind: 'key-type-unsupported', keyType, firmware });
  }
  const keepsOldKey = questions.replaces?.canKeep === true && answers.keepOldKey === true;
  if (questions.replaces !== null && answers.replace !== true && !keepsOldKey) return 'unasked';
  const pinPolicy = answers.pinPolicy ?? 'once';
  if (questions.keyPair !== null && !questions.keyPair.offeredPinPolicies.includes(pinPolicy)) {
    return failed({ kind: 'policy-refused', problem: 'pin-never-on-fips' });
  }
  const keyPair = questions.keyPair === null ? null : { keyType, pinPolicy, touchPolicy: answers.touchPolicy ?? 'never' };
  return success({ pin: pin.value, puk: puk.value, identity: identity.value, keyPair, keepsOldKey });
}

function checkPin(questions: EnrollmentQuestions, answers: EnrollmentAnswers): Result<SecretChange> {
  if (questions.pin === 'choose') {
    // The key itself said that the factory PIN still holds: it is used, not tried.
    const rule = checkNew('PIN', answers.newPin, questions.rules);
    return rule.ok ? success({ current: FACTORY_PIN, replacement: answers.newPin ?? '' }) : rule;
  }
  const current = answers.currentPin ?? '';
  const currentRule = checkCurrent('PIN', current);
  if (!currentRule.ok) return currentRule;
  if (questions.pin === 'enter') return success({ current, replacement: null });
  const isKept = answers.newPin === undefined && current !== FACTORY_PIN;
  if (isKept) return success({ current, replacement: null });
  // An old key with the factory PIN: no certificate goes onto it before the PIN is the person's own.
  const newRule = checkNew('PIN', answers.newPin ?? current, questions.rules);
  return newRule.ok ? success({ current, replacement: answers.newPin ?? null }) : newRule;
}

function checkPuk(questions: EnrollmentQuestions, answers: EnrollmentAnswers): Result<CheckedAnswers['puk']> {
  const isKept = questions.puk === null || (questions.puk === 'enter-or-keep' && answers.newPuk === undefined);
  if (isKept) return success(null);
  const current = questions.puk === 'choose' ? FACTORY_PUK : (answers.currentPuk ?? '');
  const rules = [checkCurrent('PUK', current), checkNew('PUK', answers.newPuk, questions.rules)];
  const broken = rules.find((rule) => !rule.ok) ?? done;
  return broken.ok ? success({ current, replacement: answers.newPuk ?? '' }) : broken;
}

function checkIdentity(questions: EnrollmentQuestions, answers: EnrollmentAnswers): Result<CheckedAnswers['identity']> {
  if (questions.identity === null) return success(null);
  const typed = { name: (answers.name ?? questions.identity.name).trim(), email: (answers.email ?? questions.identity.email).trim() };
  // What an approver wrote into the invitation is not to be changed here.
  const identity = questions.identity.isFixed ? { name: questions.identity.name, email: questions.identity.email } : typed;
  if (!isCommonName(identity.name)) return failed({ kind: 'csr-name-refused', field: 'commonName' });
  if (!isEmail(identity.email)) return failed({ kind: 'csr-name-refused', field: 'email' });
  const otherNames = (answers.otherNames ?? []).map(parseAlternativeName);
  const areNames = otherNames.every((other) => other !== undefined && isPersonsName(other));
  if (!areNames) return failed({ kind: 'csr-name-refused', field: 'otherNames' });
  return success({ ...identity, otherNames: otherNames.filter((other) => other !== undefined) });
}
