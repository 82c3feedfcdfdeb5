import type { InspectedAuthority } from '../../../authorities/latchkey-inspection.ts';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import type { AuthorityCandidate, AuthorityView } from '../../../core/ipc.ts';
import { success, type Result } from '../../../core/result.ts';
import type { OpenedLink } from '../deep-link.ts';
import type { EnrollmentSessions } from '../enrollment-sessions.ts';
import type { Handlers, Tell } from '../ipc-serve.ts';
import type { QueueSession } from '../queue-session.ts';
import type { SettingsFile } from '../settings-file.ts';

export interface AuthorityRoom {
  readonly inspect: (linkOrAddress: string) => Promise<Result<InspectedAuthority>>;
  readonly settings: SettingsFile;
  readonly sessions: EnrollmentSessions;
  readonly queue: QueueSession;
  readonly openedLink: OpenedLink;
  readonly tell: Tell;
}

type AuthorityCalls = 'authority.current' | 'authority.inspect' | 'authority.trust' | 'authority.forget' | 'authority.openedLink';

export function authorityHandlers({ inspect, settings, sessions, queue, openedLink, tell }: AuthorityRoom): Pick<Handlers, AuthorityCalls> {
  let candidate: InspectedAuthority | null = null;

  /** What was under way with the former CA has nothing to do with the next. */
  const leaveFormer = async (): Promise<void> => {
    sessions.leaveAll();
    await queue.signOut();
  };

  return {
    'authority.current': () => success(settings.authority && viewOf(settings.authority)),
    'authority.inspect': async ({ linkOrAddress }) => {
      const inspected = await inspect(linkOrAddress);
      candidate = inspected.ok ? inspected.value : null;
      return inspected.ok ? success(candidateOf(inspected.value)) : inspected;
    },
    'authority.trust': async ({ address, fingerprint }) => {
      const trusted = candidate?.authority;
      if (!trusted || trusted.address !== address || trusted.fingerprint !== fingerprint) throw new Error('trust in a CA that was not looked at');
      if (settings.authority?.fingerprint !== fingerprint) await leaveFormer();
      await settings.trust(trusted, candidate?.invitation?.code ?? null);
      candidate = null;
      tell('authority.changed', viewOf(trusted));
      return success(viewOf(trusted));
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
function viewOf({ address, name, fingerprint }: PinnedAuthority): AuthorityView {
  return { address, name, fingerprint };
}

/** The code stays in main. */
function candidateOf({ authority, invitation }: InspectedAuthority): AuthorityCandidate {
  return { ...viewOf(authority), invitation: invitation && { name: invitation.name, email: invitation.email, role: invitation.role } };
}
