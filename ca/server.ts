/** `ca serve`: a CA folder becomes an HTTPS server. */
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import { formatInvitation, parseAuthorityAddress } from '../core/invitation.ts';
import { failed, success, type Result } from '../core/result.ts';
import { loadAttestationTrust } from '../native/attestation-roots.ts';
import type { Context } from './domain/context.ts';
import { inviteFirstApprover, type FirstApprover } from './domain/invitations.ts';
import { issueUnfinished } from './domain/issue-request.ts';
import { DEFAULT_POLICY, type Policy } from './domain/policy.ts';
import { isDue, issuedServerCertificates, type ServerCertificate, type ServerCertificates } from './domain/server-certificate.ts';
import { heldKeySigner, openJobs } from './domain/signing-jobs.ts';
import { openAuthorities } from './authority-folder.ts';
import { FOLDER } from './folder.ts';
import { heldServerCertificates } from './held-server-certificate.ts';
import { createApp, TLS_MIN_VERSION } from './http/app.ts';
import { keyPlaceOf } from './keys/key-source.ts';
import type { Log } from './log.ts';
import { openStore } from './storage/open-store.ts';
import type { Store } from './storage/store.ts';

export interface AuthorityServerOptions {
  readonly dir: string;
  /** Of the key file; unused where the key is on a token or with an approver. */
  readonly passphrase?: string | undefined;
  /** Of the token, where its PKCS#11 URI names no pin-source. */
  readonly tokenPin?: string | undefined;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The origin that invitations name and the server's certificate is for, where it is not that of `listen`. */
  readonly publicAddress?: string;
  /** More folders of PEM files with trusted attestation roots, besides Yubico's list and `attestation-roots/` in `dir`. */
  readonly attestationRootsDirs?: readonly string[];
  /** Whom the first approver's invitation names; otherwise its bearer says who it is. */
  readonly firstApprover?: FirstApprover;
  readonly policy?: Policy;
  readonly log: Log;
  readonly clock?: () => Date;
  /** SQLite in `dir` unless said. */
  readonly openStore?: (dir: string) => Store;
}

export interface AuthorityServer {
  /** "https://127.0.0.1:8443": the public address where one was given. */
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Link for the first approver; null once there is one. A secret: print it, never log it. */
  readonly firstApproverInvitation: string | null;
  /** Answers what is under way, then ends. */
  close(): Promise<void>;
}

const RENEWAL_CHECK_MS = 3_600_000;

async function openContext(options: AuthorityServerOptions): Promise<Result<Context>> {
  const clock = options.clock ?? (() => new Date());
  const secrets = { passphrase: options.passphrase, tokenPin: options.tokenPin };
  let store: Store | undefined;
  const storeOf = (): Store => {
    if (store === undefined) throw new Error('A signature was asked for before the store was open.');
    return store;
  };
  const authorities = await openAuthorities({ dir: options.dir, secrets, now: clock(), log: options.log, heldKey: heldKeySigner(storeOf, clock) });
  if (!authorities.ok) return authorities;
  const folders = [join(options.dir, FOLDER.attestationRoots), ...(options.attestationRootsDirs ?? [])];
  const trust = await loadAttestationTrust(folders);
  if (!trust.ok) return trust;
  const opened = options.openStore === undefined ? await openStore({ folder: options.dir }) : success(options.openStore(options.dir));
  if (!opened.ok) return opened;
  store = opened.value;
  const policy = options.policy ?? DEFAULT_POLICY;
  return success({ ...authorities.value, trust: trust.value, store, policy, clock, log: options.log });
}

/** "https://host:port", IPv6 in brackets. */
function origin(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Listens, and answers the origin it is reached at. Fails with address-in-use. */
async function listen(app: FastifyInstance, { host, port }: AuthorityServerOptions['listen']): Promise<Result<string>> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') return failed({ kind: 'address-in-use', address: `${host}:${port}` });
    throw error;
  }
  const bound = app.server.address();
  return success(origin(host, typeof bound === 'object' && bound !== null ? bound.port : port));
}

function hostsOf(options: AuthorityServerOptions): readonly string[] {
  return [...(options.publicAddress === undefined ? [] : [new URL(options.publicAddress).hostname]), options.listen.host];
}

/** Renews the server's certificate while it runs; the returned function ends that. */
function keepRenewed(context: Context, app: FastifyInstance, first: ServerCertificate, source: ServerCertificates): () => void {
  let current = first;
  async function renewIfDue(): Promise<void> {
    if (!isDue(current, context.clock())) return;
    const next = await source.next();
    if (next === undefined) return;
    current = next;
    if ('setSecureContext' in app.server && typeof app.server.setSecureContext === 'function') {
      app.server.setSecureContext({ key: current.key, cert: current.certificates, minVersion: TLS_MIN_VERSION });
    }
    context.log('info', 'server-certificate-renewed', { expiresAt: current.expiresAt.toISOString() });
  }
  const timer = setInterval(() => {
    renewIfDue().catch((error: unknown) => context.log('error', 'server-certificate-not-renewed', { error: String(error) }));
  }, RENEWAL_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function serve(options: AuthorityServerOptions, context: Context): Promise<Result<AuthorityServer>> {
  await issueUnfinished(context);
  const hosts = hostsOf(options);
  const place = await keyPlaceOf(options.dir);
  const isHeld = place.ok && place.value.kind === 'held';
  const source = isHeld ? heldServerCertificates(context, options.dir, hosts) : issuedServerCertificates(context, hosts);
  const first = await source.first();
  if (!first.ok) return isHeld ? failed({ kind: 'signatures-missing', count: (await openJobs(context)).length }) : first;
  const certificate = first.value;
  const app = createApp(context, certificate);
  const listening = await listen(app, options.listen);
  if (!listening.ok) {
    await app.close();
    return listening;
  }
  const address = options.publicAddress === undefined ? listening.value : new URL(options.publicAddress).origin;
  await context.store.write((rows) => rows.setSetting('address', address));
  const code = await inviteFirstApprover(context, options.firstApprover);
  const endRenewal = keepRenewed(context, app, certificate, source);
  const { name, fingerprint } = context.authority;
  context.log('info', 'listening', { address, name, fingerprint });
  return success({
    address,
    name,
    fingerprint,
    firstApproverInvitation: code === null ? null : formatInvitation({ address, fingerprint, code }),
    close: async () => {
      endRenewal();
      await app.close();
      await context.store.close();
      context.log('info', 'closed');
    },
  });
}

/**
 * Serves the CA in a folder. Resolves once it listens; requests that were approved when it last ended are issued first.
 * Fails with authority-folder-missing, passphrase-wrong, token-key-unusable, chain-broken, signatures-missing (an approver
 * holds the key and has not signed the server's certificate yet), authority-certificate-unfit, authority-address-invalid,
 * address-in-use, file-unreadable.
 */
export async function startAuthorityServer(options: AuthorityServerOptions): Promise<Result<AuthorityServer>> {
  const publicAddress = options.publicAddress === undefined ? undefined : parseAuthorityAddress(options.publicAddress);
  if (publicAddress?.ok === false) return publicAddress;
  const context = await openContext(options);
  if (!context.ok) return context;
  const server = await serve(options, context.value);
  if (!server.ok) await context.value.store.close();
  return server;
}
