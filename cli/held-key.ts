/** The key of a CA, where whoever types the command holds it. */
import { readBytes } from '../ca/folder.ts';
import type { AuthorityKey } from '../ca/keys/authority-key.ts';
import { readExistingKey } from '../ca/keys/existing-key.ts';
import { openTokenKey } from '../ca/keys/pkcs11-key.ts';
import { authorityKey } from '../ca/keys/software.ts';
import { failed, type Result } from '../core/result.ts';
import { tokenPinFor } from './authority-secrets.ts';
import type { CommandContext } from './command.ts';
import { CommandStopped } from './failures.ts';

/** A key in a file or on a token; one of them. Fails with file-unreadable, passphrase-wrong, token-key-unusable, authority-certificate-unfit. */
export async function openHeldKey(context: CommandContext, file: string | undefined, uri: string | undefined): Promise<Result<AuthorityKey>> {
  if ((file === undefined) === (uri === undefined)) throw new CommandStopped({ kind: 'usage', detail: 'The key is in a file, or on a token by its PKCS#11 URI: one of them.' });
  if (uri !== undefined) {
    const pin = await tokenPinFor(context, uri);
    return pin.ok ? openTokenKey(uri, pin.value) : pin;
  }
  const bytes = await readBytes(file ?? '');
  if (!bytes.ok) return bytes;
  const open = readExistingKey(bytes.value, context.secrets.given('passphrase'));
  if (open.ok) return authorityKey(open.value);
  if (open.failure.kind !== 'passphrase-wrong' || context.secrets.isGiven('passphrase')) return failed(open.failure);
  const asked = readExistingKey(bytes.value, await context.secrets.get('passphrase', `The passphrase of ${file ?? ''}: `));
  return asked.ok ? authorityKey(asked.value) : asked;
}
