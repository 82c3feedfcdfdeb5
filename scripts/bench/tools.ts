/** The same five steps with the tools people use today, a process a step, as their manuals tell it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPem, writePem } from '../../core/x509/pem.ts';
import { CommandFailed, run } from '../run.ts';
import type { BenchAuthority } from './bench-authority.ts';

export interface ToolRun {
  readonly readerName: string;
  readonly environment: NodeJS.ProcessEnv;
  /** For the files that go from one step to the next. */
  readonly folder: string;
  readonly authority: BenchAuthority;
}

export const PIN = '271828';
export const PUK = '31415926';
const FACTORY_KEY = '010203040506070801020304050607080102030405060708';

/** Milliseconds of the five steps; what the CA takes is left out. */
export async function enrollWithYubicoPivTool(bench: ToolRun): Promise<number> {
  const files = filesIn(bench.folder);
  const tool = (...args: readonly string[]): Promise<number> => timed(bench, 'yubico-piv-tool', ['--reader', bench.readerName, ...args]);
  const before = [
    await tool('-a', 'change-pin', '-P', '123456', '-N', PIN),
    await tool('-a', 'change-puk', '-P', '12345678', '-N', PUK),
    await tool('-a', 'generate', '-s', '9a', '-A', 'ECCP256', '-o', files.publicKey),
    await csrAsFarAsItGoes(() => tool('-a', 'verify-pin', '-P', PIN, '-a', 'request-certificate', '-s', '9a', '-S', '/CN=Ana Example/', '-i', files.publicKey, '-o', files.csr)),
  ];
  await issue(bench);
  return sum([...before, await tool('-a', 'import-certificate', '-s', '9a', '-i', files.certificate)]);
}

/**
 * yubico-piv-tool 2.2 with OpenSSL 3 (Debian 12) verifies the PIN, puts the CSR together and gives up before the card
 * signs ("Failed signing request"; OpenSSL's error is "missing private key"). Its time up to there counts for it: whole
 * it would take longer.
 */
async function csrAsFarAsItGoes(makeCsr: () => Promise<number>): Promise<number> {
  const start = performance.now();
  try {
    return await makeCsr();
  } catch (error) {
    if (error instanceof CommandFailed && error.message.includes('Failed signing request')) return performance.now() - start;
    throw error;
  }
}

/** As {@link enrollWithYubicoPivTool}. */
export async function enrollWithYkman(bench: ToolRun): Promise<number> {
  const files = filesIn(bench.folder);
  const tool = (...args: readonly string[]): Promise<number> => timed(bench, 'ykman', ['--reader', bench.readerName, 'piv', ...args]);
  const before = [
    await tool('access', 'change-pin', '--pin', '123456', '--new-pin', PIN),
    await tool('access', 'change-puk', '--puk', '12345678', '--new-puk', PUK),
    await tool('keys', 'generate', '--management-key', FACTORY_KEY, '--algorithm', 'ECCP256', '9a', files.publicKey),
    await tool('certificates', 'request', '--pin', PIN, '--subject', 'Ana Example', '9a', files.publicKey, files.csr),
  ];
  await issue(bench);
  return sum([...before, await tool('certificates', 'import', '--management-key', FACTORY_KEY, '9a', files.certificate)]);
}

function filesIn(folder: string) {
  return { publicKey: join(folder, 'public-key.pem'), csr: join(folder, 'csr.pem'), certificate: join(folder, 'certificate.pem') } as const;
}

async function timed({ environment }: ToolRun, command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(command, args, { env: environment });
  return performance.now() - start;
}

async function issue({ folder, authority }: ToolRun): Promise<void> {
  const files = filesIn(folder);
  const [publicKey] = readPem(await readFile(files.publicKey, 'utf8'), 'PUBLIC KEY');
  if (publicKey === undefined) throw new Error('the tool wrote no public key');
  await writeFile(files.certificate, writePem(await authority.issue(publicKey), 'CERTIFICATE'));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
