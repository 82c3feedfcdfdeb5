import type { RunningApp } from './launch.ts';

/** From now on the person saves every file there; null: they change their mind. */
export async function saveTo({ app }: RunningApp, path: string | null): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: filePath === null, filePath: filePath ?? '' });
  }, path);
}

/** From now on the person opens this file; null: they change their mind. */
export async function openFrom({ app }: RunningApp, path: string | null): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: filePath === null, filePaths: filePath === null ? [] : [filePath] });
  }, path);
}
