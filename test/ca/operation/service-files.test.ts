/**
 * The unit for systemd and the container file: what can be seen of them without systemd as init and without a registry of
 * images. Their command lines are run as they stand there, with the folders and ports of the test.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initAuthority } from '../../../ca/init.ts';
import { PASSPHRASE } from '../passphrase.ts';
import { must } from '../running-authority.ts';

const run = promisify(execFile);
const CHECKOUT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const OPERATOR = join(CHECKOUT, 'resources', 'operator');
let folder: string;
let unit: string;
let containerfile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-service-'));
  unit = await readFile(join(OPERATOR, 'latchkey-ca.service'), 'utf8');
  containerfile = await readFile(join(OPERATOR, 'Containerfile'), 'utf8');
  must(await initAuthority({ dir: join(folder, 'state', 'ca'), name: 'Service CA', keyType: 'ECCP256', passphrase: PASSPHRASE }));
  await mkdir(join(folder, 'credentials'));
  await writeFile(join(folder, 'credentials', 'passphrase'), PASSPHRASE, { mode: 0o400 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Served {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with everything said so far, once this is in it. */
  said(words: RegExp): Promise<RegExpExecArray>;
  /** Everything said so far. */
  text(): string;
  /** SIGTERM; the exit code. */
  end(): Promise<number | null>;
}

function serve(program: string, parameters: readonly string[], environment: Readonly<Record<string, string>> = {}): Served {
  const child = spawn(program, [...parameters], { env: { PATH: process.env['PATH'], HOME: folder, ...environment } });
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'exit') as Promise<[number | null]>;
  return {
    child,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = words.exec(text);
          if (found) resolve(found);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`It ended: ${text}`)));
        look();
      }),
    text: () => text,
    end: async () => {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

/** The bundle that was made last; in the container there is one. */
async function newestIn(dir: string): Promise<string> {
  const names = (await readdir(dir)).filter((name) => !name.startsWith('new-'));
  const found = await Promise.all(names.map(async (name) => ({ path: join(dir, name), at: (await stat(join(dir, name))).mtimeMs })));
  return found.toSorted((a, b) => b.at - a.at)[0]?.path ?? '';
}

/** The value of a key of the unit, once. */
const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

describe('latchkey-ca.service', () => {
  test('has no mistake that systemd sees', async () => {
    const { stdout, stderr } = await run('systemd-analyze', ['verify', join(OPERATOR, 'latchkey-ca.service')]);
    expect(stdout + stderr).toBe('');
    // It does see them.
    await writeFile(join(folder, 'latchkey-ca.service'), unit.replace('ProtectSystem=', 'ProtectSytem='));
    expect((await run('systemd-analyze', ['verify', join(folder, 'latchkey-ca.service')])).stderr).toContain('ProtectSytem');
  });

  test('exposes little, as systemd counts it: at most 1.5 of 10', async () => {
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=15', '--no-pager', join(OPERATOR, 'latchkey-ca.service')]);
    expect(stdout).toMatch(/Overall exposure level for latchkey-ca\.service: [01]\.\d OK/);
  });

  test('no secret is in it', () => {
    expect(valueOf('LoadCredential')).toBe('passphrase:/etc/latchkey-ca/passphrase');
    expect(unit).not.toMatch(/^(?:Set)?(?:Environment|Credential)=.*(?:passphrase|pin)/im);
  });

  test('its command serves, reloads at HUP and ends at TERM', async () => {
    const values: Readonly<Record<string, string>> = { STATE_DIRECTORY: join(folder, 'state'), CREDENTIALS_DIRECTORY: join(folder, 'credentials'), LISTEN: '127.0.0.1:0', STATUS_LISTEN: '127.0.0.1:0', METRICS_LISTEN: '127.0.0.1:0' };
    for (const name of ['LISTEN', 'STATUS_LISTEN', 'METRICS_LISTEN', 'OPTIONS']) expect(valueOf('Environment')).toContain(`${name}=`);
    const words = valueOf('ExecStart').replace(/ \$OPTIONS$/, '').replaceAll('/opt/latchkey', CHECKOUT).replace('/usr/bin/node', process.execPath).split(' ');
    const [program = '', ...parameters] = words.map((word) => word.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? ''));
    const served = serve(program, parameters, { LATCHKEY_PUBLIC_ADDRESS: 'https://ca.example.org:8443' });
    await served.said(/serves at https:\/\/ca\.example\.org:8443\n/);
    const [, metrics = ''] = await served.said(/Metrics: (\S+)/);
    expect((await fetch(metrics)).status).toBe(200);
    expect(valueOf('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
    await writeFile(join(folder, 'state', 'ca', 'policy.yaml'), 'profiles:\n  person:\n    kind: robot\n');
    served.child.kill('SIGHUP');
    await served.said(/policy-refused/);
    expect((await fetch(metrics)).status).toBe(200);
    expect(await served.end()).toBe(0);
    // What it says is kept in the journal: no code may be in it.
    expect(served.text()).not.toMatch(/latchkey:\/\/|code=/);
    await rm(join(folder, 'state', 'ca', 'policy.yaml'));
  });
});

describe('Containerfile', () => {
  const instructions = (): readonly (readonly [string, string])[] => containerfile.split('\n').filter((line) => /^[A-Z]+ /.test(line)).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
  /** Of the last stage. */
  const last = (name: string): string => instructions().findLast(([instruction]) => instruction === name)?.[1] ?? '';

  test('runs as somebody who is not root, from an image without what builds', () => {
    expect(last('USER')).toBe('node');
    expect(instructions().filter(([name]) => name === 'FROM').map(([, image]) => image)).toEqual(['docker.io/library/node:20-bookworm-slim AS build', 'docker.io/library/node:20-bookworm-slim']);
    expect(containerfile.slice(containerfile.lastIndexOf('FROM'))).not.toMatch(/g\+\+|npm ci|COPY \. /);
  });

  test('what it copies is enough to serve, and its health check tells', async () => {
    const root = join(folder, 'image');
    await run(process.execPath, [join(CHECKOUT, 'scripts', 'latchkey.mjs'), '--help']);
    const sources: Readonly<Record<string, string>> = { server: await newestIn(join(CHECKOUT, '.build', 'cli')) };
    for (const [, parameters] of instructions().filter(([name, text]) => name === 'COPY' && text.startsWith('--from=build '))) {
      const [, ...paths] = parameters.split(' ');
      const target = paths.at(-1) ?? '';
      for (const path of paths.slice(0, -1)) {
        const name = path.replace('/build/', '');
        const to = target === './' ? join(root, basename(name)) : join(root, target);
        await mkdir(dirname(to), { recursive: true });
        // node_modules is linked: 50 MB without what only builds (npm prune --omit=dev).
        await (name === 'node_modules' ? symlink(join(CHECKOUT, name), to) : cp(sources[name] ?? join(CHECKOUT, name), to, { recursive: true }));
      }
    }
    const here = (text: string): string => text.replaceAll('/opt/latchkey', root).replaceAll('/var/lib/latchkey-ca', join(folder, 'state')).replaceAll('/run/secrets/latchkey-ca-passphrase', join(folder, 'credentials', 'passphrase')).replaceAll(/0\.0\.0\.0:\d+/g, '127.0.0.1:0');
    const words = [...(JSON.parse(here(last('ENTRYPOINT'))) as string[]), ...(JSON.parse(here(last('CMD'))) as string[])];
    expect(words[0]).toBe('node');
    const served = serve(process.execPath, words.slice(1));
    const [, port = ''] = await served.said(/serves at https:\/\/127\.0\.0\.1:(\d+)/);
    const check = JSON.parse(here(last('HEALTHCHECK').replace(/^.*? CMD /, '')).replace('8443', port)) as string[];
    const healthy = (): Promise<number> => run(process.execPath, check.slice(1)).then(() => 0, (error: { readonly code: number }) => error.code);
    expect(await healthy()).toBe(0);
    expect(await served.end()).toBe(0);
    expect(served.text()).not.toMatch(/latchkey:\/\/|code=/);
    expect(await healthy()).toBe(1);
  });
});
