/** A CA in a process of its own on a database that others share. Arguments: folder, port, URL of the database ("" for SQLite). */
import { silent } from '../../ca/log.ts';
import { startAuthorityServer } from '../../ca/server.ts';
import { PASSPHRASE } from './passphrase.ts';

const [dir = '', port = '0', database = ''] = process.argv.slice(2);
const started = await startAuthorityServer({
  dir,
  passphrase: PASSPHRASE,
  listen: { host: '127.0.0.1', port: Number(port) },
  database: database === '' ? undefined : database,
  log: silent,
});
process.stdout.write(`${JSON.stringify(started.ok ? { address: started.value.address, link: started.value.firstApproverInvitation } : started.failure)}\n`);
