import type { ApproverView } from '../../core/ipc.ts';
import { isAtLeast } from '../../core/requests/roles.ts';

/** Auditors read everything and decide nothing. */
export function mayDecide({ role }: ApproverView): boolean {
  return isAtLeast(role, 'approver');
}
