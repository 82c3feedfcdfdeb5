/** Where the window was last time. Read before the first window, so it needs no parser library. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Size of the window when nothing is known, and the least it can be (ui.md). */
export const DEFAULT_SIZE = { width: 980, height: 700 } as const;
export const LEAST_SIZE = { width: 720, height: 560 } as const;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowPlace {
  readonly bounds: Rectangle;
  readonly isMaximized: boolean;
}

/** The place kept in `path`, or null where there is none that makes sense. */
export function readWindowPlace(path: string): WindowPlace | null {
  try {
    return parseWindowPlace(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

export function parseWindowPlace(value: unknown): WindowPlace | null {
  const { bounds, isMaximized } = (value ?? {}) as { bounds?: Partial<Rectangle>; isMaximized?: unknown };
  const { x, y, width, height } = bounds ?? {};
  if (![x, y, width, height].every((number) => Number.isInteger(number) && Math.abs(number as number) < 100_000)) return null;
  return { bounds: { x, y, width, height } as Rectangle, isMaximized: isMaximized === true };
}

/** Losing the place is no harm, so a disk that refuses is ignored. */
export function writeWindowPlace(path: string, place: WindowPlace): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, JSON.stringify(place), { mode: 0o600 });
  } catch {
    // The next start takes the default place.
  }
}

/** The kept place if enough of its title bar lies on one of the `screens` to be grabbed; otherwise null: the screen is gone. */
export function placeOnScreen(place: WindowPlace | null, screens: readonly Rectangle[]): WindowPlace | null {
  if (!place) return null;
  const { x, y, width } = place.bounds;
  const isReachable = screens.some(
    (screen) => x + width > screen.x + 100 && x < screen.x + screen.width - 100 && y >= screen.y && y < screen.y + screen.height - 40,
  );
  return isReachable ? place : null;
}
