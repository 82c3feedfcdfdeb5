/** The module that is used, as it is chosen and chosen again while the program runs. */
import type { ModuleChoice, ModuleFacts, ModulesFacts } from '../../core/security-key.ts';
import type { ModuleCandidate } from './locate.ts';
import { completeFailure } from './module-failure.ts';
import type { Pkcs11Modules } from './pkcs11-modules.ts';
import { selectModule, type ModuleSelection } from './select-module.ts';

/** What {@link ModulesFacts} are told from. */
export class ChosenModule {
  readonly #modules: Pkcs11Modules;
  #choice: ModuleChoice;
  #selection: Promise<ModuleSelection>;

  constructor(modules: Pkcs11Modules, choice: ModuleChoice) {
    this.#modules = modules;
    this.#choice = choice;
    this.#selection = selectModule(choice);
  }

  /** From now on; what works with another module goes on with that. */
  choose(choice: ModuleChoice): void {
    this.#choice = choice;
    this.#selection = selectModule(choice);
  }

  /** Path of the module that calls go through; null: none. */
  async path(): Promise<string | null> {
    return (await this.#selection).used;
  }

  /** Looks for modules anew and asks each what it is. One that crashes, hangs or cannot be loaded is told with its failure. */
  async facts(): Promise<ModulesFacts> {
    this.#selection = selectModule(this.#choice);
    const { choice, used, reason, found } = await this.#selection;
    return { choice, used, reason, found: await Promise.all(found.map((candidate) => this.#describe(candidate))) };
  }

  async #describe({ path, name }: ModuleCandidate): Promise<ModuleFacts> {
    const described = await this.#modules.describe(path);
    if (!described.ok) return { path, name, version: null, failure: await completeFailure(described.failure, async () => 0) };
    const { description, version } = described.value;
    return { path, name, version: `${description} ${version}`.trim(), failure: null };
  }
}
