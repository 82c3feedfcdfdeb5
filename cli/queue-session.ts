/** A session at the CA for one command: signed in with the key, the PIN asked for once, signed out in the end. */
import { latchkeySignIn } from '../authorities/latchkey-approver.ts';
import type { ApproverSession, Sign } from '../core/certificate-authority.ts';
import type { Decision, DecisionOutcome } from '../core/requests/decision.ts';
import type { Result } from '../core/result.ts';
import { chooseKey } from './choose-key.ts';
import type { CommandContext, KeyChoice } from './command.ts';
import { CommandStopped } from './failures.ts';
import { foldersOf } from './folders.ts';
import { TOUCH_WANTED } from './messages/steps.en.ts';
import { readPinnedAuthority } from './pinned-authority.ts';
import { withSecurityKeys } from './security-keys.ts';

/** What a command does with its session. `sign`: with the key that signed in, for the statements of decisions. */
export type SessionWork<T> = (session: ApproverSession, sign: Sign) => Promise<Result<T>>;

/** Signs in with an officer's key, does one thing and signs out: nothing of a session outlives the command. */
export async function signedIn<T>(context: CommandContext, choice: KeyChoice, work: SessionWork<T>): Promise<Result<T>> {
  const authority = await readPinnedAuthority(foldersOf(process.env));
  if (authority === null) throw new CommandStopped({ kind: 'no-authority' });
  if ((authority.protocol ?? 'latchkey') !== 'latchkey') throw new CommandStopped({ kind: 'authority-cannot', what: 'a queue' });
  return withSecurityKeys(choice, async (keys) => {
    const facts = await chooseKey(context, keys, choice);
    const { certificate } = facts.authentication;
    if (certificate === null) return { ok: false, failure: { kind: 'slot-empty' } };
    const key = keys.at(facts.readerName);
    const attempts = facts.pin.attemptsLeft === null ? '' : ` (${facts.pin.attemptsLeft} attempts left)`;
    // Asked for once, however many statements there are to sign.
    let pin: string | undefined;
    const sign: Sign = async (message) => {
      pin ??= await context.secrets.get('pin', `PIN${attempts}: `);
      return key.sign(pin, message, () => context.output.progress(TOUCH_WANTED));
    };
    const session = await latchkeySignIn(authority)(certificate, sign);
    if (!session.ok) return session;
    try {
      return await work(session.value, sign);
    } finally {
      await session.value.signOut();
    }
  });
}

/** One decision, and what became of it. */
export async function decideOne(session: ApproverSession, sign: Sign, decision: Decision): Promise<Result<Extract<DecisionOutcome, { ok: true }>>> {
  const outcomes = await session.decide([decision], sign);
  if (!outcomes.ok) return outcomes;
  const [outcome] = outcomes.value;
  if (outcome === undefined) throw new Error('The CA answered a decision with nothing.');
  return outcome.ok ? { ok: true, value: outcome } : outcome;
}
