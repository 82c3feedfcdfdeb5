import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inChildProcess, type StartModuleHost } from '../../../native/pkcs11/module-host.ts';
import type { ModuleResult } from '../../../native/pkcs11/module-failure.ts';
import { Pkcs11Modules } from '../../../native/pkcs11/pkcs11-modules.ts';
import { compileModule } from './misbehaving-module.ts';

let folder: string;
const open: Pkcs11Modules[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-modules-'));
});
afterAll(async () => {
  for (const modules of open) modules.close();
  await rm(folder, { recursive: true });
});

/** Any call that is not `describe`, which has a process of its own. */
function call(modules: Pkcs11Modules, modulePath: string): Promise<ModuleResult<unknown>> {
  return modules.loginOnly({ modulePath, tokenLabel: 'none' }, '123456');
}

function openModules(options: ConstructorParameters<typeof Pkcs11Modules>[0] = {}): Pkcs11Modules {
  const modules = new Pkcs11Modules(options);
  open.push(modules);
  return modules;
}

describe('a module that is none', () => {
  it('is missing', async () => {
    const path = join(folder, 'gone.so');
    expect(await openModules().describe(path)).toEqual({
      ok: false,
      failure: { kind: 'module-failed', module: path, detail: 'load: gone.so: cannot open shared object file: No such file or directory' },
    });
  });

  it('is not a library', async () => {
    const path = join(folder, 'text.so');
    await writeFile(path, 'no library');
    expect(await openModules().describe(path)).toMatchObject({ ok: false, failure: { kind: 'module-failed', module: path, detail: expect.stringContaining('load: text.so: ') } });
  });

  it('is a library of another kind', async () => {
    const modules = openModules();
    const failure = { ok: false, failure: { kind: 'module-failed', detail: expect.stringContaining('C_GetFunctionList') } };
    expect(await modules.describe(process.arch === 'x64' ? '/lib/x86_64-linux-gnu/libz.so.1' : 'libz.so.1')).toMatchObject(failure);
  });
});

describe('a module that misbehaves', () => {
  it.each(['aborts', 'segfaults', 'exits'] as const)('%s: the crash is named and another module goes on', async (behaviour) => {
    const modules = openModules();
    const bad = compileModule(folder, behaviour);
    const good = compileModule(folder, 'works');
    const crashed = { ok: false, failure: { kind: 'module-crashed', module: bad } };
    expect(await call(modules, bad)).toEqual(crashed);
    expect(await call(modules, good)).toMatchObject({ ok: false, failure: { kind: 'module-cannot', module: good } });
    expect(await call(modules, bad)).toEqual(crashed);
    expect(await modules.describe(bad)).toEqual(crashed);
    expect(await modules.describe(good)).toMatchObject({ ok: true, value: { version: '7.3', description: 'misbehaving' } });
  });

  it('hangs: it is ended after the limit, named with the function, and the next call starts anew', async () => {
    const modules = openModules({ limits: { call: 400, description: 400, start: 5_000 } });
    const path = compileModule(folder, 'hangs');
    const failure = { ok: false, failure: { kind: 'module-failed', module: path, detail: 'C_Initialize: no answer in 0.4 s' } };
    const all = [call(modules, path), call(modules, path), modules.describe(path)];
    expect(await Promise.all(all)).toEqual([failure, failure, failure]);
  });

  it('is initialised already: the old initialisation is ended first', async () => {
    const path = compileModule(folder, 'works', { startsInitialized: true });
    expect(await openModules().describe(path)).toMatchObject({ ok: true, value: { path, version: '7.3' } });
  });

  it('fails calls under way and later ones when closed', async () => {
    const modules = openModules();
    const path = compileModule(folder, 'hangs');
    const calls = [call(modules, path), call(modules, path), modules.describe(path)];
    await setImmediate(); // the first and the last are under way
    modules.close();
    for (const outcome of await Promise.all(calls)) expect(outcome).toEqual({ ok: false, failure: { kind: 'device-process-ended', detail: 'closed' } });
  });

  it('is loaded beforehand without C_Initialize', async () => {
    const path = compileModule(folder, 'aborts');
    expect(await openModules().warmUp(path)).toEqual({ ok: true, value: null });
  });

  it('ends when it idles, and comes back', async () => {
    const inChild = inChildProcess();
    let exits = 0;
    let tellExit: () => void = () => undefined;
    const startHost: StartModuleHost = (events, sight) => inChild({ ...events, onExit: () => (exits++, tellExit(), events.onExit()) }, sight);
    const modules = openModules({ startHost, limits: { idle: 20 } });
    const path = compileModule(folder, 'works');
    for (const round of [1, 2]) {
      const ended = new Promise<void>((resolve) => (tellExit = resolve));
      expect(await modules.warmUp(path)).toMatchObject({ ok: true });
      await ended;
      expect(exits).toBe(round);
    }
  });

  it('leaves no process behind, neither idle nor when we end in the middle of a call', async () => {
    const script = join(folder, 'ends.mts');
    const modules = new URL('../../../native/pkcs11/pkcs11-modules.ts', import.meta.url).href;
    await writeFile(
      script,
      `import type { ModuleResult } from '../../../native/pkcs11/module-failure.ts';
import { Pkcs11Modules } from ${JSON.stringify(modules)};
       const modules = new Pkcs11Modules();
       await modules.warmUp(process.argv[2]);
       await modules.describe(process.argv[2]);
       if (process.argv[3]) { void modules.describe(process.argv[3]); setTimeout(() => process.exit(3), 600); }`,
    );
    const run = (...args: string[]): Promise<number | null> => new Promise((resolve) => spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...args], { stdio: 'ignore' }).on('close', resolve));
    expect(await run(compileModule(folder, 'works'))).toBe(0);
    expect(await run(compileModule(folder, 'works'), compileModule(folder, 'hangs'))).toBe(3);
  });
});
