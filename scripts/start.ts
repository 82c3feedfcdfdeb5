/**
 * `npm start`: the app from this checkout, with a CA of its own folder. With a real YubiKey plugged in it works on that
 * one; otherwise on two virtual ones, the user's and the approver's. Without a display the same enrollment is played in
 * the terminal, down to the web server that lets the key in.
 */
import { join } from 'node:path';
import { Cleanup } from '../cli/demo/cleanup.ts';
import { ourCommandLine } from '../cli/demo/demo-authority.ts';
import { build } from './build.ts';
import { electronRuntime } from './electron-runtime.ts';
import { LOCAL_FOLDER } from './paths.ts';
import { runInTerminal } from './run.ts';
import { startApp } from './start/app-process.ts';
import { hasRealYubiKey } from './start/real-key.ts';
import { openAuthority } from './start/own-authority.ts';
import { prepareTrial } from './start/trial.ts';

const tell = (line: string): void => console.error(`start: ${line}`);

/** The app on the key that is plugged in; nothing virtual is near it. */
async function startWithRealKey(cleanup: Cleanup): Promise<number> {
  tell('a YubiKey is plugged in: the app works on it. Its CA lives in .latchkey/own.');
  const folder = join(LOCAL_FOLDER, 'own');
  const authority = await openAuthority(folder, { name: 'My Latchkey CA', tell });
  cleanup.add('the CA', () => authority.close());
  const link = authority.firstApproverInvitation;
  if (link) tell(`this invitation makes you the first approver; the app opens with it:\n  ${link}`);
  return startApp({ entry: 'main/main.js', userData: join(folder, 'app'), args: link ? [link] : [], env: {} });
}

async function startWithVirtualKeys(cleanup: Cleanup): Promise<number> {
  tell('no YubiKey is plugged in: the app works on two virtual ones. Everything of this trial lives in .latchkey/trial.');
  const trial = await prepareTrial(join(LOCAL_FOLDER, 'trial'), cleanup, tell);
  return startApp({ entry: 'demo/demo-main.js', userData: trial.userData, args: trial.args, env: trial.environment });
}

async function start(): Promise<number> {
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    tell('there is no display, so the enrollment is played here in the terminal');
    return runInTerminal(process.execPath, [...ourCommandLine(), 'demo']);
  }
  await electronRuntime(tell);
  await build();
  const cleanup = new Cleanup();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // `on`, not `once`: Ctrl-C arrives from the terminal and from set-up, and the second must not cut the cleaning short.
    process.on(signal, () => void cleanup.run(tell).then(() => process.exit(130)));
  }
  try {
    return (await hasRealYubiKey()) ? await startWithRealKey(cleanup) : await startWithVirtualKeys(cleanup);
  } finally {
    await cleanup.run(tell);
  }
}

process.exit(await start());
