/** An existing CA, as openssl makes it, taken over by the command line. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createComputer, type Computer } from './latchkey-process.ts';

const execute = promisify(execFile);
const OLD_PASSPHRASE = 'what it had before';
const NEW_PASSPHRASE = 'what it has now';

let computer: Computer;
let certificate: string;
let key: string;

beforeAll(async () => {
  computer = await createComputer();
  [certificate, key] = [join(computer.folder, 'old.crt'), join(computer.folder, 'old.key')];
  const subject = ['-subj', '/CN=Old CA', '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-days', '30'];
  const passphrase = await computer.secretFile('old-passphrase', OLD_PASSPHRASE);
  await execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-passout', `file:${passphrase}`, '-keyout', key, '-out', certificate, ...subject]);
});
afterAll(() => computer.close());

const imported = (name: string): string[] => ['ca', 'init', '--dir', join(computer.folder, name), '--name', 'x', '--import-cert', certificate, '--import-key', key, '--json'];

it('wants the passphrase of an encrypted key, and says by which option', async () => {
  const { code, json } = await computer.latchkey([...imported('first'), '--passphrase-fd', '3'], [NEW_PASSPHRASE]);
  expect({ code, failure: json().failure }).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option: 'import-passphrase' } });
});

it('a wrong one is exit code 4, and no folder is left', async () => {
  const { code, json } = await computer.latchkey([...imported('first'), '--import-passphrase-fd', '3', '--passphrase-fd', '3'], ['wrong', NEW_PASSPHRASE]);
  expect({ code, kind: json().failure?.kind }).toEqual({ code: 4, kind: 'passphrase-wrong' });
});

it('keeps the certificate, and openssl opens the key with the new passphrase', async () => {
  const { code, json } = await computer.latchkey([...imported('first'), '--import-passphrase-fd', '3', '--passphrase-fd', '3'], [OLD_PASSPHRASE, NEW_PASSPHRASE]);
  const { stdout } = await execute('openssl', ['x509', '-in', certificate, '-noout', '-fingerprint', '-sha256']);
  expect({ code, fingerprint: json()['fingerprint'] }).toEqual({ code: 0, fingerprint: stdout.split('=')[1]?.trim().replaceAll(':', '').toLowerCase() });
  const passphrase = await computer.secretFile('new-passphrase', NEW_PASSPHRASE);
  const opened = await execute('openssl', ['pkey', '-in', join(computer.folder, 'first', 'ca.key'), '-passin', `file:${passphrase}`, '-noout', '-check']);
  expect(opened.stdout + opened.stderr).toContain('Key is valid');
});
