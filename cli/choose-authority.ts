import { pinByHand } from '../authorities/by-hand.ts';
import { inspectEst } from '../authorities/est-inspection.ts';
import { inspectLinkOrAddress } from '../authorities/latchkey-inspection.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import type { Failure } from '../core/failures.ts';
import { parseInvitation } from '../core/invitation.ts';
import type { Result } from '../core/result.ts';
import { readCertificateFile } from './by-hand.ts';
import type { CommandContext } from './command.ts';
import { CommandStopped } from './failures.ts';
import type { Folders } from './folders.ts';
import { readPinnedAuthority, writePinnedAuthority } from './pinned-authority.ts';
import type { EnrollOptions } from './program.ts';

export interface ChosenAuthority {
  readonly authority: PinnedAuthority;
  readonly invitationCode: string | null;
  /** The invitation was used up already, perhaps by this very key: then the request is found by the key, and this is no failure yet. */
  readonly spentInvitation: Failure | null;
}

/** The CA of an invitation, of an address, or the one this computer trusts already. What is chosen is pinned from here on. */
export async function chooseAuthority(context: CommandContext, folders: Folders, options: EnrollOptions): Promise<ChosenAuthority> {
  const ways = [options.invite, options.ca, options.est, options.byHand].filter((way) => way !== undefined);
  if (ways.length > 1) throw new CommandStopped({ kind: 'usage', detail: '--invite, --ca, --est and --by-hand exclude each other.' });
  const pinned = await readPinnedAuthority(folders);
  const other = await otherProtocol(context, options);
  if (other !== null) {
    await pin(context, folders, other, pinned);
    return { authority: other, invitationCode: null, spentInvitation: null };
  }
  const linkOrAddress = options.invite ?? options.ca;
  if (linkOrAddress === undefined) {
    if (pinned === null) throw new CommandStopped({ kind: 'no-authority' });
    return { authority: pinned, invitationCode: null, spentInvitation: null };
  }
  const inspected = await inspectLinkOrAddress(linkOrAddress);
  if (!inspected.ok) return spentInvitation(inspected.failure, linkOrAddress, pinned);
  const { authority, invitation } = inspected.value;
  if (invitation === null) await confirmFingerprint(context, authority, options.fingerprint);
  await pin(context, folders, authority, pinned);
  return { authority, invitationCode: invitation?.code ?? null, spentInvitation: null };
}

/** A CA that is no Latchkey CA, where the options name one; else null. */
async function otherProtocol(context: CommandContext, { est, label, byHand, caCertificate, fingerprint }: EnrollOptions): Promise<PinnedAuthority | null> {
  if (byHand === undefined && est === undefined) return null;
  const named = caCertificate === undefined ? null : need(await pinByHand(await readCertificateFile(caCertificate)));
  if (est === undefined) {
    if (named === null) throw new CommandStopped({ kind: 'answer-missing', what: 'The certificate of your CA', option: 'ca-certificate' });
    return named;
  }
  const authority = need(await inspectEst(est, label));
  await confirmFingerprint(context, authority, fingerprint ?? named?.fingerprint);
  return authority;
}

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new CommandStopped(result.failure);
  return result.value;
}

/** Running the same command again after the request was handed in is how an enrollment goes on. */
function spentInvitation(failure: Failure, link: string, pinned: PinnedAuthority | null): ChosenAuthority {
  const invitation = parseInvitation(link);
  if (failure.kind !== 'invitation-used' || !invitation.ok || pinned?.fingerprint !== invitation.value.fingerprint) {
    throw new CommandStopped(failure);
  }
  return { authority: pinned, invitationCode: invitation.value.code, spentInvitation: failure };
}

/** Without an invitation nobody vouches for the CA but the person, who got its fingerprint by another way. */
async function confirmFingerprint({ terminal, output }: CommandContext, authority: PinnedAuthority, given: string | undefined): Promise<void> {
  if (given === undefined && !terminal.isThere) throw new CommandStopped({ kind: 'answer-missing', what: 'The fingerprint of the CA', option: 'fingerprint' });
  if (given === undefined) {
    output.progress(`${authority.name} at ${authority.address} shows this fingerprint (SHA-256):\n  ${authority.fingerprint}`);
    if (await terminal.confirm('Is it the one your administrator gave you?')) return;
    throw new CommandStopped({ kind: 'cancelled' });
  }
  const expected = given.replaceAll(/[:\s]/g, '').toLowerCase();
  if (expected !== authority.fingerprint) {
    throw new CommandStopped({ kind: 'authority-fingerprint-mismatch', address: authority.address, expected, actual: authority.fingerprint });
  }
}

async function pin({ output }: CommandContext, folders: Folders, authority: PinnedAuthority, before: PinnedAuthority | null): Promise<void> {
  if (before !== null && before.fingerprint !== authority.fingerprint) output.progress(`This computer now trusts ${authority.name} in place of ${before.name}.`);
  if (before === null || !isSame(before, authority)) await writePinnedAuthority(folders, authority);
}

/** Whether both lead to the same CA by the same way; what it is called or has below it may differ. */
function isSame(one: PinnedAuthority, other: PinnedAuthority): boolean {
  return (['fingerprint', 'address', 'protocol', 'label', 'serverTrust'] as const).every((field) => one[field] === other[field]);
}
