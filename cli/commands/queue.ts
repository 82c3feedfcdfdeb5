import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import type { ApproverSession } from '../../core/certificate-authority.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import type { Result } from '../../core/result.ts';
import { chooseKey } from '../choose-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import { CommandStopped, type Outcome } from '../failures.ts';
import { foldersOf } from '../folders.ts';
import { TOUCH_WANTED } from '../messages/steps.en.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { requestLine, requestText } from '../request-text.ts';
import { withSecurityKeys } from '../security-keys.ts';

/** More than a person reads at once; the pending ones come first. */
const LIST_LIMIT = 200;

/** `latchkey queue list` */
export async function list(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  const requests = await signedIn(context, choice, (session) => session.requests(LIST_LIMIT));
  if (!requests.ok) return requests;
  return { ok: true, json: { requests: requests.value }, text: requests.value.length === 0 ? 'No requests.' : requests.value.map(requestLine).join('\n') };
}

/** `latchkey queue show ID` */
export async function show(context: CommandContext, choice: KeyChoice, id: string): Promise<Outcome> {
  const requestId = wellFormed(id);
  return outcomeOf(await signedIn(context, choice, (session) => session.request(requestId)));
}

/** `latchkey queue approve ID` */
export async function approve(context: CommandContext, choice: KeyChoice, id: string): Promise<Outcome> {
  const requestId = wellFormed(id);
  return outcomeOf(await signedIn(context, choice, (session) => session.approve(requestId)));
}

/** `latchkey queue deny ID --reason TEXT` */
export async function deny(context: CommandContext, options: KeyChoice & { readonly reason: string }, id: string): Promise<Outcome> {
  const reason = options.reason.trim();
  if (reason === '' || reason.length > 500) return { ok: false, failure: { kind: 'usage', detail: 'The reason has 1 to 500 characters.' } };
  const requestId = wellFormed(id);
  return outcomeOf(await signedIn(context, options, (session) => session.deny(requestId, reason)));
}

function outcomeOf(request: Result<CertificateRequest>): Outcome {
  return request.ok ? { ok: true, json: { request: request.value }, text: requestText(request.value) } : request;
}

/** Found out before the PIN is asked: anything else than an id is a slip of the pen. */
function wellFormed(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new CommandStopped({ kind: 'usage', detail: `"${id}" is not the number of a request: 32 hexadecimal digits.` });
  return id;
}

/** Signs in with the approver's key, does one thing and signs out: nothing of a session outlives the command. */
async function signedIn<T>(context: CommandContext, choice: KeyChoice, work: (session: ApproverSession) => Promise<Result<T>>): Promise<Result<T>> {
  const authority = await readPinnedAuthority(foldersOf(process.env));
  if (authority === null) throw new CommandStopped({ kind: 'no-authority' });
  return withSecurityKeys(choice, async (keys) => {
    const facts = await chooseKey(context, keys, choice);
    const { certificate } = facts.authentication;
    if (certificate === null) return { ok: false, failure: { kind: 'slot-empty' } };
    const key = keys.at(facts.readerName);
    const attempts = facts.pin.attemptsLeft === null ? '' : ` (${facts.pin.attemptsLeft} attempts left)`;
    const signIn = latchkeySignIn(authority);
    const session = await signIn(certificate, async (message) =>
      key.sign(await context.secrets.get('pin', `PIN${attempts}: `), message, () => context.output.progress(TOUCH_WANTED)),
    );
    if (!session.ok) return session;
    try {
      return await work(session.value);
    } finally {
      await session.value.signOut();
    }
  });
}
