/** The main proof: a web server that is not ours lets the key in, through PKCS#11, with a client that is not ours. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENROLLMENT_STEPS } from '../../core/enrollment/state.ts';
import { createComputer, ended, startLatchkey, type Computer } from './latchkey-process.ts';

const execute = promisify(execFile);

const demoResult = z.strictObject({
  ok: z.literal(true),
  serial: z.number().int(),
  firmware: z.string().regex(/^\d+\.\d+\.\d+$/),
  electron: z.null(),
  steps: z.array(z.strictObject({ id: z.enum(ENROLLMENT_STEPS), ms: z.number().nonnegative(), apdus: z.number().int().nonnegative() })),
  totalMs: z.number().positive(),
  cardMs: z.number().positive(),
  certificatePem: z.string(),
  caCertificatePem: z.string(),
  pkcs11: z.strictObject({ module: z.string(), version: z.string(), signed: z.literal(true) }),
  mtls: z.strictObject({ server: z.string(), version: z.string().regex(/^\d+\./), withCertificate: z.literal(200), withoutCertificate: z.union([z.number(), z.string()]) }),
});

describe('the demo', () => {
  let computer: Computer;
  let temporary: string;
  beforeAll(async () => {
    computer = await createComputer();
    temporary = join(computer.folder, 'tmp');
    await mkdir(temporary);
  });
  afterAll(() => computer.close());

  const environment = (): NodeJS.ProcessEnv => ({ ...computer.environment, TMPDIR: temporary });

  /** tsx keeps what it compiled in the temporary folder too. */
  async function leftBehind(): Promise<readonly string[]> {
    const files = (await readdir(temporary)).filter((name) => !name.startsWith('tsx-'));
    const { stdout } = await execute('ps', ['-eo', 'args']);
    return [...files, ...stdout.split('\n').filter((line) => line.includes(temporary))];
  }

  it.each([
    ['nginx', 400],
    ['caddy', expect.stringMatching(/alert/i)],
  ])('%s lets the key in and nobody without it', async (server, withoutCertificate) => {
    const { code, json, stderr } = await ended(startLatchkey(['demo', '--json', '--server', server], environment()));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const result = demoResult.parse(json());
    expect(result.mtls).toMatchObject({ server, withoutCertificate });
    expect(result.steps.map(({ id }) => id)).toEqual([...ENROLLMENT_STEPS]);
    expect(result.cardMs).toBeLessThan(result.totalMs);
    const [certificate, ca] = [new X509Certificate(result.certificatePem), new X509Certificate(result.caCertificatePem)];
    expect({ isSigned: certificate.verify(ca.publicKey), isIssued: certificate.checkIssued(ca), isCa: certificate.ca }).toEqual({ isSigned: true, isIssued: true, isCa: false });
    expect(await leftBehind()).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const child = startLatchkey(['demo'], environment());
    const end = ended(child);
    await new Promise<void>((resolve) => child.stderr?.on('data', (chunk: Buffer) => (chunk.includes('The user enrolls') ? resolve() : undefined)));
    child.kill('SIGTERM');
    expect((await end).code).toBe(143);
    expect(await leftBehind()).toEqual([]);
  });
});
