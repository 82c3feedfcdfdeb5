import { inspectLinkOrAddress } from '../authorities/latchkey-inspection.ts';
import type { PinnedAuthority } from '../core/certificate-authority.ts';
import type { Failure } from '../core/failures.ts';
import { parseInvitation } from '../core/invitation.ts';
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
  if (options.invite !== undefined && options.ca !== undefined) {
    throw new CommandStopped({ kind: 'usage', detail: '--invite and --ca exclude each other.' });
  }
  const pinned = await readPinnedAuthority(folders);
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
  if (before?.fingerprint !== authority.fingerprint || before.address !== authority.address) await writePinnedAuthority(folders, authority);
}
