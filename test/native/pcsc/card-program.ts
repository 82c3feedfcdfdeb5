/** Another program that uses a card, for tests: told what to do line by line, it says when it has done it. */
import { CardDisposition, CardMode, Client, type Card, type Reader } from 'pcsc-mini';
import pkcs11js from 'pkcs11js';
import { locateModules } from '../../../native/pkcs11/locate.ts';

const [, , readerName = '', title = ''] = process.argv;
if (title) process.title = title;
const client = new Client();
const reader = await new Promise<Reader>((resolve) => {
  client.on('reader', (found) => found.name() === readerName && resolve(found)).start();
});
let card: Card | undefined;

process.on('message', (line) => void obey(String(line)).then(() => process.send?.('done'), (error: unknown) => process.send?.(String(error))));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

async function obey(line: string): Promise<void> {
  switch (line) {
    case 'connect exclusively':
      card = await reader.connect(CardMode.EXCLUSIVE);
      return;
    case 'connect and begin a transaction':
      card = await reader.connect(CardMode.SHARED);
      await card.transaction();
      return;
    case 'reset':
    case 'unpower':
      card = await reader.connect(CardMode.SHARED);
      await card.disconnect(line === 'reset' ? CardDisposition.RESET : CardDisposition.UNPOWER);
      return;
    case 'use ykcs11':
    case 'use OpenSC':
      return openSession((await locateModules({ environment: {} })).find(({ name }) => line.endsWith(String(name)))?.path ?? '');
    case 'let go':
      await card?.disconnect(CardDisposition.LEAVE);
      return;
    default:
      throw new Error(`"${line}"?`);
  }
}

/** As a browser has it: the module stays initialised, with a session that somebody has logged in to. */
function openSession(modulePath: string): void {
  const module = new pkcs11js.PKCS11();
  module.load(modulePath);
  module.C_Initialize();
  const slot = module.C_GetSlotList(true)[0];
  if (!slot) throw new Error('no token');
  module.C_Login(module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION), pkcs11js.CKU_USER, '123456');
}
