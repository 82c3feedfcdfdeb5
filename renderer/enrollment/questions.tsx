/** The questions of an enrollment, one page each; the last page's button starts the work. */
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { EnrollmentAnswers, EnrollmentQuestions, EnrollmentState } from '../../core/enrollment/state.ts';
import type { Failure } from '../../core/failures.ts';
import type { FollowedKey } from '../key/followed-key.ts';
import type { Messages } from '../messages/en.ts';
import { useMessages } from '../messages/language.tsx';
import { FormProblem } from '../ui/form-problem.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { StepList } from '../ui/step-list.tsx';
import { questionPages, toAnswers, type EnrollmentDraft, type QuestionPage } from './draft.ts';
import { IdentityPage, isIdentityComplete } from './identity-page.tsx';
import { isPinComplete, PinPage } from './pin-page.tsx';
import { isPukComplete, PukPage } from './puk-page.tsx';
import { isReplaceConfirmed, ReplacePage } from './replace-page.tsx';
import forms from '../ui/form.module.css';

type AskingState = Extract<EnrollmentState, { readonly kind: 'asking' }>;

/** What every page of questions gets. */
export interface PageProps {
  readonly questions: EnrollmentQuestions;
  readonly securityKey: FollowedKey;
  readonly draft: EnrollmentDraft;
  readonly change: (change: Partial<EnrollmentDraft>) => void;
  /** The person tried to go on: what is missing may be said. */
  readonly isTried: boolean;
  /** What was wrong with the last answers. */
  readonly problem: Failure | null;
}

interface QuestionsProps {
  readonly state: AskingState;
  readonly securityKey: FollowedKey;
  readonly draft: EnrollmentDraft;
  readonly onDraft: (draft: EnrollmentDraft) => void;
  readonly isBusy: boolean;
  readonly onAnswer: (answers: EnrollmentAnswers) => void;
  readonly onLeave: () => void;
}

export function Questions({ state, securityKey, draft, onDraft, isBusy, onAnswer, onLeave }: QuestionsProps) {
  const { enrollment, app } = useMessages();
  const { questions, problem, steps } = state;
  const pages = questionPages(questions);
  const [wanted, setPage] = useState(() => pageFor(problem, pages));
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const page = Math.min(wanted, pages.length - 1);
  const current = pages[page] ?? 'pin';
  const isLast = page === pages.length - 1;
  const isComplete = pageIsComplete(current, questions, draft, securityKey);

  // A new problem leads to the page that can cure it.
  useEffect(() => {
    if (problem !== null) setPage(pageFor(problem, questionPages(questions)));
    setTries(0);
  }, [problem, questions]);

  // What is missing takes the focus, so that it is found by those who do not see it.
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries]);

  const goTo = (next: number): void => {
    setTries(0);
    setPage(next);
  };
  const goOn = (): void => {
    if (!isComplete) setTries(tries + 1);
    else if (isLast) onAnswer(toAnswers(questions, draft));
    else goTo(page + 1);
  };
  const props: PageProps = { questions, securityKey, draft, change: (change) => onDraft({ ...draft, ...change }), isTried: tries > 0, problem };
  const { title, lead } = heading(current, questions, enrollment);

  return (
    <Screen
      title={title}
      lead={lead}
      over={pages.length > 1 ? enrollment.page(page + 1, pages.length) : undefined}
      onBack={page === 0 ? onLeave : () => goTo(page - 1)}
      aside={<StepList steps={steps} label={enrollment.stepsLabel} />}
    >
      <form
        ref={form}
        className={forms.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn();
        }}
      >
        {problem !== null && pageFor(problem, pages) === page && <FormProblem problem={problem} />}
        <Page page={current} props={props} />
        {!securityKey.isPresent && <Notice tone="brass">{enrollment.keyGone}</Notice>}
        <div className={`sticky-actions ${forms.actions}`}>
          <Button type="submit" size="md" loading={isBusy} disabled={isLast && !securityKey.isPresent}>
            {isLast ? submitLabel(questions, enrollment) : app.next}
          </Button>
        </div>
      </form>
    </Screen>
  );
}

function Page({ page, props }: { readonly page: QuestionPage; readonly props: PageProps }) {
  switch (page) {
    case 'replace':
      return <ReplacePage {...props} />;
    case 'identity':
      return <IdentityPage {...props} />;
    case 'pin':
      return <PinPage {...props} />;
    case 'puk':
      return <PukPage {...props} />;
  }
}

function pageIsComplete(page: QuestionPage, questions: EnrollmentQuestions, draft: EnrollmentDraft, securityKey: FollowedKey): boolean {
  switch (page) {
    case 'replace':
      return isReplaceConfirmed(questions, draft, securityKey);
    case 'identity':
      return isIdentityComplete(questions, draft);
    case 'pin':
      return isPinComplete(questions, draft);
    case 'puk':
      return isPukComplete(questions, draft);
  }
}

/** The page whose fields a problem is about; the first one where it is about none. */
function pageFor(problem: Failure | null, pages: readonly QuestionPage[]): number {
  const page = problem === null ? undefined : pageOfProblem(problem);
  return page === undefined ? 0 : Math.max(0, pages.indexOf(page));
}

function pageOfProblem(problem: Failure): QuestionPage | undefined {
  switch (problem.kind) {
    case 'pin-wrong':
    case 'pin-blocked':
      return 'pin';
    case 'puk-wrong':
    case 'puk-blocked':
      return 'puk';
    case 'pin-invalid':
      return problem.which === 'PIN' ? 'pin' : 'puk';
    case 'csr-name-refused':
    case 'csr-key-refused':
    case 'key-type-unsupported':
    case 'policy-refused':
      return 'identity';
    case 'no-retired-slot-free':
    case 'move-unsupported':
      return 'replace';
    default:
      return undefined;
  }
}

function heading(page: QuestionPage, questions: EnrollmentQuestions, texts: Messages['enrollment']): { readonly title: string; readonly lead: string } {
  switch (page) {
    case 'replace':
      return { title: texts.replace.title, lead: questions.replaces?.canKeep === true ? texts.replace.leadKeep : texts.replace.lead };
    case 'identity':
      return { title: texts.identity.title, lead: questions.identity?.isFixed === true ? texts.identity.leadFixed : texts.identity.lead };
    case 'puk':
      return { title: texts.puk.title, lead: texts.puk.lead };
    case 'pin':
      if (questions.isFinishing) return { title: texts.pin.finishTitle, lead: texts.pin.finishLead };
      return questions.pin === 'choose' ? { title: texts.pin.chooseTitle, lead: texts.pin.chooseLead } : { title: texts.pin.enterTitle, lead: texts.pin.enterLead };
  }
}

function submitLabel(questions: EnrollmentQuestions, { submit }: Messages['enrollment']): string {
  if (questions.isFinishing) return submit.finish;
  return questions.keyPair === null ? submit.goOn : submit.enroll;
}
