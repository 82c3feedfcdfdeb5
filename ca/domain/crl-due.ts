/** Which CRLs have to be made anew, as marks in the store: every process sees them, and they outlive a crash. */
import type { StoreReader, StoreWriter } from '../storage/store.ts';
import { randomId } from './context.ts';

/** One CRL of an issuer. */
export interface CrlName {
  /** SHA-256 of the issuing CA's DER certificate, lower-case hex. */
  readonly issuerId: string;
  readonly partition: number;
}

const settingOf = ({ issuerId, partition }: CrlName) => `crl-due:${issuerId}:${partition}` as const;

/** Says that the CRL no longer tells the truth, in the transaction of what changed. */
export async function markCrlDue(rows: StoreWriter, crl: CrlName): Promise<void> {
  await rows.setSetting(settingOf(crl), randomId());
}

/** The mark, if there is one: another one comes with every further change. */
export async function crlDueMark(rows: StoreReader, crl: CrlName): Promise<string | undefined> {
  const mark = await rows.setting(settingOf(crl));
  return mark === '' ? undefined : mark;
}

/** Takes the mark off; one that came after `mark` was read stays. */
export async function clearCrlDue(rows: StoreWriter, crl: CrlName, mark: string | undefined): Promise<void> {
  if (mark !== undefined && (await rows.setting(settingOf(crl))) === mark) await rows.setSetting(settingOf(crl), '');
}
