/** A CA in a process of its own, so that it can be killed. Arguments: folder, folder of roots, passphrase, port. Prints what a test needs. */
import { silent } from '../../ca/log.ts';
import { startAuthorityServer } from '../../ca/server.ts';
import { need, testPolicy } from './flow-authority.ts';

const [dir = '', rootsDir = '', passphrase = '', port = '0'] = process.argv.slice(2);
const server = need(
  await startAuthorityServer({ dir, passphrase, listen: { host: '127.0.0.1', port: Number(port) }, attestationRootsDirs: [rootsDir], policy: testPolicy, log: silent }),
);
process.stdout.write(`${JSON.stringify({ address: server.address, firstApproverInvitation: server.firstApproverInvitation })}\n`);
