/** A PostgreSQL of a test's or a bench's own: Debian's programs, a folder of its own, no cluster of the system. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../native/virtual-yubikey/listening.ts';

const PROGRAMS = '/usr/lib/postgresql/15/bin';

export interface PostgresServer {
  /** URL of a database that is empty and nobody else's. */
  database(): Promise<string>;
  /** Runs SQL in a database; answers what psql prints, a row a line, columns with "|". */
  sql(url: string, statement: string): string;
  close(): Promise<void>;
}

/** PostgreSQL refuses to run as root; its package brings a user along. */
function asPostgres(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((which) => Number(spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout));
  if (!uid || !gid) throw new Error('There is no user "postgres"; the package postgresql-15 makes it.');
  return { uid, gid };
}

function run(program: string, args: readonly string[], user: ReturnType<typeof asPostgres> = {}): string {
  const { status, stdout, stderr } = spawnSync(join(PROGRAMS, program), [...args], { encoding: 'utf8', cwd: tmpdir(), ...user });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Its first words that it takes connections. */
async function ready(server: ChildProcess): Promise<void> {
  const lines = createInterface(server.stderr as NodeJS.ReadableStream);
  let printed = '';
  for await (const line of lines) {
    printed += `${line}\n`;
    if (line.includes('database system is ready to accept connections')) {
      server.stderr?.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL ended: ${printed}`);
}

/** Starts one (about two seconds). Commits reach the disk as in production. */
export async function startPostgres(): Promise<PostgresServer> {
  const user = asPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-postgres-'));
  await chmod(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  run('initdb', ['--pgdata', data, '--username', 'latchkey', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'], user);
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=60', 'shared_buffers=64MB', 'lc_messages=C'];
  const server = spawn(join(PROGRAMS, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, ...user });
  await ready(server);
  let made = 0;
  const place = `postgres://latchkey@127.0.0.1:${port}`;
  const sql = (url: string, statement: string): string => run('psql', ['--no-psqlrc', '--tuples-only', '--no-align', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', statement, url]).trim();
  return {
    database: async () => {
      const name = `latchkey_${++made}`;
      sql(`${place}/postgres`, `CREATE DATABASE ${name}`);
      return `${place}/${name}`;
    },
    sql,
    close: async () => {
      const exit = once(server, 'exit');
      // SIGINT: a fast shutdown, which ends connections that are still open.
      server.kill('SIGINT');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
