// What an app of this kind costs before it does anything: one window of the same size with a page of two elements.
import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';

app.on('window-all-closed', () => app.quit());
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 980, height: 700, show: false, webPreferences: { sandbox: true, contextIsolation: true } });
  window.once('ready-to-show', () => window.show());
  return window.loadFile(join(import.meta.dirname, 'index.html'));
}, console.error);
