import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { toHex, sha256 } from '../../core/bytes.ts';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import { keyIdentifier, randomSerialNumber, toBeSigned, withSignature } from '../../core/x509/certificate-building.ts';
import { type AlternativeName, commonNameOnly } from '../../core/x509/names.ts';
import { writePem } from '../../core/x509/pem.ts';
import { AUTHORITY_PROFILE, AUTHORITY_SERVER_PROFILE, type CertificateProfile, validityOf } from '../../core/x509/profile.ts';

/** A CA in memory that gives TLS servers their certificates. */
export interface TlsAuthority {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PEM of key and certificate of a server, for these names. */
  serverIdentity(names: readonly AlternativeName[], madeAt?: Date): Promise<{ readonly key: string; readonly cert: string }>;
}

const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
type KeyPair = ReturnType<typeof p256>;
const spki = (key: KeyPair): Uint8Array => new Uint8Array(key.publicKey.export({ format: 'der', type: 'spki' }));

interface Wanted {
  readonly profile: CertificateProfile;
  readonly commonName: string;
  readonly names: readonly AlternativeName[];
  readonly madeAt: Date;
}

async function certify(issuer: KeyPair, issuerName: string, subject: KeyPair, wanted: Wanted): Promise<Uint8Array> {
  const tbs = await toBeSigned({
    profile: wanted.profile,
    serialNumber: randomSerialNumber(),
    subject: commonNameOnly(wanted.commonName),
    issuer: commonNameOnly(issuerName),
    validity: validityOf(wanted.profile, wanted.madeAt),
    alternativeNames: wanted.names,
    publicKey: spki(subject),
    authorityKeyIdentifier: await keyIdentifier(spki(issuer)),
    signatureAlgorithm: 'ecdsaWithSHA256',
  });
  return withSignature(tbs, 'ecdsaWithSHA256', new Uint8Array(sign('sha256', tbs, issuer.privateKey)));
}

export async function tlsAuthority(name: string): Promise<TlsAuthority> {
  const ca = p256();
  const certificate = await certify(ca, name, ca, { profile: AUTHORITY_PROFILE, commonName: name, names: [], madeAt: new Date() });
  return {
    certificate,
    serverIdentity: async (names, madeAt = new Date()) => {
      const server = p256();
      const der = await certify(ca, name, server, { profile: AUTHORITY_SERVER_PROFILE, commonName: 'server', names, madeAt });
      return { key: server.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), cert: writePem(der, 'CERTIFICATE') };
    },
  };
}

export const LOOPBACK: readonly AlternativeName[] = [{ kind: 'ip', value: '127.0.0.1' }];

/** A real HTTPS server on a free port of the loopback, and what a client that trusts `authority` pins for it. */
export interface TlsServer {
  readonly pinned: PinnedAuthority;
  /** Requests that arrived, such as "GET /api/v1/authority". */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startTlsServer(authority: TlsAuthority, identity: { readonly key: string; readonly cert: string }, listener: RequestListener): Promise<TlsServer> {
  const requests: string[] = [];
  const server = createServer(identity, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    pinned: { address, name: 'Test CA', fingerprint: toHex(await sha256(authority.certificate)), caCertificate: authority.certificate },
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
