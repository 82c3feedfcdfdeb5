/** What a well-used key holds, as main would tell it. */
import type { CertificateView, SlotView } from '../../../core/key-care/inventory-view.ts';
import { CERTIFICATE, from, HOUR } from './sample-keys.ts';

const DAY = 24 * HOUR;
const lines = btoa(String.fromCharCode(...CERTIFICATE)).match(/.{1,64}/g) ?? [];
const pem = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');

const ana: CertificateView = {
  subject: 'CN=Ana Example,O=Fabrikam',
  issuer: 'CN=Fabrikam CA,O=Fabrikam',
  serialNumber: '5ac04f9e21b7d3380e6bb1a94c1278fd',
  validFrom: from(-25 * DAY),
  validTo: from(340 * DAY),
  otherNames: ['email:ana@fabrikam.example'],
  keyUsage: ['digitalSignature'],
  purposes: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.4.1.99999.7'],
  sha256: '9f3ac1d20b77e4586a1f0c9d3e52b8846d07fa13c5e9924b81d6f03a7c2e5b90',
  pem,
};
const fabrikam: CertificateView = { ...ana, subject: 'CN=Fabrikam CA,O=Fabrikam', validTo: from(3400 * DAY), sha256: `${'ab'.repeat(31)}00`, keyUsage: ['keyCertSign', 'cRLSign'], purposes: [] };
const attested = { root: 'Yubico PIV Root CA Serial 263751', serial: 5720002, firmware: '5.7.1', formFactor: 'usb-c-keychain', isFips: false, pinPolicy: 'once', touchPolicy: 'never' } as const;
const made = { keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never' } as const;

const signingIn: SlotView = { slot: '9a', keyPair: made, certificate: ana, fits: true, chain: [fabrikam], attestation: { kind: 'genuine', facts: attested } };

/** One of every kind. */
export const INVENTORY: readonly SlotView[] = [
  signingIn,
  {
    slot: '9c',
    keyPair: { ...made, keyType: 'RSA2048', origin: 'imported', pinPolicy: 'always', touchPolicy: 'cached' },
    certificate: { ...ana, subject: 'CN=mail.example.org', issuer: 'CN=Contoso Mail CA', validTo: from(20 * DAY), purposes: ['1.3.6.1.5.5.7.3.4'] },
    fits: false,
    chain: [],
    attestation: { kind: 'none' },
  },
  { slot: '9d', keyPair: { ...made, keyType: 'ECCP384' }, certificate: 'unreadable', fits: null, chain: [], attestation: { kind: 'unknown-issuer', issuer: 'CN=Yubico PIV Attestation B 1' } },
  { slot: '9e', keyPair: { ...made, pinPolicy: 'never' }, certificate: null, fits: null, chain: [], attestation: { kind: 'false' } },
  { ...signingIn, slot: '82', certificate: { ...ana, validTo: from(-40 * DAY) } },
];

/** Of firmware that tells little. */
export const ELSEWHERE: readonly SlotView[] = [
  { slot: '9a', keyPair: { keyType: 'RSA2048', origin: null, pinPolicy: null, touchPolicy: null }, certificate: ana, fits: true, chain: [], attestation: { kind: 'none' } },
];
