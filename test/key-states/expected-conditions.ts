/** The table of conditions: when each holds, and what a person can do then, the least destructive first. The most urgent is on top. */
import type { KeyConditionKind } from '../../core/key-care/conditions.ts';
import { showsCertificate, showsKey, isReadable } from './steps.ts';
import type { ModelTraits, Traits } from './traits.ts';

/** An act, and what it loses where that is anything: "enroll: certificate". */
export type Way = string;

interface Condition {
  readonly kind: KeyConditionKind;
  readonly holds: (traits: Traits, model: ModelTraits) => boolean;
  readonly ways: (traits: Traits, model: ModelTraits) => readonly (Way | false)[];
}

const pinBlocked = ({ pin }: Traits): boolean => pin.left === 0;
const pukBlocked = ({ puk }: Traits, { tells }: ModelTraits): boolean => tells && puk.left === 0;
const inUse = (traits: Traits): boolean => showsCertificate(traits);
/** A readable certificate of the key in the slot, or of one that cannot be seen. */
const isGood = (traits: Traits, model: ModelTraits): boolean => isReadable(traits) && (showsKey(traits, model) ? traits.certificate?.isOf === 'this key' : !model.tells);
const canRetire = (traits: Traits, model: ModelTraits): boolean => model.canMove && showsKey(traits, model);
/** A new PIN in place of a forgotten one loses a management key that follows from it. */
const unblocking = (traits: Traits, model: ModelTraits): Way | false => {
  if (pukBlocked(traits, model)) return false;
  return traits.managementKey === 'derived' || traits.managementKey === 'derived from an old PIN' ? 'unblock-pin: management-key' : 'unblock-pin';
};
const isCopy = ({ isMovedAside }: Traits, { canMove }: ModelTraits): boolean => isMovedAside && canMove;

/** What a record was about is over, whoever ended it. */
function isOver({ pin, puk, certificate, keyPair, record }: Traits, { tells }: ModelTraits): boolean {
  if (record?.action === 'retries') return record.open.length === 0 || (tells && pin.value !== 'factory' && puk.value !== 'factory');
  return tells ? pin.left === pin.total && puk.left === puk.total : pin.left === 3 && keyPair === 'none' && certificate === null;
}

/** Whether a value may be the factory one, where attempts were set and the rest was cut off. */
function mayBeFactory(which: 'pin' | 'puk', traits: Traits, { tells }: ModelTraits): boolean {
  const isOpen = traits.record?.action === 'retries' && traits.record.open.includes(which === 'pin' ? 'PIN' : 'PUK');
  return tells ? traits[which].value === 'factory' : isOpen;
}

export const CONDITIONS: readonly Condition[] = [
  {
    kind: 'reset-unfinished',
    holds: (traits, model) => traits.record?.action === 'reset' && !isOver(traits, model),
    ways: (traits, model) => [pinBlocked(traits) ? unblocking(traits, model) : 'enter-pin', 'go-on-resetting: everything'],
  },
  { kind: 'pin-and-puk-blocked', holds: (traits, model) => pinBlocked(traits) && pukBlocked(traits, model), ways: () => ['reset: everything'] },
  { kind: 'pin-blocked', holds: (traits, model) => pinBlocked(traits) && !pukBlocked(traits, model), ways: (traits, model) => [unblocking(traits, model), 'reset: everything'] },
  {
    kind: 'retries-unfinished',
    holds: (traits, model) => traits.record?.action === 'retries' && !isOver(traits, model),
    ways: (traits, model) => [mayBeFactory('pin', traits, model) && 'change-pin', mayBeFactory('puk', traits, model) && 'change-puk'],
  },
  { kind: 'pin-last-attempt', holds: ({ pin }) => pin.left === 1, ways: (traits, model) => ['enter-pin', unblocking(traits, model), 'reset: everything'] },
  { kind: 'management-key-unfinished', holds: ({ managementKey }, { tells }) => tells && managementKey === 'unfinished', ways: () => ['rotate-management-key'] },
  { kind: 'retire-unfinished', holds: isCopy, ways: () => ['go-on-retiring'] },
  {
    kind: 'certificate-unfit',
    holds: (traits, model) => isReadable(traits) && showsKey(traits, model) && traits.certificate?.isOf === 'another key',
    ways: (traits, model) => [canRetire(traits, model) && 'retire-key', 'go-on-enrolling: certificate', 'delete-certificate: certificate', 'enroll: certificate-and-key'],
  },
  { kind: 'certificate-without-key', holds: (traits, model) => model.tells && isReadable(traits) && traits.keyPair === 'none' && !isCopy(traits, model), ways: () => ['enroll: certificate', 'delete-certificate: certificate'] },
  { kind: 'certificate-unreadable', holds: (traits) => showsCertificate(traits) && !isReadable(traits), ways: () => ['enroll: certificate', 'delete-certificate: certificate'] },
  { kind: 'certificate-expired', holds: (traits, model) => isGood(traits, model) && traits.certificate?.validity === 'expired', ways: renewing },
  { kind: 'enrollment-unfinished', holds: (traits, model) => !showsCertificate(traits) && showsKey(traits, model), ways: () => ['go-on-enrolling', 'enroll: certificate-and-key'] },
  { kind: 'certificate-expires-soon', holds: (traits, model) => isGood(traits, model) && traits.certificate?.validity === 'ends soon', ways: renewing },
  { kind: 'certificate-foreign', holds: (traits, model) => isGood(traits, model) && traits.certificate?.issuer === 'foreign', ways: renewing },
  { kind: 'pin-factory', holds: (traits, { tells }) => tells && inUse(traits) && !pinBlocked(traits) && traits.pin.value === 'factory', ways: () => ['change-pin'] },
  { kind: 'puk-factory', holds: (traits, { tells }) => tells && inUse(traits) && !pinBlocked(traits) && traits.puk.left > 0 && traits.puk.value === 'factory', ways: () => ['change-puk'] },
  {
    kind: 'puk-blocked',
    holds: (traits, model) => pukBlocked(traits, model) && !pinBlocked(traits),
    ways: ({ managementKey }) => (managementKey === 'foreign' ? ['enter-management-key', 'ask-administrator'] : ['set-retries']),
  },
  { kind: 'pin-attempts-lost', holds: ({ pin }, { tells }) => tells && pin.left > 1 && pin.left < pin.total, ways: (traits, model) => ['enter-pin', unblocking(traits, model)] },
  { kind: 'management-key-unknown', holds: ({ managementKey }, { tells }) => tells && managementKey === 'foreign', ways: () => ['enter-management-key', 'ask-administrator', 'reset: everything'] },
  { kind: 'management-key-derived', holds: ({ managementKey }) => managementKey === 'derived' || managementKey === 'derived from an old PIN', ways: () => ['rotate-management-key'] },
];

function renewing(traits: Traits, model: ModelTraits): readonly (Way | false)[] {
  return [canRetire(traits, model) && 'retire-key', 'enroll: certificate-and-key'];
}

/** The conditions of such a key, each with its ways out: "pin-blocked → unblock-pin, reset: everything". */
export function expectedConditions(traits: Traits, model: ModelTraits): readonly string[] {
  return CONDITIONS.filter(({ holds }) => holds(traits, model)).map(({ kind, ways }) => `${kind} → ${ways(traits, model).filter(Boolean).join(', ')}`);
}
