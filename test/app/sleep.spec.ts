/** The computer wakes up, or its screen is unlocked: every key is read anew, whatever was missed. */
import { generateIn9a } from '../native/pkcs11/inserted-key.ts';
import { shownKeys } from './calls.ts';
import { expect, test } from './fixtures.ts';

for (const event of ['resume', 'unlock-screen'] as const) {
  test(`${event}: what has changed is shown`, async ({ world }) => {
    const { key } = await world.plugIn(0);
    const { app, window } = await world.launch();
    const keyType = async (): Promise<unknown> => {
      const [shown] = await shownKeys(window);
      return shown?.kind === 'ready' ? (shown.facts.authentication.keyPair?.keyType ?? 'none') : shown?.kind;
    };
    await expect.poll(keyType).toBe('none');
    await generateIn9a(key, 'ECCP256');
    expect(await keyType()).toBe('none');
    await app.evaluate(({ powerMonitor }, name) => void powerMonitor.emit(name), event);
    await expect.poll(keyType).toBe('ECCP256');
  });
}
