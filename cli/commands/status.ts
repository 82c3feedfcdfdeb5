import { formatFirmware, type PresentSecurityKey, type SecurityKeyFacts } from '../../core/security-key.ts';
import { writePem } from '../../core/x509/pem.ts';
import { readCertificateSummary, type CertificateSummary } from '../certificate-summary.ts';
import { settledSituation } from '../choose-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { foldersOf } from '../folders.ts';
import { keyName, managementKeyWords, referenceDataWords } from '../key-text.ts';
import { describeFailure } from '../messages/en.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { withSecurityKeys } from '../security-keys.ts';

/** `latchkey status`: reads everything, changes nothing, costs no attempt. */
export async function status(_: CommandContext, choice: KeyChoice): Promise<Outcome> {
  const { reader, serial } = choice;
  const pinned = await readPinnedAuthority(foldersOf(process.env));
  const authority = pinned === null ? null : { address: pinned.address, name: pinned.name, fingerprint: pinned.fingerprint };
  return withSecurityKeys(choice, async (securityKeys) => {
    const situation = await settledSituation(securityKeys);
    if (situation.kind === 'unavailable') return { ok: false, failure: situation.failure, json: { authority, keys: [] } };
    const shown = situation.keys.filter((key) => (serial === undefined || (key.kind === 'ready' && key.facts.serial === serial)) && (reader === undefined || key.readerName === reader));
    if (shown.length === 0) return { ok: false, failure: { kind: 'no-security-key' }, json: { authority, keys: [] } };
    const trusted = authority === null ? 'No CA is trusted on this computer yet.' : `Trusted CA: ${authority.name}${authority.address === '' ? ', by hand' : ` at ${authority.address}`}`;
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
    `${keyName(facts)}, firmware ${formatFirmware(facts.firmware)}`,
    `  Reader          ${facts.readerName}`,
    `  PIN             ${referenceDataWords(facts.pin)}`,
    `  PUK             ${referenceDataWords(facts.puk)}`,
    `  Management key  ${managementKeyWords(facts.managementKey)}`,
    `  Certificate     ${certificateWords(facts.authentication)}`,
  ].join('\n');
}

function certificateWords({ certificate, keyPair }: SecurityKeyFacts['authentication']): string {
  if (certificate === null) return keyPair === null ? 'none' : `none; a key pair ${keyPair.keyType} is there`;
  const summary: CertificateSummary = readCertificateSummary(certificate);
  if (summary.subject === null) return 'one that cannot be read';
  return `${summary.subject}, by ${summary.issuer}, until ${summary.validTo.toISOString().slice(0, 10)}`;
}
