import { BrowserWindow, ipcMain, screen } from 'electron';
import { join } from 'node:path';
import { APP_SCHEME } from '../main/app-protocol.ts';
import { isOwnPage } from '../main/ipc-serve.ts';
import { SAFE_PREFERENCES } from '../main/windows.ts';
import { PANEL_ACT_CHANNEL, PANEL_ACTIONS, PANEL_CHANGED_CHANNEL, PANEL_VIEW_CHANNEL, type PanelAction, type PanelView } from './panel/panel-messages.ts';

export const PANEL_HOST = 'panel';
const PANEL_ORIGIN = `${APP_SCHEME}://${PANEL_HOST}`;
const SIZE = { width: 340, height: 700 } as const;

/** What the panel shows and does. */
export interface Hand {
  readonly view: PanelView;
  act(serial: number, action: PanelAction): Promise<void>;
  onChange(listener: (view: PanelView) => void): void;
}

/** The panel beside `main`; it closes with it. `folder` holds the panel's built page. */
export function openPanel(main: BrowserWindow, hand: Hand, folder: string): void {
  const panel = new BrowserWindow({
    ...SIZE,
    ...placeBeside(main),
    minWidth: 300,
    minHeight: 360,
    show: false,
    autoHideMenuBar: true,
    webPreferences: { ...SAFE_PREFERENCES, preload: join(folder, 'panel-preload.cjs') },
  });
  const answer = (channel: string, act: (...args: readonly unknown[]) => unknown): void =>
    ipcMain.handle(channel, (event, ...args: readonly unknown[]) => {
      if (!isOwnPage(event.senderFrame, PANEL_ORIGIN)) throw new Error('Not for this page');
      return act(...args);
    });
  answer(PANEL_VIEW_CHANNEL, () => hand.view);
  answer(PANEL_ACT_CHANNEL, (serial, action) => {
    if (typeof serial !== 'number' || !isPanelAction(action)) throw new TypeError('a serial and an action are expected');
    return hand.act(serial, action);
  });
  hand.onChange((view) => {
    if (!panel.isDestroyed()) panel.webContents.send(PANEL_CHANGED_CHANNEL, view);
  });
  panel.once('ready-to-show', () => panel.showInactive());
  main.once('closed', () => panel.destroy());
  void panel.loadURL(`${PANEL_ORIGIN}/panel.html`);
}

function isPanelAction(value: unknown): value is PanelAction {
  return (PANEL_ACTIONS as readonly unknown[]).includes(value);
}

/** To the right of the main window, as far as the screen allows. */
function placeBeside(main: BrowserWindow): { readonly x: number; readonly y: number } {
  const bounds = main.getBounds();
  const { workArea } = screen.getDisplayMatching(bounds);
  return { x: Math.min(bounds.x + bounds.width + 12, workArea.x + workArea.width - SIZE.width), y: bounds.y };
}
