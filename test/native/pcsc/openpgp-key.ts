import { concatBytes, equalBytes, fromHex } from '../../../core/bytes.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';

/** SELECT of the OpenPGP application (OpenPGP card 3.4, section 4.2.1), as scdaemon sends it. */
const SELECT_OPENPGP = fromHex('00a4040006d27600012401');
const OK = fromHex('9000');
const NOT_FOUND = fromHex('6a88');

/** Data objects that scdaemon wants of a card before it takes it for its own; sections 4.4.1 and 4.4.3. */
const AID = '4f10d2760001240103040006052100010000';
const HISTORICAL_BYTES = '5f520800730000e0059000';
const CAPABILITIES = 'c00a7d000bfe080000ff0000';
const ALGORITHMS = 'c106010800001100c206010800001100c306010800001100';
const PIN_STATUS = 'c407ff7f7f7f030003';
const FINGERPRINTS = `c53c${'00'.repeat(60)}c63c${'00'.repeat(60)}cd0c${'00'.repeat(12)}`;
const DISCRETIONARY = [CAPABILITIES, ALGORITHMS, PIN_STATUS, FINGERPRINTS].join('');
const OBJECTS: Readonly<Record<string, string>> = {
  '004f': AID.slice(4),
  '5f52': HISTORICAL_BYTES.slice(6),
  '006e': `${AID}${HISTORICAL_BYTES}7381${(DISCRETIONARY.length / 2).toString(16)}${DISCRETIONARY}`,
  '00c4': PIN_STATUS.slice(4),
};

/** A key that has an OpenPGP application beside PIV, as YubiKeys do, as far as GnuPG's scdaemon looks at it. */
export function withOpenPgp(key: VirtualYubiKey): VirtualYubiKey {
  let isSelected = false;
  const transmit = async (command: Uint8Array): Promise<Uint8Array> => {
    const [, instruction, p1 = 0, p2 = 0] = command;
    if (instruction === 0xa4) isSelected = equalBytes(command.subarray(0, SELECT_OPENPGP.length), SELECT_OPENPGP);
    if (!isSelected) return key.transmit(command);
    if (instruction === 0xa4) return OK;
    const object = instruction === 0xca ? OBJECTS[Buffer.from([p1, p2]).toString('hex')] : undefined;
    return object === undefined ? NOT_FOUND : concatBytes(fromHex(object), OK);
  };
  const reset = (): void => {
    isSelected = false;
    key.reset();
  };
  return new Proxy(key, {
    get: (_, property) => {
      if (property === 'transmit') return transmit;
      if (property === 'reset') return reset;
      const member: unknown = Reflect.get(key, property);
      return typeof member === 'function' ? (member.bind(key) as unknown) : member;
    },
  });
}
