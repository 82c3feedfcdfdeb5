/** Load on a server: so many requests at a time over connections that stay open, until a number of them is done. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whether a body that came with 200 is an answer to the question; every one is unless said. */
  readonly isAnswered?: (body: Buffer) => boolean;
}

export interface LoadAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface LoadRun {
  readonly perSecond: number;
  /** How long each answer took. */
  readonly milliseconds: readonly number[];
}

/** A client of one origin that keeps `connections` open. No certificate is checked: what is measured is the server. */
export class LoadClient {
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(
    private readonly origin: string,
    private readonly connections: number,
    /** Without it each request opens a connection, which is what some servers make of it anyway. */
    keepAlive = true,
  ) {
    const options = { keepAlive, maxSockets: connections };
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

  /** {@link LoadClient.run}, for how many a second alone. */
  async rate(requests: readonly LoadRequest[]): Promise<number> {
    return (await this.run(requests)).perSecond;
  }

  /** Sends all of them, as many at a time as there are connections. Throws at the first that is not answered, or with another status than 200. */
  async run(requests: readonly LoadRequest[]): Promise<LoadRun> {
    const start = performance.now();
    const milliseconds: number[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        const request = requests[next++];
        if (request === undefined) return;
        const sent = performance.now();
        const answer = await this.send(request);
        milliseconds.push(performance.now() - sent);
        if (answer.status !== 200 || request.isAnswered?.(answer.body) === false) throw new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body.toString().slice(0, 300)} (${answer.body.length} bytes)`);
      }
    };
    await Promise.all(Array.from({ length: this.connections }, worker));
    return { perSecond: (requests.length / (performance.now() - start)) * 1000, milliseconds };
  }

  close(): void {
    this.#agent.destroy();
  }
}
