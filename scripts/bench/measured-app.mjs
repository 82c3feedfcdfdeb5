// Entry for both contestants: says on standard output when the first screen can be used, then is the app itself.
// "Can be used": a heading and a button in <main> are visible, and two frames have been painted since.
import { app } from 'electron';
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const USABLE = `new Promise((resolve) => {
  const isVisible = (selector) => (document.querySelector(selector)?.getClientRects().length ?? 0) > 0;
  const look = () => {
    if (isVisible('main h1') && isVisible('main button:not([disabled])')) requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    else requestAnimationFrame(look);
  };
  look();
})`;

app.once('web-contents-created', (_, contents) => {
  contents.once('dom-ready', () => {
    contents.executeJavaScript(USABLE).then(
      () => writeSync(1, `usable ${Date.now()}\n`),
      (error) => writeSync(2, `${error}\n`),
    );
  });
});

await import(pathToFileURL(process.env.LATCHKEY_BENCH_ENTRY).href);
