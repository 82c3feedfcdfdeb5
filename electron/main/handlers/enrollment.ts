import { success } from '../../../core/result.ts';
import type { EnrollmentSessions } from '../enrollment-sessions.ts';
import type { Handlers } from '../ipc-serve.ts';

type EnrollmentCalls = 'enrollment.state' | 'enrollment.begin' | 'enrollment.answer' | 'enrollment.withdraw' | 'enrollment.leave';

export function enrollmentHandlers(sessions: EnrollmentSessions): Pick<Handlers, EnrollmentCalls> {
  return {
    'enrollment.state': ({ readerName }) => success(sessions.state(readerName)),
    'enrollment.begin': async ({ readerName, renews }) => success(await sessions.begin(readerName, renews)),
    'enrollment.answer': async ({ readerName, answers }) => success(await sessions.answer(readerName, answers)),
    'enrollment.withdraw': ({ readerName }) => sessions.withdraw(readerName),
    'enrollment.leave': ({ readerName }) => {
      sessions.leave(readerName);
      return success(null);
    },
  };
}
