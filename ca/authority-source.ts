/** The issuers as they are now: a new one that was activated in the folder is taken while the server runs. */
import { sha256, toHex } from '../core/bytes.ts';
import { failed, success, type Result } from '../core/result.ts';
import { openAuthorities, readChain, type OpenedAuthorities, type OpeningOptions } from './authority-folder.ts';
import type { Authority } from './domain/authority.ts';
import { finishActivation } from './issuer-activation.ts';

export interface AuthoritySource {
  /** Take it once in an operation. */
  readonly current: OpenedAuthorities;
  /**
   * Looks into the folder now: the issuer that took over, or null: it is the same. Fails as {@link openAuthorities}, and with
   * authority-certificate-unfit (other-root: people here trust another one); then those before go on.
   */
  reload(): Promise<Result<Authority | null>>;
}

/** Those that are open already stay as they are: a token's PIN is tried no second time, and signatures go on in their order. */
function withKnown(next: OpenedAuthorities, before: OpenedAuthorities): OpenedAuthorities {
  const known = [before.authority, ...before.formerAuthorities];
  const reused = next.formerAuthorities.map((former) => known.find(({ id }) => id === former.id) ?? former);
  const left = known.filter(({ id }) => id !== next.authority.id && reused.every((former) => former.id !== id));
  return { authority: next.authority, formerAuthorities: [...reused, ...left] };
}

/** Fails as {@link openAuthorities}. */
export async function openAuthoritySource(options: Omit<OpeningOptions, 'now'>, clock: () => Date): Promise<Result<AuthoritySource>> {
  const first = await openAuthorities({ ...options, now: clock() });
  if (!first.ok) return first;
  let current = first.value;
  async function reload(): Promise<Result<Authority | null>> {
    const finished = await finishActivation(options.dir);
    if (!finished.ok) return finished;
    const chain = await readChain(options.dir);
    if (!chain.ok) return chain;
    // Before any key is opened: most reloads are about the policy alone.
    if (toHex(await sha256(chain.value[0] ?? new Uint8Array())) === current.authority.id) return success(null);
    const next = await openAuthorities({ ...options, now: clock() });
    if (!next.ok) return next;
    if (next.value.authority.fingerprint !== current.authority.fingerprint) return failed({ kind: 'authority-certificate-unfit', reason: 'other-root' });
    current = withKnown(next.value, current);
    return success(current.authority);
  }
  let queue: Promise<unknown> = Promise.resolve();
  return success({
    get current() {
      return current;
    },
    reload: () => {
      const reloaded = queue.then(reload);
      queue = reloaded.catch(() => undefined);
      return reloaded;
    },
  });
}
