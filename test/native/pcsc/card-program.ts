/** Another program that uses a card, for tests: told what to do line by line, it says when it has done it. */
import { CardDisposition, CardMode, Client, type Card, type Reader } from 'pcsc-mini';

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
    case 'let go':
      await card?.disconnect(CardDisposition.LEAVE);
      return;
    default:
      throw new Error(`"${line}"?`);
  }
}
