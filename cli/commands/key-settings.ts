import { setRetries } from '../../core/key-care/key-care.ts';
import { canRetireKey } from '../../core/key-care/ways-out.ts';
import { formatFirmware } from '../../core/security-key.ts';
import { withChosenKey } from '../chosen-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { RetriesOptions } from '../key-commands.ts';
import { managementAccess, newPin, newPuk } from '../key-secrets.ts';
import { attempts } from '../messages/wording.ts';
import { generatedPuk, notSurelySet } from '../newly-set.ts';

/** `latchkey key management-key rotate` */
export function rotateManagementKey(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey }) => {
    const rotated = await securityKey.rotateManagementKey(await managementAccess(context, facts));
    return rotated.ok ? { ok: true, json: { serial: facts.serial }, text: 'The management key is a new random one, kept on the key and protected by the PIN.' } : rotated;
  });
}

/** `latchkey key retries set`: makes PIN and PUK factory values again, so new ones are asked for before, and set at once. */
export function setAttempts(context: CommandContext, options: RetriesOptions): Promise<Outcome> {
  return withChosenKey(context, options, async ({ facts, securityKey, ports }) => {
    context.output.progress('Setting the attempts makes PIN and PUK the factory ones again. New ones are set in the same go, so choose both now.');
    const access = await managementAccess(context, facts);
    const pin = await newPin(context, facts);
    const puk = await newPuk(context, facts, options.generate === true);
    const wanted = { ...access, pinAttempts: options.pin, pukAttempts: options.puk, newPin: pin, newPuk: puk.value };
    const set = await setRetries(securityKey, wanted, ports);
    if (!set.ok) return notSurelySet(context, set.failure, 'PIN and PUK', generatedPuk(options, puk.value, set.failure));
    return {
      ok: true,
      json: { serial: facts.serial, pinAttempts: options.pin, pukAttempts: options.puk, ...generatedPuk(options, puk.value) },
      text: `PIN and PUK are set. The PIN has ${attempts(options.pin)}, the PUK ${options.puk}.`,
    };
  });
}

/** `latchkey key retire`: makes room in 9a and keeps what was there usable. */
export function retire(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey }) => {
    // Found before anything is asked for: nothing is asked in vain.
    if (!canRetireKey(facts)) return { ok: false, failure: { kind: 'move-unsupported', firmware: formatFirmware(facts.firmware) } };
    if (facts.authentication.keyPair === null) return { ok: false, failure: { kind: 'nothing-in-slot', slot: '9a', wanted: 'key-pair' } };
    const retired = await securityKey.retireKey(await managementAccess(context, facts));
    if (!retired.ok) return retired;
    return { ok: true, json: { serial: facts.serial, slot: retired.value }, text: `Key pair and certificate of slot 9a are in slot ${retired.value} now. Enroll the next one with: latchkey enroll` };
  });
}
