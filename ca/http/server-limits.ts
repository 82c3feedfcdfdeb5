/** What keeps a slow or greedy sender from holding a server: how long each part of an exchange may take. */

/** Times in milliseconds. */
export interface ServerLimits {
  /** For the TLS handshake. */
  readonly handshakeMs: number;
  /** From the connection, or the end of the answer before, to the end of a request's headers. */
  readonly headersMs: number;
  /** To the end of its body. */
  readonly requestMs: number;
  /** For the client to take the answer, once it is made. */
  readonly answerMs: number;
  /** Until a connection on which nothing is asked is closed. */
  readonly keepAliveMs: number;
  /** At a time. */
  readonly connections: number;
  /** At a time, of one network address; proxies that are trusted may have all. */
  readonly connectionsPerAddress: number;
}

export const HTTPS_LIMITS: ServerLimits = { handshakeMs: 10_000, headersMs: 10_000, requestMs: 30_000, answerMs: 120_000, keepAliveMs: 30_000, connections: 2_000, connectionsPerAddress: 200 };
/** Requests are small; a CRL of many megabytes goes over a slow line too. */
export const STATUS_LIMITS: ServerLimits = { ...HTTPS_LIMITS, headersMs: 5_000, requestMs: 10_000, answerMs: 600_000, connections: 4_000 };
/** Asked by one program or two. */
export const METRICS_LIMITS: ServerLimits = { ...STATUS_LIMITS, answerMs: 30_000, connections: 50 };

/** Node looks so often for who is over time; its own default, half a minute, would be added to every limit. */
const LOOK_MS = 1_000;

/** For Node's `createServer`. A request without Host is refused by us (ca/http/listener.ts): Node's refusal says nothing. */
export function nodeLimits({ handshakeMs, headersMs, requestMs }: ServerLimits) {
  return { handshakeTimeout: handshakeMs, headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: Math.min(LOOK_MS, headersMs), requireHostHeader: false };
}
