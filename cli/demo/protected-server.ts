/**
 * A web server that is not ours, on loopback, that lets nobody in without a certificate of the CA: nginx (Debian package
 * nginx-light) or Caddy, whichever is installed.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../native/virtual-yubikey/listening.ts';
import { findProgram, startProgram, type RunningProgram } from './child-process.ts';

export type ServerName = 'nginx' | 'caddy';

export interface ProtectedServer {
  readonly name: ServerName;
  readonly version: string;
  readonly port: number;
  /** PEM file with the server's own certificate, for "localhost". */
  readonly certificateFile: string;
  readonly end: () => Promise<void>;
}

interface Site {
  readonly folder: string;
  readonly port: number;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string;
}

const execute = promisify(execFile);

/** What a visitor who was let in reads; the variable is the server's own word for the certificate's subject. */
const nginxConfiguration = ({ folder, port, certificateFile, keyFile, clientCaFile }: Site): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate ${certificateFile};
    ssl_certificate_key ${keyFile};
    ssl_client_certificate ${clientCaFile};
    ssl_verify_client on;
    location / { return 200 "Welcome, $ssl_client_s_dn\\n"; }
  }
}
`;

const caddyConfiguration = ({ port, certificateFile, keyFile, clientCaFile }: Site): string => `
{
  admin off
  auto_https off
}
https://localhost:${port} {
  bind 127.0.0.1
  tls ${certificateFile} ${keyFile} {
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file ${clientCaFile}
    }
  }
  respond "Welcome, {http.request.tls.client.subject}"
}
`;

/** The first of the wanted servers that is installed, or undefined. */
export function findServer(wanted: readonly ServerName[] = ['nginx', 'caddy']): ServerName | undefined {
  return wanted.find((name) => findProgram(name) !== undefined);
}

/** Starts the server and waits until it answers. Throws with its last words if it ends instead. */
export async function startProtectedServer(name: ServerName, folder: string, clientCaPem: string): Promise<ProtectedServer> {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is not installed`);
  await mkdir(folder, { recursive: true });
  const site = await prepareSite(folder, clientCaPem);
  const running = name === 'nginx' ? await startNginx(program, site) : await startCaddy(program, site);
  try {
    await answers(running, site.port);
  } catch (error) {
    await running.end();
    throw error;
  }
  return { name, version: await versionOf(name, program), port: site.port, certificateFile: site.certificateFile, end: running.end };
}

/** A self-signed certificate, as somebody who tries things out at home makes one. */
async function prepareSite(folder: string, clientCaPem: string): Promise<Site> {
  const site = { folder, port: await freePort(), certificateFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key'), clientCaFile: join(folder, 'client-ca.pem') };
  await writeFile(site.clientCaFile, clientCaPem);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  await execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', site.keyFile, '-out', site.certificateFile, ...subject]);
  return site;
}

async function startNginx(program: string, site: Site): Promise<RunningProgram> {
  const file = join(site.folder, 'nginx.conf');
  await writeFile(file, nginxConfiguration(site));
  return startProgram(program, ['-p', site.folder, '-c', file]);
}

async function startCaddy(program: string, site: Site): Promise<RunningProgram> {
  const file = join(site.folder, 'Caddyfile');
  await writeFile(file, caddyConfiguration(site));
  // Its own folders, so that nothing of it stays in the home of whoever runs this.
  const env = { ...process.env, HOME: site.folder, XDG_DATA_HOME: join(site.folder, 'data'), XDG_CONFIG_HOME: join(site.folder, 'config') };
  return startProgram(program, ['run', '--config', file, '--adapter', 'caddyfile'], { env });
}

async function versionOf(name: ServerName, program: string): Promise<string> {
  // nginx says it on standard error: "nginx version: nginx/1.22.1"; Caddy on standard output: "2.6.2", later "v2.8.4 h1:…".
  const { stdout, stderr } = name === 'nginx' ? await execute(program, ['-v']) : await execute(program, ['version']);
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
}

const ANSWER_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 30;

/** Asks until TLS answers. What comes after the handshake does not matter here. */
async function answers(program: RunningProgram, port: number): Promise<void> {
  const giveUpAt = Date.now() + ANSWER_WITHIN_MS;
  while (!(await speaksTls(port))) {
    if (program.process.exitCode !== null || Date.now() > giveUpAt) throw new Error(`the server did not come up: ${program.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

function speaksTls(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is trusted or sent: this only looks whether somebody is there.
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false });
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('secureConnect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
