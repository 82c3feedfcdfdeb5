/** Whether the policy lets a request be. ca/policy reads the rules, this file applies them. */
import type { ClaimedFacts, VerifiedFacts } from '../../core/requests/certificate-request.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { isAtLeast, parseFirmware } from '../../core/security-key.ts';
import { parseAlternativeName } from '../../core/x509/names.ts';
import type { ProfilePolicy } from './policy.ts';

/** One rule, by its name in the policy file. `problem`: why the request breaks it, null where it does not. */
export interface RuleFinding {
  readonly rule: string;
  readonly problem: string | null;
}

/** What the rules are held against. */
export interface JudgedRequest {
  readonly verified: VerifiedFacts;
  readonly claimed: ClaimedFacts;
}

/** Longer values are refused before any pattern sees them: no pattern of an operator can take long. */
const MAX_MATCHED = 256;

function isWholeMatch(pattern: RegExp | null, value: string): boolean {
  if (pattern === null) return true;
  if (value.length > MAX_MATCHED) return false;
  const match = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).exec(value);
  return match !== null;
}

const finding = (rule: string, isKept: boolean, problem: string): RuleFinding => ({ rule, problem: isKept ? null : problem });

function nameFindings({ names, kind }: ProfilePolicy, { name, email, otherNames }: ClaimedFacts): readonly RuleFinding[] {
  const others = otherNames.map(parseAlternativeName).filter((other) => other !== undefined);
  const refused = others.find((other) => {
    const pattern = names.otherNames[other.kind];
    return pattern === undefined || !isWholeMatch(pattern, other.value);
  });
  const isServerNamed = kind !== 'server' || others.some((other) => other.kind === 'dns' || other.kind === 'ip');
  return [
    finding('names.commonName', isWholeMatch(names.commonName, name), `the name ${name} is not one that the profile allows`),
    finding('names.email', email === null || isWholeMatch(names.email, email), `the e-mail address ${email ?? ''} is not one that the profile allows`),
    finding('names.otherNames', refused === undefined, `the name ${refused?.kind ?? ''}:${refused?.value ?? ''} is not one that the profile allows`),
    finding('names.maxOtherNames', others.length <= names.maxOtherNames, `${others.length} other names, of at most ${names.maxOtherNames}`),
    finding('kind', isServerNamed, 'a server needs a DNS name or an IP address'),
  ];
}

/** Without an attestation nothing is known of the key but its type: `attestation` says whether that is enough. */
function attestationFindings(profile: ProfilePolicy, { attestation, keyType }: VerifiedFacts): readonly RuleFinding[] {
  const isWanted = profile.attestation === 'required' || profile.isFipsRequired || profile.serials !== null;
  const required = finding('attestation', attestation !== null || !isWanted, 'a verified attestation of the key is required');
  if (attestation === null) return [required];
  const least = profile.leastFirmwareForEcc === null ? undefined : parseFirmware(profile.leastFirmwareForEcc);
  const firmware = parseFirmware(attestation.firmware);
  // YSA-2024-03: the ECDSA of firmware before 5.7.0 leaks its key to who holds the YubiKey. Ed25519 came with 5.7.
  const isSafe = least === undefined || !keyType.startsWith('ECC') || (firmware !== undefined && isAtLeast(firmware, least.major, least.minor, least.patch));
  const isListed = profile.serials === null || (attestation.serial !== null && profile.serials.includes(attestation.serial));
  return [
    required,
    finding('leastFirmwareForEcc', isSafe, `firmware ${attestation.firmware} is too old for a key of type ${keyType} (at least ${profile.leastFirmwareForEcc ?? ''})`),
    finding('pinPolicies', profile.pinPolicies.includes(attestation.pinPolicy), `the PIN policy ${attestation.pinPolicy} is not accepted`),
    finding('touchPolicies', profile.touchPolicies.includes(attestation.touchPolicy), `the touch policy ${attestation.touchPolicy} is not accepted`),
    finding('isFipsRequired', !profile.isFipsRequired || attestation.isFips, 'the key is no FIPS key'),
    finding('serials', isListed, `the YubiKey ${attestation.serial ?? 'without a serial number'} is not on the list`),
  ];
}

/** Every rule of the profile, in the order in which they are looked at: for `ca policy test`. */
export function ruleFindings(profile: ProfilePolicy, { verified, claimed }: JudgedRequest): readonly RuleFinding[] {
  const isKeyAccepted = profile.keyTypes.some((keyType) => keyType === verified.keyType);
  return [
    finding('keyTypes', isKeyAccepted, `keys of type ${verified.keyType} are not accepted`),
    ...nameFindings(profile, claimed),
    ...attestationFindings(profile, verified),
  ];
}

/** Fails with policy-violated, naming the first rule that is broken. */
export function checkAgainstPolicy(profile: ProfilePolicy, request: JudgedRequest): Result<void> {
  const broken = ruleFindings(profile, request).find(({ problem }) => problem !== null);
  if (broken === undefined || broken.problem === null) return success(undefined);
  return failed({ kind: 'policy-violated', profile: profile.name, rule: broken.rule, detail: broken.problem });
}
