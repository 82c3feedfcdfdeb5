/** The other end of the wire, as plain as can be: what these tests send is written out, and none of the product's own card code is used. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import type { VirtualYubiKeyOptions } from '../../../native/virtual-yubikey/virtual-yubikey.ts';

export const PIN = '313233343536ffff';
export const PUK = '3132333435363738';
export const WRONG = '393939393939ffff';
export const NEW_PIN = '363534333231ffff';
export const MANAGEMENT_KEY = '010203040506070801020304050607080102030405060708';

/** A key with PIV selected. */
export async function plugIn(options: Partial<VirtualYubiKeyOptions> = {}): Promise<VirtualYubiKey> {
  const key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210001, ...options });
  await selectPiv(key);
  return key;
}

export async function selectPiv(key: VirtualYubiKey): Promise<void> {
  const { statusWord } = await send(key, '00a4040005a000000308');
  if (statusWord !== '9000') throw new Error(`SELECT: ${statusWord}`);
}

/** Sends one APDU in hex; answers data and status word in hex. */
export async function send(key: VirtualYubiKey, apdu: string): Promise<{ readonly data: string; readonly statusWord: string }> {
  const response = Buffer.from(await key.transmit(Buffer.from(apdu, 'hex'))).toString('hex');
  return { data: response.slice(0, -4), statusWord: response.slice(-4) };
}

/** The status word of one APDU. */
export async function statusOf(key: VirtualYubiKey, apdu: string): Promise<string> {
  return (await send(key, apdu)).statusWord;
}

/** One extended command, its whole answer. `header` is CLA INS P1 P2. */
export async function exchange(key: VirtualYubiKey, header: string, data = ''): Promise<{ readonly data: string; readonly statusWord: string }> {
  const length = (data.length / 2).toString(16).padStart(4, '0');
  return send(key, data === '' ? `${header}000000` : `${header}00${length}${data}0000`);
}

/** A TLV in hex, with the tag in hex. */
export function tlv(tag: string, ...values: readonly string[]): string {
  const value = values.join('');
  const length = value.length / 2;
  const encoded = length < 0x80 ? length.toString(16).padStart(2, '0') : length < 0x100 ? `81${length.toString(16)}` : `82${length.toString(16).padStart(4, '0')}`;
  return tag + encoded + value;
}

export async function verifyPin(key: VirtualYubiKey, pin = PIN): Promise<string> {
  return statusOf(key, `0020008008${pin}`);
}

const CIPHERS = { '03': ['des-ede3', 8], '08': ['aes-128-ecb', 16], '0a': ['aes-192-ecb', 16], '0c': ['aes-256-ecb', 16] } as const;
export type AlgorithmByte = keyof typeof CIPHERS;

export function encryptBlock(algorithm: AlgorithmByte, managementKey: string, block: Buffer): Buffer {
  return Buffer.concat([createCipheriv(CIPHERS[algorithm][0], Buffer.from(managementKey, 'hex'), null).setAutoPadding(false).update(block)]);
}

/** Mutual authentication with the management key; answers the last status word. Throws where the card's own answer is wrong. */
export async function authenticate(key: VirtualYubiKey, algorithm: AlgorithmByte = '03', managementKey = MANAGEMENT_KEY): Promise<string> {
  const [cipher, blockLength] = CIPHERS[algorithm];
  const asked = await send(key, `0087${algorithm}9b047c02800000`);
  if (asked.statusWord !== '9000') return asked.statusWord;
  const witness = createDecipheriv(cipher, Buffer.from(managementKey, 'hex'), null).setAutoPadding(false).update(Buffer.from(asked.data.slice(8), 'hex'));
  const challenge = randomBytes(blockLength);
  const template = tlv('7c', tlv('80', witness.toString('hex')), tlv('81', challenge.toString('hex')));
  const answered = await exchange(key, `0087${algorithm}9b`, template);
  if (answered.statusWord !== '9000') return answered.statusWord;
  if (answered.data.slice(8) !== encryptBlock(algorithm, managementKey, challenge).toString('hex')) throw new Error('The card does not know the management key');
  return answered.statusWord;
}

/** What an owner chose on a FIPS key of 5.7: eight characters, and an AES-192 key. */
export const OWNERS = { PIN: '3834303237353631', PUK: '3236313934383530', MANAGEMENT_KEY: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718' } as const;

/** Brings a FIPS key of 5.7 into its approved mode; the management key is authenticated and the PIN verified afterwards. */
export async function approve(key: VirtualYubiKey): Promise<void> {
  const statusWords = [
    await statusOf(key, `0024008010${PIN}${OWNERS.PIN}`),
    await statusOf(key, `0024008110${PUK}${OWNERS.PUK}`),
    await authenticate(key, '0a'),
    await statusOf(key, `00ffffff1b0a9b18${OWNERS.MANAGEMENT_KEY}`),
    await verifyPin(key, OWNERS.PIN),
  ];
  if (statusWords.some((statusWord) => statusWord !== '9000')) throw new Error(`Not approved: ${statusWords.join(', ')}`);
}

/** Generates in a slot (hex) with an algorithm byte; answers the public key's TLVs in hex. */
export async function generate(key: VirtualYubiKey, slot = '9a', algorithm = '11', policies = ''): Promise<{ readonly data: string; readonly statusWord: string }> {
  return exchange(key, `004700${slot}`, tlv('ac', tlv('80', algorithm), policies));
}

/** Signs a digest or block; answers the signature in hex. */
export async function sign(key: VirtualYubiKey, slot: string, algorithm: string, digest: string): Promise<{ readonly data: string; readonly statusWord: string }> {
  return exchange(key, `0087${algorithm}${slot}`, tlv('7c', '8200', tlv('81', digest)));
}
