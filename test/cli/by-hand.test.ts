/** A CA of openssl and one of easy-rsa, the commands run as they are shown, and the certificate in slot 9a of a virtual YubiKey. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended } from './latchkey-process.ts';
import { createStage, type Stage } from './stage.ts';

const EASYRSA = '/usr/share/easy-rsa/easyrsa';
const [PIN, PUK] = ['246813', '86421357'];
const SERIALS = { openssl: 5_210_201, easyRsa: 5_210_202, refusals: 5_210_203 } as const;

let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});

afterAll(() => stage.close());

interface Commands {
  readonly openssl: string;
  readonly easyRsa: readonly string[];
}
const commandsOf = (ended: Ended): Commands => ended.json().failure?.['commands'] as Commands;

function shell(command: string, folder: string, environment: NodeJS.ProcessEnv = {}): string {
  return execFileSync('/bin/sh', ['-ec', command], { cwd: folder, env: { ...process.env, ...environment }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** An openssl CA in a folder of its own, its files named as people name them. */
async function opensslAuthority(name: string): Promise<string> {
  const folder = join(stage.computer.folder, name);
  await mkdir(folder);
  shell(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=${name}' -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt`, folder);
  return folder;
}

function enroll(serial: number, args: readonly string[]): Promise<Ended> {
  return stage.computer.latchkey(['enroll', '--serial', String(serial), '--new-pin-fd', '3', '--new-puk-fd', '3', '--json', ...args], [PIN, PUK]);
}

const WHO = ['--name', "Ana O'Neill", '--email', 'ana@example.org', '--other-name', 'upn:ana@corp.example', 'uri:https://example.org/a,b$c#d'];

describe('a CA of openssl', () => {
  it('signs by the shown command, and the next run puts the certificate onto the key', async () => {
    const folder = await opensslAuthority('Hand CA');
    await stage.plugIn('user', SERIALS.openssl);
    const csr = join(folder, "ana's request.csr");
    const first = await enroll(SERIALS.openssl, ['--by-hand', '--ca-certificate', join(folder, 'ca.crt'), '--csr', csr, ...WHO]);
    expect({ code: first.code, ...first.json() }).toMatchObject({ code: 75, status: 'pending', failure: { kind: 'certificate-awaited', authority: 'Hand CA', csrFile: csr } });
    expect(shell(`openssl req -in "${csr}" -noout -verify -subject 2>&1`, folder)).toContain("CN = Ana O'Neill");

    shell(commandsOf(first).openssl, folder);
    const second = await enroll(SERIALS.openssl, ['--certificate', join(folder, 'certificate.pem')]);
    expect({ code: second.code, ...second.json() }).toMatchObject({ code: 0, status: 'enrolled', certificate: { name: "Ana O'Neill", email: 'ana@example.org', authorityName: 'Hand CA' } });
    const onKey = new X509Certificate(String(second.json()['certificatePem']));
    expect(onKey.verify(new X509Certificate(await readFile(join(folder, 'ca.crt'))).publicKey)).toBe(true);
    expect(onKey.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    const text = shell('openssl x509 -in certificate.pem -noout -ext subjectAltName,keyUsage,basicConstraints', folder);
    expect(text).toContain('email:ana@example.org');
    expect(text).toContain('URI:https://example.org/a,b$c#d');
    expect(text).toContain('UPN::ana@corp.example');
    expect(text).toContain('CA:FALSE');

    const third = await enroll(SERIALS.openssl, []);
    expect({ code: third.code, status: third.json()['status'] }).toEqual({ code: 0, status: 'enrolled' });
  });
});

describe('a CA of easy-rsa', () => {
  it('signs by the shown commands', async () => {
    const folder = join(stage.computer.folder, 'easy-rsa');
    await mkdir(folder);
    shell(`ln -s ${EASYRSA} easyrsa && ln -s /usr/share/easy-rsa/x509-types /usr/share/easy-rsa/openssl-easyrsa.cnf .`, folder);
    const easyRsa = { EASYRSA_BATCH: '1', EASYRSA_REQ_CN: 'Easy CA', EASYRSA_PKI: join(folder, 'pki') };
    shell('./easyrsa init-pki && ./easyrsa build-ca nopass', folder, easyRsa);
    await stage.plugIn('user', SERIALS.easyRsa);
    const csr = join(folder, 'request.csr');
    const first = await enroll(SERIALS.easyRsa, ['--by-hand', '--ca-certificate', join(folder, 'pki', 'ca.crt'), '--csr', csr, '--name', 'Ana', '--email', 'ana@example.org']);
    expect(first.code).toBe(75);
    for (const command of commandsOf(first).easyRsa) shell(command, folder, easyRsa);
    const signed = join(folder, 'pki', 'issued', 'security-key.crt');
    const second = await enroll(SERIALS.easyRsa, ['--certificate', signed]);
    expect({ code: second.code, ...second.json() }).toMatchObject({ code: 0, certificate: { name: 'Ana', email: 'ana@example.org', authorityName: 'Easy CA' } });
  });
});

describe('what is no certificate for this key', () => {
  it('is refused by name, and the right one is found in every kind of file', async () => {
    const [folder, foreign] = [await opensslAuthority('StrictCA'), await opensslAuthority('OtherCA')];
    await stage.plugIn('user', SERIALS.refusals);
    const csr = join(folder, 'request.csr');
    const notAuthority = await enroll(SERIALS.refusals, ['--by-hand', '--ca-certificate', join(folder, 'ca.key'), ...WHO]);
    expect(notAuthority.json().failure).toMatchObject({ kind: 'certificate-file-refused', problem: 'private-key' });
    const first = await enroll(SERIALS.refusals, ['--by-hand', '--ca-certificate', join(folder, 'ca.crt'), '--csr', csr, '--name', 'Ana', '--email', 'ana@example.org']);
    const { openssl } = commandsOf(first);
    shell(openssl, folder);
    shell('openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=Else -keyout else.key -out else.pem -addext basicConstraints=critical,CA:FALSE', folder);
    shell('openssl pkcs12 -export -in else.pem -inkey else.key -out else.p12 -passout pass:x', folder);
    shell('openssl pkcs8 -topk8 -nocrypt -in else.key -outform DER -out else.key.der && openssl req -in request.csr -outform DER -out request.der', folder);
    shell(openssl.replace(/-CA \S+ -CAkey \S+/, `-CA ${foreign}/ca.crt -CAkey ${foreign}/ca.key`).replace('certificate.pem', 'foreign.pem'), folder);
    shell(openssl.replace('-days 365', '-days -1').replace('certificate.pem', 'expired.pem'), folder);
    shell(openssl.replace('clientAuth', 'serverAuth').replace('certificate.pem', 'server.pem'), folder);
    await writeFile(join(folder, 'large.pem'), 'x'.repeat(300_000));
    await writeFile(join(folder, 'nothing.pem'), '\n');
    const refusals = [
      ['request.csr', { kind: 'certificate-file-refused', problem: 'request' }],
      ['request.der', { kind: 'certificate-file-refused', problem: 'request' }],
      ['else.key', { kind: 'certificate-file-refused', problem: 'private-key' }],
      ['else.key.der', { kind: 'certificate-file-refused', problem: 'private-key' }],
      ['else.p12', { kind: 'certificate-file-refused', problem: 'pkcs12' }],
      ['else.pem', { kind: 'certificate-file-refused', problem: 'other-key' }],
      ['ca.crt', { kind: 'certificate-file-refused', problem: 'only-authorities' }],
      ['large.pem', { kind: 'certificate-file-refused', problem: 'too-large' }],
      ['nothing.pem', { kind: 'certificate-file-refused', problem: 'empty' }],
      ['foreign.pem', { kind: 'certificate-unfit', reason: 'chain' }],
      ['expired.pem', { kind: 'certificate-unfit', reason: 'expired' }],
      ['server.pem', { kind: 'certificate-unfit', reason: 'client-auth' }],
      ['nowhere.pem', { kind: 'file-unreadable' }],
    ] as const;
    for (const [file, failure] of refusals) {
      expect.soft((await enroll(SERIALS.refusals, ['--certificate', join(folder, file)])).json().failure, file).toMatchObject(failure);
    }
    // Still waiting: nothing of that was kept.
    expect((await enroll(SERIALS.refusals, [])).code).toBe(75);

    shell('openssl crl2pkcs7 -nocrl -certfile ca.crt -certfile certificate.pem -outform DER -out chain.p7b', folder);
    const ended = await enroll(SERIALS.refusals, ['--certificate', join(folder, 'chain.p7b')]);
    expect({ code: ended.code, status: ended.json()['status'] }).toEqual({ code: 0, status: 'enrolled' });
  });
});
