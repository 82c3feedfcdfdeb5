import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { type FlowAuthority, need } from './flow-authority.ts';
import type { Person } from './person.ts';

/** Goes on until the enrollment is finished, the approver saying yes whenever it waits. */
export async function enrollAndApprove(person: Person, authority: FlowAuthority, from?: EnrollmentState): Promise<EnrollmentState> {
  let state = await person.goOn(from);
  while (state.kind === 'waiting-for-approval') {
    const decided = person.until((next) => next.kind !== 'waiting-for-approval' && next.kind !== 'reading');
    need(await authority.approver.approve(state.request.id));
    person.clock.pass();
    state = await decided;
    if (state.kind === 'asking') state = await person.enrollment.answer(person.answersTo(state.questions));
  }
  return state;
}
