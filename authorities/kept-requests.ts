/**
 * Requests of CAs that keep none for us (EST, by hand), noted on this computer: a file a key pair, with the CSR and what
 * became of it. Nothing in it is secret.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fromBase64, sha256, toBase64, toHex } from '../core/bytes.ts';
import type { SubmittedRequest } from '../core/certificate-authority.ts';

export interface KeptRequest {
  /** DER. */
  readonly csr: Uint8Array;
  readonly submittedAt: Date;
  /** DER; undefined: none came yet. */
  readonly certificate?: Uint8Array | undefined;
  readonly chain?: readonly Uint8Array[] | undefined;
  /** Not to be asked about before. */
  readonly retryAt?: Date | undefined;
  /** Nothing comes of it any more: the CA said no, in these words, or the person took it back. */
  readonly denialReason?: string | undefined;
  readonly isWithdrawn?: true | undefined;
}

export interface KeptRequests {
  /** null: there is none, or what is stored cannot be read. */
  read(id: string): Promise<KeptRequest | null>;
  write(id: string, request: KeptRequest): Promise<void>;
}

/** What a request is called whose CA gives it no name: half of SHA-256 of its public key (DER SubjectPublicKeyInfo). */
export async function requestIdOf(publicKey: Uint8Array): Promise<string> {
  return toHex(await sha256(publicKey)).slice(0, 32);
}

/** A kept request as the enrollment sees it. */
export function submittedOf(id: string, kept: KeptRequest, now: Date): SubmittedRequest {
  const { submittedAt, certificate, chain = [], denialReason, retryAt, isWithdrawn } = kept;
  if (isWithdrawn) return { id, submittedAt, status: 'withdrawn' };
  if (denialReason !== undefined) return { id, submittedAt, status: 'denied', denialReason };
  if (certificate !== undefined) return { id, submittedAt, status: 'issued', certificate, chain };
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt.getTime() - now.getTime()) / 1000);
  return { id, submittedAt, status: 'pending', ...(seconds > 0 ? { retryAfterSeconds: seconds } : {}) };
}

const ID = /^[0-9a-f]{32}$/;
const der = z.base64().max(100_000).transform(fromBase64);
const date = z.iso.datetime().transform((text) => new Date(text));
const stored = z.object({
  csr: der,
  submittedAt: date,
  certificate: der.optional(),
  chain: z.array(der).optional(),
  retryAt: date.optional(),
  denialReason: z.string().optional(),
  isWithdrawn: z.literal(true).optional(),
});

/** Kept in a folder of one CA, which is made when it is needed. */
export function keptRequests(folder: string): KeptRequests {
  const pathOf = (id: string): string => {
    if (!ID.test(id)) throw new Error('a request under another name than ours');
    return join(folder, `${id}.json`);
  };
  return {
    read: async (id) => (ID.test(id) ? parse(await textOf(pathOf(id))) : null),
    write: (id, { csr, certificate, chain, ...rest }) => {
      const bytes = { csr: toBase64(csr), ...(certificate && { certificate: toBase64(certificate) }), ...(chain && { chain: chain.map(toBase64) }) };
      return writeWhole(pathOf(id), `${JSON.stringify({ ...rest, ...bytes })}\n`);
    },
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function parse(text: string): KeptRequest | null {
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeFile(beside, text, { mode: 0o600, flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
