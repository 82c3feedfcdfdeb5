/** A CA of the test's own: a folder, a server on a free port, clients, and people with keys in software. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExchange, type Exchange } from '../../authorities/https-exchange.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { initAuthority } from '../../ca/init.ts';
import { createInvitation } from '../../ca/invite.ts';
import { silent } from '../../ca/log.ts';
import { startAuthorityServer, type AuthorityServer, type AuthorityServerOptions } from '../../ca/server.ts';
import { API, signInMessage } from '../../core/authority-api.ts';
import { fromBase64, toBase64 } from '../../core/bytes.ts';
import type { CertificateAuthority, PinnedAuthority } from '../../core/certificate-authority.ts';
import { parseInvitation } from '../../core/invitation.ts';
import type { Role } from '../../core/requests/roles.ts';
import type { Result } from '../../core/result.ts';
import type { Attestation } from '../../core/security-key.ts';
import type { EnrollableKeyType } from '../../core/security-key.ts';
import { buildCsr } from '../../core/x509/csr-building.ts';
import { writePem } from '../../core/x509/pem.ts';
import { attestationChain, type Chain } from '../core/x509/attestation-chain.ts';
import { softwareKey, type SoftwareKey } from '../core/x509/software-key.ts';
import { PASSPHRASE } from './passphrase.ts';
import { signInAs, type TestOfficer } from './test-officer.ts';

/** The value, or a test that fails and says why. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

export interface TestAuthority {
  readonly dir: string;
  readonly pinned: PinnedAuthority;
  readonly server: AuthorityServer;
  /** The applicant's client. */
  readonly client: CertificateAuthority;
  /** Bare HTTPS. */
  readonly exchange: Exchange;
  /** Its root is in `attestation-roots/`. */
  readonly chain: Chain;
  /** Code of the first approver's invitation. */
  readonly firstCode: string;
  invite(role: Role, name?: string, email?: string): Promise<string>;
  close(): Promise<void>;
}

/** Makes and starts one. Its key is P-256: quick, and the other types have tests of their own. */
export async function startTestAuthority(options: Partial<AuthorityServerOptions> = {}): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-ca-'));
  const dir = join(folder, 'ca');
  const created = must(await initAuthority({ dir, name: 'Test CA', keyType: 'ECCP256', passphrase: PASSPHRASE }));
  const chain = attestationChain();
  await writeFile(join(dir, 'attestation-roots', 'test.pem'), writePem(chain.rootCertificate, 'CERTIFICATE'));
  const server = must(await startAuthorityServer({ dir, passphrase: PASSPHRASE, listen: { host: '127.0.0.1', port: 0 }, log: silent, ...options }));
  const pinned = { address: server.address, name: server.name, fingerprint: server.fingerprint, caCertificate: created.caCertificate };
  const first = must(parseInvitation(server.firstApproverInvitation ?? ''));
  return {
    dir,
    pinned,
    server,
    client: latchkeyAuthority(pinned),
    exchange: createExchange(server.address, { trustedCa: writePem(created.caCertificate, 'CERTIFICATE') }),
    chain,
    firstCode: first.code,
    invite: async (role, name = 'Ana Example', email = 'ana@example.org') => must(await createInvitation({ dir, name, email, role, days: 1 })).code,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Person {
  readonly key: SoftwareKey;
  readonly csr: Uint8Array;
}

export interface PersonOptions {
  readonly name?: string;
  readonly email?: string;
  readonly keyType?: EnrollableKeyType;
  readonly key?: SoftwareKey;
  /** Of this chain; none: no attestation. */
  readonly attestedBy?: Chain;
  readonly attestation?: Attestation;
}

/** A person with a key and a CSR. */
export async function person(options: PersonOptions = {}): Promise<Person> {
  const key = options.key ?? softwareKey(options.keyType ?? 'ECCP256');
  const { attestedBy: chain } = options;
  const attestation = options.attestation ?? (chain ? { statement: chain.statement(key.publicKey), intermediate: chain.f9Certificate } : null);
  const csr = must(await buildCsr({ commonName: options.name ?? 'Ana Example', email: options.email ?? 'ana@example.org', attestation, ...key }));
  return { key, csr };
}

/** Enrolls the first approver, who is the owner, and signs in. */
export async function firstApprover(authority: TestAuthority, options: PersonOptions = {}): Promise<TestOfficer & { readonly key: SoftwareKey }> {
  return officerWith(authority, authority.firstCode, { name: 'Bo Approver', email: 'bo@example.org', ...options });
}

/** Enrolls with an invitation that nobody has to look at, and signs in. */
export async function officerWith(authority: TestAuthority, code: string, options: PersonOptions = {}): Promise<TestOfficer & { readonly key: SoftwareKey }> {
  const officer = await person({ attestedBy: authority.chain, ...options });
  const { certificate } = must(await authority.client.submit(officer.csr, code));
  if (!certificate) throw new Error('The officer got no certificate.');
  return { ...must(await signInAs(authority.pinned, certificate, officer.key.sign)), key: officer.key };
}

/** A session of which the test knows the token. */
export async function tokenOf({ exchange, pinned }: TestAuthority, officer: Pick<TestOfficer, 'sign' | 'certificate'>): Promise<string> {
  const { challengeId, challenge } = JSON.parse((await exchange({ method: 'POST', path: API.signInChallenge })).text) as { challengeId: string; challenge: string };
  const signature = must(await officer.sign(signInMessage(pinned.fingerprint, fromBase64(challenge))));
  const body = { challengeId, certificate: toBase64(officer.certificate), signature: toBase64(signature) };
  return (JSON.parse((await exchange({ method: 'POST', path: API.signIn, body })).text) as { token: string }).token;
}
