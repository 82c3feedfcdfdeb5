import type { SecurityKeys } from '../../../core/security-key.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { SettingsFile } from '../settings-file.ts';

/** A module is code that the device process runs: the window may choose among those that were found, and name no other. */
export function modulesHandlers(keys: Pick<SecurityKeys, 'modules' | 'chooseModule'>, settings: Pick<SettingsFile, 'chooseModule'>): Pick<Handlers, 'modules.view' | 'modules.choose'> {
  let offered: readonly string[] = [];
  return {
    'modules.view': async () => {
      const facts = await keys.modules();
      if (facts.ok) offered = facts.value.found.map(({ path }) => path);
      return facts;
    },
    'modules.choose': async ({ choice }) => {
      if (!['automatic', 'none', ...offered].includes(choice)) throw new Error('choice of a module that was not offered');
      await settings.chooseModule(choice);
      return keys.chooseModule(choice);
    },
  };
}
