/**
 * OCSP: answers a second and how long one takes, of our status listener beside `openssl ocsp -multi 2`: the same client, the
 * same questions about the same certificates, P-256 keys on both sides. `openssl ocsp` closes every connection after its
 * answer and signs every answer; so the ratios are of connections that ours opens anew too. Ours reads its database for each.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER } from '../../../ca/folder.ts';
import { STATUS_PATH } from '../../../ca/domain/status-addresses.ts';
import { readPem } from '../../../core/x509/pem.ts';
import { fact, median, percentile, rounded, type BenchResult } from '../results.ts';
import { LoadClient, type LoadRequest } from './load.ts';
import { certificateAt, fill, issuerIdOf, serialNumberAt, withStore } from './many-rows.ts';
import { ocspQuestion } from './ocsp-requests.ts';
import { startOpensslOcsp } from './openssl-ocsp.ts';
import { startOurServer } from './our-server.ts';

/** So many certificates a round, each asked about once afresh and once again. */
const ROUND = 1_500;
const ROUNDS = 3;
const CONNECTIONS = 16;
const FOR_LATENCY = 300;

class Measured {
  readonly rates: number[] = [];
  readonly latencies: number[] = [];

  constructor(
    readonly name: string,
    readonly many: LoadClient,
    readonly single: LoadClient,
  ) {}

  /** Rate by many connections, latency by one. */
  async run(forRate: readonly LoadRequest[], forLatency: readonly LoadRequest[], isCounted: boolean): Promise<number> {
    const rate = await this.many.rate(forRate);
    const { milliseconds } = await this.single.run(forLatency);
    if (isCounted) {
      this.rates.push(rate);
      this.latencies.push(...milliseconds);
    }
    return rate;
  }

  results(): readonly BenchResult[] {
    return [
      { ...fact(`ocsp/${this.name}`, median(this.rates), 'a second'), better: 'higher' },
      fact(`ocsp/${this.name}/median`, median(this.latencies), 'ms'),
      fact(`ocsp/${this.name}/99 of 100`, percentile(this.latencies, 99), 'ms'),
    ];
  }

  close(): void {
    this.many.close();
    this.single.close();
  }
}

function measured(name: string, address: string, keepAlive = true): Measured {
  return new Measured(name, new LoadClient(address, CONNECTIONS, keepAlive), new LoadClient(address, 1, keepAlive));
}

/** All by turns, round by round. */
export async function benchOcsp(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-ocsp-'));
  await mkdir(join(folder, 'openssl'));
  const ours = await startOurServer(folder);
  const perRound = ROUND + FOR_LATENCY;
  // Afresh twice a round: on connections that stay and on ones that do not.
  const count = (ROUNDS + 1) * 2 * perRound;
  const issuerId = await issuerIdOf(ours.dir);
  await withStore(ours, (store) => fill(store, 0, count, (rows, index) => rows.addCertificate(certificateAt(index, issuerId))));
  const caFile = join(ours.dir, FOLDER.certificate);
  const [issuer] = readPem(await readFile(caFile, 'utf8'), 'CERTIFICATE');
  if (issuer === undefined) throw new Error('The CA has no certificate.');
  const openssl = await startOpensslOcsp(join(folder, 'openssl'), caFile, Array.from({ length: count }, (_, index) => serialNumberAt(index)));
  const questions = (from: number, to: number, path: string): readonly LoadRequest[] =>
    Array.from({ length: to - from }, (_, at) => ocspQuestion(issuer, serialNumberAt(from + at), path));
  const peer = measured('openssl', openssl.address, false);
  const ourOnes = [
    { fresh: measured('fresh', ours.statusAddress), again: measured('again', ours.statusAddress) },
    { fresh: measured('fresh, new connections', ours.statusAddress, false), again: measured('again, new connections', ours.statusAddress, false) },
  ];
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const words = round === 0 ? 'to warm up' : `round ${round}`;
      for (const [at, { fresh, again }] of ourOnes.entries()) {
        const start = (round * 2 + at) * perRound;
        const asked = [questions(start, start + ROUND, STATUS_PATH.ocsp), questions(start + ROUND, start + perRound, STATUS_PATH.ocsp)] as const;
        for (const way of [fresh, again]) tell(`ocsp, ${words}: ${way.name} ${(await way.run(...asked, round > 0)).toFixed(0)}/s`);
      }
      const start = round * 2 * perRound;
      const rate = await peer.run(questions(start, start + ROUND, '/'), questions(start + ROUND, start + perRound, '/'), round > 0);
      tell(`ocsp, ${words}: openssl ${rate.toFixed(0)}/s`);
    }
  } finally {
    for (const { fresh, again } of ourOnes) for (const way of [fresh, again]) way.close();
    peer.close();
    await Promise.all([ours.process.end(), openssl.process.end()]);
    await rm(folder, { recursive: true, force: true });
  }
  const [, anew] = ourOnes;
  const ratio = (name: string, way: Measured): BenchResult => ({ name, value: rounded(median(way.rates) / median(peer.rates)), unit: 'ratio', better: 'higher' });
  const ratios = anew === undefined ? [] : [ratio('ocsp/fresh/openssl', anew.fresh), ratio('ocsp/again/openssl', anew.again)];
  return [...ratios, ...ourOnes.flatMap(({ fresh, again }) => [...fresh.results(), ...again.results()]), ...peer.results()];
}
