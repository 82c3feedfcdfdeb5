/** Refusals that no endpoint makes, and most of them before there is a request that one could see. */
import type { FastifyReply } from 'fastify';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Refusal {
  readonly contentType: string;
  readonly body: string;
}

/** How a listener words one. `detail`: what is wrong, for whoever wrote the client. */
export type Refuse = (status: number, detail: string) => Refusal;

const REASONS = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const;

export function sendRefusal(reply: FastifyReply, status: number, { contentType, body }: Refusal): FastifyReply {
  return reply.code(status).headers({ 'content-type': contentType, 'cache-control': 'no-store' }).send(body);
}

/** On a bare connection, and its end. */
function writeRefusal(socket: Socket, status: keyof typeof REASONS, { contentType, body }: Refusal): void {
  const head = `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n`;
  if (socket.writable) socket.write(head + body);
  socket.destroy();
}

/** Bytes that are no HTTP, headers without end, and requests that take too long: an answer where one can be given, and the end. */
export function answerClientError({ code = '' }: { readonly code?: string }, socket: Socket, refuse: Refuse, count: (reason: 'timeout' | 'malformed') => void): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const isTimeout = code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const isOverflow = code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW';
  count(isTimeout ? 'timeout' : 'malformed');
  const status = isTimeout ? 408 : isOverflow ? 431 : 400;
  writeRefusal(socket, status, refuse(status, code));
}

/** Tunnels and unknown expectations, which Node would refuse without a word. */
export function refuseOtherProtocols(server: HttpServer, refuse: Refuse): void {
  server.on('connect', (_request: IncomingMessage, socket: Socket) => writeRefusal(socket, 400, refuse(400, 'CONNECT')));
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { contentType, body } = refuse(417, 'Expect');
    response.writeHead(417, { 'content-type': contentType, 'cache-control': 'no-store', connection: 'close' }).end(body);
  });
}
