import { locateModules, type ModuleName } from '../../native/pkcs11/locate.ts';

/** The path of an installed module; the tests need both, and set-up installs them. */
export async function findModule(name: ModuleName): Promise<string> {
  const module = (await locateModules({ environment: {} })).find((candidate) => candidate.name === name);
  if (!module) throw new Error(`${name} is not installed; run the set-up`);
  return module.path;
}
