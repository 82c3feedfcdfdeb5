/** The CRLs that this process has at hand, so that nobody's question reads megabytes from the store. */
import type { Context } from '../domain/context.ts';
import type { CrlName } from '../domain/crl-due.ts';
import { crlPem } from '../crl-pem.ts';
import type { StoredCrl } from '../storage/store.ts';

export interface ShelvedCrl extends StoredCrl {
  readonly pem: string;
}

/** Past that the CRLs at hand are forgotten. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Answers with what is in the store now, also where another process made the CRL: every look asks for the revision first. */
export class CrlShelf {
  private revision: string | undefined;
  private bytes = 0;
  private readonly crls = new Map<string, ShelvedCrl>();

  constructor(private readonly context: Context) {}

  private forget(revision: string | undefined): void {
    this.revision = revision;
    this.bytes = 0;
    this.crls.clear();
  }

  /** The CRL as it is now; undefined: it was not made yet. */
  async get({ issuerId, partition }: CrlName): Promise<ShelvedCrl | undefined> {
    const revision = await this.context.store.read((rows) => rows.setting('crl-revision'));
    if (revision !== this.revision || this.bytes > MAX_BYTES) this.forget(revision);
    const key = `${issuerId}/${partition}`;
    const known = this.crls.get(key);
    if (known) return known;
    const found = await this.context.store.read((rows) => rows.crl(issuerId, partition));
    if (found === undefined) return undefined;
    const shelved = { ...found, pem: crlPem(found.crl) };
    // Another look may have seen a newer revision meanwhile; then this one is not kept.
    if (revision === this.revision) {
      this.crls.set(key, shelved);
      this.bytes += found.crl.length + shelved.pem.length;
    }
    return shelved;
  }
}
