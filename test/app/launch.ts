/** Starts the built app on the Electron of the run, with a profile of its own. */
import { _electron, expect, type ElectronApplication, type Page } from '@playwright/test';
import type { BrowserWindow } from 'electron';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { electronRuntime } from '../../scripts/electron-runtime.ts';
import { trustVirtualKeys } from '../../scripts/start/trust-virtual-keys.ts';
import { APP_UNDER_TEST } from './take-build.ts';

export interface LaunchOptions {
  /** Folder of the user's Latchkey; given again, it is a second start. A new one unless said. */
  readonly userData?: string;
  /** Socket of the pcscd to use, whose keys are virtual and genuine to the app; without it, one that does not exist. */
  readonly pcscSocket?: string;
  /** More arguments, such as an invitation link. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** With the system's own sandbox: as this ordinary user where we are root. */
  readonly asUser?: { readonly uid: number; readonly gid: number };
  /** 'demo/demo-main.js' for the demo. */
  readonly entry?: string;
}

export interface RunningApp {
  readonly app: ElectronApplication;
  readonly window: Page;
  readonly userData: string;
  /** What the page complained of: every line is a defect (a broken policy, an error in a component). */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** The app with its window open. */
export async function launchApp(options: LaunchOptions = {}): Promise<RunningApp> {
  const userData = options.userData ?? (await mkdtemp(join(tmpdir(), 'latchkey-app-')));
  if (options.pcscSocket) await trustVirtualKeys(userData);
  const { executable } = await electronRuntime();
  const app = await launchWatched({
    executablePath: options.asUser ? await runAs(options.asUser, executable, userData) : executable,
    args: [options.entry ? join(APP_UNDER_TEST, options.entry) : APP_UNDER_TEST, `--user-data-dir=${userData}`, '--lang=en-US', ...(options.args ?? [])],
    env: environment(options, userData),
    // As the app and the system want it; Playwright would make every page light.
    colorScheme: null,
    chromiumSandbox: options.asUser !== undefined,
  });
  const window = await app.firstWindow();
  const complaints: string[] = [];
  window.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
  window.on('pageerror', (error) => void complaints.push(String(error)));
  return { app, window, userData, complaints, close: () => app.close() };
}

/**
 * Playwright attaches to the first page while it loads. Attached between the empty document and ours it waits for a
 * navigation that is over (about one start in a hundred on a busy machine, with the app itself well and painted): such a
 * start is made again.
 */
async function launchWatched(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await _electron.launch({ ...options, timeout: 12_000 });
    } catch (error) {
      const isMissedNavigation = error instanceof Error && error.message.includes('Timeout');
      if (!isMissedNavigation || attempt === 3) throw error;
      console.warn(`Playwright missed the first navigation (attempt ${attempt}); starting again`);
    }
  }
}

/** Removes a profile once nobody uses it. */
export async function forgetProfile(userData: string): Promise<void> {
  await rm(userData, { recursive: true, force: true, maxRetries: 5 });
}

/** Makes the window this large, content without frame. */
export async function resize({ app, window }: RunningApp, width: number, height: number): Promise<void> {
  await setInMain(async () => {
    const frame = await app.browserWindow(window);
    await frame.evaluate((browserWindow: BrowserWindow, size) => browserWindow.setContentSize(size.width, size.height), { width, height });
  });
  await expect.poll(() => window.evaluate(() => [innerWidth, innerHeight])).toEqual([width, height]);
}

/** As if the system's theme changed; the page has to follow. */
export async function useTheme({ app, window }: RunningApp, theme: 'light' | 'dark'): Promise<void> {
  await setInMain(() => app.evaluate(({ nativeTheme }, source) => void (nativeTheme.themeSource = source), theme));
  await expect.poll(() => window.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(theme === 'dark');
}

/**
 * Sets in main what may be set twice. V8 may collect the promise by which Playwright hears of anything in main, the look for
 * the window included ("Resulting promise was garbage collected"): it was done, or is done once more.
 */
async function setInMain(set: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await set();
    } catch (error) {
      if (!String(error).includes('garbage collected') || attempt === 3) throw error;
    }
  }
}

function environment(options: LaunchOptions, userData: string): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(ELECTRON_|LATCHKEY_|PCSCLITE_)/.test(entry[0])),
  );
  return { ...inherited, HOME: userData, PCSCLITE_CSOCK_NAME: options.pcscSocket ?? join(userData, 'no-pcscd'), ...options.env };
}

/** A program that starts Electron as somebody else; Playwright talks to it by the ports it prints, whoever runs it. */
async function runAs(user: { readonly uid: number; readonly gid: number }, executable: string, userData: string): Promise<string> {
  const program = join(userData, 'electron-as-user');
  await writeFile(program, `#!/bin/sh\nexec setpriv --reuid=${user.uid} --regid=${user.gid} --clear-groups -- '${executable}' "$@"\n`);
  await chmod(program, 0o755);
  return program;
}
