/** `ca invite` and `ca recover`: invitations written into the CA's store on its machine, beside a server that runs. */
import { join } from 'node:path';
import { sha256, toHex } from '../core/bytes.ts';
import { formatInvitation, parseAuthorityAddress } from '../core/invitation.ts';
import type { Role } from '../core/requests/roles.ts';
import { failed, success, type Result } from '../core/result.ts';
import { readPem } from '../core/x509/pem.ts';
import { OPERATOR_ACTOR } from './domain/context.ts';
import { addInvitation, checkWanted, newInvitation } from './domain/invitations.ts';
import type { Policy } from './domain/policy.ts';
import { recoverOwner } from './domain/recover.ts';
import { FOLDER, readFolderFile } from './folder.ts';
import { loadPolicy, POLICY_FILE } from './policy/policy-source.ts';
import { openStore } from './storage/open-store.ts';
import type { Store, StoredInvitation, StoreWriter } from './storage/store.ts';

/** Where the CA is, and whom it is about. */
export interface InvitedPerson {
  readonly dir: string;
  readonly name: string;
  readonly email: string;
  /** Origin for the link, where the server has not run in this folder yet or is reached by another name. */
  readonly address?: string;
  /** "postgres://…"; SQLite in `dir` unless said. */
  readonly database?: string | undefined;
}

export interface NewInvitation extends InvitedPerson {
  /** An officer's invitation is approved by itself where the attestation is verified: who can run this owns the CA. */
  readonly role: Role;
  /** Name of a profile of the policy; its default one unless said. */
  readonly profile?: string;
  readonly days: number;
  /** How many keys it is for; 1 unless said. */
  readonly uses?: number;
  /** Nobody has to look where the attestation is verified. */
  readonly isAutomatic?: boolean;
}

export interface CreatedInvitation {
  /** "latchkey://enroll?ca=…&sha256=…&code=…". A secret, like the code in it. */
  readonly link: string;
  readonly code: string;
  readonly expiresAt: Date;
}

/** The CA's fingerprint needs its certificate only: no passphrase is asked for an invitation. */
async function fingerprintOf(dir: string): Promise<Result<string>> {
  const file = await readFolderFile(dir, FOLDER.certificate);
  if (!file.ok) return file;
  // The chain, the root last: it is what people compare.
  const der = readPem(file.value, 'CERTIFICATE').at(-1);
  return der ? success(toHex(await sha256(der))) : failed({ kind: 'authority-certificate-unfit', reason: 'unreadable' });
}

/** The operator's policy, as the server reads it too. */
function policyOf(dir: string): Promise<Result<Policy>> {
  return loadPolicy(join(dir, POLICY_FILE));
}

async function addressFor(options: InvitedPerson, store: Store): Promise<Result<string>> {
  if (options.address !== undefined) return parseAuthorityAddress(options.address);
  const known = await store.read((rows) => rows.setting('address'));
  return known === undefined ? failed({ kind: 'authority-address-invalid' }) : success(known);
}

type Write = (rows: StoreWriter) => Promise<{ readonly code: string; readonly invitation: StoredInvitation }>;

/** Opens the store of a folder, writes an invitation and makes its link. */
async function writeInvitation(options: InvitedPerson, write: Write): Promise<Result<CreatedInvitation>> {
  const fingerprint = await fingerprintOf(options.dir);
  if (!fingerprint.ok) return fingerprint;
  const opened = await openStore(options.database === undefined ? { folder: options.dir } : { url: options.database });
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const address = await addressFor(options, store);
    if (!address.ok) return address;
    const { code, invitation } = await store.write(write);
    return success({ link: formatInvitation({ address: address.value, fingerprint: fingerprint.value, code }), code, expiresAt: invitation.expiresAt });
  } finally {
    await store.close();
  }
}

/**
 * Invites somebody to enroll. Works while the server runs. Fails with authority-folder-missing, authority-address-invalid
 * (none given and none known), invitation-refused, policy-invalid.
 */
export async function createInvitation(options: NewInvitation, now: Date = new Date()): Promise<Result<CreatedInvitation>> {
  const policy = await policyOf(options.dir);
  if (!policy.ok) return policy;
  const { name, email, role, days, uses = 1, profile = policy.value.defaultProfile, isAutomatic = false } = options;
  const wanted = { name, email, role, days, uses, profile };
  const checked = checkWanted(policy.value, { ...wanted, isAutomatic });
  if (!checked.ok) return checked;
  const approval = role !== 'user' || isAutomatic ? 'automatic-if-attested' : 'by-approver';
  return writeInvitation(options, async (rows) => {
    const created = newInvitation({ ...wanted, approval, createdBy: OPERATOR_ACTOR.name, now });
    await addInvitation(rows, created.invitation, OPERATOR_ACTOR);
    return created;
  });
}

/**
 * Invites a new owner where the keys of all of them are lost. Nobody has to approve it; the audit log says owner-recovered.
 * Fails as {@link createInvitation} does.
 */
export async function createRecovery(options: InvitedPerson, now: Date = new Date()): Promise<Result<CreatedInvitation>> {
  const policy = await policyOf(options.dir);
  if (!policy.ok) return policy;
  const { name, email } = options;
  const checked = checkWanted(policy.value, { name, email, role: 'owner', profile: policy.value.defaultProfile, days: 1, uses: 1, isAutomatic: false });
  if (!checked.ok) return checked;
  return writeInvitation(options, (rows) => recoverOwner(rows, policy.value, { name, email }, now));
}
