/**
 * The start, in the order that gets the window onto the screen first: lock, schemes, window; then the device process
 * and everything else, which is loaded while the page paints.
 */
import { app, powerMonitor, session, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { APP_SCHEME, declareAppScheme, serveAppPages } from './app-protocol.ts';
import { isOnlyInstance, linkAmong, OpenedLink, registerForLinks } from './deep-link.ts';
import { DeviceClient } from './device-client.ts';
import { startDeviceProcess } from './device-process.ts';
import { serveCalls, tellWindow } from './ipc-serve.ts';
import { openLog, type Log } from './log.ts';
import { confinePages, confineSession } from './security.ts';
import { bringForward, openMainWindow } from './windows.ts';

/** What the demo adds to the product (electron/demo): pages of its own, and something to run once the window is there. */
export interface Demo {
  /** Folders with pages, by the host of their `app://` address. */
  readonly pages: Readonly<Record<string, string>>;
  windowOpened(window: BrowserWindow): void;
}

export interface AppOptions {
  readonly demo: Demo | null;
}

/** Everything built lies beside the folder that this file is built into. */
const BUILT = join(import.meta.dirname, '..');
/** The first frame is empty; the first screen comes right after it, and is not to share the processor with another process. */
const DEVICES_AFTER_MS = 120;
const WINDOW_HOST = 'latchkey';
const WINDOW_ORIGIN = `${APP_SCHEME}://${WINDOW_HOST}`;

/** Runs the app until its window is closed. Call it before Electron is ready. */
export function runApp({ demo }: AppOptions): void {
  app.setName('Latchkey');
  // Every window asks for the sandbox by itself (windows.ts). As root it can only run without the system's part of it.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // No page of ours reaches a network (security.ts), so Chromium's network service needs no process of its own: 11 MB.
  app.commandLine.appendSwitch('enable-features', 'NetworkServiceInProcess2');
  let window: BrowserWindow | null = null;
  const openedLink = new OpenedLink((link) => {
    if (window) tellWindow(window.webContents)('authority.linkOpened', link);
  });
  const isFirst = isOnlyInstance((link) => {
    if (link) openedLink.open(link);
    if (window) bringForward(window);
  });
  if (!isFirst) return app.quit();
  const linkAtStart = linkAmong(process.argv);
  if (linkAtStart) openedLink.open(linkAtStart);
  const log = openLog(join(app.getPath('userData'), 'logs'));
  reportBugs(log);
  declareAppScheme();
  confinePages(log);
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(() => {
    window = openFirstWindow({ demo, log, openedLink });
  });
}

interface Start {
  readonly demo: Demo | null;
  readonly log: Log;
  readonly openedLink: OpenedLink;
}

function openFirstWindow({ demo, log, openedLink }: Start): BrowserWindow {
  const userData = app.getPath('userData');
  confineSession(session.defaultSession);
  serveAppPages(session.defaultSession, { [WINDOW_HOST]: join(BUILT, 'renderer'), ...demo?.pages });
  const window = openMainWindow({
    url: `${WINDOW_ORIGIN}/index.html`,
    preload: join(BUILT, 'preload/preload.cjs'),
    placeFile: join(userData, 'window.json'),
  });
  const keys = new DeviceClient({ start: (moduleChoice) => startDeviceProcess(join(BUILT, 'device'), moduleChoice, log), log });
  const product = import('./product.ts').then(({ createProduct }) =>
    createProduct({ userData, window, keys, log, openedLink, isDemo: demo !== null, tell: tellWindow(window.webContents) }),
  );
  product.catch((error: unknown) => log.bug('start', error));
  serveCalls({ origin: WINDOW_ORIGIN, handlers: async () => (await product).handlers, log });
  window.once('ready-to-show', () => {
    // The product tells the devices which module was chosen; they are wanted even where it could not begin.
    setTimeout(() => void product.catch(() => undefined).then(() => keys.start()), DEVICES_AFTER_MS);
    registerForLinks();
    // Asleep, the computer hears of no insertion and no removal.
    powerMonitor.on('resume', () => keys.refresh());
    powerMonitor.on('unlock-screen', () => keys.refresh());
    demo?.windowOpened(window);
  });
  app.on('will-quit', () => void keys.close());
  return window;
}

/** A bug does not end the app silently: it is in the log, and what can go on goes on. */
function reportBugs(log: Log): void {
  process.on('uncaughtException', (error) => void log.bug('main', error));
  process.on('unhandledRejection', (error) => void log.bug('main (promise)', error));
  app.on('render-process-gone', (_event, _contents, details) => log.note(`the page ended: ${details.reason} ${details.exitCode}`));
}
