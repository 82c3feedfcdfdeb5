import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseWindowPlace, placeOnScreen, readWindowPlace, writeWindowPlace } from '../../electron/main/window-place.ts';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'latchkey-place-'))));
afterAll(() => rm(folder, { recursive: true }));

const place = { bounds: { x: 10, y: 20, width: 900, height: 640 }, isMaximized: false };
const screen = { x: 0, y: 0, width: 1440, height: 900 };

test('is read as it was written', () => {
  const path = join(folder, 'new', 'window.json');
  writeWindowPlace(path, place);
  expect(readWindowPlace(path)).toEqual(place);
});

test('is nothing where there is none, or no sense in it', async () => {
  expect(readWindowPlace(join(folder, 'missing.json'))).toBe(null);
  await writeFile(join(folder, 'broken.json'), '{"bounds":');
  expect(readWindowPlace(join(folder, 'broken.json'))).toBe(null);
  for (const value of [null, 7, {}, { bounds: null }, { bounds: { x: 0, y: 0, width: 'wide', height: 1 } }, { bounds: { x: 0, y: 1e9, width: 1, height: 1 } }]) {
    expect(parseWindowPlace(value)).toBe(null);
  }
});

test.each([
  ['on the screen', { ...place.bounds }, true],
  ['on a screen that is gone', { ...place.bounds, x: 2000 }, false],
  ['left of it', { ...place.bounds, x: -850 }, false],
  ['with its title bar above it', { ...place.bounds, y: -30 }, false],
  ['below it', { ...place.bounds, y: 880 }, false],
])('%s', (_where, bounds, isKept) => {
  expect(placeOnScreen({ bounds, isMaximized: false }, [screen]) !== null).toBe(isKept);
});
