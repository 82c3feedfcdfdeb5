import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../native/virtual-yubikey/listening.ts';
import { LoadClient } from './load.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

const run = promisify(execFile);

/** A line of openssl's index.txt (`man ca`, "CERTIFICATE REVOCATION LIST"): status, end, revocation, serial, file, subject. */
function indexLine(serial: string, subject: string): string {
  return `V\t350101000000Z\t\t${serial.toUpperCase()}\tunknown\t${subject}\n`;
}

/** `openssl ocsp` as a responder with a P-256 key that knows these serial numbers (hex) as good. */
export async function startOpensslOcsp(folder: string, serials: readonly string[]): Promise<{ readonly address: string; readonly caFile: string; readonly process: ServerProcess }> {
  const [ca, caKey, index] = ['ocsp-ca.pem', 'ocsp-ca.key', 'index.txt'].map((name) => join(folder, name)) as [string, string, string];
  await run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-x509', '-days', '30', '-subj', '/CN=Bench', '-keyout', caKey, '-out', ca]);
  await writeFile(index, serials.map((serial, at) => indexLine(serial, `/CN=Person ${at}`)).join(''));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  // -multi: as many processes as there are cores, which is what an operator would do.
  const args = ['ocsp', '-multi', '2', '-index', index, '-port', String(port), '-rsigner', ca, '-rkey', caKey, '-CA', ca, '-nmin', '60'];
  const probe = new LoadClient(address, 1);
  const server = await startServerProcess('openssl', args, async () => (await probe.send({ method: 'GET', path: '/' })).status > 0);
  probe.close();
  return { address, caFile: ca, process: server };
}
