/**
 * A CA whose certificates OpenSSL made, with a store and a status server of its own: what it says of them is then read by
 * programs that know nothing of ours.
 */
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Authority } from '../../../ca/domain/authority.ts';
import { OPERATOR_ACTOR, type Context } from '../../../ca/domain/context.ts';
import { publishCrls, renewDueCrls } from '../../../ca/domain/crl.ts';
import { DEFAULT_POLICY, type RevocationPolicy } from '../../../ca/domain/policy.ts';
import { revokeCertificates, type StatusChange } from '../../../ca/domain/revoke.ts';
import { createStatusServer } from '../../../ca/http/status-server.ts';
import { silent } from '../../../ca/log.ts';
import type { StoredCertificate } from '../../../ca/storage/store.ts';
import { toHex } from '../../../core/bytes.ts';
import type { Role } from '../../../core/requests/roles.ts';
import { parseCertificate, subjectKeyIdentifier } from '../../../core/x509/certificate.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { must } from '../running-authority.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';

/** Runs OpenSSL quietly; throws with what it said. */
export function openssl(...parameters: readonly string[]): string {
  return execFileSync('openssl', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface IssuedFiles {
  /** PEM files. */
  readonly certificate: string;
  readonly key: string;
  readonly serialNumber: string;
}

export interface IssueOptions {
  readonly partition?: number;
  /** URI of crlDistributionPoints. */
  readonly crl?: string;
  readonly role?: Role;
  readonly expiresAt?: Date;
  readonly by?: Authority;
}

export interface StatusAuthority {
  readonly dir: string;
  readonly context: Context;
  readonly server: FastifyInstance;
  /** "http://127.0.0.1:PORT". */
  readonly address: string;
  /** PEM file of the root, or of all CAs with the root last. */
  readonly rootFile: string;
  readonly chainFile: string;
  issue(name: string, options?: IssueOptions): Promise<IssuedFiles>;
  /** As approvers do it: transaction, then the CRL. */
  change(serialNumber: string, change: StatusChange): Promise<void>;
  /** Moves the CA's clock. */
  setClock(now: Date | null): void;
  setRevocation(change: Partial<RevocationPolicy>): void;
  close(): Promise<void>;
}

const CA_EXTENSIONS = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n';

/** Makes a CA in `dir`/`id`.pem and .key, signed by itself or by `parent`. */
export function makeAuthority(dir: string, id: string, name: string, parent?: string): Authority {
  const [certificate, key] = [join(dir, `${id}.pem`), join(dir, `${id}.key`)];
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
  writeFileSync(join(dir, `${id}.ext`), CA_EXTENSIONS + (parent === undefined ? '' : 'authorityKeyIdentifier=keyid\n'));
  openssl('req', '-new', '-key', key, '-subj', `/O=Latchkey test/CN=${name}`, '-out', join(dir, `${id}.csr`));
  const signer = parent === undefined ? ['-signkey', key] : ['-CA', join(dir, `${parent}.pem`), '-CAkey', join(dir, `${parent}.key`), '-CAcreateserial'];
  openssl('x509', '-req', '-in', join(dir, `${id}.csr`), ...signer, '-days', '3650', '-sha256', '-extfile', join(dir, `${id}.ext`), '-out', certificate);
  return authorityFrom(certificate, key);
}

function authorityFrom(certificateFile: string, keyFile: string): Authority {
  const parsed = parseCertificate(readPem(readFileSync(certificateFile, 'utf8'), 'CERTIFICATE')[0] as Uint8Array);
  if (!parsed) throw new Error('OpenSSL made no certificate.');
  const privateKey = createPrivateKey(readFileSync(keyFile));
  const id = createHash('sha256').update(parsed.der).digest('hex');
  return {
    certificate: parsed,
    name: 'Test CA',
    id,
    chain: [parsed],
    fingerprint: id,
    keyIdentifier: subjectKeyIdentifier(parsed) as Uint8Array,
    key: {
      publicKey: new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
      signatureAlgorithm: 'ecdsaWithSHA256',
      sign: async (message) => new Uint8Array(sign('sha256', message, privateKey)),
    },
  };
}

function issueFiles(dir: string, issuer: string, name: string, crl: string | undefined): IssuedFiles {
  const file = (end: string) => join(dir, `${name}.${end}`);
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('key'));
  writeFileSync(file('ext'), `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\nauthorityKeyIdentifier=keyid\nsubjectAltName=DNS:localhost\n${crl === undefined ? '' : `crlDistributionPoints=URI:${crl}\n`}`);
  openssl('req', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('csr'));
  const serialNumber = toHex(crypto.getRandomValues(new Uint8Array(16))).replace(/^0/, '7');
  openssl('x509', '-req', '-in', file('csr'), '-CA', join(dir, `${issuer}.pem`), '-CAkey', join(dir, `${issuer}.key`), '-set_serial', `0x${serialNumber}`, '-days', '90', '-sha256', '-extfile', file('ext'), '-out', file('pem'));
  return { certificate: file('pem'), key: file('key'), serialNumber };
}

function row(der: Uint8Array, authority: Authority, serialNumber: string, name: string, options: IssueOptions): StoredCertificate {
  const parsed = parseCertificate(der);
  if (!parsed) throw new Error('OpenSSL made no certificate.');
  return {
    serialNumber,
    requestId: toHex(crypto.getRandomValues(new Uint8Array(16))),
    profile: 'person',
    issuerId: authority.id,
    crlPartition: options.partition ?? 0,
    role: options.role ?? 'user',
    name,
    email: `${name}@example.org`,
    keySerial: null,
    publicKeySha256: '',
    tbs: parsed.tbs,
    certificate: der,
    madeAt: parsed.notBefore,
    expiresAt: options.expiresAt ?? parsed.notAfter,
    status: 'good',
    revokedAt: null,
    revocationReason: null,
  };
}

export interface StatusAuthorityOptions {
  /** An issuing CA below a root that is not here. */
  readonly hasRoot?: boolean;
  readonly revocation?: Partial<RevocationPolicy>;
}

/** Makes one and starts its status server. */
export async function startStatusAuthority(options: StatusAuthorityOptions = {}): Promise<StatusAuthority> {
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-status-'));
  mkdirSync(join(dir, 'parent-crls'));
  const root = options.hasRoot === true ? makeAuthority(dir, 'root', 'Test root') : undefined;
  const own = makeAuthority(dir, 'ca', 'Test CA', root && 'root');
  const authority = root ? { ...own, chain: [own.certificate, root.certificate], fingerprint: root.id } : own;
  let now: Date | null = null;
  let policy = { ...DEFAULT_POLICY, revocation: { ...DEFAULT_POLICY.revocation, ...options.revocation } };
  const store = openSqliteStore(join(dir, 'latchkey.sqlite'));
  const context: Context = {
    authority,
    formerAuthorities: [],
    store,
    trust: { roots: [], intermediates: [] } as unknown as Context['trust'],
    get policy() {
      return policy;
    },
    clock: () => now ?? new Date(),
    log: silent,
  };
  const server = await createStatusServer(context, { parentCrlsDir: join(dir, 'parent-crls') });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  await renewDueCrls(context);
  const chainFile = join(dir, 'chain.pem');
  writeFileSync(chainFile, readFileSync(join(dir, 'ca.pem'), 'utf8') + (root ? readFileSync(join(dir, 'root.pem'), 'utf8') : ''));
  return {
    dir,
    context,
    server,
    address,
    rootFile: join(dir, root ? 'root.pem' : 'ca.pem'),
    chainFile,
    issue: async (name, issueOptions = {}) => {
      const files = issueFiles(dir, 'ca', name, issueOptions.crl);
      const der = readPem(readFileSync(files.certificate, 'utf8'), 'CERTIFICATE')[0] as Uint8Array;
      await store.write((rows) => rows.addCertificate(row(der, issueOptions.by ?? authority, files.serialNumber, name, issueOptions)));
      return files;
    },
    change: async (serialNumber, change) => {
      const changed = must(await store.write((rows) => revokeCertificates(context, rows, [serialNumber], change, OPERATOR_ACTOR)));
      await publishCrls(context, changed.crls);
    },
    setClock: (date) => {
      now = date;
    },
    setRevocation: (change) => {
      policy = { ...policy, revocation: { ...policy.revocation, ...change } };
    },
    close: async () => {
      await server.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

