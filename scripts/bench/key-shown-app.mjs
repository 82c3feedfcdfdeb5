// Entry that goes past the welcome to the key, and goes on telling: "shown <time>" when the serial in LATCHKEY_BENCH_SERIAL
// is in the window, "gone <time>" when it is not. "In the window": it is in <main>, and two frames have been painted since.
import { app } from 'electron';
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const SERIAL = JSON.stringify(process.env.LATCHKEY_BENCH_SERIAL);
/** What a person clicks who has no CA (renderer/messages/en.ts). */
const TO_THE_KEY = JSON.stringify('Just look at my key');

/** Looks when the page changes, and not at every frame: looking must not be what is measured. */
const whenSo = (isSo, then) => `new Promise((resolve) => {
  const look = () => {
    if (!(${isSo})) return false;
    observer.disconnect();
    ${then};
    return true;
  };
  const observer = new MutationObserver(look);
  observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true });
  look();
})`;
const BUTTON = `[...document.querySelectorAll('main button')].find((button) => button.textContent.includes(${TO_THE_KEY}))`;
const clicked = whenSo(BUTTON, `${BUTTON}.click(), resolve()`);
const PAINTED = 'requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())))';
const serialIs = (isThere) => whenSo(`(document.querySelector('main')?.textContent ?? '').includes(${SERIAL}) === ${isThere}`, PAINTED);

async function tell(contents) {
  await contents.executeJavaScript(clicked);
  for (;;) {
    writeSync(1, `shown ${await contents.executeJavaScript(serialIs(true))}\n`);
    writeSync(1, `gone ${await contents.executeJavaScript(serialIs(false))}\n`);
  }
}

app.once('web-contents-created', (_, contents) => {
  contents.once('dom-ready', () => void tell(contents).catch((error) => writeSync(2, `${error}\n`)));
});

await import(pathToFileURL(process.env.LATCHKEY_BENCH_ENTRY).href);
