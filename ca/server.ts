/** `ca serve`: a CA folder becomes an HTTPS server. */
import { join } from 'node:path';
import { formatInvitation, parseAuthorityAddress } from '../core/invitation.ts';
import { success, type Result } from '../core/result.ts';
import { BackgroundWork } from './background-work.ts';
import { startCrlHook } from './crl-hook.ts';
import { makeCheckpoint } from './domain/audit-checkpoint.ts';
import type { Context } from './domain/context.ts';
import { renewDueCrls } from './domain/crl.ts';
import { inviteFirstApprover, type FirstApprover } from './domain/invitations.ts';
import { issueUnfinished } from './domain/issue-request.ts';
import { FOLDER } from './folder.ts';
import { createApp, type TlsIdentity } from './http/app.ts';
import { addEstEndpoints } from './http/est-endpoints.ts';
import type { RouteHeard } from './http/listener.ts';
import { createMetricsServer } from './http/metrics-server.ts';
import { HTTPS_LIMITS, type ServerLimits } from './http/server-limits.ts';
import { addStatusEndpoints, createStatusServer } from './http/status-server.ts';
import { NO_PROXIES, type TrustedProxies } from './http/trusted-proxies.ts';
import { closeAll, listenAtAll, type ListenAddress, type Listener } from './listeners.ts';
import { authorityMetrics } from './metrics/authority-metrics.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import { backgroundFamily, ServerMetrics, serverCertificateFamily } from './metrics/server-metrics.ts';
import { openContext, type ContextOptions, type OpenedContext } from './open-context.ts';
import { firstCertificate, serverCertificates, ServerIdentity } from './server-identity.ts';

export interface AuthorityServerOptions extends ContextOptions {
  /** Port 0 takes a free one. */
  readonly listen: ListenAddress;
  /** The origin that invitations name and the server's certificate is for, where it is not that of `listen`. */
  readonly publicAddress?: string | undefined;
  /** Plain HTTP for CRLs, OCSP and CA certificates; they are on the HTTPS server in any case. */
  readonly statusListen?: ListenAddress | undefined;
  /** Plain HTTP for Prometheus: not for the public. */
  readonly metricsListen?: ListenAddress | undefined;
  /** Whose word is taken for the client's address; nobody's unless said. */
  readonly proxies?: TrustedProxies | undefined;
  /** In place of the listeners' own. */
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Hears of every route: for tests that leave none out. */
  readonly onRoute?: RouteHeard | undefined;
  /** Runs after every new CRL. */
  readonly crlHook?: string | undefined;
  /** Whom the first approver's invitation names; otherwise its bearer says who it is. null: nobody is invited. */
  readonly firstApprover?: FirstApprover | null | undefined;
}

export interface AuthorityServer {
  /** "https://127.0.0.1:8443": the public address where one was given. */
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** "http://127.0.0.1:8080"; null: no such listener was wanted. */
  readonly statusAddress: string | null;
  /** As `statusAddress`; metrics are at "/metrics". */
  readonly metricsAddress: string | null;
  /** Link for the first approver; null once there is one, or where nobody was to be invited. A secret: print it, never log it. */
  readonly firstApproverInvitation: string | null;
  /** Reads the policy's file now, changed or not. */
  reloadPolicy(): Promise<void>;
  /** That, and takes an issuer that was activated meanwhile; connections stay open. What cannot be taken is said in the log. */
  reload(): Promise<void>;
  /** Answers what is under way, then ends. */
  close(): Promise<void>;
}

function hostsOf(options: AuthorityServerOptions): readonly string[] {
  return [...(options.publicAddress === undefined ? [] : [new URL(options.publicAddress).hostname]), options.listen.host];
}

interface Listeners {
  readonly https: Listener;
  readonly status: Listener | null;
  readonly metrics: Listener | null;
}

/** The servers, not listening yet. */
async function createListeners(options: AuthorityServerOptions, context: Context, identity: TlsIdentity, metrics: ServerMetrics): Promise<Listeners> {
  const { limits, onRoute, proxies = NO_PROXIES } = options;
  const statusOptions = { parentCrlsDir: join(options.dir, FOLDER.parentCrls), metrics, limits, proxies, onRoute };
  const app = createApp(context, identity, { name: 'https', limits: { ...HTTPS_LIMITS, ...limits }, proxies, metrics, onRoute });
  await addStatusEndpoints(app, context, statusOptions);
  await addEstEndpoints(app, context);
  return {
    https: { app, scheme: 'https', at: options.listen },
    status: options.statusListen === undefined ? null : { app: await createStatusServer(context, statusOptions), scheme: 'http', at: options.statusListen },
    metrics: options.metricsListen === undefined ? null : { app: createMetricsServer(context, metrics), scheme: 'http', at: options.metricsListen },
  };
}

/** What is measured only where somebody can ask for it; the returned function ends that. */
function measure(options: AuthorityServerOptions, context: Context, metrics: ServerMetrics, identity: ServerIdentity, background: BackgroundWork): () => void {
  if (options.metricsListen === undefined) return () => undefined;
  const own = processMetrics();
  metrics.addGauges(authorityMetrics(context));
  metrics.addGauges(async () => [serverCertificateFamily(identity.expiresAt, context.clock()), backgroundFamily(background.counts)]);
  metrics.addGauges(() => own.families());
  return () => own.close();
}

/** What runs beside the listeners; the returned function ends it, once they are closed. */
function startBesides(options: AuthorityServerOptions, context: Context, metrics: ServerMetrics, identity: ServerIdentity): () => Promise<void> {
  const endHook = options.crlHook === undefined ? () => undefined : startCrlHook(context, options.crlHook);
  const background = new BackgroundWork(context);
  background.start();
  const endMeasuring = measure(options, context, metrics, identity, background);
  return async () => {
    endHook();
    endMeasuring();
    await background.stop();
    await makeCheckpoint(context).catch((error: unknown) => context.log('error', 'checkpoint-not-made', { error: String(error) }));
  };
}

/** The policy, and the issuer where another one was activated. */
function reloading({ context, reloadPolicy, reloadIssuer }: OpenedContext, identity: ServerIdentity): () => Promise<void> {
  return async () => {
    await reloadPolicy();
    if (!(await reloadIssuer())) return;
    // What it issues names its own CRL, and TLS shows the chain of the issuer that people are told of.
    await Promise.all([renewDueCrls(context), identity.renew()]);
  };
}

async function serve(options: AuthorityServerOptions, opened: OpenedContext, metrics: ServerMetrics): Promise<Result<AuthorityServer>> {
  const { context } = opened;
  await issueUnfinished(context);
  const certificates = serverCertificates(context, options.dir, hostsOf(options));
  const certificate = await firstCertificate(context, certificates);
  if (!certificate.ok) return certificate;
  const listeners = await createListeners(options, context, certificate.value, metrics);
  const all = [listeners.https, listeners.status, listeners.metrics];
  const listening = await listenAtAll(all);
  if (!listening.ok) return listening;
  const [httpsAddress, statusAddress = null, metricsAddress = null] = listening.value;
  const address = options.publicAddress === undefined ? (httpsAddress ?? '') : new URL(options.publicAddress).origin;
  await context.store.write((rows) => rows.setSetting('address', address));
  const code = options.firstApprover === null ? null : await inviteFirstApprover(context, options.firstApprover);
  const identity = new ServerIdentity(context, listeners.https.app, certificates, certificate.value);
  const endBesides = startBesides(options, context, metrics, identity);
  const { name, fingerprint } = context.authority;
  const facts = { address, statusAddress, metricsAddress, name, fingerprint };
  context.log('info', 'listening', facts);
  const close = async (): Promise<void> => {
    identity.close();
    await closeAll(all);
    await endBesides();
    await opened.close();
    context.log('info', 'closed');
  };
  let closing: Promise<void> | null = null;
  return success({
    ...facts,
    firstApproverInvitation: code === null ? null : formatInvitation({ address, fingerprint, code }),
    reloadPolicy: opened.reloadPolicy,
    reload: reloading(opened, identity),
    close: () => (closing ??= close()),
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
  const metrics = new ServerMetrics();
  const context = await openContext({ ...options, onAuditLine: (event) => metrics.auditEvents.add({ event }) });
  if (!context.ok) return context;
  const server = await serve(options, context.value, metrics);
  if (!server.ok) await context.value.close();
  return server;
}
