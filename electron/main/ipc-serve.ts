/**
 * The one door for what the window asks: who asks is checked, arguments are parsed with core/ipc.ts, and an unknown
 * error is logged whole and answered as an id. Handlers see only parsed arguments.
 */
import { ipcMain, type IpcMainInvokeEvent, type WebContents, type WebFrameMain } from 'electron';
import type { Answers, CallArguments, CallName, EventName, Events } from '../../core/ipc.ts';
import { failed, type Result } from '../../core/result.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../channels.ts';
import type { Log } from './log.ts';

/** One function a call. */
export type Handlers = {
  readonly [Name in CallName]: (args: CallArguments<Name>) => Promise<Result<Answers[Name]>> | Result<Answers[Name]>;
};

/** Tells the window. */
export type Tell = <Name extends EventName>(name: Name, event: Events[Name]) => void;

export interface CallServing {
  /** Origin of the pages that may ask, such as "app://latchkey". */
  readonly origin: string;
  /** The handlers; awaited at each call, so that they may be loaded after the window. */
  readonly handlers: () => Promise<Handlers>;
  readonly log: Log;
}

/** Answers calls from now on. */
export function serveCalls(serving: CallServing): void {
  ipcMain.handle(CALL_CHANNEL, (event: IpcMainInvokeEvent, name: unknown, args: unknown) => {
    if (!isOwnPage(event.senderFrame, serving.origin)) throw new Error('Not for this page');
    return answerCall(serving, name, args);
  });
}

/** Only the top frame of one of our own pages: no embedded page, no page that came from elsewhere. */
export function isOwnPage(frame: Pick<WebFrameMain, 'parent' | 'url'> | null, origin: string): boolean {
  return frame !== null && frame.parent === null && frame.url.startsWith(`${origin}/`);
}

/** Parses, calls, and turns what is thrown into an id. What was sent is never logged: it may hold a PIN. */
export async function answerCall(serving: Pick<CallServing, 'handlers' | 'log'>, name: unknown, args: unknown): Promise<Result<unknown>> {
  try {
    const { CALLS } = await import('../../core/ipc.ts');
    if (typeof name !== 'string' || !Object.hasOwn(CALLS, name)) throw new RefusedCall('an unknown call');
    const parsed = CALLS[name as CallName].safeParse(args);
    if (!parsed.success) throw new RefusedCall(`${name}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ')}`);
    const handlers = await serving.handlers();
    const handle = handlers[name as CallName] as (args: unknown) => Promise<Result<unknown>> | Result<unknown>;
    return await handle(parsed.data);
  } catch (error) {
    return failed(serving.log.bug(`call ${typeof name === 'string' ? name.slice(0, 40) : '?'}`, error));
  }
}

/** A {@link Tell} for one window; silent once it is gone. */
export function tellWindow(contents: WebContents): Tell {
  return (name, event) => {
    if (!contents.isDestroyed()) contents.send(EVENT_CHANNEL, name, event);
  };
}

class RefusedCall extends Error {
  constructor(what: string) {
    super(`refused: ${what}`);
    this.name = 'RefusedCall';
  }
}
