/** All that the panel's page gets from outside. */
import { contextBridge, ipcRenderer } from 'electron';
import { PANEL_ACT_CHANNEL, PANEL_CHANGED_CHANNEL, PANEL_VIEW_CHANNEL, type HandBridge, type PanelView } from './panel-messages.ts';

const hand: HandBridge = {
  view: () => ipcRenderer.invoke(PANEL_VIEW_CHANNEL) as Promise<PanelView>,
  act: (serial, action) => ipcRenderer.invoke(PANEL_ACT_CHANNEL, serial, action) as Promise<void>,
  onChange: (listener) => void ipcRenderer.on(PANEL_CHANGED_CHANNEL, (_, view: PanelView) => listener(view)),
};

contextBridge.exposeInMainWorld('hand', hand);
