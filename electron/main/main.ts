import { runApp } from './app.ts';

/** The product: no virtual keys, no demo. */
runApp({ demo: null });
