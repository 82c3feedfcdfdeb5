import { systemClock } from '../core/enrollment/system-clock.ts';
import type { CarePorts } from '../core/key-care/key-care.ts';
import type { SecurityKey, SecurityKeyFacts } from '../core/security-key.ts';
import { createCareRecords } from './care-records.ts';
import { chooseKey } from './choose-key.ts';
import type { CommandContext, KeyChoice } from './command.ts';
import type { Outcome } from './failures.ts';
import { foldersOf, type Folders } from './folders.ts';
import { readPinnedAuthority } from './pinned-authority.ts';
import { withSecurityKeys } from './security-keys.ts';

/** The one key that a command looks after. */
export interface ChosenKey {
  /** As read when the command began. */
  readonly facts: SecurityKeyFacts;
  readonly securityKey: SecurityKey;
  readonly ports: CarePorts;
  readonly folders: Folders;
}

/** Finds the key that is meant and lends it to a piece of work. Fails as {@link chooseKey}. */
export async function withChosenKey(context: CommandContext, choice: KeyChoice, work: (chosen: ChosenKey) => Promise<Outcome>): Promise<Outcome> {
  const folders = foldersOf(process.env);
  const ports = await carePorts(folders);
  return withSecurityKeys(choice, async (keys) => {
    const facts = await chooseKey(context, keys, choice);
    return work({ facts, securityKey: keys.at(facts.readerName), ports, folders });
  });
}

/** What looking after keys needs of this computer. */
export async function carePorts(folders: Folders): Promise<CarePorts> {
  return { records: createCareRecords(folders), clock: systemClock, authority: await readPinnedAuthority(folders) };
}
