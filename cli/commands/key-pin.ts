import { changePin, changePuk, unblockPin, verifyPin } from '../../core/key-care/key-care.ts';
import { withChosenKey } from '../chosen-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { NewPukOptions } from '../key-commands.ts';
import { currentPin, currentPuk, newPin, newPuk, typedPin } from '../key-secrets.ts';
import { generatedPuk, notSurelySet } from '../newly-set.ts';

/** `latchkey key pin verify`: the right one gives all attempts back. */
export function verify(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey, ports }) => {
    const verified = await verifyPin(securityKey, await typedPin(context, facts), ports);
    return verified.ok ? { ok: true, json: { serial: facts.serial }, text: 'That is the PIN. All its attempts are there again.' } : verified;
  });
}

/** `latchkey key pin change` */
export function change(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey, ports }) => {
    const current = await currentPin(context, facts);
    const changed = await changePin(securityKey, current, await newPin(context, facts), ports);
    return changed.ok ? { ok: true, json: { serial: facts.serial }, text: 'The PIN was changed.' } : notSurelySet(context, changed.failure, 'PIN');
  });
}

/** `latchkey key pin unblock`: works for a PIN that was forgotten, too. */
export function unblock(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey, ports }) => {
    const puk = await currentPuk(context, facts);
    const unblocked = await unblockPin(securityKey, puk, await newPin(context, facts), ports);
    return unblocked.ok ? { ok: true, json: { serial: facts.serial }, text: 'The new PIN is set, and all its attempts are there again.' } : notSurelySet(context, unblocked.failure, 'PIN');
  });
}

/** `latchkey key puk change` */
export function changePukOf(context: CommandContext, options: NewPukOptions): Promise<Outcome> {
  return withChosenKey(context, options, async ({ facts, securityKey, ports }) => {
    const current = await currentPuk(context, facts);
    const puk = await newPuk(context, facts, options.generate === true);
    const changed = await changePuk(securityKey, current, puk.value, ports);
    if (!changed.ok) return notSurelySet(context, changed.failure, 'PUK', generatedPuk(options, puk.value, changed.failure));
    return { ok: true, json: { serial: facts.serial, ...generatedPuk(options, puk.value) }, text: 'The PUK was changed.' };
  });
}
