import type { AttestedFacts, CertificateRequest } from '../core/requests/certificate-request.ts';

/** One request on one line, for a list. */
export function requestLine({ id, status, submittedAt, claimed, words }: CertificateRequest): string {
  return [id, status.padEnd(8), minute(submittedAt), words.join(' '), `${claimed.name}${claimed.email === null ? '' : ` <${claimed.email}>`}`].join('  ');
}

/** One request whole: what is verified and what is only claimed are never mixed. */
export function requestText(request: CertificateRequest): string {
  const { verified, claimed, decision } = request;
  return [
    `Request ${request.id}: ${request.status}`,
    `  Received   ${minute(request.submittedAt)} from ${request.submittedFrom}`,
    `  Words      ${request.words.join(' ')}   (the applicant sees the same four)`,
    'Verified',
    ...(verified.attestation === null
      ? [`  Not proven to be a genuine YubiKey: ${verified.attestationProblem ?? 'no attestation'}`]
      : attestedLines(verified.attestation)),
    `  Key type   ${verified.keyType}`,
    'Claimed',
    `  Name       ${claimed.name}`,
    `  E-mail     ${claimed.email ?? '(none)'}`,
    ...claimed.otherNames.map((name) => `  Other      ${name}`),
    ...(claimed.invitedAs === null ? [] : [`  Invited as ${claimed.invitedAs.name} <${claimed.invitedAs.email}>, ${claimed.invitedAs.role}`]),
    ...(decision === null ? [] : ['Decision', `  By         ${decision.by}, ${minute(decision.at)}${decision.reason === null ? '' : `: ${decision.reason}`}`]),
    ...(request.certificateSerialNumber === null ? [] : [`  Certificate ${request.certificateSerialNumber}`]),
  ].join('\n');
}

function attestedLines({ root, serial, firmware, isFips, pinPolicy, touchPolicy }: AttestedFacts): readonly string[] {
  return [
    `  Genuine    ${isFips ? 'FIPS ' : ''}YubiKey ${serial ?? '(no serial)'}, firmware ${firmware} (${root})`,
    '  Key pair   generated on it',
    `  Policies   PIN ${pinPolicy}, touch ${touchPolicy}`,
  ];
}

function minute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
