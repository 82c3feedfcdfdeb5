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

/** `openssl ocsp` as a responder with a P-256 key for a CA (PEM file), whose certificates of these serial numbers (hex) it knows as good. */
export async function startOpensslOcsp(folder: string, caFile: string, serials: readonly string[]): Promise<{ readonly address: string; readonly process: ServerProcess }> {
  const [signer, key, index] = ['ocsp.pem', 'ocsp.key', 'index.txt'].map((name) => join(folder, name)) as [string, string, string];
  await run('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-x509', '-days', '30', '-subj', '/CN=Bench OCSP', '-keyout', key, '-out', signer]);
  await writeFile(index, serials.map((serial, at) => indexLine(serial, `/CN=Person ${at}`)).join(''));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  // -multi: as many processes as there are cores, which is what an operator would do. Without -ignore_err it ends at the
  // first thing that is no request, as the probe is.
  const args = ['ocsp', '-multi', '2', '-ignore_err', '-index', index, '-port', String(port), '-rsigner', signer, '-rkey', key, '-CA', caFile, '-nmin', '60'];
  const probe = new LoadClient(address, 1);
  const server = await startServerProcess('openssl', args, async () => (await probe.send({ method: 'GET', path: '/' })).status > 0);
  probe.close();
  return { address, process: server };
}
