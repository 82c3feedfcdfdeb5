import { resetKey } from '../../core/key-care/key-care.ts';
import { withChosenKey } from '../chosen-key.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { ConfirmedOptions } from '../key-commands.ts';
import { agreeToLoss, everything } from '../key-losses.ts';

/** `latchkey key reset`: the last resort. Says what goes, wants the serial, and begins nothing before. */
export function reset(context: CommandContext, { confirmSerial, ...choice }: ConfirmedOptions): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey, ports }) => {
    const held = await securityKey.inventory();
    // A key whose slots cannot be read any more is one that may need this most.
    const losses = everything(held.ok ? held.value : [{ slot: '9a', ...facts.authentication }]);
    await agreeToLoss(context, facts, losses, confirmSerial);
    context.output.progress('Passkeys, one-time passwords and OpenPGP keys stay. PIN and PUK are blocked now, as the key demands, then it is reset.');
    const done = await resetKey(securityKey, facts.serial, ports);
    if (!done.ok) return { ok: false, failure: done.failure, json: { serial: facts.serial } };
    return { ok: true, json: { serial: facts.serial, losses }, text: 'The PIV part of the key is as it came from the shop. Enroll it again with: latchkey enroll --invite LINK' };
  });
}
