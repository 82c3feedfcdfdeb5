/** A key and what it holds, as text. */
import type { AttestationVerdict, CertificateView, SlotView } from '../core/key-care/inventory-view.ts';
import { formatFirmware, type KeyPairFacts, type ManagementKeyFacts, type ReferenceDataFacts, type SecurityKeyFacts } from '../core/security-key.ts';
import { day, FORM_FACTOR_WORDS, purposeOf } from './messages/key-care.en.ts';

/** "YubiKey 5C, serial 5210001". */
export function keyName({ model, serial }: Pick<SecurityKeyFacts, 'model' | 'serial'>): string {
  return `${model}, ${serial === null ? 'no serial' : `serial ${serial}`}`;
}

/** The key itself, without its slots. */
export function keyLines(facts: SecurityKeyFacts): readonly string[] {
  return [
    `${keyName(facts)}, firmware ${formatFirmware(facts.firmware)}`,
    `  Form factor     ${facts.formFactor === null ? 'not told by this firmware' : FORM_FACTOR_WORDS[facts.formFactor]}`,
    `  FIPS            ${facts.isFips ? 'yes' : 'no'}`,
    `  Reader          ${facts.readerName}`,
    `  PIN             ${referenceDataWords(facts.pin)}`,
    `  PUK             ${referenceDataWords(facts.puk)}`,
    `  Management key  ${managementKeyWords(facts.managementKey)}`,
  ];
}

export function referenceDataWords({ isFactory, attemptsLeft, attemptsTotal }: ReferenceDataFacts): string {
  const origin = isFactory === null ? 'not known whether factory' : isFactory ? 'still the factory one' : 'your own';
  if (attemptsLeft === 0) return `${origin}, blocked`;
  return attemptsLeft === null ? origin : `${origin}, ${attemptsLeft}${attemptsTotal === null ? '' : ` of ${attemptsTotal}`} attempts left`;
}

/** What the management key is, as one word for programs. null: the firmware does not tell. */
export function managementKeyForm({ isFactory, isPinProtected, isPinDerived }: ManagementKeyFacts): 'factory' | 'unfinished' | 'pin-protected' | 'pin-derived' | 'unknown' | null {
  if (isFactory === true) return isPinProtected ? 'unfinished' : 'factory';
  if (isPinProtected) return 'pin-protected';
  if (isPinDerived) return 'pin-derived';
  return isFactory === false ? 'unknown' : null;
}

export function managementKeyWords(managementKey: ManagementKeyFacts): string {
  const words = {
    factory: 'still the factory one',
    unfinished: 'still the factory one; protecting it was cut off',
    'pin-protected': 'random, protected by the PIN',
    'pin-derived': 'computed from the PIN by another program',
    unknown: 'set by another program, not known to us',
  };
  const form = managementKeyForm(managementKey);
  return `${form === null ? 'not known whether factory' : words[form]} (${managementKey.algorithm})`;
}

/** One slot whole. */
export function slotLines(view: SlotView): readonly string[] {
  const { slot, keyPair, certificate, fits, attestation } = view;
  return [
    `Slot ${slot}, ${purposeOf(slot)}`,
    `  Key pair        ${keyPair === null ? 'none, or not to be known' : keyPairWords(keyPair)}`,
    ...(keyPair === null ? [] : [`  Attestation     ${verdictWords(attestation)}`]),
    ...certificateLines(certificate),
    ...(fits === null ? [] : [`  Fits            ${fits ? 'yes: the certificate is for this key pair' : 'no: the certificate belongs to another key pair'}`]),
  ];
}

function certificateLines(certificate: SlotView['certificate']): readonly string[] {
  if (certificate === null) return ['  Certificate     none'];
  if (certificate === 'unreadable') return ['  Certificate     something that is no certificate'];
  return [
    `  Certificate     ${certificate.subject}`,
    `  Issuer          ${certificate.issuer}`,
    `  Valid           ${day(certificate.validFrom)} to ${day(certificate.validTo)}`,
  ];
}

function keyPairWords({ keyType, origin, pinPolicy, touchPolicy }: Omit<KeyPairFacts, 'publicKey'>): string {
  const made = origin === null ? [] : [origin === 'generated' ? 'made on the key' : 'imported'];
  const policies = [...(pinPolicy === null ? [] : [`PIN ${pinPolicy}`]), ...(touchPolicy === null ? [] : [`touch ${touchPolicy}`])];
  return [keyType, ...made, ...policies].join(', ');
}

/** What the key's own statement about a key pair is worth. */
export function verdictWords(verdict: AttestationVerdict): string {
  switch (verdict.kind) {
    case 'genuine':
      return `genuine: ${verdict.facts.isFips ? 'FIPS ' : ''}YubiKey ${verdict.facts.serial ?? '(no serial)'}, firmware ${verdict.facts.firmware} (${verdict.facts.root})`;
    case 'none':
      return 'none';
    case 'unknown-issuer':
      return `not proven: nobody here knows ${verdict.issuer}`;
    case 'false':
      return 'false: this statement does not hold';
  }
}

/** A certificate with all that can be read of it. */
export function certificateText(certificate: CertificateView): string {
  const list = (name: string, values: readonly string[]): readonly string[] => (values.length === 0 ? [] : [`  ${name.padEnd(14)}${values.join(', ')}`]);
  return [
    `  Subject       ${certificate.subject}`,
    `  Issuer        ${certificate.issuer}`,
    `  Serial number ${certificate.serialNumber}`,
    `  Valid         ${certificate.validFrom.toISOString()} to ${certificate.validTo.toISOString()}`,
    ...list('Other names', certificate.otherNames),
    ...list('Key usage', certificate.keyUsage),
    ...list('Purposes', certificate.purposes),
    `  SHA-256       ${certificate.sha256}`,
  ].join('\n');
}
