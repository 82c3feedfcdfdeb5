import type { Response } from '../piv/apdu.ts';
import { KEY_REFERENCE, OBJECT } from '../piv/identifiers.ts';
import { SW } from '../piv/status-word.ts';
import { answer, freshSession, refuse } from './card.ts';
import type { Card } from './card.ts';
import { factorySecrets, readObject, slotName, writeObject } from './state.ts';

/** RESET (Yubico, INS FB): only with PIN and PUK both blocked. Takes everything but the attestation key and its certificate. */
export function reset(card: Card): Response {
  const { state } = card;
  if (state.pin.attemptsLeft > 0 || state.puk.attemptsLeft > 0) return refuse(SW.CONDITIONS_NOT_SATISFIED);
  const attestationName = slotName(KEY_REFERENCE.ATTESTATION);
  const attestationKey = state.keys[attestationName];
  const attestationCertificate = readObject(state, OBJECT.ATTESTATION_CERTIFICATE);
  Object.assign(state, factorySecrets(card.firmware), { keys: attestationKey ? { [attestationName]: attestationKey } : {}, objects: {} });
  if (attestationCertificate) writeObject(state, OBJECT.ATTESTATION_CERTIFICATE, attestationCertificate);
  Object.assign(card.session, freshSession(), { application: 'piv' });
  return answer();
}
