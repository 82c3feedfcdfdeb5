/** Load on a server: so many requests at a time over connections that stay open, until a number of them is done. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface LoadAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A client of one origin that keeps `connections` open. No certificate is checked: what is measured is the server. */
export class LoadClient {
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(
    private readonly origin: string,
    private readonly connections: number,
  ) {
    const options = { keepAlive: true, maxSockets: connections };
    this.#agent = origin.startsWith('https:') ? new HttpsAgent({ ...options, rejectUnauthorized: false }) : new HttpAgent(options);
  }

  send({ method, path, headers = {}, body }: LoadRequest): Promise<LoadAnswer> {
    const send = this.origin.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const outgoing = send(new URL(path, this.origin), { method, agent: this.#agent, headers: { ...headers, ...length } });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }));
      });
      outgoing.end(body);
    });
  }

  /** Sends all of them, as many at a time as there are connections; answers how many a second. Throws at the first that is not answered with 200. */
  async rate(requests: readonly LoadRequest[]): Promise<number> {
    const start = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        const request = requests[next++];
        if (request === undefined) return;
        const answer = await this.send(request);
        if (answer.status !== 200) throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
      }
    };
    await Promise.all(Array.from({ length: this.connections }, worker));
    return (requests.length / (performance.now() - start)) * 1000;
  }

  close(): void {
    this.#agent.destroy();
  }
}
