/** What the commands of key care print with --json, to the last field. */
import { z } from 'zod';
import { PIV_SLOTS } from '../../core/piv-slots.ts';
import { KEY_TYPES } from '../../core/security-key.ts';

const serial = z.int().nonnegative().nullable();
const firmware = z.string().regex(/^\d+\.\d+\.\d+$/);
const formFactor = z.enum(['usb-a-keychain', 'usb-a-nano', 'usb-c-keychain', 'usb-c-nano', 'usb-c-lightning', 'usb-a-bio', 'usb-c-bio']).nullable();
const referenceData = z.strictObject({ isFactory: z.boolean().nullable(), attemptsLeft: z.int().min(0).max(255).nullable(), attemptsTotal: z.int().min(1).max(255).nullable() });
const pem = z.string().regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\n$/);

const certificate = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string().regex(/^[0-9a-f]+$/),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime(),
  otherNames: z.array(z.string()),
  keyUsage: z.array(z.string()),
  purposes: z.array(z.string()),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  pem,
});

const verdict = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('genuine'),
    facts: z.strictObject({ root: z.string(), serial, firmware, formFactor, isFips: z.boolean(), pinPolicy: z.string(), touchPolicy: z.string() }),
  }),
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('unknown-issuer'), issuer: z.string() }),
  z.strictObject({ kind: z.literal('false') }),
]);

const slotView = {
  slot: z.enum(PIV_SLOTS),
  keyPair: z.strictObject({ keyType: z.enum(KEY_TYPES), origin: z.enum(['generated', 'imported']).nullable(), pinPolicy: z.string().nullable(), touchPolicy: z.string().nullable() }).nullable(),
  certificate: z.union([certificate, z.literal('unreadable')]).nullable(),
  fits: z.boolean().nullable(),
  chain: z.array(certificate),
  attestation: verdict,
};

export const KEY_SHOW = z.strictObject({
  ok: z.literal(true),
  key: z.strictObject({
    readerName: z.string(),
    serial,
    firmware,
    model: z.string(),
    formFactor,
    isFips: z.boolean(),
    demandsComplexPin: z.boolean(),
    movedTo: z.string().nullable(),
    pin: referenceData,
    puk: referenceData,
    managementKey: z.strictObject({
      algorithm: z.enum(['3DES', 'AES-128', 'AES-192', 'AES-256']),
      isFactory: z.boolean().nullable(),
      isPinProtected: z.boolean(),
      isPinDerived: z.boolean(),
      form: z.enum(['factory', 'unfinished', 'pin-protected', 'pin-derived', 'unknown']).nullable(),
    }),
  }),
  slots: z.array(z.strictObject(slotView)),
  conditions: z.array(
    z.strictObject({
      condition: z.looseObject({ kind: z.string() }),
      words: z.string(),
      waysOut: z.array(
        z.strictObject({
          act: z.string(),
          loses: z.enum(['nothing', 'management-key', 'certificate', 'certificate-and-key', 'everything']),
          words: z.string(),
          command: z.string().startsWith('latchkey ').nullable(),
          losses: z.array(z.string()),
        }),
      ),
    }),
  ),
});

export const KEY_LIST = z.strictObject({
  ok: z.literal(true),
  keys: z.array(
    z.strictObject({
      kind: z.literal('ready'),
      readerName: z.string(),
      serial,
      model: z.string(),
      formFactor,
      firmware,
      isFips: z.boolean(),
      certificate: z.strictObject({ subject: z.string(), issuer: z.string(), validFrom: z.iso.datetime(), validTo: z.iso.datetime() }).nullable(),
      conditions: z.array(z.string()),
    }),
  ),
});

export const SERIAL_ALONE = z.strictObject({ ok: z.literal(true), serial });
export const GENERATED_PUK = z.strictObject({ ok: z.literal(true), serial, puk: z.string().regex(/^\d{8}$/) });
export const RETRIES_SET = z.strictObject({ ok: z.literal(true), serial, pinAttempts: z.int(), pukAttempts: z.int() });
export const RETIRED = z.strictObject({ ok: z.literal(true), serial, slot: z.enum(PIV_SLOTS) });
export const CERTIFICATE_SHOW = z.strictObject({ ok: z.literal(true), ...slotView });
export const EXPORTED_PEM = z.strictObject({ ok: z.literal(true), serial, slot: z.enum(PIV_SLOTS), format: z.literal('pem'), pem, out: z.string().optional() });
export const EXPORTED_DER = z.strictObject({ ok: z.literal(true), serial, slot: z.enum(PIV_SLOTS), format: z.literal('der'), der: z.base64(), out: z.string().optional() });
export const DELETED = z.strictObject({ ok: z.literal(true), serial, slot: z.enum(PIV_SLOTS), losses: z.array(z.string()).length(1) });
export const RESET = z.strictObject({ ok: z.literal(true), serial, losses: z.array(z.string()).min(2) });
export const ATTESTED = z.strictObject({ ok: z.literal(true), serial, slot: z.enum(PIV_SLOTS), verdict, statementPem: pem, intermediatePem: pem, out: z.string().optional() });
export const MODULES = z.strictObject({
  ok: z.literal(true),
  choice: z.string(),
  found: z.array(z.strictObject({ path: z.string(), name: z.string().nullable(), version: z.string().nullable(), failure: z.looseObject({ kind: z.string() }).nullable() })),
  used: z.string().nullable(),
  reason: z.enum(['chosen', 'environment', 'usual', 'only', 'none-found', 'none-chosen', 'chosen-missing']),
});

/** Every failure has these; what else it has depends on its command. */
export const FAILED = z.looseObject({ ok: z.literal(false), failure: z.looseObject({ kind: z.string() }), happened: z.string().min(8), toDo: z.string().min(8) });
