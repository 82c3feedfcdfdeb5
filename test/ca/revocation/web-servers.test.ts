/** Real nginx and HAProxy that ask for certificates: a revoked one is refused within a second of `ca crl push`. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushCrls } from '../../../ca/crl-push.ts';
import { readPem, writePem } from '../../../core/x509/pem.ts';
import { freePort } from '../../../native/virtual-yubikey/listening.ts';
import { firstApprover, must, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { signInAs, type TestOfficer } from '../test-officer.ts';

let folder: string;
let authority: TestAuthority;
let approver: Awaited<ReturnType<typeof firstApprover>>;
let officer: TestOfficer;

interface Visitor {
  readonly cert: string;
  readonly key: string;
  readonly serialNumber: string;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-web-'));
  authority = await startTestAuthority({ statusListen: { host: '127.0.0.1', port: 0 } });
  approver = await firstApprover(authority);
  officer = must(await signInAs(authority.pinned, approver.certificate, approver.key.sign));
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...names, '-keyout', 'web.key', '-out', 'web.crt'], { cwd: folder, stdio: 'ignore' });
  await writeFile(join(folder, 'web.pem'), (await readFile(join(folder, 'web.crt'), 'utf8')) + (await readFile(join(folder, 'web.key'), 'utf8')));
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

/** Somebody with a key in a file, and a certificate that an approver let them have. */
async function visitor(name: string): Promise<Visitor> {
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  execFileSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr')], { stdio: 'ignore' });
  const [csr = new Uint8Array()] = readPem(await readFile(file('csr'), 'utf8'), 'CERTIFICATE REQUEST');
  const { id } = must(await authority.client.submit(csr));
  const { certificateSerialNumber } = must(await approver.approve(id));
  const { certificate = new Uint8Array() } = must(await authority.client.request(id));
  return { cert: writePem(certificate, 'CERTIFICATE'), key: await readFile(file('key'), 'utf8'), serialNumber: certificateSerialNumber ?? '' };
}

/** The status of a page, on a connection of its own; the TLS alert as text where there is none. */
function visit(port: number, { cert, key }: Visitor): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/', cert, key, rejectUnauthorized: false, agent: false }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    });
    outgoing.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    outgoing.end();
  });
}

/** While a server reloads, those who answer are the old and the new. */
const STEADY = 10;

/** Until the server answers as wanted, so many times in a row; after how many milliseconds the first of them was. */
async function until(port: number, by: Visitor, isWanted: (answer: number | string) => boolean): Promise<number> {
  const start = performance.now();
  for (let [inRow, first] = [0, start]; ; ) {
    const answer = await visit(port, by);
    if (inRow === 0) first = performance.now();
    inRow = isWanted(answer) ? inRow + 1 : 0;
    if (inRow === STEADY) return first - start;
    if (performance.now() - start > 10_000) throw new Error(`still ${answer}`);
  }
}

async function end(server: ChildProcess): Promise<void> {
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
}

interface WebServer {
  readonly start: (port: number, crl: string) => Promise<ChildProcess>;
  readonly reload: (server: ChildProcess) => string;
}

const SERVERS: Readonly<Record<string, WebServer>> = {
  nginx: {
    start: async (port, crl) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
      const verify = `ssl_client_certificate ${authority.dir}/ca.crt; ssl_verify_client on; ssl_crl ${crl};`;
      const site = `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${folder}/web.crt; ssl_certificate_key ${folder}/web.key; ${verify} return 200 "in"; }`;
      await writeFile(join(folder, 'nginx.conf'), `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; events {} http { access_log off; ${paths} ${site} }`);
      return spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    },
    reload: () => `nginx -p ${folder} -c ${folder}/nginx.conf -s reload`,
  },
  HAProxy: {
    start: async (port, crl) => {
      const bind = `bind 127.0.0.1:${port} ssl crt ${folder}/web.pem ca-file ${authority.dir}/ca.crt verify required crl-file ${crl}`;
      await writeFile(join(folder, 'haproxy.cfg'), `defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\nfrontend web\n  ${bind}\n  http-request return status 200\n`);
      return spawn('haproxy', ['-W', '-q', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
    },
    reload: (server) => `kill -USR2 ${server.pid}`,
  },
};

describe.each(Object.entries(SERVERS))('%s', (name, { start, reload }) => {
  test('lets a good certificate in, and a revoked one no more within a second of the push', async () => {
    const crl = join(folder, `${name}.crl`);
    const [good, bad] = [await visitor(`${name}-good`), await visitor(`${name}-bad`)];
    const push = (commands: readonly string[]) => pushCrls({ from: authority.server.statusAddress ?? '', trustedFile: join(authority.dir, 'ca.crt'), to: [crl], reload: commands });
    must(await push([]));
    const port = await freePort();
    const server = await start(port, crl);
    try {
      await until(port, good, (answer) => answer === 200);
      expect(await visit(port, bad)).toBe(200);
      must(await officer.decide([{ decision: 'revoke', serialNumber: bad.serialNumber, reason: 'keyCompromise' }], approver.key.sign));
      expect(must(await push([reload(server)]))?.isNew).toBe(true);
      expect(await until(port, bad, (answer) => answer !== 200)).toBeLessThan(1000);
      expect(await until(port, good, (answer) => answer === 200)).toBeLessThan(1000);
      expect(must(await push([reload(server)]))?.isNew).toBe(false);
    } finally {
      await end(server);
    }
  });
});
