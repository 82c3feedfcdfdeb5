import { generateKeyPairSync } from 'node:crypto';
import type { Result } from '../../core/result.ts';
import { FACTORY } from '../../native/piv/identifiers.ts';
import { readFacts } from '../../native/piv/facts.ts';
import { CardSecurityKey } from '../../native/security-key.ts';
import { commonName, distantValidity, signCertificate } from '../../native/virtual-yubikey/certificate.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';

const [PIN, PUK] = ['24680135', '13572468'];
const READER = 'In process';

/** Makes a key one that is in use: own PIN, PUK and management key, a key pair in 9a and a certificate for it. */
export async function enrollInProcess(card: VirtualYubiKey): Promise<void> {
  const key = new CardSecurityKey({
    facts: () => readFacts(card, READER),
    use: (work) => work({ readerName: READER, serial: undefined, transact: (_, inTransaction) => inTransaction(card) }),
    module: async () => null,
  });
  value(await key.changePin(FACTORY.PIN, PIN));
  value(await key.changePuk(FACTORY.PUK, PUK));
  value(await key.protectManagementKey(PIN));
  const publicKey = value(await key.generateKey({ pin: PIN, keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' }));
  value(await key.writeCertificate(PIN, certificateFor(publicKey)));
  card.reset();
}

/** Of an issuer that is made up here. */
function certificateFor(publicKey: Uint8Array): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return signCertificate({
    serialNumber: Uint8Array.of(1),
    issuer: commonName('Bench CA'),
    validity: distantValidity,
    subject: commonName('Ada Lovelace'),
    publicKey,
    extensions: [],
    issuerKey: privateKey,
  });
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`the key was not made: ${JSON.stringify(result.failure)}`);
  return result.value;
}
