/** Answers that are often asked for again: ETag, Last-Modified, and 304 for who has them already (RFC 9110, section 13). */
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Representation {
  readonly contentType: string;
  readonly body: Uint8Array | string;
  /** Without quotation marks; another one for other bytes. */
  readonly tag: string;
  /** null: it cannot tell. */
  readonly modifiedAt: Date | null;
  readonly cacheControl: string;
  readonly expires?: Date;
}

function hasTag(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((part) => part.trim().replace(/^W\//, '') === `"${tag}"`);
}

/** Whether the asker has it already. If-None-Match wins over If-Modified-Since (section 13.1.3). */
function isKnown(request: FastifyRequest, { tag, modifiedAt }: Representation): boolean {
  const tags = request.headers['if-none-match'];
  if (tags !== undefined) return hasTag(tags, tag);
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && modifiedAt !== null && Math.floor(modifiedAt.getTime() / 1000) * 1000 <= since;
}

/** Sends it, or 304 without it. */
export function sendRepresentation(request: FastifyRequest, reply: FastifyReply, now: Date, representation: Representation): FastifyReply {
  reply.header('etag', `"${representation.tag}"`).header('cache-control', representation.cacheControl);
  // No later than the answer itself (section 8.8.2.1).
  const { modifiedAt } = representation;
  if (modifiedAt !== null && modifiedAt.getTime() <= now.getTime()) reply.header('last-modified', modifiedAt.toUTCString());
  if (representation.expires) reply.header('expires', representation.expires.toUTCString());
  if (isKnown(request, representation)) return reply.code(304).send();
  const { body } = representation;
  return reply.header('content-type', representation.contentType).send(typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
