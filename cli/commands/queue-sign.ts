/** `latchkey queue sign`: an approver who holds the CA's key signs what waits for it. */
import type { ApproverSession, SigningJob } from '../../core/certificate-authority.ts';
import { AuthorityKeyUnavailable, type AuthorityKey } from '../../ca/keys/authority-key.ts';
import { fourWords } from '../../core/requests/four-words.ts';
import { problemWithJob, type ApprovedRequest } from '../../core/requests/signing-check.ts';
import { success, failed, type Result } from '../../core/result.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { openHeldKey } from '../held-key.ts';
import { signedIn } from '../queue-session.ts';

export interface QueueSignOptions extends KeyChoice {
  readonly caKey?: string;
  readonly caKeyUri?: string;
  readonly yes?: boolean;
}

interface Outcomes {
  readonly signed: readonly string[];
  readonly left: readonly string[];
}

async function requestOf(session: ApproverSession, { requestId }: SigningJob): Promise<Result<ApprovedRequest | null>> {
  if (requestId === null) return success(null);
  const found = await session.request(requestId);
  if (!found.ok) return found;
  const { csr, claimed } = found.value;
  return success({ csr, name: claimed.name, email: claimed.email, otherNames: claimed.otherNames });
}

/** The person's yes to one certificate, by the words of the CSR that came: they are what was compared when it was approved. */
async function isWanted({ terminal, output }: CommandContext, job: SigningJob, approved: ApprovedRequest | null, isYes: boolean): Promise<boolean> {
  if (isYes || approved === null) return true;
  output.progress(`${approved.name}, ${approved.email ?? 'no e-mail address'}: ${(await fourWords(approved.csr)).join(' ')}`);
  return terminal.isThere && (await terminal.confirm(`Sign the certificate of ${job.about}?`));
}

async function signAll(context: CommandContext, session: ApproverSession, key: AuthorityKey, isYes: boolean): Promise<Result<Outcomes>> {
  const jobs = await session.signingJobs();
  if (!jobs.ok) return jobs;
  const [signed, left]: [string[], string[]] = [[], []];
  for (const job of jobs.value) {
    const what = `${job.kind}, ${job.about}`;
    const approved = await requestOf(session, job);
    if (!approved.ok) return approved;
    const problem = await problemWithJob(job, approved.value, new Date());
    if (problem !== undefined) left.push(`${what} (${problem})`);
    else if (!(await isWanted(context, job, approved.value, isYes))) left.push(`${what} (not wanted)`);
    else {
      const handed = await session.handInSignature(job.id, await key.sign(job.toBeSigned));
      if (!handed.ok) return handed;
      signed.push(what);
    }
  }
  return success({ signed, left });
}

/** `latchkey queue sign --ca-key FILE` or `--ca-key-uri URI` */
export async function signJobs(context: CommandContext, options: QueueSignOptions): Promise<Outcome> {
  const key = await openHeldKey(context, options.caKey, options.caKeyUri);
  if (!key.ok) return key;
  try {
    const done = await signedIn(context, options, (session) => signAll(context, session, key.value, options.yes === true));
    if (!done.ok) return done;
    const { signed, left } = done.value;
    const lines = [...signed.map((what) => `Signed: ${what}`), ...left.map((what) => `Not signed: ${what}`)];
    return { ok: true, json: { signed, left }, text: lines.length === 0 ? 'Nothing waits for a signature.' : lines.join('\n') };
  } catch (error) {
    if (error instanceof AuthorityKeyUnavailable) return failed(error.failure);
    throw error;
  }
}
