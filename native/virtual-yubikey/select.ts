import { concatBytes, equalBytes } from '../../core/bytes.ts';
import { formatFirmware } from '../../core/security-key.ts';
import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { AID } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { encodeTlv } from '../piv/tlv.ts';
import { answer, freshSession, refuse } from './card.ts';
import type { Card } from './card.ts';

/** The application identifier with its version, 1.0 (73-4 part 1, 2.2). */
const PIV_SUFFIX = Uint8Array.of(0x00, 0x00, 0x10, 0x00, 0x01, 0x00);
const FULL_PIV_AID = concatBytes(AID.PIV, PIV_SUFFIX);

/**
 * SELECT (73-4 part 2, 3.1.1). Selecting ends what the PIN and the management key had opened: the standard would let
 * it stand for the same application, a YubiKey counts it as a new session.
 */
export function select(card: Card, command: ReceivedCommand): Response {
  if (command.p1 !== 0x04) return refuse(SW.INCORRECT_P1_P2);
  const application = applicationOf(command.data);
  if (!application) return refuse(SW.NOT_FOUND);
  Object.assign(card.session, freshSession(), { application });
  return answer(application === 'piv' ? pivPropertyTemplate() : new TextEncoder().encode(`Virtual mgr - FW version ${formatFirmware(card.firmware.version)}`));
}

function applicationOf(identifier: Uint8Array): 'piv' | 'management' | undefined {
  if (equalBytes(identifier, AID.MANAGEMENT)) return 'management';
  const isPiv = identifier.length >= AID.PIV.length && equalBytes(identifier, FULL_PIV_AID.subarray(0, identifier.length));
  return isPiv ? 'piv' : undefined;
}

/** Application property template as YubiKeys answer it (SDK users manual, any example): 61 { 4F version, 79 { 4F authority } }. */
function pivPropertyTemplate(): Uint8Array {
  return encodeTlv(0x61, encodeTlv(0x4f, PIV_SUFFIX), encodeTlv(0x79, encodeTlv(0x4f, AID.PIV)));
}
