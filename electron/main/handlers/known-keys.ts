import { success } from '../../../core/result.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { KnownKeys } from '../known-keys.ts';

export function knownKeysHandlers(knownKeys: KnownKeys): Pick<Handlers, 'knownKeys.list' | 'knownKeys.forget'> {
  return {
    'knownKeys.list': async () => success(await knownKeys.list()),
    'knownKeys.forget': async ({ serial }) => {
      await knownKeys.forget(serial);
      return success(null);
    },
  };
}
