/** What the page cannot do, whatever it contains. Asked on the real Electron, from inside the real page. */
import { expect, test } from '@playwright/test';
import { forgetProfile, launchApp, type RunningApp } from './launch.ts';

let running: RunningApp;
test.beforeAll(async () => void (running = await launchApp()));
test.afterAll(async () => {
  await running.close();
  await forgetProfile(running.userData);
});

test('the window is as large as designed, and no smaller than usable', async () => {
  // It is shown when it has painted.
  await expect.poll(() => running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true);
  const found = await running.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    return { count: BrowserWindow.getAllWindows().length, size: window?.getSize(), least: window?.getMinimumSize() };
  });
  expect(found).toEqual({ count: 1, size: [980, 700], least: [720, 560] });
});

test('the page runs isolated, sandboxed and without Node', async () => {
  const preferences = await running.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false, webSecurity: true });
  const reachable = await running.window.evaluate(() => ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron'].filter((name) => name in globalThis));
  expect(reachable).toEqual([]);
  expect(await running.window.evaluate(() => Object.keys((globalThis as unknown as { latchkey: object }).latchkey).sort())).toEqual(['call', 'on']);
});

test('the page comes from app:// with a strict policy', async () => {
  expect(running.window.url()).toBe('app://latchkey/index.html');
  const headers = await running.app.evaluate(async ({ session }) => {
    const answer = await session.defaultSession.fetch('app://latchkey/index.html');
    return { status: answer.status, policy: answer.headers.get('content-security-policy'), sniff: answer.headers.get('x-content-type-options') };
  });
  expect(headers).toMatchObject({ status: 200, sniff: 'nosniff' });
  expect(headers.policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(headers.policy).not.toContain('unsafe');
});

test('nothing outside the pages is served', async () => {
  const addresses = ['app://latchkey/%2e%2e/main/main.js', 'app://latchkey/..%2fpackage.json', 'app://latchkey//etc/passwd', 'app://other/index.html', 'app://panel/panel.html'];
  const statuses = await running.app.evaluate(({ session }, all) => Promise.all(all.map(async (address) => (await session.defaultSession.fetch(address)).status)), addresses);
  expect(statuses).toEqual(addresses.map(() => 404));
});

test('no text becomes a script', async () => {
  const outcome = await running.window.evaluate(async () => {
    const attempt = (act: () => unknown): string => {
      try {
        act();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const script = document.createElement('script');
    // What Playwright evaluates may evaluate; what runs after it is under the page's own policy.
    const later = (act: () => unknown): Promise<string> => new Promise((resolve) => setTimeout(() => resolve(attempt(act)), 0));
    return {
      function: await later(() => new Function('return 1')()),
      markup: attempt(() => (document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>')),
      inline: attempt(() => (script.textContent = 'globalThis.owned = 1')),
      owned: 'owned' in globalThis,
    };
  });
  expect(outcome).toEqual({ function: 'EvalError', markup: 'TypeError', inline: 'TypeError', owned: false });
});

test('the network is out of reach', async () => {
  const reached = await running.window.evaluate(async () => {
    const fetched = (address: string): Promise<string> => fetch(address).then(() => 'reached', () => 'refused');
    const drawn = (address: string): Promise<string> =>
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve('reached');
        image.onerror = () => resolve('refused');
        image.src = address;
      });
    const connected = (address: string): Promise<string> =>
      new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        new WebSocket(address).onopen = () => resolve('reached');
      });
    const all = [await fetched('https://127.0.0.1:1/'), await fetched('app://latchkey/index.html'), await drawn('https://127.0.0.1:1/a.png')];
    return [...all, await connected('wss://127.0.0.1:1/')];
  });
  expect(reached).toEqual(['refused', 'refused', 'refused', 'connect-src']);
});

test('the page cannot leave, open, or embed', async () => {
  const { window, app } = running;
  expect(await window.evaluate(() => globalThis.open('https://example.org/'))).toBe(null);
  expect(await window.evaluate(() => globalThis.open('app://latchkey/index.html'))).toBe(null);
  await window.evaluate(() => {
    location.href = 'https://example.org/';
  });
  await window.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'file:///etc/passwd';
    document.body.append(link);
    link.click();
    link.remove();
  });
  const frame = await window.evaluate(
    () =>
      new Promise((resolve) => {
        const inner = document.createElement('iframe');
        inner.src = 'app://latchkey/index.html';
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        document.body.append(inner);
        setTimeout(() => inner.remove(), 1000);
      }),
  );
  expect(frame).toBe('frame-src');
  expect(window.url()).toBe('app://latchkey/index.html');
  expect(await app.evaluate(({ BrowserWindow, webContents }) => [BrowserWindow.getAllWindows().length, webContents.getAllWebContents().length])).toEqual([1, 1]);
});

test('permissions are denied', async () => {
  const asked = await running.window.evaluate(async () => ({
    notification: await Notification.requestPermission(),
    clipboard: await navigator.clipboard.readText().then(
      () => 'granted',
      (error: Error) => error.name,
    ),
    geolocation: await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), (error) => resolve(error.code))),
    usb: await (navigator as unknown as { usb: { getDevices(): Promise<unknown[]> } }).usb.getDevices().then((devices) => devices.length),
  }));
  expect(asked).toEqual({ notification: 'denied', clipboard: 'NotAllowedError', geolocation: 1, usb: 0 });
});

test('calls with wrong names or arguments are refused, and main lives on', async () => {
  const answers = await running.window.evaluate(async () => {
    const { call } = (globalThis as unknown as { latchkey: { call(name: unknown, args: unknown): Promise<{ ok: boolean; failure?: { kind: string } }> } }).latchkey;
    const attempts: readonly [unknown, unknown][] = [
      ['app.quit', {}],
      ['__proto__', {}],
      [{}, {}],
      ['enrollment.begin', { readerName: 7 }],
      ['enrollment.begin', { readerName: 'R', extra: 1 }],
      ['queue.request', { requestId: '../../etc/passwd' }],
      ['app.facts', null],
    ];
    const refused = await Promise.all(attempts.map(([name, args]) => call(name, args)));
    return { refused: refused.map((answer) => answer.failure?.kind), facts: await call('app.facts', {}) };
  });
  expect(answers.refused).toEqual(Array.from({ length: 7 }, () => 'unexpected'));
  expect(answers.facts).toMatchObject({ ok: true, value: { isDemo: false } });
});
