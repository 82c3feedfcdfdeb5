import { jsonLines } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer } from '../../ca/server.ts';
import { secretsOfFolder } from '../authority-secrets.ts';
import { databaseUrl } from '../database-place.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import type { ServeOptions } from '../authority-commands.ts';
import { announce } from '../output.ts';

/** `latchkey ca serve`: says where the CA is once it listens, then serves until SIGTERM or SIGINT, and ends what is under way. SIGHUP reads the policy anew and takes a new issuer. */
export async function serve(context: CommandContext, options: ServeOptions): Promise<Outcome> {
  const { output } = context;
  const secrets = await secretsOfFolder(context, options.dir);
  if (!secrets.ok) return secrets;
  const ended = nextEndSignal();
  // During the start too: everything is read anew then in any case, and unheard it would end the process.
  let server: AuthorityServer | undefined;
  const log = jsonLines((line) => void process.stderr.write(line));
  process.on('SIGHUP', () => void server?.reload().catch((error: unknown) => log('error', 'not-reloaded', { error: String(error) })));
  const started = await startAuthorityServer({
    dir: options.dir,
    ...secrets.value,
    listen: options.listen,
    statusListen: options.statusListen,
    metricsListen: options.metricsListen,
    publicAddress: options.publicAddress,
    proxies: options.trustedProxy,
    limits: options.connectionsPerAddress === undefined ? undefined : { connectionsPerAddress: options.connectionsPerAddress },
    policyFile: options.policy,
    crlHook: options.crlHook,
    firstApprover: options.invitation ? undefined : null,
    database: await databaseUrl(options),
    log,
  });
  if (!started.ok) return started;
  server = started.value;
  await announce(output, facts(started.value), words(started.value));
  output.progress(`Ending (${await ended}).`);
  await started.value.close();
  return { ok: true, json: null, text: '' };
}

function facts({ address, statusAddress, metricsAddress, name, fingerprint, firstApproverInvitation }: AuthorityServer): Readonly<Record<string, unknown>> {
  return { address, statusAddress, metricsAddress, name, fingerprint, firstApproverInvitation };
}

function words({ address, statusAddress, metricsAddress, name, fingerprint, firstApproverInvitation }: AuthorityServer): string {
  const lines = [`${name} serves at ${address}`, `Fingerprint (SHA-256): ${fingerprint}`];
  if (statusAddress !== null) lines.push(`CRLs and OCSP: ${statusAddress}`);
  if (metricsAddress !== null) lines.push(`Metrics: ${metricsAddress}/metrics`);
  if (firstApproverInvitation !== null) {
    lines.push('There is no approver yet. Whoever enrolls a key with this invitation becomes the first one:', `  ${firstApproverInvitation}`);
  }
  return lines.join('\n');
}

/** Heard from the start on, so that a signal during the start is not lost. */
function nextEndSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}
