import type { PresentSecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../core/security-key.ts';
import type { CommandContext, KeyChoice } from './command.ts';
import { CommandStopped } from './failures.ts';

/** A situation in which nothing is being read any more. */
export type SettledSituation = Exclude<SecurityKeysSituation, { kind: 'starting' }>;

/** A key is read in well under a second; a reader that takes longer than this is shown as it is. */
const SETTLING_MS = 10_000;
/** Readers are told of one after the other, and none at all only by silence: how long the silence has to be. */
const QUIET_MS = { some: 50, none: 500 } as const;

/** What is in the readers, once all of it has been looked at. */
export function settledSituation(keys: SecurityKeys): Promise<SettledSituation> {
  return new Promise((resolve) => {
    let latest: SecurityKeysSituation = { kind: 'starting' };
    let quiet: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(quiet);
      clearTimeout(patience);
      stop();
      resolve(latest.kind === 'starting' ? { kind: 'unavailable', failure: { kind: 'security-key-unresponsive' } } : latest);
    };
    const patience = setTimeout(settle, SETTLING_MS);
    const stop = keys.watch((situation) => {
      latest = situation;
      clearTimeout(quiet);
      const wait = quietTime(situation);
      if (wait !== null) quiet = setTimeout(settle, wait);
    });
  });
}

/** How long nothing may change until this counts as settled; null: it is still being looked at. */
function quietTime(situation: SecurityKeysSituation): number | null {
  switch (situation.kind) {
    case 'starting':
      return null;
    case 'unavailable':
      return 0;
    case 'present':
      if (situation.keys.length === 0) return QUIET_MS.none;
      return situation.keys.some((key) => key.kind === 'reading') ? null : QUIET_MS.some;
  }
}

/** The key a command is about: the one that was named, the only one, or the one the person picks. */
export async function chooseKey(context: CommandContext, keys: SecurityKeys, choice: KeyChoice): Promise<SecurityKeyFacts> {
  const situation = await settledSituation(keys);
  if (situation.kind === 'unavailable') throw new CommandStopped(situation.failure);
  const candidates = situation.keys.filter((key) => matches(key, choice));
  if (candidates.length > 1) return factsOf(await pick(context, candidates));
  const [only] = candidates;
  if (only === undefined) throw new CommandStopped({ kind: 'no-security-key', ...wanted(choice) });
  return factsOf(only);
}

function matches(key: PresentSecurityKey, { reader, serial }: KeyChoice): boolean {
  if (serial !== undefined) return key.kind === 'ready' && key.facts.serial === serial;
  return reader === undefined || key.readerName === reader;
}

async function pick({ terminal, output }: CommandContext, candidates: readonly PresentSecurityKey[]): Promise<PresentSecurityKey> {
  const names = candidates.map(nameOf);
  if (!terminal.isThere) throw new CommandStopped({ kind: 'several-security-keys', readers: names });
  for (const [index, name] of names.entries()) output.progress(`  ${index + 1}  ${name}`);
  const picked = candidates[Number(await terminal.ask('Which security key? ')) - 1];
  if (picked === undefined) throw new CommandStopped({ kind: 'several-security-keys', readers: names });
  return picked;
}

function nameOf(key: PresentSecurityKey): string {
  if (key.kind !== 'ready') return key.readerName;
  const { model, serial } = key.facts;
  return serial === null ? `${model} in ${key.readerName}` : `${model}, serial ${serial}`;
}

function factsOf(key: PresentSecurityKey): SecurityKeyFacts {
  switch (key.kind) {
    case 'ready':
      return key.facts;
    case 'problem':
      throw new CommandStopped(key.failure);
    case 'reading':
      throw new CommandStopped({ kind: 'security-key-unresponsive' });
  }
}

function wanted({ reader, serial }: KeyChoice): { readonly wanted?: string } {
  if (serial !== undefined) return { wanted: `serial ${serial}` };
  return reader === undefined ? {} : { wanted: `reader "${reader}"` };
}
