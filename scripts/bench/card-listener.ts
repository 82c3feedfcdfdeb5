/**
 * The floor of showing a key: a program with nothing but pcsc-mini that waits for a card. The bench forks this file; it
 * sends the time at which it hears of a card in the first reader, and of its absence.
 */
import { Client, ReaderStatus } from 'pcsc-mini';

export interface CardNews {
  readonly isPresent: boolean;
  /** Milliseconds of the epoch. */
  readonly at: number;
}

const client = new Client();
client.on('reader', (reader) => {
  let wasPresent: boolean | undefined;
  reader.on('change', (status) => {
    const at = performance.timeOrigin + performance.now();
    const isPresent = status.has(ReaderStatus.PRESENT);
    if (isPresent === wasPresent) return;
    wasPresent = isPresent;
    process.send?.({ isPresent, at } satisfies CardNews);
  });
});
client.on('error', (error) => {
  throw error;
});
client.start();
process.on('disconnect', () => process.exit(0));
