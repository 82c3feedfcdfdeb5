/**
 * Looking after a key: its conditions, and the actions that leave a note while they run. The other actions are single
 * calls of the SecurityKey port, and need nothing of this.
 */
import type { PinnedAuthority } from '../certificate-authority.ts';
import type { Clock } from '../enrollment/ports.ts';
import type { FailureKind } from '../failures.ts';
import type { Result } from '../result.ts';
import type { ManagementAccess, SecurityKey, SecurityKeyFacts } from '../security-key.ts';
import { chainToPinned } from '../x509/certificate-chain.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { glanceAtCertificate } from '../x509/certificate-glance.ts';
import type { CareRecord, CareRecords, ReferenceName } from './care-record.ts';
import { conditionsOf, type KeyCondition } from './conditions.ts';
import { checkCurrent, checkNew, pinRulesOf, type PinRules } from './pin-rules.ts';

export interface CarePorts {
  readonly records: CareRecords;
  readonly clock: Pick<Clock, 'now'>;
  /** The CA this computer trusts; null: none. */
  readonly authority: PinnedAuthority | null;
}

/**
 * The conditions of a key from facts that were read already: no command goes to the key. `age`: 'former' where the facts
 * may be from before an action that was cut off; they are no reason then to remove its record.
 */
export async function lookAfter(key: SecurityKeyFacts, ports: CarePorts, age: 'present' | 'former' = 'present'): Promise<readonly KeyCondition[]> {
  const { certificate } = key.authentication;
  const record = key.serial === null ? null : await ports.records.read(key.serial);
  const current = age === 'present' ? await tidy(key, record, ports) : record;
  return conditionsOf({
    key,
    glance: certificate === null ? null : glanceAtCertificate(certificate),
    isFromAuthority: certificate === null || ports.authority === null ? null : await isFrom(certificate, ports.authority, ports.clock.now()),
    record: current,
    now: ports.clock.now(),
  });
}

/** Whether the certificate was signed by this CA, or by one below it. */
async function isFrom(certificate: Uint8Array, authority: PinnedAuthority, now: Date): Promise<boolean> {
  const [parsed, ca] = [parseCertificate(certificate), parseCertificate(authority.caCertificate)];
  return parsed !== undefined && ca !== undefined && (await chainToPinned(parsed, authority.issuers ?? [], ca, now)) !== undefined;
}

/** A record whose action is over, because it was finished here, elsewhere, or in another way, is removed. */
async function tidy(key: SecurityKeyFacts, record: CareRecord | null, { records }: CarePorts): Promise<CareRecord | null> {
  if (record === null || !isOver(key, record)) return record;
  await records.remove(record.serial);
  return null;
}

function isOver({ pin, puk, authentication }: SecurityKeyFacts, record: CareRecord): boolean {
  const isUntouched = pin.attemptsLeft !== null && pin.attemptsLeft === pin.attemptsTotal && puk.attemptsLeft === puk.attemptsTotal;
  switch (record.action) {
    // All attempts are back: it was reset, or the right PIN and PUK were entered since.
    case 'reset':
      return isUntouched || (pin.attemptsTotal === null && pin.attemptsLeft === 3 && authentication.keyPair === null && authentication.certificate === null);
    case 'retries':
      return record.open.length === 0 || (pin.isFactory === false && puk.isFactory === false);
  }
}

/** Resets a key, with a note while it runs. `serial`: what the person typed. Fails as {@link SecurityKey.reset}. */
export async function resetKey(securityKey: SecurityKey, serial: number | null, ports: CarePorts): Promise<Result<void>> {
  return noted(securityKey, 'reset', ports, () => securityKey.reset(serial));
}

/** Sets attempts, PIN and PUK, with a note while it runs. Fails as {@link SecurityKey.setRetries}. */
export async function setRetries(
  securityKey: SecurityKey,
  wanted: ManagementAccess & { readonly pinAttempts: number; readonly pukAttempts: number; readonly newPin: string; readonly newPuk: string },
  ports: CarePorts,
): Promise<Result<void>> {
  const facts = await securityKey.facts();
  if (!facts.ok) return facts;
  const rules = pinRulesOf(facts.value);
  const broken = [checkCurrent('PIN', wanted.pin), checkNew('PIN', wanted.newPin, rules), checkNew('PUK', wanted.newPuk, rules)].find((check) => !check.ok);
  if (broken !== undefined) return broken;
  return noted(securityKey, 'retries', ports, () => securityKey.setRetries(wanted));
}

/** Verifies the PIN. Fails as {@link SecurityKey.verifyPin}. */
export function verifyPin(securityKey: SecurityKey, pin: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, { ends: ['reset'], sets: [] }, ports, () => securityKey.verifyPin(pin));
}

/** Changes the PIN. Fails as {@link SecurityKey.changePin}. */
export function changePin(securityKey: SecurityKey, currentPin: string, newPin: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, { ends: ['reset'], sets: ['PIN'] }, ports, (rules) => ifAllowed(checkNew('PIN', newPin, rules), () => securityKey.changePin(currentPin, newPin)));
}

/** Changes the PUK. Fails as {@link SecurityKey.changePuk}. */
export function changePuk(securityKey: SecurityKey, currentPuk: string, newPuk: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, { ends: [], sets: ['PUK'] }, ports, (rules) => ifAllowed(checkNew('PUK', newPuk, rules), () => securityKey.changePuk(currentPuk, newPuk)));
}

/** Sets a new PIN with the PUK. Fails as {@link SecurityKey.unblockPin}. */
export function unblockPin(securityKey: SecurityKey, puk: string, newPin: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, { ends: ['reset'], sets: ['PIN'] }, ports, (rules) => ifAllowed(checkNew('PIN', newPin, rules), () => securityKey.unblockPin(puk, newPin)));
}

function ifAllowed(allowed: Result<void>, act: () => Promise<Result<void>>): Promise<Result<void>> {
  return allowed.ok ? act() : Promise.resolve(allowed);
}

/** What an action that went well says of a record. */
interface Noted {
  /** The right PIN shows that a key whose reset was cut off is kept after all; the firmware may not tell (before 5.3). */
  readonly ends: readonly CareRecord['action'][];
  /** No longer open where the attempts were set. */
  readonly sets: readonly ReferenceName[];
}

/** Acts by the rules of this very key, so that no attempt is spent on a value it refuses, and closes what is settled by it. */
async function noting(securityKey: SecurityKey, { ends, sets }: Noted, { records }: CarePorts, act: (rules: PinRules) => Promise<Result<void>>): Promise<Result<void>> {
  const facts = await securityKey.facts();
  if (!facts.ok) return facts;
  const result = await act(pinRulesOf(facts.value));
  const { serial } = facts.value;
  if (!result.ok || serial === null) return result;
  const record = await records.read(serial);
  if (record === null) return result;
  if (ends.includes(record.action)) await records.remove(serial);
  else if (record.action === 'retries' && sets.length > 0) await records.write({ ...record, open: record.open.filter((open) => !sets.includes(open)) });
  return result;
}

/** Failures that come before anything of the key is touched; after any other the action may have been carried out in part. */
const NOT_BEGUN: readonly FailureKind[] = ['pin-wrong', 'pin-blocked', 'management-key-unknown', 'management-key-malformed', 'printed-object-in-use', 'attempts-invalid', 'serial-mismatch', 'smart-card-access-denied', 'not-a-piv-key'];

async function noted(securityKey: SecurityKey, action: CareRecord['action'], { records, clock }: CarePorts, act: () => Promise<Result<void>>): Promise<Result<void>> {
  const facts = await securityKey.facts();
  if (!facts.ok) return facts;
  const { serial } = facts.value;
  if (serial === null) return act();
  const before = await records.read(serial);
  if (before?.action !== action) await records.write({ serial, action, startedAt: clock.now(), open: ['PIN', 'PUK'] });
  const result = await act();
  if (result.ok) await records.remove(serial);
  else if (NOT_BEGUN.includes(result.failure.kind)) await (before === null ? records.remove(serial) : records.write(before));
  return result;
}
