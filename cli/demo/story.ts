/** The story of docs/architecture.md, played whole: nothing in it is a stand-in but the two keys. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePem } from '../../core/x509/pem.ts';
import { formatFirmware } from '../../core/security-key.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { decisionNoticed } from '../decision.ts';
import { CommandStopped } from '../failures.ts';
import { StepReport, type StepMeasure } from '../step-report.ts';
import type { Cleanup } from './cleanup.ts';
import { startDemoAuthority } from './demo-authority.ts';
import { approve, createPerson, enroll, expect, finish, openInvitation, type DoneState, type Person } from './person.ts';
import { findServer, startProtectedServer, type ServerName } from './protected-server.ts';
import { plugInVirtualKeys, type VirtualReaders } from './virtual-readers.ts';
import { visit, type Visit } from './visitor.ts';

export interface Stage {
  /** Everything of the demo is in here, and goes with it. */
  readonly folder: string;
  readonly cleanup: Cleanup;
  readonly tell: (line: string) => void;
  /** Which web server is to be convinced; the first installed of both otherwise. */
  readonly server?: ServerName;
}

/** What the demo proves, in the words of its JSON. */
export interface DemoResult {
  readonly serial: number;
  readonly firmware: string;
  /** The story in the terminal needs no Electron; the app fills this in. */
  readonly electron: null;
  readonly steps: readonly { readonly id: string; readonly ms: number; readonly apdus: number }[];
  /** From plugging in to the proof, without waiting for the approver. */
  readonly totalMs: number;
  /** Of that, inside the card. */
  readonly cardMs: number;
  readonly certificatePem: string;
  readonly caCertificatePem: string;
  readonly pkcs11: { readonly module: string; readonly version: string; readonly signed: true };
  readonly mtls: { readonly server: ServerName; readonly version: string; readonly withCertificate: number | string; readonly withoutCertificate: number | string };
}

interface Enrolled {
  readonly measures: readonly StepMeasure[];
  readonly totalMs: number;
  readonly cardMs: number;
  readonly certificate: Uint8Array;
  readonly caCertificate: Uint8Array;
  readonly proof: NonNullable<DoneState['proof']>;
  readonly pin: string;
}

/** Plays the whole story. Throws CommandStopped where it does not end as it should. */
export async function playStory(stage: Stage): Promise<DemoResult> {
  const { tell, folder, cleanup } = stage;
  tell('Starting a CA of its own folder and two virtual YubiKeys');
  const [authority, readers] = await Promise.all([startDemoAuthority(cleanup, join(folder, 'ca'), testAttestationRootPem), plugInVirtualKeys(cleanup)]);
  const approver = createPerson('Petra Approver', 'petra@example.org', readers.keys, readers.approver.readerName);
  const user = createPerson('Ana Example', 'ana@example.org', readers.keys, readers.user.readerName);

  tell(`The approver enrolls with the CA's first invitation (serial ${readers.approver.key.serial})`);
  await enrollApprover(stage, approver, authority.firstApproverInvitation);
  const invitation = await authority.invite(user.name, user.email);
  tell(`The user enrolls with an invitation (serial ${readers.user.key.serial})`);
  const enrolled = await enrollUser(stage, readers, { user, approver, invitation });
  // Only the user's key is in the computer that opens the site.
  await readers.approver.insertion.remove();
  return {
    serial: readers.user.key.serial,
    firmware: formatFirmware(readers.user.key.firmware),
    electron: null,
    steps: enrolled.measures.map(({ id, ms, counted }) => ({ id, ms, apdus: counted })),
    totalMs: rounded(enrolled.totalMs),
    cardMs: rounded(enrolled.cardMs),
    certificatePem: writePem(enrolled.certificate, 'CERTIFICATE'),
    caCertificatePem: writePem(enrolled.caCertificate, 'CERTIFICATE'),
    ...(await openProtectedSite(stage, enrolled)),
  };
}

async function enrollApprover({ folder }: Stage, approver: Person, invitation: string): Promise<void> {
  const { enrollment } = await openInvitation(approver, invitation, { config: join(folder, 'approver'), state: join(folder, 'approver') }, new StepReport(() => undefined));
  const state = await enroll(approver, enrollment);
  enrollment.leave();
  if (state.kind !== 'done') throw new CommandStopped({ kind: 'demo-failed', detail: 'the first approver was made to wait' });
}

async function enrollUser(
  { folder, tell }: Stage,
  readers: VirtualReaders,
  { user, approver, invitation }: { readonly user: Person; readonly approver: Person; readonly invitation: string },
): Promise<Enrolled> {
  const { key } = readers.user;
  const report = new StepReport(tell, () => key.statistics.apdus);
  const startedAt = performance.now();
  const cardBefore = key.statistics.cardMs;
  const { enrollment, authority } = await openInvitation(user, invitation, { config: join(folder, 'user'), state: join(folder, 'user') }, report);
  try {
    const waiting = await enroll(user, enrollment);
    if (waiting.kind !== 'waiting-for-approval') throw new CommandStopped({ kind: 'demo-failed', detail: 'nobody was asked for approval' });
    const waitedFrom = performance.now();
    const noticed = decisionNoticed(enrollment);
    const { verified } = await approve(approver, authority, waiting);
    tell(`  The approver compared "${waiting.request.words.join(' ')}", saw "${verified}" and approved`);
    await noticed;
    const waitedMs = performance.now() - waitedFrom;
    const { proof } = await finish(user, enrollment);
    if (proof === null) throw new CommandStopped({ kind: 'demo-failed', detail: 'there is no proof' });
    const totalMs = performance.now() - startedAt - waitedMs;
    const { certificate } = expect(await user.securityKey.facts()).authentication;
    if (certificate === null) throw new CommandStopped({ kind: 'slot-empty' });
    return { measures: report.measures, totalMs, cardMs: key.statistics.cardMs - cardBefore, certificate, caCertificate: authority.caCertificate, proof, pin: user.pin };
  } finally {
    enrollment.leave();
  }
}

async function openProtectedSite({ folder, cleanup, tell, server: wanted }: Stage, enrolled: Enrolled): Promise<Pick<DemoResult, 'pkcs11' | 'mtls'>> {
  const { module } = enrolled.proof;
  if (module === null) throw new CommandStopped({ kind: 'demo-failed', detail: 'no PKCS#11 module is installed (Debian: opensc-pkcs11)' });
  const name = findServer(wanted === undefined ? undefined : [wanted]);
  if (name === undefined) throw new CommandStopped({ kind: 'demo-failed', detail: 'neither nginx nor Caddy is installed' });
  const server = await startProtectedServer(name, join(folder, name), writePem(enrolled.caCertificate, 'CERTIFICATE'));
  cleanup.add(name, () => server.end());
  tell(`${name} ${server.version} demands a certificate of this CA; gnutls-cli visits it with the key through ${module.path}`);
  const pinFile = join(folder, 'pin');
  await writeFile(pinFile, enrolled.pin, { mode: 0o600 });
  const withoutCertificate = await visit(server, null);
  const withCertificate = await visit(server, { module: module.path, pinFile });
  await rm(pinFile);
  const mtls = { server: name, version: server.version, withCertificate: outcomeOf(withCertificate), withoutCertificate: outcomeOf(withoutCertificate) };
  if (mtls.withCertificate !== 200 || mtls.withoutCertificate === 200) {
    throw new CommandStopped({ kind: 'demo-failed', detail: `with the certificate: ${mtls.withCertificate}, without: ${mtls.withoutCertificate}` }, { mtls });
  }
  tell(`  ✓ With the key: ${withCertificate.body.trim()}`);
  tell(`  ✓ Without: ${mtls.withoutCertificate}`);
  return { pkcs11: { module: module.path, version: module.version, signed: enrolled.proof.signed }, mtls };
}

function outcomeOf({ status, error }: Visit): number | string {
  return status ?? error ?? 'no answer';
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
