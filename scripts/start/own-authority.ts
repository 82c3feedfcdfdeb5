import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { initAuthority } from '../../ca/init.ts';
import { jsonLines } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer } from '../../ca/server.ts';
import { expect } from '../../cli/demo/person.ts';

export interface OwnAuthorityOptions {
  readonly name: string;
  readonly tell: (line: string) => void;
  /** PEM certificates that it trusts as attestation roots besides Yubico's. */
  readonly attestationRootPem?: string;
}

/** Where the CA of `folder` is kept. */
export function authorityFolder(folder: string): string {
  return join(folder, 'authority');
}

/**
 * The CA that `npm start` brings along: made the first time, served on 127.0.0.1 at the same port ever after, because
 * the app remembers its address. Nobody is asked for its passphrase: it lies beside it, readable by this user alone.
 */
export async function openAuthority(folder: string, { name, tell, attestationRootPem }: OwnAuthorityOptions): Promise<AuthorityServer> {
  const dir = authorityFolder(folder);
  const passphraseFile = join(folder, 'authority.passphrase');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(dir)) {
    tell(`making the CA "${name}"`);
    await writeFile(passphraseFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    expect(await initAuthority({ dir, name, passphrase: await readFile(passphraseFile, 'utf8') }));
    if (attestationRootPem) {
      await mkdir(join(dir, 'attestation-roots'), { recursive: true });
      await writeFile(join(dir, 'attestation-roots', 'virtual-yubikey.pem'), attestationRootPem);
    }
  }
  const log = createWriteStream(join(folder, 'authority.log'), { flags: 'a', mode: 0o600 });
  const server = expect(
    await startAuthorityServer({
      dir,
      passphrase: await readFile(passphraseFile, 'utf8'),
      listen: { host: '127.0.0.1', port: await keptPort(join(folder, 'authority.port')) },
      log: jsonLines((line) => log.write(line)),
    }),
  );
  return server;
}

/** A port that was free when it was first taken. */
async function keptPort(file: string): Promise<number> {
  if (existsSync(file)) return Number(await readFile(file, 'utf8'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  await writeFile(file, String(port));
  return port;
}
