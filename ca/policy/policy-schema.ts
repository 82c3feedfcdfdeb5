/** The form of the policy file. Every name is that of the policy (ca/domain/policy.ts); what is left out is as without a file. */
import { z } from 'zod';
import { ENROLLABLE_KEY_TYPES, parseFirmware } from '../../core/security-key.ts';
import { patternProblem } from './pattern.ts';

const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const pattern = z
  .string()
  .superRefine((source, context) => {
    const problem = patternProblem(source);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .nullable();
const firmware = z.string().refine((text) => parseFirmware(text) !== undefined, 'A firmware is written like 5.7.0, in quotation marks.').nullable();

/** http only: what is signed needs no TLS, and a client that looks up a CRL over TLS may go in circles (RFC 5280, section 8). */
function isStatusAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' && url.username === '' && url.search === '' && url.hash === '' && text.length <= 200;
}

const names = z
  .strictObject({
    commonName: pattern,
    email: pattern,
    otherNames: z.strictObject({ email: pattern, upn: pattern, uri: pattern, dns: pattern, ip: pattern }).partial(),
    maxOtherNames: whole(0, 100),
  })
  .partial();

const profile = z
  .strictObject({
    kind: z.enum(['person', 'device', 'server']),
    keyTypes: z.array(z.enum(ENROLLABLE_KEY_TYPES)).min(1),
    validDays: whole(1, 3650),
    maxValidDays: whole(1, 3650),
    names,
    attestation: z.enum(['required', 'for-automatic', 'not-asked']),
    leastFirmwareForEcc: firmware,
    pinPolicies: z.array(z.enum(['never', 'once', 'always', 'match-once', 'match-always'])).min(1),
    touchPolicies: z.array(z.enum(['never', 'always', 'cached'])).min(1),
    isFipsRequired: z.boolean(),
    serials: z.array(whole(1, 4_294_967_295)).max(100_000).nullable(),
    mayBeAutomatic: z.boolean(),
    isRenewedAutomatically: z.boolean(),
    approvers: whole(1, 5),
    isOpen: z.boolean(),
  })
  .partial()
  .required({ kind: true });

const rate = z.strictObject({ burst: whole(1, 1_000_000), perSecond: z.number().positive().max(1_000_000) });

export const policyFile = z
  .strictObject({
    profiles: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'A profile is named with small letters, digits and hyphens.'), profile),
    defaultProfile: z.string(),
    maxPendingWithoutInvitation: whole(0, 1_000_000),
    requestDays: whole(1, 3650),
    retryAfterSeconds: whole(1, 86_400),
    challengeSeconds: whole(10, 3600),
    sessionHours: whole(1, 168),
    invitations: z.strictObject({ maxDays: whole(1, 3650), maxUses: whole(1, 1_000_000) }).partial(),
    firstApproverInvitationDays: whole(1, 365),
    revocation: z
      .strictObject({
        address: z.string().refine(isStatusAddress, 'It is an address like http://ca.example.org:8080.').nullable(),
        crlHours: whole(1, 8760),
        crlRenewHours: whole(1, 8760),
        crlPartitions: whole(1, 10_000),
        ocspMinutes: whole(1, 10_080),
      })
      .partial(),
    limits: z.strictObject({ requests: rate, submissions: rate, wrongGuesses: rate, perInvitation: rate }).partial(),
  })
  .partial();

export type PolicyFile = z.infer<typeof policyFile>;
export type ProfileInFile = z.infer<typeof profile>;
