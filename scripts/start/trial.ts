/** A trial without a YubiKey: two virtual ones in a smart card service of their own, and a CA that knows them. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInvitation } from '../../ca/invite.ts';
import type { AuthorityServer } from '../../ca/server.ts';
import type { Cleanup } from '../../cli/demo/cleanup.ts';
import { createPerson, enroll, expect, openInvitation } from '../../cli/demo/person.ts';
import { StepReport } from '../../cli/step-report.ts';
import { withSecurityKeys } from '../../cli/security-keys.ts';
import { settledSituation } from '../../cli/choose-key.ts';
import { DEMO_FILE_VARIABLE, type DemoFile } from '../../electron/demo/demo-file.ts';
import { serveControl, type HandledKey } from '../../native/virtual-yubikey/control-server.ts';
import { startPrivatePcscd } from '../../native/virtual-yubikey/private-pcscd.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../../native/virtual-yubikey/vpcd.ts';
import { authorityFolder, openAuthority } from './own-authority.ts';
import { trustVirtualKeys } from './trust-virtual-keys.ts';

const USER = { name: 'Ana Example', email: 'ana@example.org', serial: 5_210_001 } as const;
const APPROVER = { name: 'Petra Approver', email: 'petra@example.org', serial: 5_210_002 } as const;
const FIRMWARE = '5.4.3';

/** What the app is started with. */
export interface Trial {
  readonly userData: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes or continues the trial in `folder`: what was done in it is still there the next time. */
export async function prepareTrial(folder: string, cleanup: Cleanup, tell: (line: string) => void): Promise<Trial> {
  const approverFile = join(folder, 'approver.json');
  // Half a trial, cut off before its approver was enrolled, is begun anew.
  if (!existsSync(approverFile)) await rm(folder, { recursive: true, force: true });
  const authority = await openAuthority(folder, { name: 'Latchkey trial CA', tell, attestationRootPem: testAttestationRootPem });
  cleanup.add('the CA', () => authority.close());
  const { socketPath, keys } = await plugIn(folder, cleanup);
  // This process and the app see the virtual keys and no real reader.
  process.env['PCSCLITE_CSOCK_NAME'] = socketPath;
  const isFirstTime = !existsSync(approverFile);
  const pin = isFirstTime ? await enrollApprover({ folder, authority, approverFile, tell }) : (JSON.parse(await readFile(approverFile, 'utf8')) as { pin: string }).pin;
  const controlSocket = join(folder, 'hand.sock');
  const control = await serveControl(controlSocket, keys);
  cleanup.add('the hand', () => control.close());
  const invitation = expect(await createInvitation({ dir: authorityFolder(folder), name: USER.name, email: USER.email, role: 'user', days: 7 }));
  const demoFile = join(folder, 'demo.json');
  const content: DemoFile = {
    controlSocket,
    keys: [
      { serial: USER.serial, owner: 'user', pin: null },
      { serial: APPROVER.serial, owner: 'approver', pin },
    ],
    invitationLink: invitation.link,
  };
  await writeFile(demoFile, JSON.stringify(content), { mode: 0o600 });
  const userData = join(folder, 'app');
  await trustVirtualKeys(userData);
  return { userData, args: isFirstTime ? [invitation.link] : [], environment: { [DEMO_FILE_VARIABLE]: demoFile, PCSCLITE_CSOCK_NAME: socketPath } };
}

async function plugIn(folder: string, cleanup: Cleanup): Promise<{ readonly socketPath: string; readonly keys: readonly HandledKey[] }> {
  const pcscd = await startPrivatePcscd({ readers: 2 });
  cleanup.add('pcscd', () => pcscd.close());
  const keys = await Promise.all(
    [{ label: 'user', ...USER }, { label: 'approver', ...APPROVER }].map(async ({ label, serial }, index) => {
      const key = new VirtualYubiKey({ firmware: FIRMWARE, serial, statePath: join(folder, `${label}-key.json`) });
      const insertion = await insertIntoVpcd(key, { port: pcscd.ports[index] ?? 0 });
      cleanup.add(`the ${label}'s virtual key`, () => insertion.close());
      return { label, key, insertion };
    }),
  );
  return { socketPath: pcscd.socketPath, keys };
}

interface ApproverEnrollment {
  readonly folder: string;
  readonly authority: AuthorityServer;
  readonly approverFile: string;
  readonly tell: (line: string) => void;
}

/** The approver's key is enrolled before the app opens, so that the newcomer can begin as the user; answers its PIN. */
async function enrollApprover({ folder, authority, approverFile, tell }: ApproverEnrollment): Promise<string> {
  tell("enrolling the approver's virtual key");
  const link = authority.firstApproverInvitation;
  if (link === null) throw new Error('this CA has an approver, but the trial does not know its PIN; remove .latchkey/trial and start again');
  return withSecurityKeys({}, async (securityKeys) => {
    const situation = await settledSituation(securityKeys);
    const found = situation.kind === 'present' ? situation.keys.find((key) => key.kind === 'ready' && key.facts.serial === APPROVER.serial) : undefined;
    if (!found) throw new Error(`the approver's virtual key is not seen: ${JSON.stringify(situation)}`);
    const approver = createPerson(APPROVER.name, APPROVER.email, securityKeys, found.readerName);
    const { enrollment } = await openInvitation(approver, link, { config: folder, state: folder }, new StepReport(() => undefined));
    const state = await enroll(approver, enrollment);
    enrollment.leave();
    if (state.kind !== 'done') throw new Error('the first approver was made to wait');
    await writeFile(approverFile, JSON.stringify({ pin: approver.pin }), { mode: 0o600 });
    return approver.pin;
  });
}
