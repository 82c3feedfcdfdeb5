/** The table of states: what a person may find a key in. Each is the one it is based on, and what is different in it. */
import type { CertificateTrait, Secret, Traits } from './traits.ts';

const secret = (value: Secret['value'], left = 3): Secret => ({ value, left, total: 3 });

const FACTORY: Traits = { pin: secret('factory'), puk: secret('factory'), managementKey: 'factory', printed: 'free', keyPair: 'none', certificate: null, retired: 0, isMovedAside: false, record: null };
const CERTIFICATE: CertificateTrait = { form: 'plain', isOf: 'this key', validity: 'valid', issuer: 'ours' };
const OWNED: Traits = { ...FACTORY, pin: secret('owner'), puk: secret('owner') };
const LOCKED: Traits = { ...OWNED, managementKey: 'protected' };
/** As an enrollment leaves a key, and as it should stay. */
const ENROLLED: Traits = { ...LOCKED, keyPair: 'generated', certificate: CERTIFICATE };
const withCertificate = (different: Partial<CertificateTrait>): Traits => ({ ...ENROLLED, certificate: { ...CERTIFICATE, ...different } });

export const STATES = {
  'from the factory': FACTORY,
  'own PIN and PUK': OWNED,
  'settings locked': LOCKED,
  enrolled: ENROLLED,
  'PIN wrong once': { ...ENROLLED, pin: secret('owner', 2) },
  'PIN: last attempt': { ...ENROLLED, pin: secret('owner', 1) },
  'PIN blocked': { ...ENROLLED, pin: secret('owner', 0) },
  'PUK: last attempt': { ...ENROLLED, puk: secret('owner', 1) },
  'PUK blocked': { ...ENROLLED, puk: secret('owner', 0) },
  'PIN and PUK blocked': { ...ENROLLED, pin: secret('owner', 0), puk: secret('owner', 0) },
  'PIN blocked, PUK: last attempt': { ...ENROLLED, pin: secret('owner', 0), puk: secret('owner', 1) },
  'factory PIN and PUK in use': { ...ENROLLED, pin: secret('factory'), puk: secret('factory') },
  'factory management key in use': { ...ENROLLED, managementKey: 'factory' },
  'management key derived from the PIN': { ...ENROLLED, managementKey: 'derived' },
  'management key derived from the PIN, PIN blocked': { ...ENROLLED, managementKey: 'derived', pin: secret('owner', 0) },
  'management key unknown': { ...ENROLLED, managementKey: 'foreign' },
  'management key unknown, PUK blocked': { ...ENROLLED, managementKey: 'foreign', puk: secret('owner', 0) },
  'locking the settings cut off': { ...OWNED, managementKey: 'unfinished' },
  'new management key cut off': { ...ENROLLED, managementKey: 'rotating' },
  'PRINTED of an agency': { ...OWNED, printed: 'foreign' },
  'key without certificate': { ...ENROLLED, certificate: null },
  'imported key': { ...ENROLLED, keyPair: 'imported' },
  'certificate compressed': withCertificate({ form: 'compressed' }),
  'certificate of another key': withCertificate({ isOf: 'another key' }),
  'certificate expired': withCertificate({ validity: 'expired' }),
  'certificate ends soon': withCertificate({ validity: 'ends soon' }),
  'certificate of another CA': withCertificate({ issuer: 'foreign' }),
  'expired certificate of another CA': withCertificate({ issuer: 'foreign', validity: 'expired' }),
  'certificate without key': { ...ENROLLED, keyPair: 'none' },
  'certificate unreadable': withCertificate({ form: 'unreadable' }),
  'certificate that does not inflate': withCertificate({ form: 'broken' }),
  'moving the key aside cut off': { ...ENROLLED, keyPair: 'none', retired: 1, isMovedAside: true },
  'all retired slots taken': { ...ENROLLED, retired: 20 },
  'reset cut off, PIN can be entered': { ...ENROLLED, pin: secret('owner', 1), record: { action: 'reset' } },
  'reset cut off, PIN blocked': { ...ENROLLED, pin: secret('owner', 0), puk: secret('owner', 2), record: { action: 'reset' } },
  'reset cut off, both blocked': { ...ENROLLED, pin: secret('owner', 0), puk: secret('owner', 0), record: { action: 'reset' } },
  'new attempts cut off, both factory': { ...ENROLLED, pin: secret('factory'), puk: secret('factory'), record: { action: 'retries', open: ['PIN', 'PUK'] } },
  'new attempts cut off, PIN factory': { ...ENROLLED, pin: secret('factory'), record: { action: 'retries', open: ['PIN'] } },
} as const satisfies Readonly<Record<string, Traits>>;

export type StateName = keyof typeof STATES;
export const STATE_NAMES = Object.keys(STATES) as StateName[];
