/** What opens CA keys, asked for only where it is needed. */
import { keyPlaceOf, type KeySecrets } from '../ca/keys/key-source.ts';
import { needsPin } from '../ca/keys/pkcs11-key.ts';
import type { Result } from '../core/result.ts';
import { success } from '../core/result.ts';
import type { CommandContext } from './command.ts';

/** The PIN of the token of a URI; undefined where the URI says where it is. Fails with token-key-unusable (uri). */
export async function tokenPinFor({ secrets }: CommandContext, uri: string): Promise<Result<string | undefined>> {
  const needed = needsPin(uri);
  if (!needed.ok) return needed;
  if (secrets.isGiven('token-pin')) return success(secrets.given('token-pin'));
  return success(needed.value ? await secrets.get('token-pin', 'The PIN of the token: ') : undefined);
}

/** What opens the CA in a folder; nothing where an approver holds its key. Fails with authority-folder-missing, file-unreadable, token-key-unusable (uri). */
export async function secretsOfFolder(context: CommandContext, dir: string): Promise<Result<KeySecrets>> {
  const place = await keyPlaceOf(dir);
  if (!place.ok) return place;
  switch (place.value.kind) {
    case 'file':
      return success({ passphrase: await context.secrets.get('passphrase', 'The passphrase of the CA key: ') });
    case 'token': {
      const pin = await tokenPinFor(context, place.value.uri);
      // Former issuers may have their keys in files.
      return pin.ok ? success({ tokenPin: pin.value, passphrase: context.secrets.given('passphrase') }) : pin;
    }
    case 'held':
      return success({});
  }
}
