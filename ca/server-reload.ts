/** Tells web servers to read their files anew, after they were asked whether they could. */
import { spawn } from 'node:child_process';
import { failed, success, type Result } from '../core/result.ts';

interface Program {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** First the check, then the reload. Run without a shell. */
const KNOWN: Readonly<Record<string, readonly Program[]>> = {
  nginx: [
    { program: 'nginx', arguments: ['-t', '-q'] },
    { program: 'nginx', arguments: ['-s', 'reload'] },
  ],
  haproxy: [
    { program: 'haproxy', arguments: ['-c', '-q', '-f', '/etc/haproxy/haproxy.cfg'] },
    { program: 'systemctl', arguments: ['reload', 'haproxy'] },
  ],
  apache: [
    { program: 'apachectl', arguments: ['configtest'] },
    { program: 'apachectl', arguments: ['graceful'] },
  ],
};

/** Longest such a command may take. */
const TIMEOUT_MS = 60_000;
/** As much of what it says is shown. */
const MAX_DETAIL = 500;
/** What other programs get of our environment: nothing that could hold a secret of ours. */
const HANDED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'] as const;

function environment(): NodeJS.ProcessEnv {
  // Servers live in sbin, which is not on every PATH.
  const path = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`;
  return { ...Object.fromEntries(HANDED_ON.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined)), PATH: path };
}

function run({ program, arguments: parameters }: Program, shown: string): Promise<Result<void>> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    let said = '';
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-MAX_DETAIL);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', (error) => resolve(failed({ kind: 'command-failed', command: shown, detail: error.message })));
    // Not 'close': what a server goes on running may keep the pipes.
    child.on('exit', (code, signal) => resolve(code === 0 ? success(undefined) : failed({ kind: 'command-failed', command: shown, detail: said.trim() || `ended with ${code ?? signal}` })));
  });
}

/** Runs a command of the operator in a shell. Fails with command-failed. */
export function runCommand(command: string): Promise<Result<void>> {
  return run({ program: '/bin/sh', arguments: ['-c', command] }, command);
}

/** `how`: "nginx", "haproxy", "apache", or a command for the shell. Fails with command-failed. */
export async function reloadServer(how: string): Promise<Result<void>> {
  const steps = KNOWN[how];
  if (steps === undefined) return runCommand(how);
  for (const step of steps) {
    const done = await run(step, [step.program, ...step.arguments].join(' '));
    if (!done.ok) return done;
  }
  return success(undefined);
}
