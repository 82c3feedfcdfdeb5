/** kill -9 between any two steps of the CA, and in the middle of many: no request is lost, no serial number given twice. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { initAuthority } from '../../ca/init.ts';
import { createInvitation } from '../../ca/invite.ts';
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import { parseInvitation } from '../../core/invitation.ts';
import { PASSPHRASE } from './passphrase.ts';
import { must, person, type Person } from './running-authority.ts';
import { signInAs, type TestOfficer } from './test-officer.ts';

/** In the checkout, so that it finds packages and resources; bundled, so that twenty starts take seconds. */
const CHILD = fileURLToPath(new URL(`../../.build/test/crash-child-${process.pid}.mjs`, import.meta.url));

async function bundleChild(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('crash-child.ts', import.meta.url))],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['libsql'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

interface RunningChild {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

let folder: string;
let dir: string;
let child: RunningChild | undefined;
let pinned: PinnedAuthority;
let client: CertificateAuthority;
let approver: Person & { certificate: Uint8Array };
/** What clients were told, to be held against the CA: id → certificate as fetched. */
const told = new Map<string, Uint8Array | undefined>();

async function start(port: string, killAtStart?: string): Promise<{ address: string; link: string | null } | undefined> {
  const running = spawn(process.execPath, [CHILD, dir, port, ...(killAtStart === undefined ? [] : [killAtStart])], { stdio: ['pipe', 'pipe', 'inherit'] });
  const reader = createInterface(running.stdout);
  child = { process: running, reader, lines: reader[Symbol.asyncIterator]() };
  const first = await child.lines.next();
  return first.done === true ? undefined : (JSON.parse(first.value) as { address: string; link: string | null });
}

async function isDead(): Promise<void> {
  const running = child?.process;
  if (running && running.exitCode === null && running.signalCode === null) await once(running, 'exit');
}

async function kill(): Promise<void> {
  child?.process.kill('SIGKILL');
  await isDead();
}

/** Comes back at the same address. */
async function restart(): Promise<void> {
  await isDead();
  const { port } = new URL(pinned.address);
  expect(await start(port)).toMatchObject({ address: pinned.address });
}

/** Lets the CA die at its Nth write from now. */
async function arm(write: number, when: 'before' | 'after'): Promise<void> {
  child?.process.stdin.write(`${write} ${when}\n`);
  expect((await child?.lines.next())?.value).toBe('armed');
}

beforeAll(async () => {
  await bundleChild();
  folder = await mkdtemp(join(tmpdir(), 'latchkey-crash-'));
  dir = join(folder, 'ca');
  const created = must(await initAuthority({ dir, name: 'Mortal CA', keyType: 'ECCP256', passphrase: PASSPHRASE }));
  // It dies in the middle of its very first start, too: at every write of it.
  for (const moment of ['1 before', '1 after', '2 before', '3 after', '4 before']) {
    expect(await start('0', moment)).toBeUndefined();
    await isDead();
    expect(child?.process.signalCode).toBe('SIGKILL');
  }
  const started = await start('0');
  const { code } = must(parseInvitation(started?.link ?? ''));
  pinned = { address: started?.address ?? '', name: 'Mortal CA', fingerprint: created.fingerprint, caCertificate: created.caCertificate };
  client = latchkeyAuthority(pinned, { timeoutMilliseconds: 5000 });
  const bo = await person({ name: 'Bo', email: 'bo@example.org' });
  const { certificate } = must(await client.submit(bo.csr, code));
  approver = { ...bo, certificate: certificate ?? new Uint8Array() };
}, 120_000);

afterAll(async () => {
  await kill();
  await rm(folder, { recursive: true, force: true });
  await rm(CHILD, { force: true });
});

const signIn = async (): Promise<TestOfficer> => must(await signInAs(pinned, approver.certificate, approver.key.sign));

interface Rows {
  readonly requests: readonly { id: string; status: string; csr_sha256: string }[];
  readonly certificates: readonly { serial_number: string; request_id: string | null; certificate: unknown }[];
}

/** The file itself, read past the program. */
function rows(): Rows {
  const database = new Database(join(dir, 'latchkey.sqlite'));
  try {
    expect((database.prepare('PRAGMA integrity_check').get([]) as { integrity_check: string }).integrity_check).toBe('ok');
    return {
      requests: database.prepare('SELECT id, status, csr_sha256 FROM requests').all([]) as Rows['requests'],
      certificates: database.prepare('SELECT serial_number, request_id, certificate FROM certificates').all([]) as Rows['certificates'],
    };
  } finally {
    database.close();
  }
}

/** What must hold after every restart. */
async function checkNothingIsLost(): Promise<void> {
  const { requests, certificates } = rows();
  expect(requests.filter(({ status }) => status === 'approved')).toEqual([]);
  expect(new Set(requests.map(({ csr_sha256: csr }) => csr)).size).toBe(requests.length);
  const issued = certificates.filter(({ request_id: request }) => request !== null);
  expect(new Set(certificates.map(({ serial_number: serial }) => serial)).size).toBe(certificates.length);
  expect(new Set(issued.map(({ request_id: request }) => request)).size).toBe(issued.length);
  expect(issued.map(({ request_id: request }) => request).toSorted()).toEqual(requests.filter(({ status }) => status === 'issued').map(({ id }) => id).toSorted());
  for (const [id, certificate] of told) {
    const now = must(await client.request(id));
    if (certificate) expect(now.certificate).toEqual(certificate);
  }
}

describe('killed at a write', () => {
  /** Submit, sign in (challenge, answer, session), approve (decision, certificate), fetch. Answers whether all went through. */
  async function story(applicant: Person, code: string): Promise<boolean> {
    const submitted = await client.submit(applicant.csr, code);
    if (!submitted.ok) return false;
    told.set(submitted.value.id, undefined);
    const session = await signInAs(pinned, approver.certificate, approver.key.sign);
    if (!session.ok || !(await session.value.approve(submitted.value.id)).ok) return false;
    const issued = await client.request(submitted.value.id);
    if (issued.ok) told.set(submitted.value.id, issued.value.certificate);
    return issued.ok;
  }

  /** The writes of the story: one request, three of signing in, a decision, a certificate. */
  const WRITES = 6;
  const moments = Array.from({ length: WRITES }, (_, index) => [[index + 1, 'before'] as const, [index + 1, 'after'] as const]).flat();

  test.each(moments)('write %i, %s its commit', async (write, when) => {
    const applicant = await person();
    const { code } = must(await createInvitation({ dir, name: 'Ana', email: 'ana@example.org', role: 'user', days: 1 }));
    await arm(write, when);
    expect(await story(applicant, code)).toBe(false);
    await isDead();
    expect(child?.process.signalCode).toBe('SIGKILL');
    await restart();
    await checkNothingIsLost();
    // The same applicant simply goes on.
    const again = must(await client.submit(applicant.csr, code));
    told.set(again.id, again.certificate);
    if (again.status === 'pending') must(await (await signIn()).approve(again.id));
    told.set(again.id, must(await client.request(again.id)).certificate);
    expect(told.get(again.id)).toBeDefined();
    await checkNothingIsLost();
  });

  test('the story has no more writes than were tried', async () => {
    const applicant = await person();
    const { code } = must(await createInvitation({ dir, name: 'Ana', email: 'ana@example.org', role: 'user', days: 1 }));
    await arm(WRITES + 1, 'before');
    expect(await story(applicant, code)).toBe(true);
    await arm(0, 'after');
  });
});

describe('killed under load', () => {
  test('at five moments', async () => {
    for (const afterMs of [15, 40, 75, 120, 180]) {
      const people = await Promise.all(Array.from({ length: 8 }, () => person()));
      const session = await signIn();
      const work = people.map(async ({ csr }) => {
        const submitted = await client.submit(csr);
        if (!submitted.ok) return;
        told.set(submitted.value.id, undefined);
        if (!(await session.approve(submitted.value.id)).ok) return;
        const issued = await client.request(submitted.value.id);
        if (issued.ok) told.set(submitted.value.id, issued.value.certificate);
      });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await kill();
      await Promise.all(work);
      await restart();
      await checkNothingIsLost();
      const after = await signIn();
      for (const { csr } of people) {
        const { id, status } = must(await client.submit(csr));
        if (status === 'pending') must(await after.approve(id));
        told.set(id, must(await client.request(id)).certificate);
      }
    }
    await checkNothingIsLost();
    const all = rows().requests;
    expect(all.every(({ status }) => status === 'issued')).toBe(true);
    expect(all.length).toBe(1 + 12 + 1 + 5 * 8);
  }, 120_000);
});
