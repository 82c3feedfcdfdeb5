/** What waits for a CA key that an approver holds, and the signatures that come back. */
import { API, requestIdPattern, signatureBody } from '../../core/authority-api.ts';
import { failed, success } from '../../core/result.ts';
import type { Context } from '../domain/context.ts';
import { handInSignature, openJobs } from '../domain/signing-jobs.ts';
import { issueApproved } from '../domain/issue-request.ts';
import type { Endpoints } from './endpoint.ts';

export function addSigningEndpoints(endpoints: Endpoints, context: Context): void {
  endpoints.forRole('approver', { method: 'GET', url: API.signingJobs, handle: async () => success({ body: { jobs: await openJobs(context) } }) });
  endpoints.forRole('approver', {
    method: 'POST',
    url: API.signingJob(':id'),
    body: signatureBody,
    handle: async ({ path: { id = '' }, body, actor }) => {
      if (!requestIdPattern.test(id)) return failed({ kind: 'request-unknown' });
      const job = await handInSignature(context, id, body.signature, actor);
      if (!job.ok) return job;
      if (job.value.requestId !== null) await issueApproved(context, job.value.requestId);
      return success({ body: {} });
    },
  });
}
