import { success } from '../../../core/result.ts';
import type { DeviceClient } from '../device-client.ts';
import type { Handlers } from '../ipc-serve.ts';

export function keysHandlers(keys: Pick<DeviceClient, 'situation' | 'start'>): Pick<Handlers, 'keys.situation' | 'keys.restart'> {
  return {
    'keys.situation': () => success(keys.situation),
    'keys.restart': () => {
      keys.start();
      return success(null);
    },
  };
}
