import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModuleChoice, SecurityKeysSituation } from '../../core/security-key.ts';
import type { FromDevice, ToDevice } from '../../electron/device/messages.ts';
import { DeviceClient, type DeviceProcess } from '../../electron/main/device-client.ts';
import type { AnyCallName } from '../../electron/main/key-calls.ts';
import type { Log } from '../../electron/main/log.ts';

/** A device process that does what the test says. */
class FakeProcess implements DeviceProcess {
  readonly sent: ToDevice[] = [];
  readonly kill = vi.fn(() => this.end(15));
  #hear: (message: FromDevice) => void = () => undefined;
  #end: (code: number) => void = () => undefined;

  send(message: ToDevice): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: FromDevice) => void): void {
    this.#hear = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#end = listener;
  }
  say(message: FromDevice): void {
    this.#hear(message);
  }
  end(code: number): void {
    this.#end(code);
  }
}

const nobody: SecurityKeysSituation = { kind: 'present', keys: [] };

function setUp() {
  const processes: FakeProcess[] = [];
  const notes: string[] = [];
  const log: Log = { note: (line) => notes.push(line), bug: (where, error) => (notes.push(`${where} ${String(error)}`), { kind: 'unexpected', id: 'abcd1234' }) };
  const moduleChoices: ModuleChoice[] = [];
  const client = new DeviceClient({
    log,
    start: (moduleChoice) => {
      const process = new FakeProcess();
      processes.push(process);
      moduleChoices.push(moduleChoice);
      return process;
    },
  });
  const situations: SecurityKeysSituation[] = [];
  client.watch((situation) => situations.push(situation));
  return { client, processes, moduleChoices, situations, notes, latest: () => processes.at(-1) ?? expect.fail('no process') };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('calls', () => {
  test('go to the process and come back by their id, whatever their order', async () => {
    const { client, latest } = setUp();
    client.start();
    const first = client.at('Reader A').verifyPin('482915');
    const second = client.at('Reader B').attest();
    expect(latest().sent).toMatchObject([
      { kind: 'call', id: 1, handle: 1, readerName: 'Reader A', name: 'verifyPin', args: ['482915'] },
      { kind: 'call', id: 2, handle: 2, readerName: 'Reader B', name: 'attest', args: [] },
    ]);
    latest().say({ kind: 'answer', id: 2, result: { ok: false, failure: { kind: 'attestation-unavailable' } } });
    latest().say({ kind: 'answer', id: 1, result: { ok: true, value: undefined } });
    expect(await first).toEqual({ ok: true, value: undefined });
    expect(await second).toEqual({ ok: false, failure: { kind: 'attestation-unavailable' } });
  });

  test('hear of a touch that is wanted', async () => {
    const { client, latest } = setUp();
    client.start();
    const heard = vi.fn();
    const call = client.at('R').sign('482915', new Uint8Array(3), heard);
    latest().say({ kind: 'activity', id: 1, activity: { kind: 'waiting-for-touch' } });
    latest().say({ kind: 'answer', id: 1, result: { ok: true, value: new Uint8Array([1]) } });
    await call;
    expect(heard).toHaveBeenCalledExactlyOnceWith({ kind: 'waiting-for-touch' });
  });

  test('that the process throws at are logged and answered as an id', async () => {
    const { client, latest, notes } = setUp();
    client.start();
    const call = client.at('R').facts();
    latest().say({ kind: 'bug', id: 1, description: 'facts: TypeError: x' });
    expect(await call).toEqual({ ok: false, failure: { kind: 'unexpected', id: 'abcd1234' } });
    expect(notes.join()).toContain('TypeError: x');
  });

  test('never reach the log with their arguments', async () => {
    const { client, latest, notes } = setUp();
    client.start();
    void client.at('R').changePin('482915', '739264');
    await vi.advanceTimersByTimeAsync(600_000);
    latest().say({ kind: 'bug', id: null, description: 'something' });
    expect(notes.join()).not.toMatch(/482915|739264/);
  });
});

describe('calls for all keys', () => {
  test('are answered too', async () => {
    const { client, latest } = setUp();
    client.start();
    const [released, modules] = [client.releaseHolder(), client.modules()];
    client.refresh();
    expect(latest().sent).toEqual([
      { kind: 'keys-call', id: 1, name: 'releaseHolder', args: [] },
      { kind: 'keys-call', id: 2, name: 'modules', args: [] },
      { kind: 'refresh' },
    ]);
    const facts = { choice: 'automatic', found: [], used: null, reason: 'none-found' };
    latest().say({ kind: 'answer', id: 2, result: { ok: true, value: facts } });
    latest().say({ kind: 'answer', id: 1, result: { ok: false, failure: { kind: 'holder-not-releasable', holder: 'firefox' } } });
    expect(await modules).toEqual({ ok: true, value: facts });
    expect(await released).toEqual({ ok: false, failure: { kind: 'holder-not-releasable', holder: 'firefox' } });
  });

  test('while nothing runs, reading anew does nothing', () => {
    const { client, processes } = setUp();
    client.refresh();
    expect(processes).toEqual([]);
  });

  test('the chosen module is told to the process that runs and to every later one', async () => {
    const { client, processes, moduleChoices } = setUp();
    client.start();
    void client.chooseModule('/usr/lib/libykcs11.so');
    expect(processes[0]?.sent).toEqual([{ kind: 'keys-call', id: 1, name: 'chooseModule', args: ['/usr/lib/libykcs11.so'] }]);
    processes[0]?.end(139);
    await vi.advanceTimersByTimeAsync(1000);
    expect(moduleChoices).toEqual(['automatic', '/usr/lib/libykcs11.so']);
  });

  test('chosen before there is a process, the first one begins with it', async () => {
    const { client, moduleChoices } = setUp();
    expect(await client.chooseModule('none')).toMatchObject({ ok: false, failure: { kind: 'device-process-ended' } });
    client.start();
    expect(moduleChoices).toEqual(['none']);
  });
});

describe('a process that ends', () => {
  test('fails what was under way, is told, and is started anew once by itself', async () => {
    const { client, processes, situations } = setUp();
    client.start();
    processes[0]?.say({ kind: 'situation', situation: nobody });
    const call = client.at('R').facts();
    processes[0]?.end(134);
    expect(await call).toMatchObject({ ok: false, failure: { kind: 'device-process-ended' } });
    expect(situations.at(-1)).toMatchObject({ kind: 'unavailable', failure: { kind: 'device-process-ended' } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(processes).toHaveLength(2);
    processes[1]?.say({ kind: 'situation', situation: nobody });
    expect(client.situation).toEqual(nobody);
  });

  test('again soon is not started anew until somebody asks', async () => {
    const { client, processes } = setUp();
    client.start();
    processes[0]?.end(1);
    await vi.advanceTimersByTimeAsync(1000);
    processes[1]?.end(1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(processes).toHaveLength(2);
    expect(client.situation.kind).toBe('unavailable');
    client.start();
    expect(processes).toHaveLength(3);
    expect(client.situation.kind).toBe('starting');
  });

  test('after it ran well for long is started anew again', async () => {
    const { client, processes } = setUp();
    client.start();
    processes[0]?.end(1);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(60_000);
    processes[1]?.end(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(processes).toHaveLength(3);
  });

  test('has no say any more', () => {
    const { client, processes } = setUp();
    client.start();
    processes[0]?.end(1);
    processes[0]?.say({ kind: 'situation', situation: nobody });
    expect(client.situation.kind).toBe('unavailable');
  });

  test('because we close is not started anew', async () => {
    const { client, processes } = setUp();
    client.start();
    await client.close();
    processes[0]?.end(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(processes).toHaveLength(1);
    expect(processes[0]?.sent).toEqual([{ kind: 'close' }]);
  });
});

test('a call that runs out of time ends the process', async () => {
  const limits = new Proxy({} as Record<AnyCallName, number>, { get: () => 500 });
  const process = new FakeProcess();
  const client = new DeviceClient({ start: () => process, log: { note: () => undefined, bug: () => ({ kind: 'unexpected', id: '' }) }, timeLimitsMs: limits });
  client.start();
  const call = client.at('R').prove('482915', new Uint8Array());
  await vi.advanceTimersByTimeAsync(499);
  expect(process.kill).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(process.kill).toHaveBeenCalledOnce();
  expect(await call).toMatchObject({ ok: false, failure: { kind: 'device-process-ended' } });
});

test('calls fail while nothing runs', async () => {
  const { client } = setUp();
  expect(await client.at('R').facts()).toEqual({ ok: false, failure: { kind: 'device-process-ended' } });
});
