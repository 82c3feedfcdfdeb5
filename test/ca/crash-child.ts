/**
 * A CA in a process that ends itself by SIGKILL at a chosen write to the store.
 * Arguments: folder, port, and "start" or "armed". With "armed" it counts from the line "N before|after" on standard input.
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { silent } from '../../ca/log.ts';
import { startAuthorityServer } from '../../ca/server.ts';
import { openSqliteStore } from '../../ca/storage/sqlite-store.ts';
import type { Store } from '../../ca/storage/store.ts';
import { PASSPHRASE } from './passphrase.ts';

const [dir = '', port = '0', killAtStart] = process.argv.slice(2);

interface Moment {
  /** The how manieth write from now. */
  readonly write: number;
  /** Before its commit, or after it and before anybody hears of it. */
  readonly when: 'before' | 'after';
}

let moment: Moment | undefined;
let writes = 0;

function arm(line: string): void {
  const [write, when] = line.split(' ');
  moment = { write: Number(write), when: when === 'before' ? 'before' : 'after' };
  writes = 0;
}

function dieIfNow(when: Moment['when']): void {
  if (moment?.write !== writes || moment.when !== when) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal ends every thread; nothing after this line runs.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function mortal(store: Store): Store {
  return {
    ...store,
    write: async (work) => {
      writes += 1;
      const result = await store.write(async (rows) => {
        const done = await work(rows);
        dieIfNow('before');
        return done;
      });
      dieIfNow('after');
      return result;
    },
  };
}

if (killAtStart !== undefined) arm(killAtStart);
createInterface(process.stdin).on('line', (line) => {
  arm(line);
  process.stdout.write('armed\n');
});
process.stdin.on('end', () => process.exit(0));
const started = await startAuthorityServer({
  dir,
  passphrase: PASSPHRASE,
  listen: { host: '127.0.0.1', port: Number(port) },
  log: silent,
  openStore: (folder) => mortal(openSqliteStore(join(folder, 'latchkey.sqlite'))),
});
process.stdout.write(`${JSON.stringify(started.ok ? { address: started.value.address, link: started.value.firstApproverInvitation } : started.failure)}\n`);
