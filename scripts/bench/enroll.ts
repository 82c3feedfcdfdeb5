/**
 * Our enrollment beside yubico-piv-tool's and ykman's, on one virtual key in turn: A B C, A B C, …, the key as it left
 * the factory before each.
 *
 * Ours is the engine in one warm process, as the app has it; theirs is a process a step, as their users have it. Compared
 * are the steps that all three do: PIN, PUK, key pair (P-256), CSR, certificate written. What ours does besides
 * (management key, attestation, check, proof through PKCS#11) is in `enroll/ours-whole`, and what a person at a terminal
 * waits for is in `enroll/ours-command-line`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrollOnCommandLine } from './our-command-line.ts';
import { createBenchAuthority } from './bench-authority.ts';
import { startBenchKey } from './bench-key.ts';
import { COMPARED, createOurEngine, type OurTime } from './our-engine.ts';
import { fact, median, rounded, type BenchResult } from './results.ts';
import { enrollWithYkman, enrollWithYubicoPivTool } from './tools.ts';

const WARM_UP_ROUNDS = 1;
const ROUNDS = 7;

interface Rounds {
  readonly ours: OurTime[];
  readonly yubicoPivTool: number[];
  readonly ykman: number[];
}

export async function benchEnrollment(tell: (line: string) => void): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const key = await startBenchKey();
  try {
    const authority = await createBenchAuthority();
    const tools = { readerName: key.readerName, environment: key.environment, folder, authority };
    const engine = createOurEngine(authority);
    const rounds: Rounds = { ours: [], yubicoPivTool: [], ykman: [] };
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const times = { ours: await engine.enroll(key), yubicoPivTool: 0, ykman: 0 };
      await key.reset();
      times.yubicoPivTool = await enrollWithYubicoPivTool(tools);
      await key.reset();
      times.ykman = await enrollWithYkman(tools);
      await key.remove();
      tell(`enroll ${round < 0 ? 'warm-up' : `round ${round + 1}`}: ours ${times.ours.steps.toFixed(0)} ms (whole ${times.ours.whole.toFixed(0)} ms), yubico-piv-tool ${times.yubicoPivTool.toFixed(0)} ms, ykman ${times.ykman.toFixed(0)} ms`);
      if (round < 0) continue;
      rounds.ours.push(times.ours);
      rounds.yubicoPivTool.push(times.yubicoPivTool);
      rounds.ykman.push(times.ykman);
    }
    await engine.close();
    return [...resultsOf(rounds), ...(await enrollOnCommandLine(key, tell))];
  } finally {
    await key.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function resultsOf({ ours, yubicoPivTool, ykman }: Rounds): readonly BenchResult[] {
  const steps = median(ours.map((time) => time.steps));
  return [
    { name: 'enroll/yubico-piv-tool', value: rounded(steps / median(yubicoPivTool)), unit: 'ratio', better: 'lower', limit: 0.6 },
    { name: 'enroll/ykman', value: rounded(steps / median(ykman)), unit: 'ratio', better: 'lower', limit: 0.2 },
    fact('enroll/ours', steps, 'ms'),
    ...COMPARED.map((id) => fact(`enroll/ours/${id}`, median(ours.map(({ byStep }) => byStep[id] ?? 0)), 'ms')),
    fact('enroll/ours-whole', median(ours.map(({ whole }) => whole)), 'ms'),
    fact('enroll/rounds', ours.length, 'rounds'),
    fact('enroll/yubico-piv-tool-time', median(yubicoPivTool), 'ms'),
    fact('enroll/ykman-time', median(ykman), 'ms'),
  ];
}
