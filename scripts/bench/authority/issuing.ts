/**
 * How many certificates a second: our EST with a certificate that is durable when it is answered, on SQLite and on
 * PostgreSQL, beside `cfssl serve`, which stores nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePem } from '../../../core/x509/pem.ts';
import { startPostgres } from '../../private-postgres.ts';
import { fact, median, rounded, type BenchResult } from '../results.ts';
import { cfsslRequest, startCfssl } from './cfssl.ts';
import { manyCsrs } from './csrs.ts';
import { LoadClient, type LoadRequest } from './load.ts';
import { startOurServer, type OurServer } from './our-server.ts';

/** So many certificates a round, after as many as warm the programs up. */
const ROUND = 250;
const ROUNDS = 3;
const CONNECTIONS = 16;
/** Asked for; the aim is to be level. */
const LEAST_OF_CFSSL = 0.25;

function estRequest(csr: Uint8Array, { code }: OurServer): LoadRequest {
  const headers = { 'content-type': 'application/pkcs10', authorization: `Basic ${Buffer.from(`bench:${code}`).toString('base64')}` };
  return { method: 'POST', path: '/.well-known/est/device/simpleenroll', headers, body: Buffer.from(csr).toString('base64') };
}

interface Peer {
  readonly name: string;
  readonly client: LoadClient;
  readonly request: (csr: Uint8Array) => LoadRequest;
  readonly rates: number[];
}

/** All by turns, round by round, so that what else the machine does hits all of them. */
export async function benchIssuing(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-ca-'));
  const [sqliteFolder, postgresFolder, cfsslFolder] = await Promise.all(['sqlite-', 'postgres-', 'cfssl-'].map((name) => mkdtemp(join(folder, name)))) as [string, string, string];
  const postgres = await startPostgres();
  const sqlite = await startOurServer(sqliteFolder);
  const shared = await startOurServer(postgresFolder, await postgres.database());
  const cfssl = await startCfssl(cfsslFolder);
  const peers: readonly Peer[] = [
    { name: 'cfssl', client: new LoadClient(cfssl.address, CONNECTIONS), request: (csr) => cfsslRequest(writePem(csr, 'CERTIFICATE REQUEST')), rates: [] },
    { name: 'sqlite', client: new LoadClient(sqlite.address, CONNECTIONS), request: (csr) => estRequest(csr, sqlite), rates: [] },
    { name: 'postgres', client: new LoadClient(shared.address, CONNECTIONS), request: (csr) => estRequest(csr, shared), rates: [] },
  ];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const csrs = await manyCsrs(ROUND);
      for (const { name, client, request, rates } of peers) {
        const rate = await client.rate(csrs.map(request));
        if (round > 0) rates.push(rate);
        tell(`issuing, ${round === 0 ? 'to warm up' : `round ${round}`}: ${name} ${rate.toFixed(0)}/s`);
      }
    }
  } finally {
    for (const { client } of peers) client.close();
    await Promise.all([cfssl.process.end(), sqlite.process.end(), shared.process.end()]);
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
  return resultsOf(peers);
}

function resultsOf(peers: readonly Peer[]): readonly BenchResult[] {
  const rateOf = (name: string): number => median(peers.find((peer) => peer.name === name)?.rates ?? []);
  const ratio = (name: string): BenchResult => ({ name: `issue/${name}/cfssl`, value: rounded(rateOf(name) / rateOf('cfssl')), unit: 'ratio', better: 'higher', limit: LEAST_OF_CFSSL });
  return [ratio('sqlite'), ratio('postgres'), ...peers.map(({ name }) => ({ ...fact(`issue/${name}`, rateOf(name), 'a second'), better: 'higher' as const }))];
}
