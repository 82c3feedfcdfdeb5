import { expect } from 'vitest';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { enrollAndApprove } from './approving.ts';
import type { FlowAuthority } from './flow-authority.ts';
import { PIN, Person } from './person.ts';
import { isManagementKeyKnown, pinOf } from './watched-card.ts';

const SERIAL = 5_210_001;
/** SELECT, GET VERSION and the like alone are more than this; fewer would mean that the count went wrong. */
const FEWEST_COMMANDS = 40;

/**
 * Pulls the key at every command of a whole enrollment, losing the command or only its answer. Put back in, the
 * enrollment is finished; no attempt is lost and the management key is never unknown. Answers how many commands there are.
 */
export async function pullAtEveryCommand(authority: FlowAuthority, firmware: string, pullLoses: 'command' | 'answer'): Promise<number> {
  const person = new Person({ key: { firmware, serial: SERIAL }, authority });
  expect((await enrollAndApprove(person, authority)).kind).toBe('done');
  const total = person.card.statistics.apdus;
  expect(total).toBeGreaterThan(FEWEST_COMMANDS);
  const troubles: string[] = [];
  for (let commands = 0; commands < total; commands++) {
    const trouble = await pullAfter(authority, firmware, commands, pullLoses);
    if (trouble !== null) troubles.push(`after ${commands} commands: ${trouble}`);
  }
  expect(troubles).toEqual([]);
  return total;
}

async function pullAfter(authority: FlowAuthority, firmware: string, commands: number, pullLoses: 'command' | 'answer'): Promise<string | null> {
  const person = new Person({ key: { firmware, serial: SERIAL }, authority });
  const { card, watched, records, bugs } = person;
  card.setFaults({ pullAfterCommands: commands, pullLoses });
  const before = await enrollAndApprove(person, authority);
  const wasKnown = isManagementKeyKnown(card);
  card.setFaults({});
  card.powerOn();
  const after = await enrollAndApprove(person, authority);
  const isCutOff = before.kind === 'stopped' && before.failure.kind === 'security-key-removed';
  const isSafe = wasKnown && isManagementKeyKnown(card) && watched.lostAttempts.length === 0 && pinOf(card) === PIN;
  // Only a key that tells no serial is asked about: what is on it might be another's.
  const isKnownAsOurs = person.timesAskedToReplace === 0 || firmware.startsWith('4.');
  const isClean = isKnownAsOurs && records.all.size === 0 && bugs.length === 0 && card.bugs.length === 0;
  if (isCutOff && after.kind === 'done' && isSafe && isClean) return null;
  return JSON.stringify({ before: briefly(before), after: briefly(after), wasKnown, lost: watched.lostAttempts, records: records.all.size, bugs: bugs.map(String) });
}

/** A state without its list of steps. */
function briefly(state: EnrollmentState): unknown {
  return { ...state, steps: undefined };
}
