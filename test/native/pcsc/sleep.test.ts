/** A process that is stopped, as by a computer that sleeps: for it the clocks jump, and what happened meanwhile comes at once. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../../core/result.ts';
import type { SecurityKeysSituation } from '../../../core/security-key.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { certify9a, generateIn9a } from '../pkcs11/inserted-key.ts';
import type { KeysCommand, KeysReport } from './keys-program.ts';
import { presentKeys } from './situations.ts';

const PIN = '123456';
/** Longer than any timer of the engine but its limit for a command, which the program has set to 1.5 s. */
const NIGHT_MILLISECONDS = 4000;

/** See keys-program.ts. */
class KeysProgram {
  readonly #child: ChildProcess;
  #situation: SecurityKeysSituation = { kind: 'starting' };
  readonly #answers: ((answer: Result<unknown>) => void)[] = [];
  #look: () => void = () => undefined;

  constructor(pcscd: PrivatePcscd) {
    const path = fileURLToPath(new URL('./keys-program.ts', import.meta.url));
    this.#child = fork(path, { execArgv: ['--import', import.meta.resolve('tsx')], env: pcscd.environment, serialization: 'advanced' });
    this.#child.on('message', (report: KeysReport) => {
      if ('answer' in report) return this.#answers.shift()?.(report.answer);
      this.#situation = report.situation;
      this.#look();
    });
  }

  do(command: KeysCommand): Promise<Result<unknown>> {
    const answered = new Promise<Result<unknown>>((resolve) => this.#answers.push(resolve));
    this.#child.send(command);
    return answered;
  }

  /** Resolves when the last it told is that these keys are there, and have been read. */
  async shows(...serials: readonly number[]): Promise<void> {
    const isShown = (): boolean => {
      const keys = presentKeys(this.#situation)?.map((present) => (present.kind === 'ready' ? present.facts.serial : present.kind));
      return keys?.join() === serials.join();
    };
    while (!isShown()) await new Promise<void>((resolve) => (this.#look = resolve));
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }
  wake(): void {
    this.#child.kill('SIGCONT');
  }
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
  async end(): Promise<void> {
    this.wake();
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

describe('asleep and awake', () => {
  let pcscd: PrivatePcscd;
  let program: KeysProgram;
  let readerName: string;
  const insertions: VpcdInsertion[] = [];
  let lastSerial = 5210400;

  beforeAll(async () => {
    pcscd = await startPrivatePcscd({ readers: 2 });
    readerName = pcscd.readerNames[0] ?? '';
  });
  beforeEach(() => {
    program = new KeysProgram(pcscd);
  });
  afterEach(async () => {
    await program.end();
    for (const insertion of insertions.splice(0)) await insertion.close();
  });
  afterAll(() => pcscd.close());

  const newKey = (): VirtualYubiKey => new VirtualYubiKey({ firmware: '5.4.3', serial: ++lastSerial });
  async function insert(key: VirtualYubiKey, reader: 0 | 1 = 0): Promise<VpcdInsertion> {
    const insertion = await insertIntoVpcd(key, { port: pcscd.ports[reader] ?? 0 });
    insertions.push(insertion);
    return insertion;
  }
  /** Lets time go by with a key that is plugged in and pulled, half a second each. */
  async function night(insertion: VpcdInsertion): Promise<void> {
    for (const beganAt = performance.now(); performance.now() - beganAt < NIGHT_MILLISECONDS; ) {
      await insertion.remove();
      await insertion.insert();
    }
  }

  test('another key in the reader than before: it is shown, and a handle of the old one means nothing', async () => {
    const [before, after] = [newKey(), newKey()];
    const insertion = await insert(before);
    await program.shows(before.serial);
    await program.do({ do: 'take', handle: 'before', readerName });
    program.stop();
    await insertion.remove();
    await night(await insert(after));
    program.wake();
    await program.shows(after.serial);
    expect(await program.do({ do: 'verify', handle: 'before', pin: PIN })).toEqual({ ok: false, failure: { kind: 'security-key-removed' } });
    await program.do({ do: 'take', handle: 'after', readerName });
    expect(await program.do({ do: 'verify', handle: 'after', pin: PIN })).toMatchObject({ ok: true });
    expect(program.hasEnded).toBe(false);
  });

  test('pulled and never put back: nothing is shown', async () => {
    const key = newKey();
    const insertion = await insert(key);
    await program.shows(key.serial);
    program.stop();
    await night(insertion);
    await insertion.remove();
    program.wake();
    await program.shows();
    expect(program.hasEnded).toBe(false);
  });

  test('a call that waits for a finger outlives the sleep, whatever its time limit', async () => {
    const key = newKey();
    await certify9a(key, await generateIn9a(key, 'ECCP256', { touchPolicy: 'always' }));
    await insert(key);
    await program.shows(key.serial);
    await program.do({ do: 'take', handle: 'key', readerName });
    const waiting = new Promise<void>((resolve) => key.watch(({ isWaitingForTouch }) => isWaitingForTouch && resolve()));
    const signed = program.do({ do: 'sign', handle: 'key', pin: PIN });
    await waiting;
    program.stop();
    const other = await insert(newKey(), 1);
    await night(other);
    await other.remove();
    program.wake();
    key.touch();
    expect(await signed).toMatchObject({ ok: true });
  });
});
