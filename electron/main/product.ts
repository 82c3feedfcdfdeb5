/**
 * Puts the rooms together: keys, CA, enrollment, queue, and the handlers of their calls. Loaded after the window, and
 * light: what speaks to a CA or reads certificates is loaded when it is first asked for.
 */
import { join } from 'node:path';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import { success } from '../../core/result.ts';
import type { OpenedLink } from './deep-link.ts';
import type { DeviceClient } from './device-client.ts';
import { enrollmentRecordsIn } from './enrollment-records.ts';
import { EnrollmentSessions, type EnrollmentSessionsOptions } from './enrollment-sessions.ts';
import { authorityHandlers, type AuthorityRoom } from './handlers/authority.ts';
import { enrollmentHandlers } from './handlers/enrollment.ts';
import { keysHandlers } from './handlers/keys.ts';
import { queueHandlers } from './handlers/queue.ts';
import type { Handlers, Tell } from './ipc-serve.ts';
import type { Log } from './log.ts';
import { QueueSession, type QueueSessionOptions } from './queue-session.ts';
import { SettingsFile } from './settings-file.ts';

const loadEngine: EnrollmentSessionsOptions['loadEngine'] = async () => {
  const [{ createEnrollment }, { latchkeyAuthority }] = await Promise.all([import('../../core/enrollment/run.ts'), import('../../authorities/latchkey.ts')]);
  return { createEnrollment, connect: latchkeyAuthority };
};
const inspect: AuthorityRoom['inspect'] = async (linkOrAddress) => {
  const { inspectLinkOrAddress } = await import('../../authorities/latchkey-inspection.ts');
  return inspectLinkOrAddress(linkOrAddress);
};
const signInAt: QueueSessionOptions['signInAt'] = (authority) => async (certificate, sign) => {
  const { latchkeySignIn } = await import('../../authorities/latchkey-approver.ts');
  return latchkeySignIn(authority)(certificate, sign);
};

export interface ProductOptions {
  /** Folder of this user's Latchkey. */
  readonly userData: string;
  readonly keys: DeviceClient;
  readonly log: Log;
  readonly openedLink: OpenedLink;
  readonly isDemo: boolean;
  readonly tell: Tell;
}

export async function createProduct({ userData, keys, log, openedLink, isDemo, tell }: ProductOptions): Promise<{ readonly handlers: Handlers }> {
  const settings = await SettingsFile.open(join(userData, 'settings.json'), log);
  const sessions = new EnrollmentSessions({
    keys,
    settings,
    loadEngine,
    records: enrollmentRecordsIn(join(userData, 'enrollments')),
    clock: systemClock,
    tell,
    log,
  });
  const queue = new QueueSession({ keys, authority: () => settings.authority, signInAt, tell });
  keys.watch((situation) => tell('keys.changed', situation));
  const handlers: Handlers = {
    'app.facts': () => success({ version: LATCHKEY_VERSION, electron: process.versions['electron'] ?? '', platform: process.platform, isDemo }),
    ...keysHandlers(keys),
    ...authorityHandlers({ inspect, settings, sessions, queue, openedLink, tell }),
    ...enrollmentHandlers(sessions),
    ...queueHandlers(queue),
  };
  return { handlers };
}
