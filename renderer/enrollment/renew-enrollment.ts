import { call, rememberEnrollment } from '../bridge.ts';

/** Asks for a new certificate though the one on the key is still good; the room shows what comes of it. */
export async function renewEnrollment(readerName: string): Promise<void> {
  // Known at once, so that nobody else begins what this has begun.
  rememberEnrollment(readerName, { kind: 'reading' });
  const answer = await call('enrollment.begin', { readerName, renews: true });
  rememberEnrollment(readerName, answer.ok ? answer.value : { kind: 'stopped', failure: answer.failure, steps: [] });
}
