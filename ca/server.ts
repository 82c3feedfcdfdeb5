/** `ca serve`: a CA folder becomes an HTTPS server. */
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import { formatInvitation, parseAuthorityAddress } from '../core/invitation.ts';
import { failed, success, type Result } from '../core/result.ts';
import { BackgroundWork } from './background-work.ts';
import { startCrlHook } from './crl-hook.ts';
import { makeCheckpoint } from './domain/audit-checkpoint.ts';
import type { Context } from './domain/context.ts';
import { inviteFirstApprover, type FirstApprover } from './domain/invitations.ts';
import { issueUnfinished } from './domain/issue-request.ts';
import { isDue, issuedServerCertificates, type ServerCertificate, type ServerCertificates } from './domain/server-certificate.ts';
import { openJobs } from './domain/signing-jobs.ts';
import { FOLDER } from './folder.ts';
import { heldServerCertificates } from './held-server-certificate.ts';
import { createApp, tlsOptions } from './http/app.ts';
import { addEstEndpoints } from './http/est-endpoints.ts';
import { addStatusEndpoints, createStatusServer } from './http/status-server.ts';
import { keyPlaceOf } from './keys/key-source.ts';
import { openContext, type ContextOptions, type OpenedContext } from './open-context.ts';

export interface AuthorityServerOptions extends ContextOptions {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The origin that invitations name and the server's certificate is for, where it is not that of `listen`. */
  readonly publicAddress?: string | undefined;
  /** Plain HTTP for CRLs, OCSP and CA certificates; they are on the HTTPS server in any case. */
  readonly statusListen?: { readonly host: string; readonly port: number } | undefined;
  /** Runs after every new CRL. */
  readonly crlHook?: string | undefined;
  /** Whom the first approver's invitation names; otherwise its bearer says who it is. */
  readonly firstApprover?: FirstApprover;
}

export interface AuthorityServer {
  /** "https://127.0.0.1:8443": the public address where one was given. */
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** "http://127.0.0.1:8080"; null: no such listener was wanted. */
  readonly statusAddress: string | null;
  /** Link for the first approver; null once there is one. A secret: print it, never log it. */
  readonly firstApproverInvitation: string | null;
  /** Reads the policy's file now, changed or not. */
  reloadPolicy(): Promise<void>;
  /** Answers what is under way, then ends. */
  close(): Promise<void>;
}

const RENEWAL_CHECK_MS = 3_600_000;

/** "https://host:port", IPv6 in brackets. */
function origin(scheme: 'http' | 'https', host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Listens, and answers the origin it is reached at. Fails with address-in-use, and then closes the server. */
async function listen(app: FastifyInstance, scheme: 'http' | 'https', { host, port }: AuthorityServerOptions['listen']): Promise<Result<string>> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') return failed({ kind: 'address-in-use', address: `${host}:${port}` });
    throw error;
  }
  const bound = app.server.address();
  return success(origin(scheme, host, typeof bound === 'object' && bound !== null ? bound.port : port));
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
      app.server.setSecureContext(tlsOptions(context, current));
    }
    context.log('info', 'server-certificate-renewed', { expiresAt: current.expiresAt.toISOString() });
  }
  const timer = setInterval(() => {
    renewIfDue().catch((error: unknown) => context.log('error', 'server-certificate-not-renewed', { error: String(error) }));
  }, RENEWAL_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The certificate that the server shows first, and where the next ones come from. Fails with signatures-missing. */
async function serverCertificate(options: AuthorityServerOptions, context: Context): Promise<Result<{ readonly first: ServerCertificate; readonly source: ServerCertificates }>> {
  const hosts = hostsOf(options);
  const place = await keyPlaceOf(options.dir);
  const isHeld = place.ok && place.value.kind === 'held';
  const source = isHeld ? heldServerCertificates(context, options.dir, hosts) : issuedServerCertificates(context, hosts);
  const first = await source.first();
  if (first.ok) return success({ first: first.value, source });
  return isHeld ? failed({ kind: 'signatures-missing', count: (await openJobs(context)).length }) : first;
}

/** The plain HTTP listener, where one is wanted. */
async function serveStatus(options: AuthorityServerOptions, context: Context, parentCrlsDir: string): Promise<Result<{ readonly app: FastifyInstance; readonly address: string } | null>> {
  if (options.statusListen === undefined) return success(null);
  const app = await createStatusServer(context, { parentCrlsDir });
  const address = await listen(app, 'http', options.statusListen);
  return address.ok ? success({ app, address: address.value }) : address;
}

async function serve(options: AuthorityServerOptions, { context, reloadPolicy, close }: OpenedContext): Promise<Result<AuthorityServer>> {
  await issueUnfinished(context);
  const certificate = await serverCertificate(options, context);
  if (!certificate.ok) return certificate;
  const parentCrlsDir = join(options.dir, FOLDER.parentCrls);
  const app = createApp(context, certificate.value.first);
  await addStatusEndpoints(app, context, { parentCrlsDir });
  await addEstEndpoints(app, context);
  const listening = await listen(app, 'https', options.listen);
  if (!listening.ok) return listening;
  const status = await serveStatus(options, context, parentCrlsDir);
  if (!status.ok) {
    await app.close();
    return status;
  }
  const address = options.publicAddress === undefined ? listening.value : new URL(options.publicAddress).origin;
  await context.store.write((rows) => rows.setSetting('address', address));
  const code = await inviteFirstApprover(context, options.firstApprover);
  const endRenewal = keepRenewed(context, app, certificate.value.first, certificate.value.source);
  const endHook = options.crlHook === undefined ? () => undefined : startCrlHook(context, options.crlHook);
  const background = new BackgroundWork(context);
  background.start();
  const { name, fingerprint } = context.authority;
  const statusAddress = status.value?.address ?? null;
  let closing: Promise<void> | null = null;
  context.log('info', 'listening', { address, statusAddress, name, fingerprint });
  return success({
    address,
    statusAddress,
    name,
    fingerprint,
    firstApproverInvitation: code === null ? null : formatInvitation({ address, fingerprint, code }),
    reloadPolicy,
    close: () =>
      (closing ??= (async () => {
        endRenewal();
        endHook();
        await Promise.all([app.close(), status.value?.app.close()]);
        await background.stop();
        await makeCheckpoint(context).catch((error: unknown) => context.log('error', 'checkpoint-not-made', { error: String(error) }));
        await close();
        context.log('info', 'closed');
      })()),
  });
}

/**
 * Serves the CA in a folder. Resolves once it listens; requests that were approved when it last ended are issued first.
 * Fails with authority-folder-missing, passphrase-wrong, token-key-unusable, chain-broken, signatures-missing (an approver
 * holds the key and has not signed the server's certificate yet), authority-certificate-unfit, authority-address-invalid,
 * address-in-use, file-unreadable, policy-invalid, store-unreachable, store-newer.
 */
export async function startAuthorityServer(options: AuthorityServerOptions): Promise<Result<AuthorityServer>> {
  const publicAddress = options.publicAddress === undefined ? undefined : parseAuthorityAddress(options.publicAddress);
  if (publicAddress?.ok === false) return publicAddress;
  const context = await openContext(options);
  if (!context.ok) return context;
  const server = await serve(options, context.value);
  if (!server.ok) await context.value.close();
  return server;
}
