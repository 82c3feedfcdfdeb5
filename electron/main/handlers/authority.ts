import type { EstCredentials } from '../../../authorities/est.ts';
import type { InspectedAuthority } from '../../../authorities/latchkey-inspection.ts';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import type { AuthorityCandidate, AuthorityView } from '../../../core/ipc.ts';
import { success, type Result } from '../../../core/result.ts';
import type { OpenedLink } from '../deep-link.ts';
import type { EnrollmentSessions } from '../enrollment-sessions.ts';
import type { Handlers, Tell } from '../ipc-serve.ts';
import type { QueueSession } from '../queue-session.ts';
import type { OpenFile } from '../open-file.ts';
import { CERTIFICATE_EXTENSIONS, MAX_FILE_BYTES } from './by-hand.ts';
import type { SettingsFile } from '../settings-file.ts';

export interface AuthorityRoom {
  readonly inspect: (linkOrAddress: string) => Promise<Result<InspectedAuthority>>;
  readonly inspectEst: (address: string, label: string | undefined) => Promise<Result<PinnedAuthority>>;
  readonly pinByHand: (file: Uint8Array) => Promise<Result<PinnedAuthority>>;
  readonly openFile: OpenFile;
  readonly estCredentials: EstCredentialsInMemory;
  readonly settings: SettingsFile;
  readonly sessions: EnrollmentSessions;
  readonly queue: QueueSession;
  readonly openedLink: OpenedLink;
  readonly tell: Tell;
}

/** Never written anywhere: after a restart the person is asked again. */
export interface EstCredentialsInMemory {
  current: EstCredentials | null;
}

type AuthorityCalls = 'authority.current' | 'authority.inspect' | 'authority.inspectEst' | 'authority.chooseByHand' | 'authority.trust' | 'authority.forget' | 'authority.openedLink';

export function authorityHandlers({ inspect, inspectEst, pinByHand, openFile, estCredentials, settings, sessions, queue, openedLink, tell }: AuthorityRoom): Pick<Handlers, AuthorityCalls> {
  let candidate: InspectedAuthority | null = null;
  /** For the candidate alone: they reach no server that is not trusted. */
  let candidateCredentials: EstCredentials | null = null;

  /** What was under way with the former CA has nothing to do with the next. */
  const leaveFormer = async (): Promise<void> => {
    sessions.leaveAll();
    await queue.signOut();
  };
  const pin = async (authority: PinnedAuthority, invitationCode: string | null): Promise<AuthorityView> => {
    if (settings.authority?.fingerprint !== authority.fingerprint || settings.authority.protocol !== authority.protocol) await leaveFormer();
    await settings.trust(authority, invitationCode);
    candidate = null;
    tell('authority.changed', viewOf(authority));
    return viewOf(authority);
  };

  return {
    'authority.current': () => success(settings.authority && viewOf(settings.authority)),
    'authority.inspect': async ({ linkOrAddress }) => {
      const inspected = await inspect(linkOrAddress);
      candidate = inspected.ok ? inspected.value : null;
      candidateCredentials = null;
      return inspected.ok ? success(candidateOf(inspected.value)) : inspected;
    },
    'authority.trust': async ({ address, fingerprint }) => {
      const trusted = candidate?.authority;
      if (!trusted || trusted.address !== address || trusted.fingerprint !== fingerprint) throw new Error('trust in a CA that was not looked at');
      estCredentials.current = candidateCredentials;
      return success(await pin(trusted, candidate?.invitation?.code ?? null));
    },
    'authority.inspectEst': async ({ address, label, user, password }) => {
      const inspected = await inspectEst(address, label === '' ? undefined : label);
      if (!inspected.ok) return inspected;
      candidate = { authority: inspected.value, invitation: null };
      candidateCredentials = user === '' && password === '' ? null : { user, password };
      return success(candidateOf(candidate));
    },
    'authority.chooseByHand': async () => {
      const file = await openFile({ extensions: CERTIFICATE_EXTENSIONS, maxBytes: MAX_FILE_BYTES });
      if (!file.ok || file.value === null) return file.ok ? success(null) : file;
      const pinned = await pinByHand(file.value);
      return pinned.ok ? success(await pin(pinned.value, null)) : pinned;
    },
    'authority.forget': async () => {
      await leaveFormer();
      await settings.forgetAuthority();
      tell('authority.changed', null);
      return success(null);
    },
    'authority.openedLink': () => success(openedLink.take()),
  };
}

/** The certificate stays in main; the window compares fingerprints. */
function viewOf({ address, name, fingerprint, protocol = 'latchkey' }: PinnedAuthority): AuthorityView {
  return { address, name, fingerprint, protocol };
}

/** The code stays in main. */
function candidateOf({ authority, invitation }: InspectedAuthority): AuthorityCandidate {
  return { ...viewOf(authority), invitation: invitation && { name: invitation.name, email: invitation.email, role: invitation.role } };
}
