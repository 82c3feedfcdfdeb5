/**
 * PIN, PUK and management key for the commands that look after a key. Each is asked for once: the attempts left are said
 * before, the last one is warned of, and what is blocked is not asked for at all. Nothing is sent to the key from here.
 */
import { generatePuk } from '../core/key-care/generate-puk.ts';
import { checkNew, FACTORY_PIN, FACTORY_PUK, pinRulesOf, type PinRules } from '../core/key-care/pin-rules.ts';
import { readManagementKey } from '../core/key-care/typed-management-key.ts';
import { isManagementKeyReachable } from '../core/key-care/ways-out.ts';
import type { ManagementAccess, SecurityKeyFacts } from '../core/security-key.ts';
import type { CommandContext } from './command.ts';
import { CommandStopped } from './failures.ts';
import { attempts } from './messages/wording.ts';

/** The PIN, typed by the person. Fails with pin-blocked where no attempt is left. */
export async function typedPin({ secrets, output }: CommandContext, { pin }: SecurityKeyFacts): Promise<string> {
  if (pin.attemptsLeft === 0) throw new CommandStopped({ kind: 'pin-blocked' });
  if (pin.attemptsLeft === 1) output.progress('This is the last attempt: if it is wrong, the PIN is blocked and only the PUK unblocks it.');
  return secrets.get('pin', `PIN${left(pin.attemptsLeft)}: `);
}

/** The PIN that opens the key: the factory one where the key itself says that it still holds, otherwise {@link typedPin}. */
export async function currentPin(context: CommandContext, facts: SecurityKeyFacts): Promise<string> {
  if (!isKnown('pin', context, facts)) return typedPin(context, facts);
  context.output.progress('The PIN is still the factory one, so it is not asked for.');
  return FACTORY_PIN;
}

/** The PUK; see {@link currentPin}. Fails with puk-blocked where no attempt is left. */
export async function currentPuk(context: CommandContext, facts: SecurityKeyFacts): Promise<string> {
  const { puk } = facts;
  if (puk.attemptsLeft === 0) throw new CommandStopped({ kind: 'puk-blocked' });
  if (isKnown('puk', context, facts)) {
    context.output.progress('The PUK is still the factory one, so it is not asked for.');
    return FACTORY_PUK;
  }
  if (puk.attemptsLeft === 1) context.output.progress('This is the last attempt: if it is wrong, the PUK is blocked and can unblock nothing any more.');
  return context.secrets.get('puk', `PUK${left(puk.attemptsLeft)}: `);
}

function isKnown(name: 'pin' | 'puk', { secrets }: CommandContext, facts: SecurityKeyFacts): boolean {
  return facts[name].isFactory === true && facts[name].attemptsLeft !== 0 && !secrets.isGiven(name);
}

function left(attemptsLeft: number | null): string {
  return attemptsLeft === null ? '' : ` (${attempts(attemptsLeft)} left)`;
}

/** A new PIN that this key will take. Fails with pin-invalid. */
export async function newPin({ secrets }: CommandContext, facts: SecurityKeyFacts): Promise<string> {
  const rules = pinRulesOf(facts);
  const chosen = await secrets.getNew('new-pin', `New PIN (${rulesInWords(rules)}): `);
  return allowed('PIN', chosen, rules);
}

/** A new PUK, and whether it was made here. */
export interface NewPuk {
  readonly value: string;
  readonly isGenerated: boolean;
}

/**
 * A new PUK that this key will take: chosen, or generated, and then shown once before it is set, unless the JSON of the
 * result will carry it. Fails with pin-invalid.
 */
export async function newPuk(context: CommandContext, facts: SecurityKeyFacts, isGenerated: boolean): Promise<NewPuk> {
  const { secrets, output, terminal } = context;
  if (isGenerated && !output.isJson && !terminal.isThere) {
    throw new CommandStopped({ kind: 'usage', detail: '--generate needs a terminal to show the new PUK at, or --json.' });
  }
  const rules = pinRulesOf(facts);
  const chosen = isGenerated ? '' : await secrets.getNew('new-puk', `New PUK (${rulesInWords(rules)}), or just Enter to have one made: `);
  if (chosen !== '' || (!isGenerated && secrets.isGiven('new-puk'))) return { value: allowed('PUK', chosen, rules), isGenerated: false };
  return { value: isGenerated && output.isJson ? generatePuk() : await shownPuk(context), isGenerated: true };
}

/** Made here, and shown before it is set, so that it cannot be lost with the terminal; taken off the screen again. */
export async function shownPuk({ terminal }: CommandContext): Promise<string> {
  const puk = generatePuk();
  await terminal.showOnce(`Your PUK: ${puk}   Write it down and keep it apart from the key. Then press Enter. `);
  return puk;
}

function allowed(which: 'PIN' | 'PUK', value: string, rules: PinRules): string {
  const check = checkNew(which, value, rules);
  if (!check.ok) throw new CommandStopped(check.failure);
  return value;
}

function rulesInWords({ minLength, refusesTrivial }: PinRules): string {
  return `${minLength === 8 ? '8' : `${minLength} to 8`} characters${refusesTrivial ? ', nothing that everybody tries first' : ''}`;
}

/**
 * What opens the settings of the key: the PIN, and the management key where an option gives it or only the person has
 * it. Fails with management-key-malformed, and with management-key-unknown where the person has none either.
 */
export async function managementAccess(context: CommandContext, facts: SecurityKeyFacts): Promise<ManagementAccess> {
  const pin = await currentPin(context, facts);
  const { secrets } = context;
  if (isManagementKeyReachable(facts) && !secrets.isGiven('management-key')) return { pin };
  const text = (await secrets.get('management-key', `Management key, which another program set (${facts.managementKey.algorithm}, hexadecimal digits): `)).trim();
  if (text === '') throw new CommandStopped({ kind: 'management-key-unknown' });
  const managementKey = readManagementKey(text, facts.managementKey.algorithm);
  if (!managementKey.ok) throw new CommandStopped(managementKey.failure);
  return { pin, managementKey: managementKey.value };
}
