/** CRLs and CA certificates over plain HTTP (RFC 5280, section 4.2.1.13 and 4.2.2.1; media types of RFC 2585 and 8555). */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { writePem } from '../../core/x509/pem.ts';
import { crlPem, readCrlFile } from '../crl-pem.ts';
import type { Authority } from '../domain/authority.ts';
import type { Context } from '../domain/context.ts';
import { crlNames, liveAuthorities } from '../domain/crl.ts';
import { sendRepresentation, type Representation } from './conditional.ts';
import { CrlShelf, type ShelvedCrl } from './crl-shelf.ts';

export interface CrlEndpointOptions {
  /** Folder of CRLs (`*.crl`, PEM or DER) of the CAs above the issuing one, as their operator made them; none: no such. */
  readonly parentCrlsDir?: string;
}

const PEM = 'application/x-pem-file';
/** A cache between must not keep a revocation from anybody for longer. */
const CRL_CACHE = 'public, max-age=30, must-revalidate';
const CERTIFICATE_CACHE = 'public, max-age=86400';

/** An issuer by the first 16 digits of its id, as its addresses have them. */
function authorityOf(context: Context, id16: string): Authority | undefined {
  return [context.authority, ...context.formerAuthorities].find(({ id }) => id.startsWith(id16));
}

function nothing(reply: FastifyReply): FastifyReply {
  return reply.code(404).header('content-type', 'text/plain; charset=utf-8').send('Nothing is here.\n');
}

/** It is being made; who needs it comes again. */
function notYet(reply: FastifyReply): FastifyReply {
  return reply.code(503).header('retry-after', '1').header('content-type', 'text/plain; charset=utf-8').send('The CRL is not made yet.\n');
}

function representation(crl: ShelvedCrl, form: string): Representation {
  // The number is the second it was made in, or later: it says more than thisUpdate, which two CRLs may share.
  const common = { tag: `${crl.number}-${form}`, modifiedAt: new Date(crl.number * 1000), cacheControl: CRL_CACHE };
  return form === 'pem' ? { ...common, contentType: PEM, body: crl.pem } : { ...common, contentType: 'application/pkix-crl', body: crl.crl };
}

/** CRLs that the operator put into the folder, as PEM; what cannot be read is said in the log. */
async function parentCrls(context: Context, dir: string | undefined): Promise<readonly string[]> {
  if (dir === undefined) return [];
  const names = await readdir(dir).catch(() => []);
  const texts: string[] = [];
  for (const name of names.filter((candidate) => candidate.endsWith('.crl')).toSorted()) {
    try {
      texts.push(...readCrlFile(await readFile(join(dir, name))).map(crlPem));
    } catch (error) {
      context.log('warning', 'parent-crl-unreadable', { name, error: String(error) });
    }
  }
  return texts;
}

/** Every CRL that a server needs to check certificates of this CA; undefined: one is not made yet. */
async function bundle(context: Context, shelf: CrlShelf, dir: string | undefined): Promise<Representation | undefined> {
  const crls = await Promise.all((await crlNames(context)).map((name) => shelf.get(name)));
  const known = crls.filter((crl) => crl !== undefined);
  if (known.length < crls.length) return undefined;
  const parents = await parentCrls(context, dir);
  const hash = createHash('sha256');
  for (const { issuerId, partition, number } of known) hash.update(`${issuerId}/${partition}/${number}\n`);
  for (const parent of parents) hash.update(parent);
  const body = [...known.map(({ pem }) => pem), ...parents].join('');
  return { tag: hash.digest('hex').slice(0, 32), modifiedAt: null, cacheControl: 'no-cache', contentType: PEM, body };
}

function addCertificates(app: FastifyInstance, context: Context): void {
  app.get<{ Params: { id: string } }>('/ca/:id([0-9a-f]{16}).crt', async (request, reply) => {
    const authority = authorityOf(context, request.params.id);
    if (!authority) return nothing(reply);
    const { der, notBefore } = authority.certificate;
    return sendRepresentation(request, reply, context.clock(), { contentType: 'application/pkix-cert', body: der, tag: authority.id, modifiedAt: notBefore, cacheControl: CERTIFICATE_CACHE });
  });
  app.get('/ca/bundle.pem', async (request, reply) => {
    const chains = liveAuthorities(context).flatMap(({ chain }) => chain.map(({ der }) => writePem(der, 'CERTIFICATE')));
    const body = [...new Set(chains)].join('');
    const tag = createHash('sha256').update(body).digest('hex').slice(0, 32);
    return sendRepresentation(request, reply, context.clock(), { contentType: 'application/pem-certificate-chain', body, tag, modifiedAt: null, cacheControl: 'no-cache' });
  });
}

/**
 * `/crl/ID/PARTITION.crl` (DER) and `.pem`; `/crl/bundle.pem`: one CRL for each CA of the chain, as nginx wants them;
 * `/ca/ID.crt` (DER); `/ca/bundle.pem`: the certificates of all issuers and the CAs above them.
 */
export function addCrlEndpoints(app: FastifyInstance, context: Context, options: CrlEndpointOptions): void {
  const shelf = new CrlShelf(context);
  for (const form of ['crl', 'pem']) {
    app.get<{ Params: { id: string; partition: string } }>(`/crl/:id([0-9a-f]{16})/:partition([0-9]{1,6}).${form}`, async (request, reply) => {
      const authority = authorityOf(context, request.params.id);
      const crl = authority && (await shelf.get({ issuerId: authority.id, partition: Number(request.params.partition) }));
      return crl ? sendRepresentation(request, reply, context.clock(), representation(crl, form)) : nothing(reply);
    });
  }
  app.get('/crl/bundle.pem', async (request, reply) => {
    const all = await bundle(context, shelf, options.parentCrlsDir);
    return all ? sendRepresentation(request, reply, context.clock(), all) : notYet(reply);
  });
  addCertificates(app, context);
}
