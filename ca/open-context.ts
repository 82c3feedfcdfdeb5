/** From the folder and the database of a CA to what its operations need. */
import { join } from 'node:path';
import type { AuditEventName } from '../core/requests/audit-event.ts';
import { success, type Result } from '../core/result.ts';
import { loadAttestationTrust } from '../native/attestation-roots.ts';
import { openAuthoritySource, type AuthoritySource } from './authority-source.ts';
import { record } from './domain/audit.ts';
import { AUTHORITY_ACTOR, OPERATOR_ACTOR, type Context } from './domain/context.ts';
import type { Policy } from './domain/policy.ts';
import { heldKeySigner } from './domain/signing-jobs.ts';
import { FOLDER } from './folder.ts';
import type { Log, LogFacts } from './log.ts';
import { openPolicySource, POLICY_FILE, type PolicySource } from './policy/policy-source.ts';
import { openStore } from './storage/open-store.ts';
import type { Store } from './storage/store.ts';
import { tellingStore } from './storage/telling-store.ts';

export interface ContextOptions {
  readonly dir: string;
  /** Of the key file; unused where the key is on a token or with an approver. */
  readonly passphrase?: string | undefined;
  /** Of the token, where its PKCS#11 URI names no pin-source. */
  readonly tokenPin?: string | undefined;
  /** "postgres://…"; SQLite in `dir` unless said. */
  readonly database?: string | undefined;
  /** `policy.yaml` in `dir` unless said; without a file the default policy. */
  readonly policyFile?: string | undefined;
  /** In place of a file: for tests and the trial that `npm start` makes. */
  readonly policy?: Policy;
  /** More folders of PEM files with trusted attestation roots, besides Yubico's list and `attestation-roots/` in `dir`. */
  readonly attestationRootsDirs?: readonly string[];
  readonly log: Log;
  readonly clock?: () => Date;
  /** Hears of each line of the audit log that this process has written. */
  readonly onAuditLine?: (event: string) => void;
  /** In place of the one in `dir`: for tests. */
  readonly openStore?: (dir: string) => Store;
}

export interface OpenedContext {
  readonly context: Context;
  /** Reads the policy's file now. */
  readonly reloadPolicy: () => Promise<void>;
  /** Takes the issuer that was activated in the folder since; answers whether there was one. Where it cannot be opened the one before goes on. */
  readonly reloadIssuer: () => Promise<boolean>;
  /** Closes the store, and looks at the policy's file no more. */
  readonly close: () => Promise<void>;
}

type Told = { readonly log: Log; readonly store: () => Store; readonly clock: () => Date };

/** A change of the policy, in the log and in the audit log. */
function tellPolicy({ log, store, clock }: Told, event: AuditEventName, facts: LogFacts): void {
  log(event === 'policy-loaded' ? 'info' : 'error', event, facts);
  store()
    .write((rows) => record(rows, { event, actor: OPERATOR_ACTOR, at: clock(), subject: '', facts }))
    .catch((error: unknown) => log('error', 'audit-line-not-written', { event, error: String(error) }));
}

async function policySource(options: ContextOptions, told: Told): Promise<Result<PolicySource>> {
  const { policy } = options;
  if (policy !== undefined) return success({ current: policy, reload: async () => success(policy), close: () => undefined });
  return openPolicySource(options.policyFile ?? join(options.dir, POLICY_FILE), {
    onLoaded: (loaded) => tellPolicy(told, 'policy-loaded', { profiles: [...loaded.profiles.keys()].join(' ') }),
    onRefused: (failure) => {
      const [first] = failure.kind === 'policy-invalid' ? failure.problems : [];
      tellPolicy(told, 'policy-refused', { reason: failure.kind, line: first?.line ?? null, column: first?.column ?? null, problem: first?.problem ?? null });
    },
  });
}

/** A new issuer, in the log and in the audit log. */
async function reloadIssuer({ store, clock, log }: Context, source: AuthoritySource): Promise<boolean> {
  const taken = await source.reload();
  if (!taken.ok) {
    log('error', 'issuer-not-taken', { failure: taken.failure.kind, reason: 'reason' in taken.failure ? taken.failure.reason : null });
    return false;
  }
  const issuer = taken.value;
  if (issuer === null) return false;
  log('info', 'issuer-activated', { issuer: issuer.id, name: issuer.name });
  await store.write((rows) => record(rows, { event: 'issuer-activated', actor: OPERATOR_ACTOR, at: clock(), subject: issuer.id, facts: { issuer: issuer.name } }));
  return true;
}

/** Fails with everything that keeps a CA from being opened: see {@link startAuthorityServer}. */
export async function openContext(options: ContextOptions): Promise<Result<OpenedContext>> {
  const clock = options.clock ?? (() => new Date());
  const { dir, log } = options;
  let opened: Store | undefined;
  const store = (): Store => {
    if (opened === undefined) throw new Error('The store was used before it was open.');
    return opened;
  };
  const secrets = { passphrase: options.passphrase, tokenPin: options.tokenPin };
  const authorities = await openAuthoritySource({ dir, secrets, log, heldKey: heldKeySigner(store, clock) }, clock);
  if (!authorities.ok) return authorities;
  const trust = await loadAttestationTrust([join(dir, FOLDER.attestationRoots), ...(options.attestationRootsDirs ?? [])]);
  if (!trust.ok) return trust;
  const policy = await policySource(options, { log, store, clock });
  if (!policy.ok) return policy;
  const found = options.openStore === undefined ? await openStore(options.database === undefined ? { folder: dir } : { url: options.database }) : success(options.openStore(dir));
  if (!found.ok) {
    policy.value.close();
    return found;
  }
  opened = tellingStore(found.value, ({ event }) => options.onAuditLine?.(event));
  const { authority } = authorities.value.current;
  await opened.write(async (rows) => {
    await rows.adoptIssuer(authority.id);
    await record(rows, { event: 'server-started', actor: AUTHORITY_ACTOR, at: clock(), subject: '', facts: { issuer: authority.name } });
  });
  const context: Context = {
    get authority() {
      return authorities.value.current.authority;
    },
    get formerAuthorities() {
      return authorities.value.current.formerAuthorities;
    },
    trust: trust.value,
    store: opened,
    get policy() {
      return policy.value.current;
    },
    clock,
    log,
  };
  return success({
    context,
    reloadPolicy: async () => void (await policy.value.reload()),
    reloadIssuer: () => reloadIssuer(context, authorities.value),
    close: async () => {
      policy.value.close();
      await context.store.close();
    },
  });
}
