import type { Result } from '../core/result.ts';

export interface NewInvitation {
  readonly dir: string;
  readonly name: string;
  readonly email: string;
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

/**
 * Invites one person to enroll one key. Works while the server runs.
 * Fails with authority-folder-missing, authority-address-invalid (none given and none known), request-malformed (name, e-mail).
 */
export async function createInvitation(options: NewInvitation): Promise<Result<CreatedInvitation>> {
  throw new Error(`not yet: ${options.dir}`);
}
