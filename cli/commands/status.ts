import { formatFirmware, type PresentSecurityKey, type ReferenceDataFacts, type SecurityKeyFacts } from '../../core/security-key.ts';
import { writePem } from '../../core/x509/pem.ts';
import { readCertificateSummary, type CertificateSummary } from '../certificate-summary.ts';
import { settledSituation } from '../choose-key.ts';
import type { Outcome } from '../failures.ts';
import { foldersOf } from '../folders.ts';
import { describeFailure } from '../messages/en.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import type { CommandContext, KeyChoice } from '../program.ts';
import { withSecurityKeys } from '../security-keys.ts';

/** `latchkey status`: reads everything, changes nothing, costs no attempt. */
export async function status(_: CommandContext, { reader, serial }: KeyChoice): Promise<Outcome> {
  const pinned = await readPinnedAuthority(foldersOf(process.env));
  const authority = pinned === null ? null : { address: pinned.address, name: pinned.name, fingerprint: pinned.fingerprint };
  return withSecurityKeys(async (securityKeys) => {
    const situation = await settledSituation(securityKeys);
    if (situation.kind === 'unavailable') return { ok: false, failure: situation.failure, json: { authority, keys: [] } };
    const shown = situation.keys.filter((key) => (serial === undefined || (key.kind === 'ready' && key.facts.serial === serial)) && (reader === undefined || key.readerName === reader));
    if (shown.length === 0) return { ok: false, failure: { kind: 'no-security-key' }, json: { authority, keys: [] } };
    const trusted = authority === null ? 'No CA is trusted on this computer yet.' : `Trusted CA: ${authority.name} at ${authority.address}`;
    return { ok: true, json: { authority, keys: shown.map(toJson) }, text: [...shown.map(toText), trusted].join('\n\n') };
  });
}

function toJson(key: PresentSecurityKey): Readonly<Record<string, unknown>> {
  if (key.kind !== 'ready') return key.kind === 'problem' ? { ...key, ...describeFailure(key.failure) } : { ...key };
  const { authentication, firmware, ...facts } = key.facts;
  const { keyPair, certificate } = authentication;
  return {
    kind: key.kind,
    ...facts,
    firmware: formatFirmware(firmware),
    keyPair,
    certificate: certificate === null ? null : { ...readCertificateSummary(certificate), pem: writePem(certificate, 'CERTIFICATE') },
  };
}

function toText(key: PresentSecurityKey): string {
  if (key.kind === 'reading') return `${key.readerName}: being read`;
  if (key.kind === 'problem') return `${key.readerName}: ${describeFailure(key.failure).happened} ${describeFailure(key.failure).toDo}`;
  const { facts } = key;
  return [
    `${facts.model}, ${facts.serial === null ? 'no serial' : `serial ${facts.serial}`}, firmware ${formatFirmware(facts.firmware)}`,
    `  Reader          ${facts.readerName}`,
    `  PIN             ${referenceDataWords(facts.pin)}`,
    `  PUK             ${referenceDataWords(facts.puk)}`,
    `  Management key  ${managementKeyWords(facts.managementKey)}`,
    `  Certificate     ${certificateWords(facts.authentication)}`,
  ].join('\n');
}

function referenceDataWords({ isFactory, attemptsLeft, attemptsTotal }: ReferenceDataFacts): string {
  const origin = isFactory === null ? 'not known whether factory' : isFactory ? 'still the factory one' : 'your own';
  if (attemptsLeft === 0) return `${origin}, blocked`;
  return attemptsLeft === null ? origin : `${origin}, ${attemptsLeft}${attemptsTotal === null ? '' : ` of ${attemptsTotal}`} attempts left`;
}

function managementKeyWords({ isFactory, isPinProtected, algorithm }: SecurityKeyFacts['managementKey']): string {
  if (isPinProtected) return `random, protected by the PIN (${algorithm})`;
  return isFactory === true ? `still the factory one (${algorithm})` : `not known to us (${algorithm})`;
}

function certificateWords({ certificate, keyPair }: SecurityKeyFacts['authentication']): string {
  if (certificate === null) return keyPair === null ? 'none' : `none; a key pair ${keyPair.keyType} is there`;
  const summary: CertificateSummary = readCertificateSummary(certificate);
  if (summary.subject === null) return 'one that cannot be read';
  return `${summary.subject}, by ${summary.issuer}, until ${summary.validTo.toISOString().slice(0, 10)}`;
}
