/**
 * Pictures of every screen, without Electron: the built window in Chromium, with a bridge that answers prepared data.
 *
 *   npx tsx test/renderer/looking/look.ts FOLDER [--only NAME-PART] [--small] [--dark] [--zoom]
 *
 * Also runs axe on each screen, and reports what the page logs as an error. Needs Debian's chromium.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { build as bundle } from 'esbuild';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as buildPages } from 'vite';
import type { Situation } from './sample-keys.ts';
import { SITUATIONS } from './situations.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGES = join(CHECKOUT, '.build/looking');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
/** As electron/main/app-protocol.ts sends it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

interface View {
  readonly suffix: string;
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

const folder = process.argv[2] ?? '/tmp/shots';
const has = (flag: string): boolean => process.argv.includes(flag);
const only = has('--only') ? (process.argv[process.argv.indexOf('--only') + 1] ?? '') : '';

function views(): readonly View[] {
  const large = { width: 980, height: 700 };
  const small = { width: 720, height: 560 };
  const all: readonly View[] = [
    { suffix: 'light', colorScheme: 'light', ...large },
    { suffix: 'dark', colorScheme: 'dark', ...large },
    { suffix: 'light-small', colorScheme: 'light', ...small },
    { suffix: 'dark-small', colorScheme: 'dark', ...small },
    // 720 × 560 at 200 % leaves this many CSS pixels.
    { suffix: 'zoom', colorScheme: 'light', width: 360, height: 280 },
  ];
  const chosen = all.filter(({ suffix }) => (has('--small') && suffix === 'light-small') || (has('--dark') && suffix === 'dark') || (has('--zoom') && suffix === 'zoom') || (has('--light') && suffix === 'light'));
  return chosen.length > 0 ? chosen : all;
}

async function buildPage(): Promise<string> {
  await buildPages({
    configFile: false,
    root: join(CHECKOUT, 'renderer'),
    logLevel: 'warn',
    plugins: [react()],
    build: { outDir: PAGES, emptyOutDir: true, target: 'chrome130', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
  const result = await bundle({ entryPoints: [join(CHECKOUT, 'test/renderer/looking/fake-bridge.ts')], bundle: true, write: false, format: 'iife', platform: 'browser', target: 'chrome130' });
  return result.outputFiles[0]?.text ?? '';
}

async function serve(): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '/');
    void readFile(join(PAGES, path)).then(
      (content) => response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** Answers the complaints: page errors, refused policies, axe's findings. */
async function look(browser: Browser, origin: string, bridge: string, name: string, situation: Situation, view: View): Promise<readonly string[]> {
  const complaints: string[] = [];
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    bypassCSP: false,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('favicon.ico')) complaints.push(`console: ${message.text()}`);
  });
  await page.addInitScript({ content: `window.latchkeySituation = ${JSON.stringify(name)};\n${bridge}` });
  await page.goto(origin);
  try {
    await page.locator('h1').first().waitFor();
    await situation.walk?.(page);
    await page.waitForLoadState('networkidle');
    await page.locator('h1').first().waitFor();
  } catch (error) {
    complaints.push(`walk: ${String(error).split('\n')[0]}`);
  }
  await page.screenshot({ path: join(folder, `${name}.${view.suffix}.png`) });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  if (overflow) complaints.push('wider than the window');
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  for (const violation of violations) {
    complaints.push(`axe ${violation.id}: ${violation.nodes.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
  }
  await context.close();
  return complaints;
}

const bridge = await buildPage();
const pages = await serve();
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
let count = 0;
for (const [name, situation] of Object.entries(SITUATIONS)) {
  if (!name.includes(only)) continue;
  for (const view of views()) {
    count += 1;
    for (const complaint of await look(browser, pages.origin, bridge, name, situation, view)) console.log(`${name}.${view.suffix}: ${complaint}`);
  }
}
await browser.close();
pages.close();
console.log(`${count} pictures in ${folder}`);
