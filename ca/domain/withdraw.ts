/** Taking one's own request back. Its id is a secret of its applicant: who knows it may. */
import type { SubmittedRequest } from '../../core/certificate-authority.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { record } from './audit.ts';
import type { Actor, Context } from './context.ts';
import { submittedView } from './request-view.ts';

/** Withdraws a request that waits; one that is withdrawn stays so. Fails with request-unknown, request-already-decided. */
export async function withdrawRequest(context: Context, id: string, actor: Actor): Promise<Result<SubmittedRequest>> {
  const at = context.clock();
  return context.store.write(async (rows) => {
    const found = await rows.request(id);
    if (!found) return failed({ kind: 'request-unknown' });
    const { status, claimed } = found.request;
    if (status !== 'pending' && status !== 'withdrawn') return failed({ kind: 'request-already-decided', status });
    if (status === 'pending') {
      await rows.changeStatus(id, 'pending', 'withdrawn', { by: claimed.name, at, reason: null });
      await record(rows, { event: 'request-withdrawn', actor, at, subject: id, facts: { name: claimed.name } });
    }
    return success(submittedView(context, { ...found, request: { ...found.request, status: 'withdrawn' } }));
  });
}
