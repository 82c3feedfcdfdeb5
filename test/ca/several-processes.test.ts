/**
 * Rounds of submit, approve, fetch while processes of the CA are killed at random moments: three on one PostgreSQL, one on
 * SQLite. No request is lost, none is issued twice, every serial number is there once, and the audit log is whole.
 * `npm test` does some rounds; LATCHKEY_ROUNDS=1000 does as many.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { issuersOfFolder } from '../../ca/audit-file.ts';
import { auditLines, verifyAudit } from '../../ca/domain/audit-verification.ts';
import { initAuthority } from '../../ca/init.ts';
import { openStore, type StorePlace } from '../../ca/storage/open-store.ts';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import { parseInvitation } from '../../core/invitation.ts';
import type { Result } from '../../core/result.ts';
import { PASSPHRASE } from './passphrase.ts';
import { startPostgres, type PostgresServer } from '../../scripts/private-postgres.ts';
import { must, person, type Person } from './running-authority.ts';
import { signInAs } from './test-officer.ts';

const ROUNDS = Number(process.env['LATCHKEY_ROUNDS'] ?? '40');
/** People at a time. */
const AT_ONCE = 6;
const KILL_EVERY_MS = 700;
/** In the checkout, so that it finds packages and resources. */
const CHILD = fileURLToPath(new URL(`../../.build/test/serving-child-${process.pid}.mjs`, import.meta.url));

let folder: string;
let postgres: PostgresServer;
beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('serving-child.ts', import.meta.url))],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['libsql', 'pg'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  folder = await mkdtemp(join(tmpdir(), 'latchkey-several-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
  await rm(CHILD, { force: true });
});

/** A seeded generator (mulberry32), so that a run that fails can be repeated up to the scheduler. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One place in the row of processes: what runs there is killed, and starts again at the same port. */
class Seat {
  #process: ChildProcess | null = null;
  address = '';
  link: string | null = null;

  constructor(
    private readonly dir: string,
    private readonly database: string,
  ) {}

  async start(): Promise<void> {
    const child = spawn(process.execPath, [CHILD, this.dir, this.address === '' ? '0' : new URL(this.address).port, this.database], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error('The CA ended before it served.');
    const told = JSON.parse(first.value) as { address: string; link: string | null };
    this.address = told.address;
    this.link = told.link;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

interface Owner extends Person {
  readonly certificate: Uint8Array;
}

/** A row of seats, and who approves. */
class Row {
  readonly #random = random(20261125);
  #isOver = false;
  kills = 0;

  private constructor(
    readonly seats: readonly Seat[],
    readonly pinned: PinnedAuthority,
    readonly owner: Owner,
  ) {}

  static async start(dir: string, database: string, count: number): Promise<Row> {
    const created = must(await initAuthority({ dir, name: 'Shared CA', keyType: 'ECCP256', passphrase: PASSPHRASE }));
    const seats = Array.from({ length: count }, () => new Seat(dir, database));
    await seats[0]?.start();
    const pinned = { address: seats[0]?.address ?? '', name: 'Shared CA', fingerprint: created.fingerprint, caCertificate: created.caCertificate };
    const owner = await person({ name: 'Bo Owner', email: 'bo@example.org' });
    const { code } = must(parseInvitation(seats[0]?.link ?? ''));
    const { certificate = new Uint8Array() } = must(await latchkeyAuthority(pinned).submit(owner.csr, code));
    for (const seat of seats.slice(1)) await seat.start();
    return new Row(seats, pinned, { ...owner, certificate });
  }

  /** One of the processes, as a client would be sent there. */
  somewhere(): PinnedAuthority {
    const seat = this.seats[Math.floor(this.#random() * this.seats.length)];
    return { ...this.pinned, address: seat?.address ?? '' };
  }

  /** Kills one after the other, each started again, until it is over. */
  async killAtRandom(): Promise<void> {
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS * (0.5 + this.#random())));
      const seat = this.seats[Math.floor(this.#random() * this.seats.length)];
      await seat?.kill();
      this.kills += 1;
      await seat?.start();
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const seat of this.seats) await seat.kill();
  }

  stopKilling(): void {
    this.#isOver = true;
  }
}

/** Asks until somebody answers: a connection may be cut at any moment, and the next process is there. */
async function persistently<T>(ask: () => Promise<Result<T>>): Promise<Result<T>> {
  for (let tries = 0; ; tries++) {
    const answer = await ask();
    const isLost = !answer.ok && ['authority-unreachable', 'authority-protocol', 'unexpected'].includes(answer.failure.kind);
    if (!isLost || tries === 40) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One person's way, and the certificate they got. */
async function round(row: Row, index: number): Promise<{ readonly id: string; readonly certificate: Uint8Array }> {
  const { csr } = await person({ name: `Person ${index}`, email: `person${index}@example.org` });
  const { id } = must(await persistently(() => latchkeyAuthority(row.somewhere()).submit(csr)));
  const approved = await persistently(async () => {
    const officer = await signInAs(row.somewhere(), row.owner.certificate, row.owner.key.sign);
    return officer.ok ? officer.value.approve(id) : officer;
  });
  // A decision whose answer got lost was made all the same.
  if (!approved.ok && approved.failure.kind !== 'request-already-decided') throw new Error(JSON.stringify(approved.failure));
  for (;;) {
    const { certificate } = must(await persistently(() => latchkeyAuthority(row.somewhere()).request(id)));
    if (certificate !== undefined) return { id, certificate };
  }
}

async function play(dir: string, database: string, processes: number, place: StorePlace): Promise<void> {
  const row = await Row.start(dir, database, processes);
  const killing = row.killAtRandom();
  const got: { readonly id: string; readonly certificate: Uint8Array }[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < ROUNDS) got.push(await round(row, next++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  row.stopKilling();
  await killing;
  await row.end();
  expect(row.kills).toBeGreaterThan(2);
  await check(place, dir, got);
}

async function check(place: StorePlace, dir: string, got: readonly { readonly id: string; readonly certificate: Uint8Array }[]): Promise<void> {
  const store = must(await openStore(place));
  const kept = await Promise.all(got.map(({ id }) => store.read((rows) => rows.request(id))));
  expect(kept.map((found) => found?.request.status)).toEqual(got.map(() => 'issued'));
  expect(kept.map((found) => found?.certificate?.certificate)).toEqual(got.map(({ certificate }) => certificate));
  expect(new Set(kept.map((found) => found?.certificate?.serialNumber)).size).toBe(ROUNDS);
  // One more: the owner's.
  expect(await store.read((rows) => rows.requestCounts())).toEqual({ pending: 0, decided: ROUNDS + 1 });
  const issued: string[] = [];
  for await (const { event, subject } of auditLines(store)) if (event === 'certificate-issued') issued.push(subject);
  expect(issued.toSorted()).toEqual([...new Set(issued)].toSorted());
  expect(issued.length).toBe(ROUNDS + 1);
  const checkpoints = await store.read((rows) => rows.checkpoints());
  must(await verifyAudit({ events: auditLines(store), checkpoints, ...must(await issuersOfFolder(dir)) }));
  await store.close();
}

describe('killed at random', () => {
  test('three processes on one PostgreSQL', { timeout: 600_000 }, async () => {
    const url = await postgres.database();
    await play(join(folder, 'postgres'), url, 3, { url });
  });

  test('one process on SQLite', { timeout: 600_000 }, async () => {
    const dir = join(folder, 'sqlite');
    await play(dir, '', 1, { folder: dir });
  });
});
