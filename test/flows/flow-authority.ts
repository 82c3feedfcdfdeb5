import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { DEFAULT_POLICY } from '../../ca/domain/policy.ts';
import { initAuthority } from '../../ca/init.ts';
import { createInvitation } from '../../ca/invite.ts';
import { silent } from '../../ca/log.ts';
import { type AuthorityServer, startAuthorityServer } from '../../ca/server.ts';
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import type { Result } from '../../core/result.ts';
import { buildCsr } from '../../core/x509/csr-building.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { signInAs, type TestOfficer } from '../ca/test-officer.ts';
import { softwareKey } from '../core/x509/software-key.ts';

const PASSPHRASE = 'a passphrase for tests only';

/** The value, where a test cannot go on without it. */
export function need<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Unexpected failure: ${JSON.stringify(result.failure)}`);
  return result.value;
}

/** A CA of a folder of its own: the real server in this process, on a free port, and an approver who is signed in. */
export interface FlowAuthority {
  readonly pinned: PinnedAuthority;
  readonly client: CertificateAuthority;
  readonly approver: TestOfficer;
  readonly dir: string;
  /** A link for one person. */
  invite(name: string, email: string): Promise<string>;
  /** Ends and starts at the same address, as if the computer had been restarted. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const testPolicy = {
  ...DEFAULT_POLICY,
  retryAfterSeconds: 1,
  limits: { ...DEFAULT_POLICY.limits, requests: { burst: 100_000, perSecond: 10_000 }, submissions: { burst: 100_000, perSecond: 10_000 } },
};

/** A folder with a new CA that trusts the attestation of virtual keys. Remove it afterwards. */
export async function makeAuthorityFolder(): Promise<{ readonly parent: string; readonly dir: string; readonly rootsDir: string; readonly passphrase: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'latchkey-flow-'));
  const [dir, rootsDir] = [join(parent, 'ca'), parent];
  await writeFile(join(rootsDir, 'test-root.pem'), testAttestationRootPem);
  need(await initAuthority({ dir, name: 'Flow CA', keyType: 'ECCP256', passphrase: PASSPHRASE }));
  return { parent, dir, rootsDir, passphrase: PASSPHRASE };
}

export async function startFlowAuthority(): Promise<FlowAuthority> {
  const { parent, dir, rootsDir, passphrase } = await makeAuthorityFolder();
  const start = async (port: number): Promise<AuthorityServer> =>
    need(await startAuthorityServer({ dir, passphrase, listen: { host: '127.0.0.1', port }, attestationRootsDirs: [rootsDir], policy: testPolicy, log: silent }));
  let server = await start(0);
  const inspected = need(await inspectLinkOrAddress(server.firstApproverInvitation ?? ''));
  const pinned = inspected.authority;
  const client = latchkeyAuthority(pinned);
  const approver = await enrollApprover(pinned, client, inspected.invitation?.code ?? '');
  return {
    pinned,
    client,
    approver,
    dir,
    invite: async (name, email) => need(await createInvitation({ dir, name, email, role: 'user', days: 1 })).link,
    restart: async () => {
      await server.close();
      server = await start(Number(new URL(pinned.address).port));
    },
    close: async () => {
      await server.close();
      await rm(parent, { recursive: true });
    },
  };
}

/** The first approver, with a key in memory: the CA's first request needs no approval. */
export async function enrollApprover(pinned: PinnedAuthority, client: CertificateAuthority, code: string): Promise<TestOfficer> {
  const key = softwareKey('ECCP256');
  const csr = need(await buildCsr({ commonName: 'Ada Approver', email: 'ada@example.org', attestation: null, ...key }));
  const request = need(await client.submit(csr, code));
  if (request.certificate === undefined) throw new Error(`The first approver's request is ${request.status}`);
  return need(await signInAs(pinned, request.certificate, key.sign));
}
