import { failed } from '../../core/result.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import { type CardConnection, CardConnectionError } from '../../native/piv/connection.ts';
import { readFacts } from '../../native/piv/facts.ts';
import { connectionFailure } from '../../native/piv/session.ts';
import type { LocatedKey } from '../../native/located-key.ts';
import { CardSecurityKey } from '../../native/security-key.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';

const READER = 'In process';

/** The product's SecurityKey over a virtual key in this process: no pcscd, no module, everything else as it is. */
export function inProcessSecurityKey(card: VirtualYubiKey, connection: CardConnection = card): SecurityKey {
  const transact: LocatedKey['transact'] = async (afterwards, work) => {
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof CardConnectionError) return failed(connectionFailure(error));
      throw error;
    } finally {
      if (afterwards === 'reset') card.reset();
    }
  };
  return new CardSecurityKey({
    facts: () => transact('leave', (open) => readFacts(open, READER)),
    use: (work) => work({ readerName: READER, serial: undefined, transact }),
    module: async () => null,
  });
}
