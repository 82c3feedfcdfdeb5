import { expect, test, vi } from 'vitest';
import type { FromModules, ToModules } from '../../electron/device/messages.ts';
import { ModuleHosts } from '../../electron/device/module-hosts.ts';
import { ModuleProcesses, type ModuleProcess } from '../../electron/main/module-processes.ts';
import { Pkcs11Modules } from '../../native/pkcs11/pkcs11-modules.ts';
import type { ModuleSight } from '../../native/pkcs11/module-host.ts';
import type { OperationMessage, OperationReply } from '../../native/pkcs11/operation.ts';

const PATH = '/usr/lib/vendor.so';
const DESCRIPTION = { path: PATH, version: '1.0', description: 'Vendor', manufacturer: 'Vendor' };

/** The process of a module that does what the test says. */
class FakeModule implements ModuleProcess {
  readonly heard: OperationMessage[] = [];
  readonly kill = vi.fn(() => this.end(9));
  #reply: (reply: OperationReply) => void = () => undefined;
  #end: (code: number) => void = () => undefined;

  constructor(
    readonly sight: ModuleSight,
    private readonly onOperation: (module: FakeModule, message: OperationMessage) => void,
  ) {}

  send(message: OperationMessage): void {
    this.heard.push(message);
    this.onOperation(this, message);
  }
  onReply(listener: (reply: OperationReply) => void): void {
    this.#reply = listener;
  }
  onExit(listener: (code: number) => void): void {
    this.#end = listener;
  }
  say(reply: OperationReply): void {
    this.#reply(reply);
  }
  end(code: number): void {
    this.#end(code);
  }
}

/** Device process and main, joined without processes. */
function setUp(onOperation: (module: FakeModule, message: OperationMessage) => void) {
  const started: FakeModule[] = [];
  const notes: string[] = [];
  const toMain: ToModules[] = [];
  const log = { note: (line: string) => void notes.push(line), bug: () => ({ kind: 'unexpected', id: 'abcd1234' }) as const };
  const start = (sight: ModuleSight): FakeModule => {
    const module = new FakeModule(sight, onOperation);
    started.push(module);
    return module;
  };
  const processes: ModuleProcesses = new ModuleProcesses({ start, log, tell: (message: FromModules) => hosts.hear(message) });
  const hosts = new ModuleHosts((message) => {
    toMain.push(message);
    processes.hear(message);
  });
  return { modules: new Pkcs11Modules({ startHost: hosts.start, limits: { call: 50, start: 50 } }), processes, started, notes, toMain };
}

const answers = (module: FakeModule, { id }: OperationMessage): void => module.say({ kind: 'outcome', id, outcome: { ok: true, value: DESCRIPTION } });

test('a call goes to a process of its own and comes back; what only describes sees no reader and ends afterwards', async () => {
  const { modules, started, notes } = setUp(answers);
  expect(await modules.loginOnly({ modulePath: PATH, tokenLabel: 'token' }, '482915')).toEqual({ ok: true, value: DESCRIPTION });
  expect(await modules.describe(PATH)).toEqual({ ok: true, value: DESCRIPTION });
  expect(started.map(({ sight }) => sight)).toEqual(['readers', 'no-readers']);
  expect(started.map(({ kill }) => kill.mock.calls.length)).toEqual([0, 1]);
  expect(notes).toEqual([]);
  modules.close();
});

test('a crash fails the call with the name of the module, and the log has it without what was asked', async () => {
  const { modules, started, notes } = setUp((module) => module.end(11));
  expect(await modules.loginOnly({ modulePath: PATH, tokenLabel: 'token' }, '482915')).toEqual({ ok: false, failure: { kind: 'module-crashed', module: PATH } });
  expect(notes).toEqual([`the process of ${PATH} ended with exit code 11`]);
  expect(await modules.loginOnly({ modulePath: PATH, tokenLabel: 'token' }, '482915')).toMatchObject({ ok: false });
  expect(started).toHaveLength(2);
});

test('a hang is ended after the limit, named with the function it hangs in, and is no note in the log', async () => {
  const { modules, started, notes } = setUp((module, { id }) => module.say({ kind: 'phase', id, phase: 'C_Login' }));
  const failure = { kind: 'module-failed', module: PATH, detail: 'C_Login: no answer in 0.05 s' };
  expect(await modules.loginOnly({ modulePath: PATH, tokenLabel: 'token' }, '482915')).toEqual({ ok: false, failure });
  expect(started[0]?.kill).toHaveBeenCalledOnce();
  expect(notes).toEqual([]);
});

test('the device process being gone, its modules end, and what it still said goes nowhere', async () => {
  const { processes, modules, started, toMain } = setUp(() => undefined);
  void modules.describe(PATH);
  void modules.loginOnly({ modulePath: PATH, tokenLabel: 'token' }, '482915');
  await vi.waitFor(() => expect(started.map(({ heard }) => heard.length)).toEqual([1, 1]));
  processes.endAll();
  expect(started.map(({ kill }) => kill.mock.calls.length)).toEqual([1, 1]);
  for (const message of toMain.filter(({ kind }) => kind === 'module-operation')) processes.hear(message);
  expect(started.map(({ heard }) => heard.length)).toEqual([1, 1]);
});
