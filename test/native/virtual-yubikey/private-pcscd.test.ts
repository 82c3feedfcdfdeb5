import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectControl } from '../../../native/virtual-yubikey/control.ts';
import { serveControl } from '../../../native/virtual-yubikey/control-server.ts';
import { isListening } from '../../../native/virtual-yubikey/listening.ts';
import { findVpcdDriver, startPrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../../../native/virtual-yubikey/vpcd.ts';
import { authenticate, generate, PIN, plugIn, sign, verifyPin } from './host.ts';

const run = promisify(execFile);
const checkout = new URL('../../..', import.meta.url).pathname;
const NOBODY = 65534;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** Whether a process still runs (a zombie does not). */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  while (!(await condition())) {
    limit.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** `npm run virtual-yubikey` as a process of its own; answers its output so far once it tells how to reach it. */
async function serve(args: readonly string[], options: Parameters<typeof spawn>[2] = {}): Promise<{ child: ReturnType<typeof spawn>; socketPath: string; next: (text: string) => Promise<void> }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(checkout, 'scripts/virtual-yubikey.ts'), ...args], { cwd: checkout, stdio: ['pipe', 'pipe', 'inherit'], ...options });
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (text: string): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`ended before "${text}"`);
      if (value.includes(text)) return;
    }
  };
  await next('is plugged in');
  const { value } = await lines.next();
  return { child, socketPath: String(value).split('PCSCLITE_CSOCK_NAME=')[1] ?? '', next };
}

describe('a private pcscd', () => {
  it('serves two readers, and leaves nothing behind', async () => {
    const pcscd = await startPrivatePcscd({ readers: 2 });
    const insertions = await Promise.all(pcscd.ports.map((port, index) => insertIntoVpcd(new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001 + index }), { port })));
    const { stdout } = await run('yubico-piv-tool', ['-a', 'status', '-r', pcscd.readerNames[1] ?? ''], { env: pcscd.environment });
    expect(stdout).toMatch(/Serial Number:\s+5210002/);
    for (const insertion of insertions) await insertion.close();
    await pcscd.close();
    expect(existsSync(pcscd.socketPath)).toBe(false);
    expect(await Promise.all(pcscd.ports.map(isListening))).toEqual([false, false]);
  });

  it('does not meet another one', async () => {
    const [first, second] = await Promise.all([startPrivatePcscd({ readers: 1 }), startPrivatePcscd({ readers: 1 })]);
    const insertion = await insertIntoVpcd(new VirtualYubiKey({ firmware: '5.4.3', serial: 1 }), { port: first.ports[0] ?? 0 });
    await expect(run('yubico-piv-tool', ['-a', 'status'], { env: second.environment })).rejects.toThrow('Failed to connect to yubikey');
    await insertion.close();
    await Promise.all([first.close(), second.close()]);
  });

  it('has no driver for real readers', async () => {
    const pcscd = await startPrivatePcscd();
    expect(await readdir(`/proc/${pcscd.processId}/root/usr/lib/pcsc/drivers`)).toEqual([]);
    await pcscd.close();
  });

  it('says that nothing listens at a port', async () => {
    await expect(insertIntoVpcd(new VirtualYubiKey({ firmware: '5.4.3', serial: 1 }), { port: 1 })).rejects.toThrow('no card at port 1');
  });

  it('finds the driver where it is told to', () => {
    expect(findVpcdDriver()).toMatch(/libifdvpcd\.so$/);
  });
});

describe('npm run virtual-yubikey', () => {
  it('remembers, obeys standard input and ends cleanly', async () => {
    const state = join(folder, 'state.json');
    const { child, socketPath, next } = await serve(['--firmware', '5.7.1', '--serial', '77', '--state', state, '--touch', 'ask']);
    const env = { ...process.env, PCSCLITE_CSOCK_NAME: socketPath };
    expect((await run('yubico-piv-tool', ['-a', 'status'], { env })).stdout).toMatch(/Version:\s+5\.7\.1\nSerial Number:\s+77/);
    child.stdin?.write('remove\n');
    await next('Pulled.');
    await expect(run('yubico-piv-tool', ['-a', 'status'], { env })).rejects.toThrow('Failed to connect');
    child.stdin?.write('touch\ninsert\n');
    await next('not waiting');
    await next('Plugged in.');
    await run('yubico-piv-tool', ['-a', 'change-pin', '-P', '123456', '-N', '654321'], { env });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(existsSync(socketPath)).toBe(false);
    expect((await plugIn({ firmware: '5.7.1', serial: 77, statePath: state })).exportState().pin.value).toBe('363534333231ffff');
  });

  it('takes pcscd along when it is killed', async () => {
    const { child, socketPath } = await serve([]);
    const children = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim().split(' ').map(Number);
    expect(children.length, 'pcscd and the relay').toBeGreaterThanOrEqual(2);
    child.kill('SIGKILL');
    await until(async () => !(await Promise.all(children.map(isRunning))).some(Boolean));
    await rm(join(socketPath, '../../..'), { recursive: true });
  });

  it('works for an ordinary user', async () => {
    if (process.getuid?.() !== 0) return console.info('skipped: the other tests run as an ordinary user already');
    const { child, socketPath } = await serve([], { uid: NOBODY, gid: NOBODY, env: { ...process.env, HOME: folder, TMPDIR: '/tmp' } });
    const env = { ...process.env, PCSCLITE_CSOCK_NAME: socketPath };
    expect((await run('yubico-piv-tool', ['-a', 'status'], { env, uid: NOBODY, gid: NOBODY })).stdout).toMatch(/Serial Number:\s+5210001/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses a serial number that is none', async () => {
    await expect(run(process.execPath, ['--import', 'tsx', join(checkout, 'scripts/virtual-yubikey.ts'), '--serial', 'x'], { cwd: checkout })).rejects.toMatchObject({ code: 2 });
  });
});

describe('the control socket', () => {
  it('inserts, removes and touches, and tells of changes', async () => {
    const socketPath = join(folder, 'control.sock');
    const pcscd = await startPrivatePcscd({ readers: 1 });
    const key = await plugIn();
    await authenticate(key);
    await generate(key, '9a', '11', 'ab0102');
    await verifyPin(key, PIN);
    const insertion = await insertIntoVpcd(key, { port: pcscd.ports[0] ?? 0 });
    const server = await serveControl(socketPath, [{ label: 'user', key, insertion }]);
    const client = await connectControl(socketPath);
    expect(client.keys).toEqual([{ serial: 5210001, label: 'user', firmware: '5.4.3', isInserted: true, isWaitingForTouch: false }]);

    const seen: string[] = [];
    client.watch(([first]) => seen.push(`${first?.isInserted ? 'in' : 'out'}${first?.isWaitingForTouch ? ', blinks' : ''}`));
    await client.act(5210001, 'remove');
    await expect(run('yubico-piv-tool', ['-a', 'status'], { env: pcscd.environment })).rejects.toThrow('Failed to connect');
    await client.act(5210001, 'insert');
    expect((await run('yubico-piv-tool', ['-a', 'status'], { env: pcscd.environment })).stdout).toContain('5210001');

    await expect(client.act(5210001, 'touch')).rejects.toThrow('not waiting for a touch');
    await expect(client.act(1, 'touch')).rejects.toThrow('no virtual key 1');
    await key.transmit(Buffer.from('00a4040005a000000308', 'hex'));
    await verifyPin(key, PIN);
    const signed = sign(key, '9a', '11', '22'.repeat(32));
    await until(async () => client.keys[0]?.isWaitingForTouch === true);
    await client.act(5210001, 'touch');
    expect((await signed).statusWord).toBe('9000');
    await until(async () => client.keys[0]?.isWaitingForTouch === false);
    expect(seen).toEqual(['in', 'out', 'in', 'in, blinks', 'in']);

    await server.close();
    await client.closed;
    await expect(client.act(5210001, 'touch')).rejects.toThrow('gone');
    await insertion.close();
    await pcscd.close();
  });
});
