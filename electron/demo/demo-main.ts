/**
 * The product with virtual keys beside it, for people without a key: the same main, and a panel that stands for the
 * hand. Built into a folder of its own that is never packaged.
 */
import { join } from 'node:path';
import { runApp } from '../main/app.ts';
import { readDemoFile } from './demo-file.ts';
import { openPanel, PANEL_HOST } from './panel-window.ts';
import { connectHand } from './virtual-hand.ts';

const panelFolder = join(import.meta.dirname, 'panel');
const file = readDemoFile();

runApp({
  demo: {
    pages: { [PANEL_HOST]: panelFolder },
    windowOpened: (window) => {
      void connectHand(file).then((hand) => openPanel(window, hand, panelFolder));
    },
  },
});
