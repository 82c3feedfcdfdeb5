/**
 * `latchkey://enroll?…` from the system: at the first start as an argument (Windows, Linux) or as open-url (macOS),
 * later as the arguments of a second start, which hands them over and ends.
 */
import { app } from 'electron';

const SCHEME = 'latchkey';
/** Longer than any invitation; the same limit as in core/ipc.ts. */
const MAX_LENGTH = 4096;

/** The first invitation link among a program's arguments, or null. Not read any further here. */
export function linkAmong(args: readonly string[]): string | null {
  return args.find((argument) => argument.toLowerCase().startsWith(`${SCHEME}:`) && argument.length <= MAX_LENGTH) ?? null;
}

/**
 * Holds an opened link until the window asks for it the first time; from then on every link is told at once.
 * So none is lost before the page listens, and none comes twice.
 */
export class OpenedLink {
  #waiting: string | null = null;
  #hasAsked = false;

  constructor(private readonly tell: (link: string) => void) {}

  open(link: string): void {
    if (this.#hasAsked) this.tell(link);
    else this.#waiting = link;
  }

  take(): string | null {
    const link = this.#waiting;
    this.#waiting = null;
    this.#hasAsked = true;
    return link;
  }
}

/** False: another instance with this user-data folder runs, has been given our arguments, and we have to end. */
export function isOnlyInstance(onSecondStart: (link: string | null) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, args) => onSecondStart(linkAmong(args)));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    onSecondStart(linkAmong([url]));
  });
  return true;
}

/** Makes the system open our links with this app. Only when installed: a checkout must not take the links over. */
export function registerForLinks(): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(SCHEME);
}
