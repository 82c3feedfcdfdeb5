/** What would be lost, named for a person, and their agreement to it: they type the serial, never a second Enter. */
import type { Loss } from '../core/key-care/ways-out.ts';
import type { HeldSlot, SecurityKeyFacts } from '../core/security-key.ts';
import { glanceAtCertificate } from '../core/x509/certificate-glance.ts';
import type { CommandContext } from './command.ts';
import { CommandStopped } from './failures.ts';
import { day } from './messages/key-care.en.ts';

type Held = Pick<HeldSlot, 'slot' | 'certificate' | 'keyPair'>;

/** What a slot holds, in words. */
export function heldWords({ slot, certificate, keyPair }: Held): string {
  const keyPairWords = keyPair === null ? '' : `${keyPair.keyType} key pair`;
  if (certificate === null) return `the ${keyPairWords === '' ? 'contents' : keyPairWords} in slot ${slot}`;
  return `${certificateWords(certificate)} in slot ${slot}${keyPairWords === '' ? '' : `, and its ${keyPairWords}`}`;
}

/** A DER certificate, which may be anything: other programs write keys too. */
export function certificateWords(certificate: Uint8Array): string {
  const glance = glanceAtCertificate(certificate);
  return glance === null ? 'data that is no certificate' : `the certificate for ${glance.subject} (by ${glance.issuer}, until ${day(glance.validTo)})`;
}

/** What a way out loses for good, a line each; none: nothing. */
export function lossesOf(loss: Loss, held: readonly HeldSlot[]): readonly string[] {
  const authentication = held.filter(({ slot }) => slot === '9a');
  switch (loss) {
    case 'nothing':
      return [];
    case 'management-key':
      return ['the management key, which follows from the PIN that is given up'];
    case 'certificate':
      return authentication.map((slot) => heldWords({ ...slot, keyPair: null }));
    case 'certificate-and-key':
      return authentication.map(heldWords);
    case 'everything':
      return everything(held);
  }
}

/** A reset takes what is in the slots and what other programs noted; f9 and the other applications stay. */
export function everything(held: readonly Held[]): readonly string[] {
  return [...held.map(heldWords), 'PIN, PUK and management key, which become the factory ones', 'data that other programs keep in the PIV part of the key'];
}

/** What was given with --confirm-serial; "none" is for keys that tell no serial. */
export type ConfirmedSerial = number | 'none';

/**
 * Lists what will be lost and wants the serial: given already, or typed now. Fails with serial-mismatch where it is
 * another one, with answer-missing where nobody can be asked; nothing was touched then.
 */
export async function agreeToLoss({ output, terminal }: CommandContext, { model, serial }: SecurityKeyFacts, losses: readonly string[], given: ConfirmedSerial | undefined): Promise<void> {
  if (given === undefined && !terminal.isThere) {
    throw new CommandStopped({ kind: 'answer-missing', what: 'The serial of the key, as agreement to the loss,', option: 'confirm-serial N' }, { losses });
  }
  output.progress([`On this key (${model}${serial === null ? '' : `, serial ${serial}`}) will be lost for good:`, ...losses.map((loss) => `  - ${loss}`)].join('\n'));
  const typed = given ?? (await terminal.ask(serial === null ? 'This key tells no serial. To go on, type none: ' : 'To go on, type the serial of the key: '));
  if (typed === '') throw new CommandStopped({ kind: 'cancelled' });
  if (String(typed) !== String(serial ?? 'none')) throw new CommandStopped({ kind: 'serial-mismatch' }, { losses });
}
