/** One cell of the table: a key in a state, an action, and what came of it, told in the same words as what is expected. */
import { equalBytes, fromHex } from '../../core/bytes.ts';
import type { CareRecord, CareRecords } from '../../core/key-care/care-record.ts';
import { lookAfter, type CarePorts } from '../../core/key-care/key-care.ts';
import { waysOut } from '../../core/key-care/ways-out.ts';
import type { Result } from '../../core/result.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import { decodeCertificateObject } from '../../native/piv/certificates.ts';
import { FACTORY, OBJECT } from '../../native/piv/identifiers.ts';
import { certificateFacts } from '../../native/piv/public-keys.ts';
import { findTlv } from '../../native/piv/tlv.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import { readObject, type YubiKeyState } from '../../native/virtual-yubikey/state.ts';
import { value } from '../native/piv/direct-access.ts';
import type { Action } from './actions.ts';
import { issue, PINS, PUKS, TODAY, type World } from './build-key.ts';
import { expectedConditions } from './expected-conditions.ts';
import { take } from './steps.ts';
import type { ManagementKeyTrait, ModelTraits, Secret, Traits } from './traits.ts';

/** What is compared, cell by cell. */
export interface CellResult {
  readonly outcome: string;
  readonly answer: unknown;
  /** "owner, 3 of 3". */
  readonly pin: string;
  readonly puk: string;
  readonly managementKey: ManagementKeyTrait;
  readonly keyPair: Traits['keyPair'];
  readonly hasCertificate: boolean;
  readonly retired: number;
  /** With the ways out of each: see expected-conditions.ts. */
  readonly conditions: readonly string[];
}

/** The key that an action is done with, and its memory. */
export interface CellKey {
  readonly securityKey: SecurityKey;
  /** As it was made for the row. */
  readonly before: YubiKeyState;
  exportState(): YubiKeyState;
}

const told = (name: string, { left, total }: { readonly left: number; readonly total: number }): string => `${name}, ${left} of ${total}`;

export function expectedCell(action: Action, before: Traits, model: ModelTraits): CellResult {
  const { traits, outcome } = take(action.steps, before, model);
  return {
    outcome,
    answer: outcome === 'ok' ? action.answers?.(before, model) : undefined,
    pin: told(traits.pin.value, traits.pin),
    puk: told(traits.puk.value, traits.puk),
    managementKey: traits.managementKey,
    keyPair: traits.keyPair,
    hasCertificate: traits.certificate !== null,
    retired: traits.retired,
    conditions: expectedConditions(traits, model),
  };
}

/** Does it. */
export async function runCell(action: Action, traits: Traits, { securityKey, before, exportState }: CellKey, world: World): Promise<CellResult> {
  const { serial } = before;
  const ports: CarePorts = {
    records: memoryRecords(traits.record && { open: [], ...traits.record, serial, startedAt: TODAY }),
    clock: { now: () => TODAY },
    authority: { address: 'https://ca.example.org', name: 'Example CA', fingerprint: '', caCertificate: world.ours.certificate },
  };
  const newCertificate = await issue(world, { issuer: 'ours', isOf: 'this key', validity: 'valid' });
  const certificate = certificateIn(before) ?? newCertificate;
  const result = await action.act({ key: securityKey, ports, serial, traits, managementKey: fromHex(before.managementKey.value), certificate, newCertificate });
  const after = exportState();
  const facts = value(await securityKey.facts());
  const conditions = await lookAfter(facts, ports);
  return {
    outcome: outcomeOf(result),
    answer: result.ok && action.answers ? result.value : undefined,
    pin: told(ownerOf(after.pin.value, PINS), { left: after.pin.attemptsLeft, total: after.pin.attemptsTotal }),
    puk: told(ownerOf(after.puk.value, PUKS), { left: after.puk.attemptsLeft, total: after.puk.attemptsTotal }),
    managementKey: managementKeyOf(before, after),
    keyPair: after.keys['9a']?.origin ?? 'none',
    hasCertificate: readObject(after, OBJECT.AUTHENTICATION_CERTIFICATE) !== undefined,
    retired: Object.keys(after.keys).filter((slot) => slot !== '9a' && slot !== 'f9').length,
    conditions: conditions.map((condition) => `${condition.kind} → ${waysOut(condition, facts).map(({ act, loses }) => (loses === 'nothing' ? act : `${act}: ${loses}`)).join(', ')}`),
  };
}

function outcomeOf(result: Result<unknown>): string {
  if (result.ok) return 'ok';
  const { failure } = result;
  return failure.kind === 'pin-wrong' || failure.kind === 'puk-wrong' ? `${failure.kind}, ${failure.attemptsLeft} left` : failure.kind;
}

function ownerOf(hex: string, values: Readonly<Record<Secret['value'], string>>): string {
  const owner = (Object.keys(values) as Secret['value'][]).find((name) => equalBytes(padReferenceData(values[name]), fromHex(hex)));
  return owner ?? 'nobody';
}

/** The certificate in 9a, where it is one that a person has. */
function certificateIn(state: YubiKeyState): Uint8Array | undefined {
  const object = readObject(state, OBJECT.AUTHENTICATION_CERTIFICATE);
  const decoded = object && decodeCertificateObject(object);
  return decoded && certificateFacts(decoded) ? decoded : undefined;
}

/** Told by the memory alone. */
function managementKeyOf(before: YubiKeyState, after: YubiKeyState): ManagementKeyTrait {
  const object = (id: number): Uint8Array => readObject(after, id) ?? new Uint8Array();
  const key = fromHex(after.managementKey.value);
  const adminData = findTlv(object(OBJECT.ADMIN_DATA), 0x80) ?? new Uint8Array();
  const isFlagged = ((findTlv(adminData, 0x81)?.[0] ?? 0) & 0x02) !== 0;
  if (equalBytes(key, FACTORY.MANAGEMENT_KEY)) return isFlagged ? 'unfinished' : 'factory';
  const printed = findTlv(findTlv(object(OBJECT.PRINTED), 0x88) ?? new Uint8Array(), 0x89);
  const isRotating = object(OBJECT.ROTATION).length > 0;
  if (printed && equalBytes(printed, key)) return isFlagged && !isRotating ? 'protected' : 'unfinished';
  if (isRotating) return after.managementKey.value === before.managementKey.value ? 'rotating' : 'bridged';
  if (!findTlv(adminData, 0x82)) return 'foreign';
  return after.pin.value === before.pin.value ? 'derived' : 'derived from an old PIN';
}

/** As the app keeps them, for one key. */
function memoryRecords(first: CareRecord | null): CareRecords {
  let record = first;
  return {
    read: async () => record,
    write: async (written) => void (record = written),
    remove: async () => void (record = null),
  };
}
