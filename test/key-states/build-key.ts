/** Makes a virtual YubiKey of a row of the table: by its memory, so that it costs no time and goes through no code of ours. */
import { generateKeyPairSync, pbkdf2Sync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { concatBytes, fromHex, toBase64, toHex } from '../../core/bytes.ts';
import { RETIRED_SLOTS } from '../../core/piv-slots.ts';
import { FACTORY, OBJECT } from '../../native/piv/identifiers.ts';
import { encodeTlv } from '../../native/piv/tlv.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import type { StoredKey, YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import { softwareAuthority, type SoftwareAuthority } from '../core/x509/software-authority.ts';
import { directKey, modelKey, OWNER_PIN, OWNER_PUK, type Model } from '../native/piv/direct-access.ts';
import type { CertificateTrait, Secret, Traits } from './traits.ts';

/** What a person types. Eight characters, so that every key takes them. */
export const [NEW_PIN, NEW_PUK] = ['97531864', '86420753'];
export const PINS: Readonly<Record<Secret['value'], string>> = { factory: FACTORY.PIN, owner: OWNER_PIN, new: NEW_PIN };
export const PUKS: Readonly<Record<Secret['value'], string>> = { factory: FACTORY.PUK, owner: OWNER_PUK, new: NEW_PUK };

/** The day on which the table is looked at. */
export const TODAY = new Date('2026-06-15T12:00:00Z');
const DAY_MILLISECONDS = 86_400_000;
/** A person's certificate is good for 365 days, and is to be renewed in the last 30. */
const AGE_DAYS: Readonly<Record<CertificateTrait['validity'], number>> = { valid: 100, 'ends soon': 350, expired: 400 };

/** 24 bytes are a 3DES key before 5.7, and an AES-192 one from then on: each model's factory algorithm. */
const managementKey = (first: number): Uint8Array => Uint8Array.from({ length: 24 }, (_, index) => first + 2 * index);
const [STORED, FOREIGN] = [managementKey(0x61), managementKey(0x20)];
const SALT = fromHex('00112233445566778899aabbccddeeff');
/** ykman before 4.0 (ykman/piv.py, derive_management_key): PBKDF2-HMAC-SHA1, 10,000 rounds, 24 bytes. */
const derivedFrom = (pin: string): Uint8Array => new Uint8Array(pbkdf2Sync(pin, SALT, 10_000, 24, 'sha1'));
const PROTECTED_FLAG = '8003810102';
/** Printed Information (73-4 part 1, table 16): a name. */
const AGENCY = concatBytes(encodeTlv(0x01, new TextEncoder().encode('Lovelace, Ada')), encodeTlv(0xfe));

/** What every key of the table shares: two CAs, and two key pairs. */
export interface World {
  readonly ours: SoftwareAuthority;
  readonly foreign: SoftwareAuthority;
  readonly keyPair: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  readonly otherPublicKey: Uint8Array;
  /** By what it is. */
  readonly issued: Map<string, Promise<Uint8Array>>;
}

export async function makeWorld(): Promise<World> {
  const [pair, other] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  return {
    ours: await softwareAuthority('Example CA'),
    foreign: await softwareAuthority('Another CA'),
    keyPair: { privateKey: new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' })), publicKey: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })) },
    otherPublicKey: new Uint8Array(other.publicKey.export({ format: 'der', type: 'spki' })),
    issued: new Map(),
  };
}

/** A certificate as a row describes it: the same for every row that does. */
export function issue(world: World, certificate: Omit<CertificateTrait, 'form'>): Promise<Uint8Array> {
  const name = `${certificate.issuer}, ${certificate.isOf}, ${certificate.validity}`;
  const issued = world.issued.get(name) ?? issueAnew(world, certificate);
  world.issued.set(name, issued);
  return issued;
}

function issueAnew(world: World, { issuer, isOf, validity }: Omit<CertificateTrait, 'form'>): Promise<Uint8Array> {
  const madeAt = new Date(TODAY.getTime() - AGE_DAYS[validity] * DAY_MILLISECONDS);
  return world[issuer].issue({ publicKey: isOf === 'this key' ? world.keyPair.publicKey : world.otherPublicKey, madeAt });
}

export async function buildKey(traits: Traits, model: Model, serial: number, world: World): Promise<YubiKeyState> {
  const factory = modelKey(model, { serial }).exportState();
  const key = (origin: StoredKey['origin']): StoredKey => ({ keyType: 'ECCP256', origin, pinPolicy: 'once', touchPolicy: 'never', privateKey: toBase64(world.keyPair.privateKey) });
  const retired = RETIRED_SLOTS.slice(0, traits.retired).map((slot) => [slot, key('generated')] as const);
  const state: YubiKeyState = {
    ...factory,
    pin: { value: toHex(padReferenceData(PINS[traits.pin.value])), attemptsLeft: traits.pin.left, attemptsTotal: traits.pin.total },
    puk: { value: toHex(padReferenceData(PUKS[traits.puk.value])), attemptsLeft: traits.puk.left, attemptsTotal: traits.puk.total },
    keys: { ...factory.keys, ...Object.fromEntries(retired), ...(traits.keyPair === 'none' ? {} : { '9a': key(traits.keyPair) }) },
    objects: { ...factory.objects, ...objectsOf(traits), ...(traits.certificate && (await certificatesOf(traits.certificate, traits.isMovedAside, world))) },
    managementKey: { ...factory.managementKey, value: toHex(managementKeyOf(traits)) },
  };
  return traits.managementKey === 'rotating' ? cutOffRotation(state, model, PINS[traits.pin.value]) : state;
}

const hex = (object: number): string => object.toString(16);

function managementKeyOf({ managementKey, pin }: Traits): Uint8Array {
  switch (managementKey) {
    case 'factory':
    case 'unfinished':
      return FACTORY.MANAGEMENT_KEY;
    case 'protected':
    case 'rotating':
      return STORED;
    case 'derived':
      return derivedFrom(PINS[pin.value]);
    case 'foreign':
      return FOREIGN;
    case 'derived from an old PIN':
    case 'bridged':
      throw new Error('No row of the table begins like this: it is where an action ends');
  }
}

function objectsOf({ managementKey, printed }: Traits): YubiKeyState['objects'] {
  const isFlagged = managementKey === 'protected' || managementKey === 'rotating' || managementKey === 'unfinished';
  const adminData = isFlagged ? fromHex(PROTECTED_FLAG) : managementKey === 'derived' ? encodeTlv(0x80, encodeTlv(0x82, SALT)) : undefined;
  const stored = printed === 'foreign' ? AGENCY : isFlagged ? encodeTlv(0x88, encodeTlv(0x89, STORED)) : undefined;
  return { ...(adminData && { [hex(OBJECT.ADMIN_DATA)]: toBase64(adminData) }), ...(stored && { [hex(OBJECT.PRINTED)]: toBase64(stored) }) };
}

/** KEY HISTORY (73-4 part 1, table 19): one key is on the card. */
const ONE_RETIRED = fromHex('c10101c20100fe00');

async function certificatesOf(certificate: CertificateTrait, isCopied: boolean, world: World): Promise<YubiKeyState['objects']> {
  const object = toBase64(await certificateObject(certificate, world));
  return { [hex(OBJECT.AUTHENTICATION_CERTIFICATE)]: object, ...(isCopied && { [hex(OBJECT.RETIRED_FIRST_CERTIFICATE)]: object, [hex(OBJECT.KEY_HISTORY)]: toBase64(ONE_RETIRED) }) };
}

/** 73-4 part 1, table 10. */
async function certificateObject(certificate: CertificateTrait, world: World): Promise<Uint8Array> {
  const der = await issue(world, certificate);
  const object = (content: Uint8Array, info: number): Uint8Array => concatBytes(encodeTlv(0x70, content), encodeTlv(0x71, Uint8Array.of(info)), encodeTlv(0xfe));
  switch (certificate.form) {
    case 'plain':
      return object(der, 0);
    case 'compressed':
      return object(gzipSync(der), 1);
    case 'unreadable':
      return object(der.subarray(0, 100), 0);
    case 'broken':
      return object(der, 1);
  }
}

/** The only state that is made by our own code, because nobody else makes it: the key is pulled right after the new management key was set. */
async function cutOffRotation(state: YubiKeyState, model: Model, pin: string): Promise<YubiKeyState> {
  for (let commands = 0; ; commands++) {
    const key = modelKey(model, { serial: state.serial, state, faults: { pullAfterCommands: commands, pullLoses: 'answer' } });
    const result = await directKey(key).rotateManagementKey({ pin });
    if (result.ok) throw new Error('the rotation was never cut off with the new key set');
    const cut = key.exportState();
    if (cut.managementKey.value !== state.managementKey.value) return cut;
  }
}
