/** What no page may do, whatever it contains: leave, open windows, ask for permissions, embed, download, reach the network. */
import { app, type Session, type WebContents } from 'electron';
import { APP_SCHEME } from './app-protocol.ts';
import type { Log } from './log.ts';

/** Applies to every page of the app from now on. */
export function confinePages(log: Log): void {
  app.on('web-contents-created', (_, contents) => confine(contents, log));
}

/** Denies permissions, devices, downloads and every address but our own to the session. */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => answer(isPermitted(permission, contents.getURL())));
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isAllowed(details.url) }));
}

/** Whether a page may load this: our own pages, and the developer tools where somebody opened them. */
export function isAllowed(url: string): boolean {
  return url.startsWith(`${APP_SCHEME}://`) || url.startsWith('devtools://') || url.startsWith('data:image/');
}

/** Copying text that a person asked to copy; nothing else, and reading the clipboard least of all. */
function isPermitted(permission: string, url: string): boolean {
  return permission === 'clipboard-sanitized-write' && url.startsWith(`${APP_SCHEME}://`);
}

function confine(contents: WebContents, log: Log): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-frame-navigate', (details) => {
    details.preventDefault();
    log.note('a page tried to navigate and was stopped');
  });
  contents.on('will-redirect', (details) => details.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
