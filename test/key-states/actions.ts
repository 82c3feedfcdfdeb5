/** The table of actions: how each is done, as the app does it, and the steps it takes. */
import * as care from '../../core/key-care/key-care.ts';
import type { CarePorts } from '../../core/key-care/key-care.ts';
import { RETIRED_SLOTS, type PivSlot } from '../../core/piv-slots.ts';
import { success, type Result } from '../../core/result.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import { NEW_PIN, NEW_PUK, PINS, PUKS } from './build-key.ts';
import { NEW_ATTEMPTS, showsCertificate, showsKey, type StepName } from './steps.ts';
import type { ModelTraits, Traits } from './traits.ts';

/** What an action has to do with. */
export interface Situation {
  readonly key: SecurityKey;
  readonly ports: CarePorts;
  readonly serial: number;
  readonly traits: Traits;
  /** The management key that is set, for the one who has it. */
  readonly managementKey: Uint8Array;
  /** In 9a; where there is none that can be read, a new one for the key. */
  readonly certificate: Uint8Array;
  /** A new one for the key that the table is about. */
  readonly newCertificate: Uint8Array;
}

export interface Action {
  readonly name: string;
  readonly steps: readonly StepName[];
  readonly act: (situation: Situation) => Promise<Result<unknown>>;
  /** What it answers where it goes well, as far as a row tells it. */
  readonly answers?: (traits: Traits, model: ModelTraits) => unknown;
  /** Goes through the PKCS#11 module where there is one. */
  readonly isThroughModule?: true;
}

const WRONG = '00000000';
const pin = ({ traits }: Situation): string => PINS[traits.pin.value];
const puk = ({ traits }: Situation): string => PUKS[traits.puk.value];
const GENERATE = { keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;

export const ACTIONS: readonly Action[] = [
  { name: 'look', steps: [], act: ({ key }) => key.facts() },
  { name: 'verify the PIN', steps: ['right PIN', 'key is kept'], act: (on) => care.verifyPin(on.key, pin(on), on.ports), isThroughModule: true },
  { name: 'verify a wrong PIN', steps: ['wrong PIN'], act: (on) => care.verifyPin(on.key, WRONG, on.ports), isThroughModule: true },
  { name: 'change the PIN', steps: ['right PIN', 'derived key locked away', 'new PIN', 'key is kept'], act: (on) => care.changePin(on.key, pin(on), NEW_PIN, on.ports), isThroughModule: true },
  { name: 'change the PIN from a wrong one', steps: ['wrong PIN'], act: (on) => care.changePin(on.key, WRONG, NEW_PIN, on.ports), isThroughModule: true },
  { name: 'unblock the PIN', steps: ['right PUK', 'new PIN', 'key is kept'], act: (on) => care.unblockPin(on.key, puk(on), NEW_PIN, on.ports) },
  { name: 'unblock with a wrong PUK', steps: ['wrong PUK'], act: (on) => care.unblockPin(on.key, WRONG, NEW_PIN, on.ports) },
  { name: 'change the PUK', steps: ['right PUK', 'new PUK'], act: (on) => care.changePuk(on.key, puk(on), NEW_PUK, on.ports) },
  { name: 'change the PUK from a wrong one', steps: ['wrong PUK'], act: (on) => care.changePuk(on.key, WRONG, NEW_PUK, on.ports) },
  { name: 'rotate the management key', steps: ['right PIN', 'settings opened', 'management key locked away'], act: (on) => on.key.rotateManagementKey({ pin: pin(on) }) },
  {
    name: 'rotate a typed management key',
    steps: ['right PIN', 'settings opened with a typed key', 'management key locked away'],
    act: (on) => on.key.rotateManagementKey({ pin: pin(on), managementKey: on.managementKey }),
  },
  {
    name: 'set the attempts',
    steps: ['right PIN', 'settings opened for a new PIN', 'derived key locked away', 'attempts, PIN and PUK set'],
    act: (on) => care.setRetries(on.key, { pin: pin(on), ...NEW_ATTEMPTS, newPin: NEW_PIN, newPuk: NEW_PUK }, on.ports),
  },
  { name: 'reset', steps: ['all forgotten'], act: (on) => care.resetKey(on.key, on.serial, on.ports) },
  { name: 'reset another serial', steps: ['another serial'], act: (on) => care.resetKey(on.key, on.serial + 1, on.ports) },
  { name: 'retire the key', steps: ['right PIN', 'can be moved', 'settings opened', 'moved away'], act: (on) => on.key.retireKey({ pin: pin(on) }), answers: ({ retired, isMovedAside }) => RETIRED_SLOTS[isMovedAside ? 0 : retired] },
  { name: 'delete the certificate', steps: ['right PIN', 'certificate there', 'settings opened', 'certificate deleted'], act: (on) => on.key.deleteCertificate('9a', { pin: pin(on) }) },
  { name: 'make a key', steps: ['right PIN', 'settings opened', 'key may be made', 'key made'], act: (on) => on.key.generateKey({ pin: pin(on), ...GENERATE }) },
  {
    name: 'write a certificate',
    steps: ['right PIN', 'key for the certificate', 'settings opened', 'certificate written'],
    act: (on) => on.key.writeCertificate(pin(on), on.newCertificate),
  },
  { name: 'attest', steps: ['key made here'], act: ({ key }) => key.attest('9a') },
  { name: 'list the slots', steps: [], act: listSlots, answers: slotsOf },
  { name: 'sign', steps: ['key to sign with', 'right PIN', 'signed'], act: (on) => on.key.sign(pin(on), new Uint8Array(100)), isThroughModule: true },
  { name: 'sign with a wrong PIN', steps: ['key to sign with', 'wrong PIN'], act: (on) => on.key.sign(WRONG, new Uint8Array(100)), isThroughModule: true },
  { name: 'prove', steps: ['key to sign with', 'this certificate there', 'right PIN', 'signed', 'signature fits'], act: (on) => on.key.prove(pin(on), on.certificate), isThroughModule: true },
];

function slotsOf(traits: Traits, model: ModelTraits): readonly PivSlot[] {
  return [...(showsKey(traits, model) || showsCertificate(traits) ? ['9a' as const] : []), ...RETIRED_SLOTS.slice(0, traits.retired)];
}

/** 9a is listed where it shows anything, and so is every retired key. */
async function listSlots({ key }: Situation): Promise<Result<unknown>> {
  const slots = await key.inventory();
  return slots.ok ? success(slots.value.map(({ slot }) => slot)) : slots;
}
