/** The conditions of a key with the ways out of them, each as a command to type. */
import type { KeyCondition } from '../core/key-care/conditions.ts';
import { type CareAct, type WayOut, waysOut } from '../core/key-care/ways-out.ts';
import type { HeldSlot, SecurityKeyFacts } from '../core/security-key.ts';
import type { KeyChoice } from './command.ts';
import { lossesOf } from './key-losses.ts';
import { ACT_WORDS, conditionWords } from './messages/key-care.en.ts';

export interface ShownWayOut extends WayOut {
  readonly words: string;
  /** null: there is nothing to type. */
  readonly command: string | null;
  /** What is gone for good afterwards, a line each. */
  readonly losses: readonly string[];
}

export interface ShownCondition {
  readonly condition: KeyCondition;
  readonly words: string;
  /** The least destructive first. */
  readonly waysOut: readonly ShownWayOut[];
}

/** Where the firmware does not tell how many attempts there are: as from the factory. */
const USUAL_ATTEMPTS = 3;

/** `choice`: how this command was told which key is meant, so that the commands name the same one. */
export function showConditions(conditions: readonly KeyCondition[], facts: SecurityKeyFacts, held: readonly HeldSlot[], choice: KeyChoice): readonly ShownCondition[] {
  return conditions.map((condition) => ({
    condition,
    words: conditionWords(condition),
    waysOut: waysOut(condition, facts).map((way) => ({
      ...way,
      words: ACT_WORDS[way.act],
      command: commandLine(commandOf(way.act, condition, facts), choice),
      losses: lossesOf(way.loses, held),
    })),
  }));
}

function commandOf(act: CareAct, { kind }: KeyCondition, { pin, puk }: SecurityKeyFacts): string | null {
  const setRetries = `key retries set --pin ${pin.attemptsTotal ?? USUAL_ATTEMPTS} --puk ${puk.attemptsTotal ?? USUAL_ATTEMPTS}`;
  // A certificate that is still good would otherwise end the enrollment at once.
  const renewal = kind === 'certificate-expires-soon' ? 'enroll --renew' : 'enroll';
  switch (act) {
    case 'enter-pin':
      return 'key pin verify';
    case 'change-pin':
      return 'key pin change';
    case 'unblock-pin':
      return 'key pin unblock';
    case 'change-puk':
      return 'key puk change';
    case 'set-retries':
      return setRetries;
    case 'rotate-management-key':
      return 'key management-key rotate';
    case 'enter-management-key':
      // Both ask for it by themselves; what it is needed for differs.
      return kind === 'puk-blocked' ? setRetries : 'key management-key rotate';
    case 'ask-administrator':
      return null;
    case 'go-on-enrolling':
      return 'enroll';
    case 'enroll':
      return renewal;
    case 'retire-key':
      return `${renewal} --keep-old-key`;
    case 'go-on-retiring':
      return 'key retire';
    case 'delete-certificate':
      return 'key certificate delete --slot 9a';
    case 'go-on-resetting':
    case 'reset':
      return 'key reset';
  }
}

function commandLine(command: string | null, { serial, reader }: KeyChoice): string | null {
  if (command === null) return null;
  const key = serial === undefined ? (reader === undefined ? '' : ` --reader "${reader}"`) : ` --serial ${serial}`;
  return `latchkey ${command}${key}`;
}

/** All conditions as text; none: the key is fine. */
export function conditionLines(shown: readonly ShownCondition[]): readonly string[] {
  if (shown.length === 0) return ['Nothing to do.'];
  return ['What to do', ...shown.flatMap(({ words, waysOut }) => [`  ${words}`, ...waysOut.flatMap(wayLines)])];
}

function wayLines({ words, command, losses }: ShownWayOut, index: number): readonly string[] {
  return [`    ${index + 1}. ${words}${command === null ? '' : `: ${command}`}`, ...losses.map((loss) => `       Lost for good: ${loss}`)];
}
