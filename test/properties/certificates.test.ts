// Plain assertions: over a million cases vitest's own would take most of the time.
import { deepStrictEqual, ok } from 'node:assert/strict';
import { asyncProperty, constantFrom, nat, property, tuple } from 'fast-check';
import { test } from 'vitest';
import { equalBytes } from '../../core/bytes.ts';
import { viewInventory } from '../../core/key-care/inventory-view.ts';
import type { HeldSlot } from '../../core/security-key.ts';
import { attestationTrust, verifyAttestation } from '../../core/x509/attestation.ts';
import { glanceAtCertificate } from '../../core/x509/certificate-glance.ts';
import { parseCertificate, type ParsedCertificate } from '../../core/x509/certificate.ts';
import { encodePublicKey } from '../../core/x509/public-key.ts';
import { readStatement } from '../../core/x509/statement.ts';
import { certificateFacts } from '../../native/piv/public-keys.ts';
import { changedBytes, changedOrAny } from './changed-bytes.ts';
import { F9, PERSON, STATEMENT, YUBICO_ROOT } from './fixed-material.ts';
import { check } from './property-runs.ts';

const ALL = [PERSON, STATEMENT, F9, YUBICO_ROOT];
const trust = attestationTrust([YUBICO_ROOT]);
const parsed = (der: Uint8Array): ParsedCertificate => {
  const certificate = parseCertificate(der);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
};
const publicKey = encodePublicKey(parsed(STATEMENT).publicKey);
const FACTS = { root: 'Yubico PIV Root CA Serial 263751', ...readStatement(parsed(STATEMENT)) };

test('any bytes are a certificate or none, at a glance, whole, and as facts', () =>
  check(
    'certificates: changed and any',
    property(changedOrAny(ALL), (der) => {
      const glance = glanceAtCertificate(der);
      ok(glance === null || !Number.isNaN(glance.validTo.getTime()));
      const whole = parseCertificate(der);
      if (whole !== undefined) readStatement(whole);
      const facts = certificateFacts(der);
      ok(facts === undefined || !Number.isNaN(facts.expires.getTime()));
    }),
  ));

test('a changed attestation is believed only where what was signed is as it was', () =>
  check(
    'attestation: changed',
    asyncProperty(changedBytes([STATEMENT], 2), changedBytes([F9], 1), async (statement, intermediate) => {
      const finding = await verifyAttestation({ statement, intermediate }, publicKey, trust);
      if (finding.kind !== 'verified') return;
      deepStrictEqual(finding.facts, FACTS);
      ok(equalBytes(parsed(statement).tbs, parsed(STATEMENT).tbs) && equalBytes(parsed(intermediate).tbs, parsed(F9).tbs));
    }),
    [[STATEMENT, F9]],
  ));

const SLOT: HeldSlot = {
  slot: '9a',
  keyPair: { keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never', publicKey },
  certificate: PERSON,
  fits: true,
  attestation: { statement: STATEMENT, intermediate: F9 },
};
const AUTHORITY = { name: 'Example CA', address: 'https://ca.example.org', caCertificate: YUBICO_ROOT, fingerprint: '' };

test('a slot is shown whatever its certificate and attestation are', () =>
  check(
    'slots for a person: changed',
    asyncProperty(changedOrAny(ALL), tuple(changedBytes([STATEMENT, F9]), changedBytes([F9])), constantFrom(AUTHORITY, null), nat(1), async (certificate, [statement, intermediate], authority, attested) => {
      const slot = { ...SLOT, certificate, attestation: attested === 0 ? null : { statement, intermediate } };
      const [view] = await viewInventory([slot], authority, trust);
      ok(view !== undefined && view.certificate !== null);
    }),
  ));
