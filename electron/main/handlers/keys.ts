import { success } from '../../../core/result.ts';
import type { DeviceClient } from '../device-client.ts';
import type { Handlers } from '../ipc-serve.ts';

type KeysCalls = 'keys.situation' | 'keys.restart' | 'keys.releaseHolder';

export function keysHandlers(keys: Pick<DeviceClient, 'situation' | 'start' | 'releaseHolder'>): Pick<Handlers, KeysCalls> {
  return {
    'keys.situation': () => success(keys.situation),
    'keys.restart': () => {
      keys.start();
      return success(null);
    },
    'keys.releaseHolder': async () => {
      const released = await keys.releaseHolder();
      return released.ok ? success(null) : released;
    },
  };
}
