import { BrowserWindow, nativeTheme, screen } from 'electron';
import { DEFAULT_SIZE, LEAST_SIZE, placeOnScreen, readWindowPlace, writeWindowPlace } from './window-place.ts';

/** The page's own backgrounds (--lk-paper in renderer/base.css), so that the window does not flash before it has painted. */
const BACKGROUND = { light: '#f5f4ef', dark: '#131816' } as const;

export interface MainWindowOptions {
  /** Preload script, absolute. */
  readonly preload: string;
  readonly url: string;
  /** Where the window's place is kept. */
  readonly placeFile: string;
}

/** What every window of ours has: no Node, an isolated preload, the sandbox. */
export const SAFE_PREFERENCES = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const;

/** The one window; shown when it has painted. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const kept = placeOnScreen(readWindowPlace(options.placeFile), screen.getAllDisplays().map((display) => display.workArea));
  const window = new BrowserWindow({
    ...(kept?.bounds ?? DEFAULT_SIZE),
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    show: false,
    backgroundColor: background(),
    autoHideMenuBar: true,
    webPreferences: { ...SAFE_PREFERENCES, preload: options.preload },
  });
  if (kept?.isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(background());
  });
  window.on('close', () => writeWindowPlace(options.placeFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() }));
  void window.loadURL(options.url);
  return window;
}

/** Brings a window forward, from wherever it is. */
export function bringForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function background(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}
