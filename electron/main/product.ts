/** Puts the rooms together: keys, CA, enrollment, queue, and the handlers of their calls. Loaded after the window. */
import { join } from 'node:path';
import { latchkeySignIn } from '../../authorities/latchkey-approver.ts';
import { inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { createEnrollment } from '../../core/enrollment/run.ts';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import { success } from '../../core/result.ts';
import type { OpenedLink } from './deep-link.ts';
import type { DeviceClient } from './device-client.ts';
import { enrollmentRecordsIn } from './enrollment-records.ts';
import { EnrollmentSessions } from './enrollment-sessions.ts';
import { authorityHandlers } from './handlers/authority.ts';
import { enrollmentHandlers } from './handlers/enrollment.ts';
import { keysHandlers } from './handlers/keys.ts';
import { queueHandlers } from './handlers/queue.ts';
import type { Handlers, Tell } from './ipc-serve.ts';
import type { Log } from './log.ts';
import { QueueSession } from './queue-session.ts';
import { SettingsFile } from './settings-file.ts';

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
    connect: latchkeyAuthority,
    createEnrollment,
    records: enrollmentRecordsIn(join(userData, 'enrollments')),
    clock: systemClock,
    tell,
    log,
  });
  const queue = new QueueSession({ keys, authority: () => settings.authority, signInAt: latchkeySignIn, tell });
  keys.watch((situation) => tell('keys.changed', situation));
  const handlers: Handlers = {
    'app.facts': () => success({ version: LATCHKEY_VERSION, electron: process.versions['electron'] ?? '', platform: process.platform, isDemo }),
    ...keysHandlers(keys),
    ...authorityHandlers({ inspect: inspectLinkOrAddress, settings, sessions, queue, openedLink, tell }),
    ...enrollmentHandlers(sessions),
    ...queueHandlers(queue),
  };
  return { handlers };
}
