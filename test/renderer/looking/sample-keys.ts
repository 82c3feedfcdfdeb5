/** Keys, the CA and the answers that the situations share. */
import type { Page } from '@playwright/test';
import type { Answers, AuthorityView, CallArguments, CallName } from '../../../core/ipc.ts';
import { success, type Result } from '../../../core/result.ts';
import type { PresentSecurityKey, SecurityKeyFacts, SecurityKeysSituation } from '../../../core/security-key.ts';

/** An answer, or what makes one of the arguments. */
export type FakeAnswers = { readonly [Name in CallName]?: Result<Answers[Name]> | ((args: CallArguments<Name>) => Result<Answers[Name]>) };

export interface Situation {
  readonly answers: FakeAnswers;
  /** A first start has not been welcomed. */
  readonly isFirstStart?: boolean;
  readonly language?: 'de';
  /** From the first screen to the one to look at. */
  readonly walk?: (page: Page) => Promise<void>;
}

export const HOUR = 3_600_000;
export const from = (milliseconds: number): Date => new Date(Date.now() + milliseconds);

/** O=Fabrikam, CN=Ana Example, by CN=Fabrikam CA, until 31 July 2040; made with openssl for these pictures. */
const CERTIFICATE_BASE64 =
  'MIIBPDCB4wIEfzqRwjAKBggqhkjOPQQDAjApMREwDwYDVQQKDAhGYWJyaWthbTEUMBIGA1UEAwwLRmFicmlrYW0gQ0EwHhcNMjYxMTIyMTMyMzQ1WhcN' +
  'NDAwNzMxMTMyMzQ1WjApMREwDwYDVQQKDAhGYWJyaWthbTEUMBIGA1UEAwwLQW5hIEV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARCoRN9' +
  'k3ewWLUYcmzEQHybM2XjWabP0NbqfJLx6kGCLjVHVXDBRzzSFrZ/FqgxPRkLPU3RNqbZ75GSboRChPzVMAoGCCqGSM49BAMCA0gAMEUCIQCEUKuvfiI1' +
  '5ZC0clgyvtImvm7fhkUwJvGQoDOPaERP2wIgIDwqSr6Ibq3kQkHHiCDErLc0P625RFr4GCA+/KhUP6U=';
export const CERTIFICATE = Uint8Array.from(atob(CERTIFICATE_BASE64), (character) => character.charCodeAt(0));

export const authority: AuthorityView = {
  address: 'https://ca.fabrikam.example:8443',
  name: 'Fabrikam CA',
  fingerprint: '9f3ac1d20b77e4586a1f0c9d3e52b8846d07fa13c5e9924b81d6f03a7c2e5b90',
};

export const keyPair = { keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never', publicKey: new Uint8Array(91) } as const;

export const factory: SecurityKeyFacts = {
  readerName: 'Yubico YubiKey OTP+FIDO+CCID 00 00',
  serial: 5210001,
  firmware: { major: 5, minor: 4, patch: 3 },
  model: 'YubiKey 5 NFC',
  formFactor: 'usb-a-keychain',
  isFips: false,
  demandsComplexPin: false,
  pin: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
  puk: { isFactory: true, attemptsLeft: 3, attemptsTotal: 3 },
  managementKey: { algorithm: '3DES', isFactory: true, isPinProtected: false, isPinDerived: false },
  authentication: { keyPair: null, certificate: null, fits: null },
  movedTo: null,
};
export const own = { isFactory: false, attemptsLeft: 3, attemptsTotal: 3 } as const;
export const enrolled: SecurityKeyFacts = {
  ...factory,
  readerName: 'Yubico YubiKey OTP+FIDO+CCID 01 00',
  serial: 5720002,
  firmware: { major: 5, minor: 7, patch: 1 },
  model: 'YubiKey 5C NFC',
  formFactor: 'usb-c-keychain',
  pin: own,
  puk: own,
  managementKey: { algorithm: 'AES-192', isFactory: false, isPinProtected: true, isPinDerived: false },
  authentication: { keyPair, certificate: CERTIFICATE, fits: true },
};

export function ready(facts: SecurityKeyFacts): PresentSecurityKey {
  return { kind: 'ready', readerName: facts.readerName, facts };
}
export function present(...keys: readonly PresentSecurityKey[]): Result<SecurityKeysSituation> {
  return success({ kind: 'present', keys });
}

export const common: FakeAnswers = {
  'app.facts': success({ version: '0.1.0', electron: '45.4.1', platform: 'linux', isDemo: false }),
  'keys.situation': present(ready(factory)),
  'authority.current': success(authority),
  'authority.openedLink': success(null),
  'enrollment.state': success(null),
  'care.conditions': success([]),
  'knownKeys.list': success([]),
  'queue.view': success({ kind: 'signed-out' }),
};

