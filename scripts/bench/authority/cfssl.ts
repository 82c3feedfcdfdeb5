import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../native/virtual-yubikey/listening.ts';
import { LoadClient, type LoadRequest } from './load.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';

const run = promisify(execFile);

/** One year, as our profile of a person has it. */
const CONFIG = { signing: { default: { expiry: '8760h', usages: ['digital signature', 'client auth'] } } };

/** `cfssl serve` over TLS with a P-256 CA. It stores nothing: what it answers is lost when it ends. */
export async function startCfssl(folder: string): Promise<{ readonly address: string; readonly process: ServerProcess }> {
  const [ca, caKey, tls, tlsKey, config] = ['ca.pem', 'ca.key', 'tls.pem', 'tls.key', 'config.json'].map((name) => join(folder, name)) as [string, string, string, string, string];
  const p256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-x509', '-days', '30'];
  await run('openssl', ['req', ...p256, '-subj', '/CN=Bench', '-keyout', caKey, '-out', ca]);
  await run('openssl', ['req', ...p256, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', tlsKey, '-out', tls]);
  await writeFile(config, JSON.stringify(CONFIG));
  const port = await freePort();
  const address = `https://127.0.0.1:${port}`;
  const probe = new LoadClient(address, 1);
  const args = ['serve', '-loglevel', '3', '-address', '127.0.0.1', '-port', String(port), '-ca', ca, '-ca-key', caKey, '-config', config, '-tls-cert', tls, '-tls-key', tlsKey];
  const server = await startServerProcess('cfssl', args, async () => (await probe.send({ method: 'GET', path: '/' })).status > 0);
  probe.close();
  return { address, process: server };
}

/** Asks for the certificate of a PEM CSR. */
export function cfsslRequest(csrPem: string): LoadRequest {
  return { method: 'POST', path: '/api/v1/cfssl/sign', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ certificate_request: csrPem }) };
}
