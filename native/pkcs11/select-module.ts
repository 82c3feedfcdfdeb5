/** Which PKCS#11 module is used, and why: the person's choice, then the environment's, then the browsers' usual one. */
import { resolve } from 'node:path';
import type { ModuleChoice, ModulesFacts } from '../../core/security-key.ts';
import { candidateAt, isThere, locateModules, type ModuleCandidate, type ModuleSearch } from './locate.ts';

/** Environment variable with the path of a module, for people and tests; a choice in the settings goes before it. */
export const MODULE_VARIABLE = 'LATCHKEY_PKCS11_MODULE';

export interface ModuleSelection extends Pick<ModulesFacts, 'choice' | 'used' | 'reason'> {
  /** Those in the usual places and those set by hand, best first. */
  readonly found: readonly ModuleCandidate[];
}

/** Looks for modules anew and takes one. A module set by the environment is taken whether it is there or not: it says why it fails. */
export async function selectModule(choice: ModuleChoice, search: ModuleSearch = {}): Promise<ModuleSelection> {
  const { environment = process.env, exists = isThere } = search;
  const fromEnvironment = environment[MODULE_VARIABLE];
  const found = withModule(await locateModules(search), fromEnvironment ? resolve(fromEnvironment) : undefined);
  const best = { used: found[0]?.path ?? null, reason: reasonOf(found, Boolean(fromEnvironment)) };
  if (choice === 'automatic') return { choice, found, ...best };
  if (choice === 'none') return { choice, found, used: null, reason: 'none-chosen' };
  const path = resolve(choice);
  if (!(await exists(path))) return { choice, found, used: best.used, reason: 'chosen-missing' };
  return { choice, found: withModule(found, path), used: path, reason: 'chosen' };
}

function withModule(found: readonly ModuleCandidate[], path: string | undefined): readonly ModuleCandidate[] {
  if (path === undefined) return found;
  const known = found.find((candidate) => candidate.path === path);
  return [known ?? candidateAt(path), ...found.filter((candidate) => candidate !== known)];
}

function reasonOf(found: readonly ModuleCandidate[], isSetByEnvironment: boolean): ModulesFacts['reason'] {
  if (isSetByEnvironment) return 'environment';
  if (found.length === 0) return 'none-found';
  return found.length === 1 ? 'only' : 'usual';
}
