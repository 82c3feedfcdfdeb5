/**
 * Puts the rooms together: keys, CA, enrollment, queue, and the handlers of their calls. Loaded after the window, and
 * light: what speaks to a CA or reads certificates is loaded when it is first asked for.
 */
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import { failed, success } from '../../core/result.ts';
import { careRecordsIn } from './care-records.ts';
import { CareSessions } from './care-sessions.ts';
import type { OpenedLink } from './deep-link.ts';
import type { DeviceClient } from './device-client.ts';
import { enrollmentRecordsIn } from './enrollment-records.ts';
import { EnrollmentSessions, type EnrollmentSessionsOptions } from './enrollment-sessions.ts';
import { authorityHandlers, type AuthorityRoom, type EstCredentialsInMemory } from './handlers/authority.ts';
import { byHandHandlers, type ByHandRoom } from './handlers/by-hand.ts';
import { careHandlers, type CareEngine } from './handlers/care.ts';
import { enrollmentHandlers } from './handlers/enrollment.ts';
import { keysHandlers } from './handlers/keys.ts';
import { knownKeysHandlers } from './handlers/known-keys.ts';
import { modulesHandlers } from './handlers/modules.ts';
import { queueHandlers } from './handlers/queue.ts';
import type { Handlers, Tell } from './ipc-serve.ts';
import { KnownKeys } from './known-keys.ts';
import type { Log } from './log.ts';
import { openFileFrom } from './open-file.ts';
import { QueueSession, type QueueSessionOptions } from './queue-session.ts';
import { saveFileFrom } from './save-file.ts';
import { SettingsFile } from './settings-file.ts';

const engineWith = (requestsFolder: string, estCredentials: EstCredentialsInMemory): EnrollmentSessionsOptions['loadEngine'] => async () => {
  const [{ createEnrollment }, { connectAuthority }] = await Promise.all([import('../../core/enrollment/run.ts'), import('../../authorities/connect.ts')]);
  return { createEnrollment, connect: (authority) => connectAuthority(authority, { requestsFolder, estCredentials: () => Promise.resolve(estCredentials.current) }) };
};
const byHandEngineWith = (requestsFolder: string): ByHandRoom['loadEngine'] => async () => {
  const [{ signingCommands }, { takeCertificate }, { requestsAt }] = await Promise.all([import('../../core/by-hand/signing-commands.ts'), import('../../authorities/by-hand.ts'), import('../../authorities/connect.ts')]);
  return { signingCommands, takeCertificate, requestsAt: (authority) => requestsAt(authority, requestsFolder) };
};
const inspectEst: AuthorityRoom['inspectEst'] = async (address, label) => {
  const estInspection = await import('../../authorities/est-inspection.ts');
  return estInspection.inspectEst(address, label);
};
const pinByHand: AuthorityRoom['pinByHand'] = async (file) => {
  const byHand = await import('../../authorities/by-hand.ts');
  return byHand.pinByHand(file);
};
const inspect: AuthorityRoom['inspect'] = async (linkOrAddress) => {
  const { inspectLinkOrAddress } = await import('../../authorities/latchkey-inspection.ts');
  return inspectLinkOrAddress(linkOrAddress);
};
const signInAt: QueueSessionOptions['signInAt'] = (authority) => async (certificate, sign) => {
  if ((authority.protocol ?? 'latchkey') !== 'latchkey') return failed({ kind: 'authority-cannot', what: 'a queue' });
  const { latchkeySignIn } = await import('../../authorities/latchkey-approver.ts');
  return latchkeySignIn(authority)(certificate, sign);
};

const loadRules = async () => {
  const [keyCare, { waysOut }] = await Promise.all([import('../../core/key-care/key-care.ts'), import('../../core/key-care/ways-out.ts')]);
  return { ...keyCare, waysOut };
};
const loadCare = async (): Promise<CareEngine> => {
  const [rules, { viewInventory }, { loadAttestationTrust }] = await Promise.all([loadRules(), import('../../core/key-care/inventory-view.ts'), import('../../native/attestation-roots.ts')]);
  return { ...rules, viewInventory, loadAttestationTrust };
};

export interface ProductOptions {
  /** Folder of this user's Latchkey. */
  readonly userData: string;
  readonly window: BrowserWindow;
  readonly keys: DeviceClient;
  readonly log: Log;
  readonly openedLink: OpenedLink;
  readonly isDemo: boolean;
  readonly tell: Tell;
}

export async function createProduct({ userData, window, keys, log, openedLink, isDemo, tell }: ProductOptions): Promise<{ readonly handlers: Handlers }> {
  const settings = await SettingsFile.open(join(userData, 'settings.json'), log);
  // Any other than the one it begins with.
  if (settings.moduleChoice !== 'automatic') void keys.chooseModule(settings.moduleChoice);
  const requestsFolder = join(userData, 'requests');
  const estCredentials: EstCredentialsInMemory = { current: null };
  const openFile = openFileFrom(window);
  const knownKeys = new KnownKeys({ path: join(userData, 'known-keys.json'), now: () => systemClock.now(), tell, log });
  const sessions = new EnrollmentSessions({
    keys,
    settings,
    loadEngine: engineWith(requestsFolder, estCredentials),
    records: enrollmentRecordsIn(join(userData, 'enrollments')),
    clock: systemClock,
    tell,
    log,
    onDone: (key, certificate) => void knownKeys.note(key, certificate),
  });
  const care = new CareSessions({ keys, authority: () => settings.authority, records: careRecordsIn(join(userData, 'care')), clock: systemClock, loadRules });
  const queue = new QueueSession({ keys, authority: () => settings.authority, signInAt, tell });
  keys.watch((situation) => tell('keys.changed', situation));
  const handlers: Handlers = {
    'app.facts': () => success({ version: LATCHKEY_VERSION, electron: process.versions['electron'] ?? '', platform: process.platform, isDemo }),
    ...keysHandlers(keys),
    ...careHandlers({ sessions: care, loadEngine: loadCare, ownRoots: join(userData, 'attestation-roots'), saveFile: saveFileFrom(window), enrollments: sessions, knownKeys }),
    ...modulesHandlers(keys, settings),
    ...knownKeysHandlers(knownKeys),
    ...authorityHandlers({ inspect, inspectEst, pinByHand, openFile, estCredentials, settings, sessions, queue, openedLink, tell }),
    ...enrollmentHandlers(sessions),
    ...byHandHandlers({ authority: () => settings.authority, sessions, loadEngine: byHandEngineWith(requestsFolder), openFile, saveFile: saveFileFrom(window) }),
    ...queueHandlers(queue),
  };
  return { handlers };
}
