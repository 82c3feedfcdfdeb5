import type { Failure } from '../../core/failures.ts';
import { wordFailure } from '../messages/failures.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from './notice.tsx';
import { FailureDetails } from './problem-panel.tsx';

/** What was wrong with what was typed, over the fields that can be put right. */
export function FormProblem({ problem }: { readonly problem: Failure }) {
  const { failures } = useMessages();
  const words = wordFailure(problem, failures);
  return (
    <Notice tone="brass" title={words.what} isAlert>
      <p>{words.todo}</p>
      <FailureDetails failure={problem} />
    </Notice>
  );
}
