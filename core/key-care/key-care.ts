/**
 * Looking after a key: its conditions, and the actions that leave a note while they run. The other actions are single
 * calls of the SecurityKey port, and need nothing of this.
 */
import type { PinnedAuthority } from '../certificate-authority.ts';
import type { Clock } from '../enrollment/ports.ts';
import { type Result, done, success } from '../result.ts';
import type { ManagementAccess, SecurityKey, SecurityKeyFacts } from '../security-key.ts';
import { isSignedBy, parseCertificate } from '../x509/certificate.ts';
import { glanceAtCertificate } from '../x509/certificate-glance.ts';
import { sameName } from '../x509/names.ts';
import type { CareRecord, CareRecords, ReferenceName } from './care-record.ts';
import { conditionsOf, type KeyCondition } from './conditions.ts';
import { checkNew, pinRulesOf, type PinRules } from './pin-rules.ts';

export interface CarePorts {
  readonly records: CareRecords;
  readonly clock: Pick<Clock, 'now'>;
  /** The CA this computer trusts; null: none. */
  readonly authority: PinnedAuthority | null;
}

/** The conditions of a key from facts that were read already: no command goes to the key. */
export async function lookAfter(key: SecurityKeyFacts, ports: CarePorts): Promise<readonly KeyCondition[]> {
  const { certificate } = key.authentication;
  const record = key.serial === null ? null : await ports.records.read(key.serial);
  const current = await tidy(key, record, ports);
  return conditionsOf({
    key,
    glance: certificate === null ? null : glanceAtCertificate(certificate),
    isFromAuthority: certificate === null || ports.authority === null ? null : await isFrom(certificate, ports.authority),
    record: current,
    now: ports.clock.now(),
  });
}

/** Whether the certificate was signed by this CA. */
async function isFrom(certificate: Uint8Array, authority: PinnedAuthority): Promise<boolean> {
  const [parsed, ca] = [parseCertificate(certificate), parseCertificate(authority.caCertificate)];
  return parsed !== undefined && ca !== undefined && sameName(parsed.issuer, ca.subject) && (await isSignedBy(parsed, ca));
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
  const broken = [checkNew('PIN', wanted.newPin, rules), checkNew('PUK', wanted.newPuk, rules)].find((check) => !check.ok);
  if (broken !== undefined) return broken;
  return noted(securityKey, 'retries', ports, () => securityKey.setRetries(wanted));
}

/** Changes the PIN. Fails as {@link SecurityKey.changePin}. */
export function changePin(securityKey: SecurityKey, currentPin: string, newPin: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, 'PIN', ports, (rules) => ifAllowed(checkNew('PIN', newPin, rules), () => securityKey.changePin(currentPin, newPin)));
}

/** Changes the PUK. Fails as {@link SecurityKey.changePuk}. */
export function changePuk(securityKey: SecurityKey, currentPuk: string, newPuk: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, 'PUK', ports, (rules) => ifAllowed(checkNew('PUK', newPuk, rules), () => securityKey.changePuk(currentPuk, newPuk)));
}

/** Sets a new PIN with the PUK. Fails as {@link SecurityKey.unblockPin}. */
export function unblockPin(securityKey: SecurityKey, puk: string, newPin: string, ports: CarePorts): Promise<Result<void>> {
  return noting(securityKey, 'PIN', ports, (rules) => ifAllowed(checkNew('PIN', newPin, rules), () => securityKey.unblockPin(puk, newPin)));
}

function ifAllowed(allowed: Result<void>, act: () => Promise<Result<void>>): Promise<Result<void>> {
  return allowed.ok ? act() : Promise.resolve(allowed);
}

/** Checks against the rules of this very key before an attempt is spent; a value that was set closes its part of a record. */
async function noting(securityKey: SecurityKey, which: ReferenceName, { records }: CarePorts, act: (rules: PinRules) => Promise<Result<void>>): Promise<Result<void>> {
  const facts = await securityKey.facts();
  if (!facts.ok) return facts;
  const result = await act(pinRulesOf(facts.value));
  const { serial } = facts.value;
  if (!result.ok || serial === null) return result;
  const record = await records.read(serial);
  if (record?.action === 'retries') await records.write({ ...record, open: record.open.filter((open) => open !== which) });
  return result;
}

/** Failures after which the action may have been carried out in part; after any other nothing was touched. */
const MAY_HAVE_BEGUN: readonly string[] = ['security-key-removed', 'security-key-unresponsive', 'security-key-busy', 'device-process-ended', 'smart-card-service-missing', 'card-error', 'pin-invalid', 'unexpected'];

async function noted(securityKey: SecurityKey, action: CareRecord['action'], { records, clock }: CarePorts, act: () => Promise<Result<void>>): Promise<Result<void>> {
  const serial = await serialOf(securityKey);
  if (!serial.ok) return serial;
  if (serial.value === null) return act();
  const before = await records.read(serial.value);
  if (before?.action !== action) await records.write({ serial: serial.value, action, startedAt: clock.now(), open: ['PIN', 'PUK'] });
  const result = await act();
  const isUndone = !result.ok && !MAY_HAVE_BEGUN.includes(result.failure.kind);
  if (result.ok || (isUndone && before?.action !== action)) await records.remove(serial.value);
  return result.ok ? done : result;
}

async function serialOf(securityKey: SecurityKey): Promise<Result<number | null>> {
  const facts = await securityKey.facts();
  return facts.ok ? success(facts.value.serial) : facts;
}
