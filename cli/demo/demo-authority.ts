import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { initAuthority } from '../../ca/init.ts';
import { createInvitation } from '../../ca/invite.ts';
import { CommandStopped } from '../failures.ts';
import type { Cleanup } from './cleanup.ts';
import { firstLine, startProgram } from './child-process.ts';

/** A real CA of its own folder, in a process of its own, over HTTPS. */
export interface DemoAuthority {
  readonly address: string;
  readonly firstApproverInvitation: string;
  /** Writes an invitation, as `latchkey ca invite` does. */
  invite(name: string, email: string): Promise<string>;
}

const announcement = z.object({ ok: z.literal(true), address: z.string(), firstApproverInvitation: z.string() });

/** Makes the CA and serves it by `latchkey ca serve`. The attestation roots are PEM certificates it trusts besides Yubico's. */
export async function startDemoAuthority(cleanup: Cleanup, dir: string, attestationRootPem: string): Promise<DemoAuthority> {
  const passphrase = randomBytes(18).toString('base64url');
  const created = await initAuthority({ dir, name: 'Latchkey demo CA', passphrase });
  if (!created.ok) throw new CommandStopped(created.failure);
  await mkdir(join(dir, 'attestation-roots'), { recursive: true });
  await writeFile(join(dir, 'attestation-roots', 'virtual-yubikey.pem'), attestationRootPem);
  const passphraseFile = `${dir}.passphrase`;
  await writeFile(passphraseFile, passphrase, { mode: 0o600 });
  const program = startProgram(process.execPath, [...ourCommandLine(), 'ca', 'serve', '--dir', dir, '--listen', '127.0.0.1:0', '--passphrase-file', passphraseFile, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanup.add('the CA', program.end);
  const { address, firstApproverInvitation } = announcement.parse(JSON.parse(await firstLine(program)));
  return {
    address,
    firstApproverInvitation,
    invite: async (name, email) => {
      const invitation = await createInvitation({ dir, name, email, role: 'user', days: 1 });
      if (!invitation.ok) throw new CommandStopped(invitation.failure);
      return invitation.value.link;
    },
  };
}

/** This command line again, for another process: the demo only ever runs from the checkout. */
export function ourCommandLine(): readonly string[] {
  return [fileURLToPath(new URL('../../scripts/latchkey.mjs', import.meta.url))];
}
