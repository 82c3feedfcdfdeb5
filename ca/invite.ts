/** `ca invite`: one more invitation, written into the CA's store beside a server that runs. */
import { join } from 'node:path';
import { sha256, toHex } from '../core/bytes.ts';
import { formatInvitation, parseAuthorityAddress } from '../core/invitation.ts';
import { failed, success, type Result } from '../core/result.ts';
import { readPem } from '../core/x509/pem.ts';
import { addInvitation, checkInvited } from './domain/invitations.ts';
import { FOLDER, readFolderFile } from './folder.ts';
import { openSqliteStore } from './storage/sqlite-store.ts';
import type { Store } from './storage/store.ts';

export interface NewInvitation {
  readonly dir: string;
  readonly name: string;
  readonly email: string;
  /** An approver's invitation is approved by itself where the attestation is verified: who can run this owns the CA. */
  readonly role: 'user' | 'approver';
  readonly days: number;
  /** Origin for the link, where the server has not run in this folder yet or is reached by another name. */
  readonly address?: string;
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

async function addressFor(options: NewInvitation, store: Store): Promise<Result<string>> {
  if (options.address !== undefined) return parseAuthorityAddress(options.address);
  const known = await store.read((rows) => rows.setting('address'));
  return known === undefined ? failed({ kind: 'authority-address-invalid' }) : success(known);
}

/**
 * Invites one person to enroll one key. Works while the server runs.
 * Fails with authority-folder-missing, authority-address-invalid (none given and none known), request-malformed (`detail`
 * is 'name', 'email' or 'days').
 */
export async function createInvitation(options: NewInvitation, now: Date = new Date()): Promise<Result<CreatedInvitation>> {
  const { name, email, role, days } = options;
  const invited = checkInvited(options);
  if (!invited.ok) return invited;
  const fingerprint = await fingerprintOf(options.dir);
  if (!fingerprint.ok) return fingerprint;
  const store = openSqliteStore(join(options.dir, FOLDER.database));
  try {
    const address = await addressFor(options, store);
    if (!address.ok) return address;
    const approval = role === 'approver' ? 'automatic-if-attested' : 'by-approver';
    const { code, expiresAt } = await addInvitation(store, { name, email, role, approval, days, now });
    return success({ link: formatInvitation({ address: address.value, fingerprint: fingerprint.value, code }), code, expiresAt });
  } finally {
    await store.close();
  }
}
