import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type ProfilePolicy } from '../../../ca/domain/policy.ts';
import { checkAgainstPolicy, type JudgedRequest } from '../../../ca/domain/policy-check.ts';

const person = DEFAULT_POLICY.profiles.get('person') as ProfilePolicy;
const attestation = { root: 'R', serial: 7, firmware: '5.4.3', formFactor: null, isFips: false, pinPolicy: 'once', touchPolicy: 'never' } as const;
const request: JudgedRequest = {
  verified: { keyType: 'ECCP256', attestation, attestationProblem: null },
  claimed: { name: 'Ana', email: 'ana@example.org', otherNames: ['dns:a.example.org'], invitedAs: null },
};
const bare: JudgedRequest = { ...request, verified: { keyType: 'ECCP256', attestation: null, attestationProblem: 'missing' } };

test('what keeps every rule is let be', () => expect(checkAgainstPolicy(person, request).ok).toBe(true));

test.each<[string, Partial<ProfilePolicy>, JudgedRequest]>([
  ['keyTypes', { keyTypes: ['RSA2048'] }, request],
  ['names.commonName', { names: { ...person.names, commonName: /^An$/ } }, request],
  ['names.commonName', { names: { ...person.names, commonName: /n/ } }, request],
  ['names.email', { names: { ...person.names, email: /ana@example\.com/ } }, request],
  ['names.otherNames', { names: { ...person.names, otherNames: { uri: null } } }, request],
  ['names.maxOtherNames', { names: { ...person.names, maxOtherNames: 0 } }, request],
  ['attestation', { attestation: 'required' }, bare],
  ['attestation', { serials: [7] }, bare],
  ['attestation', { isFipsRequired: true }, bare],
  ['leastFirmwareForEcc', { leastFirmwareForEcc: '5.7.0' }, request],
  ['pinPolicies', { pinPolicies: ['always'] }, request],
  ['touchPolicies', { touchPolicies: ['always'] }, request],
  ['isFipsRequired', { isFipsRequired: true }, request],
  ['serials', { serials: [8] }, request],
  ['kind', { kind: 'server' }, { ...request, claimed: { ...request.claimed, otherNames: [] } }],
])('%s: %j', (rule, more, judged) => {
  expect(checkAgainstPolicy({ ...person, ...more }, judged)).toMatchObject({ ok: false, failure: { kind: 'policy-violated', profile: 'person', rule } });
});

test('old firmware may have RSA keys', () => {
  expect(checkAgainstPolicy({ ...person, leastFirmwareForEcc: '5.7.0' }, { ...request, verified: { ...request.verified, keyType: 'RSA2048' } }).ok).toBe(true);
});
