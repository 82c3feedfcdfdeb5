/** A root kept offline and issuing CAs below it, as OpenSSL, GnuTLS, NSS and Java see them. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuthorities } from '../../ca/authority-folder.ts';
import type { Authority } from '../../ca/domain/authority.ts';
import { initAuthority } from '../../ca/init.ts';
import { activateIssuer, requestIssuer, signIssuer } from '../../ca/issuer.ts';
import { silent } from '../../ca/log.ts';
import { makeRootCrl } from '../../ca/root-crl.ts';
import { randomSerialNumber, toBeSigned, withSignature } from '../../core/x509/certificate-building.ts';
import { commonNameOnly } from '../../core/x509/names.ts';
import { readPem, writePem } from '../../core/x509/pem.ts';
import { PERSON_PROFILE, validityOf } from '../../core/x509/profile.ts';
import { softwareKey } from '../core/x509/software-key.ts';
import { must } from './running-authority.ts';

const [ROOT_SECRETS, SECRETS] = [{ passphrase: 'root words' }, { passphrase: 'issuer words' }];
let folder: string;
let rootDir: string;
let serial = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-issuer-'));
  rootDir = join(folder, 'root');
  must(await initAuthority({ dir: rootDir, name: 'Root CA', isRoot: true, keyType: 'ECCP384', passphrase: ROOT_SECRETS.passphrase }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, ...args: readonly string[]): string => execFileSync(program, [...args], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const request = (dir: string, name = 'Issuing CA 1') => requestIssuer({ dir, name, keyType: 'ECCP256', secrets: SECRETS });
const sign = (csr: string, days?: number) => signIssuer({ rootDir, secrets: ROOT_SECRETS, csr, now: new Date(), ...(days === undefined ? {} : { days }) });
const open = (dir: string) => openAuthorities({ dir, secrets: SECRETS, now: new Date(), log: silent });

/** Request, signature, activation. */
async function newIssuer(dir: string, name: string): Promise<Authority> {
  const csr = file(`${(serial += 1)}.csr`, must(await request(dir, name)));
  const certificate = file(`${serial}.crt`, must(await sign(csr)));
  return must(await activateIssuer({ dir, certificate, now: new Date() }));
}

/** A person's certificate, as PEM. */
async function issue({ certificate, keyIdentifier, key }: Authority): Promise<string> {
  const tbs = await toBeSigned({
    profile: PERSON_PROFILE,
    serialNumber: randomSerialNumber(),
    subject: commonNameOnly('Ana Example'),
    issuer: certificate.subject,
    validity: validityOf(PERSON_PROFILE, new Date(), certificate),
    alternativeNames: [{ kind: 'email', value: 'ana@example.org' }],
    publicKey: softwareKey('ECCP256').publicKey,
    authorityKeyIdentifier: keyIdentifier,
    signatureAlgorithm: key.signatureAlgorithm,
  });
  return writePem(withSignature(tbs, key.signatureAlgorithm, await key.sign(tbs)), 'CERTIFICATE');
}

const pems = (path: string): readonly string[] => readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE[^]*?END CERTIFICATE-----\n/g) ?? [];
const verify = (dir: string, leaf: string): string => {
  const [issuer = '', root = ''] = pems(join(dir, 'ca.crt'));
  file('verify-issuer.pem', issuer);
  file('verify-root.pem', root);
  file('verify-leaf.pem', leaf);
  return run('openssl', 'verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'verify-root.pem', '-untrusted', 'verify-issuer.pem', 'verify-leaf.pem');
};

describe('an issuing CA below an offline root', () => {
  test('its certificates verify with OpenSSL, GnuTLS, NSS and Java', async () => {
    const dir = join(folder, 'four-readers');
    await newIssuer(dir, 'Issuing CA 1');
    const { authority } = must(await open(dir));
    const leaf = await issue(authority);
    expect(verify(dir, leaf)).toContain('verify-leaf.pem: OK');
    const [issuer = '', root = ''] = pems(join(dir, 'ca.crt'));
    file('chain.pem', leaf + issuer + root);
    expect(run('certtool', '--verify', '--load-ca-certificate', 'verify-root.pem', '--infile', 'chain.pem')).toContain('Chain verification output: Verified.');
    run('certutil', '-N', '-d', `sql:${folder}`, '--empty-password');
    run('certutil', '-A', '-d', `sql:${folder}`, '-n', 'root', '-t', 'CT,,', '-i', 'verify-root.pem');
    run('certutil', '-A', '-d', `sql:${folder}`, '-n', 'issuer', '-t', ',,', '-i', 'verify-issuer.pem');
    run('certutil', '-A', '-d', `sql:${folder}`, '-n', 'leaf', '-t', ',,', '-i', 'verify-leaf.pem');
    expect(run('certutil', '-V', '-d', `sql:${folder}`, '-n', 'leaf', '-u', 'C', '-e')).toContain('certificate is valid');
    run('keytool', '-importcert', '-noprompt', '-keystore', 'java.p12', '-storepass', 'changeit', '-alias', 'root', '-file', 'verify-root.pem');
    run('keytool', '-importcert', '-noprompt', '-keystore', 'java.p12', '-storepass', 'changeit', '-alias', 'issuer', '-file', 'verify-issuer.pem');
    // Without -noprompt it adds only what it can lead to a trusted one.
    run('keytool', '-importcert', '-keystore', 'java.p12', '-storepass', 'changeit', '-alias', 'leaf', '-file', 'verify-leaf.pem');
    expect(run('keytool', '-list', '-keystore', 'java.p12', '-storepass', 'changeit', '-alias', 'leaf')).toContain('trustedCertEntry');
  });

  test('is no root: it has none below it, and does not outlive the root', async () => {
    const dir = join(folder, 'bounded');
    const certificate = file('bounded.crt', must(await sign(file('bounded.csr', must(await request(dir))), 36_500)));
    const text = run('openssl', 'x509', '-in', certificate, '-noout', '-text');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    const end = (path: string): string => run('openssl', 'x509', '-in', path, '-noout', '-enddate');
    expect(end(certificate)).toBe(end(join(rootDir, 'ca.crt')));
    expect(run('openssl', 'req', '-in', join(folder, 'bounded.csr'), '-noout', '-verify', '-subject')).toContain('Issuing CA 1');
  });

  test('what does not belong together is refused, and nothing changes', async () => {
    const dir = join(folder, 'refused');
    const csr = file('refused.csr', must(await request(dir)));
    const other = join(folder, 'other-folder');
    const foreign = file('foreign.crt', must(await sign(file('foreign.csr', must(await request(other))))));
    expect(await activateIssuer({ dir, certificate: foreign, now: new Date() })).toEqual({ ok: false, failure: { kind: 'authority-certificate-unfit', reason: 'other-key' } });
    expect(await request(dir)).toEqual({ ok: false, failure: { kind: 'authority-folder-exists', path: join(dir, 'issuer-request') } });
    const alone = file('alone.crt', must(await sign(csr)).match(/-----BEGIN[^]*?END CERTIFICATE-----\n/)?.[0] ?? '');
    expect(await activateIssuer({ dir, certificate: alone, now: new Date() })).toEqual({ ok: false, failure: { kind: 'chain-broken', missingIssuer: 'CN=Root CA' } });
    expect(existsSync(join(dir, 'ca.crt'))).toBe(false);
    const tampered = readPem(readFileSync(csr, 'utf8'), 'CERTIFICATE REQUEST')[0]?.slice() ?? new Uint8Array();
    // The last byte is of the signature.
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
    file('tampered.csr', writePem(tampered, 'CERTIFICATE REQUEST'));
    expect(await sign(join(folder, 'tampered.csr'))).toEqual({ ok: false, failure: { kind: 'csr-unreadable' } });
    expect(await signIssuer({ rootDir, secrets: { passphrase: 'wrong' }, csr, now: new Date() })).toEqual({ ok: false, failure: { kind: 'passphrase-wrong' } });
  });

  test('a root is not served, and only a root signs issuers', async () => {
    expect(await openAuthorities({ dir: rootDir, secrets: ROOT_SECRETS, now: new Date(), log: silent })).toEqual({ ok: false, failure: { kind: 'authority-certificate-unfit', reason: 'root-only' } });
    const plain = join(folder, 'plain');
    must(await initAuthority({ dir: plain, name: 'Plain', keyType: 'ECCP256', passphrase: 'x' }));
    const csr = file('plain.csr', must(await request(join(folder, 'below-plain'))));
    expect(await signIssuer({ rootDir: plain, secrets: { passphrase: 'x' }, csr, now: new Date() })).toMatchObject({ failure: { kind: 'authority-certificate-unfit', reason: 'not-a-ca' } });
  });
});

describe('rollover', () => {
  test('the former issuer stays known, both verify below the one root, and only the new one issues', async () => {
    const dir = join(folder, 'rollover');
    const first = await newIssuer(dir, 'Issuing CA 1');
    const before = await issue(must(await open(dir)).authority);
    const second = await newIssuer(dir, 'Issuing CA 2');
    expect(second.fingerprint).toBe(first.fingerprint);
    const opened = must(await open(dir));
    expect([opened.authority.name, ...opened.formerAuthorities.map(({ name }) => name)]).toEqual(['Issuing CA 2', 'Issuing CA 1']);
    expect(verify(dir, await issue(opened.authority))).toContain('OK');
    expect(verify(join(dir, 'issuers', first.id.slice(0, 16)), before)).toContain('OK');
    // The former key still signs its CRLs.
    await expect(opened.formerAuthorities[0]?.key.sign(Uint8Array.of(1))).resolves.toBeInstanceOf(Uint8Array);
    expect(existsSync(join(dir, 'issuer-request'))).toBe(false);
    expect(statSync(join(dir, 'issuers', first.id.slice(0, 16), 'ca.key')).mode & 0o777).toBe(0o600);
  });

  test('another passphrase, or another root, is refused', async () => {
    const dir = join(folder, 'other-root-ca');
    await newIssuer(dir, 'Issuing CA 1');
    expect(await requestIssuer({ dir, name: 'Next', keyType: 'ECCP256', secrets: { passphrase: 'another' } })).toEqual({ ok: false, failure: { kind: 'passphrase-wrong' } });
    const otherRoot = join(folder, 'second-root');
    must(await initAuthority({ dir: otherRoot, name: 'Other root', isRoot: true, keyType: 'ECCP256', passphrase: 'x' }));
    const csr = file('next.csr', must(await request(dir, 'Next')));
    const certificate = file('next.crt', must(await signIssuer({ rootDir: otherRoot, secrets: { passphrase: 'x' }, csr, now: new Date() })));
    expect(await activateIssuer({ dir, certificate, now: new Date() })).toEqual({ ok: false, failure: { kind: 'authority-certificate-unfit', reason: 'other-root' } });
  });

  test('cut off anywhere after its point of no return, it is finished by whoever opens the folder', async () => {
    const dir = join(folder, 'cut-off');
    const first = await newIssuer(dir, 'Issuing CA 1');
    const csr = file('cut.csr', must(await request(dir, 'Issuing CA 2')));
    const certificate = must(await sign(csr));
    const names = (at: string): readonly string[] => readdirSync(at).toSorted();
    const cuts: readonly ((at: string) => void)[] = [
      () => undefined,
      (at) => copyFileSync(join(at, 'issuer-request', 'ca.key'), join(at, '.ca.key-next')),
      (at) => copyFileSync(join(at, 'issuer-request', 'ca.key'), join(at, 'ca.key')),
      (at) => ['ca.key', 'ca.crt'].forEach((name) => copyFileSync(join(at, 'issuer-request', name), join(at, name))),
    ];
    for (const [index, cut] of cuts.entries()) {
      const at = join(folder, `cut-off-${index}`);
      execFileSync('cp', ['-a', dir, at]);
      writeFileSync(join(at, 'issuer-request', 'ca.crt'), certificate);
      // The former was kept before any of the later cuts could come.
      if (index >= 2) {
        execFileSync('mkdir', ['-p', join(at, 'issuers', first.id.slice(0, 16))]);
        ['ca.key', 'ca.crt'].forEach((name) => copyFileSync(join(dir, name), join(at, 'issuers', first.id.slice(0, 16), name)));
      }
      cut(at);
      const opened = must(await open(at));
      expect([opened.authority.name, ...opened.formerAuthorities.map(({ name }) => name)]).toEqual(['Issuing CA 2', 'Issuing CA 1']);
      expect(names(at)).not.toContain('issuer-request');
      await expect(opened.formerAuthorities[0]?.key.sign(Uint8Array.of(1))).resolves.toBeInstanceOf(Uint8Array);
    }
  });
});

describe('the root’s CRL', () => {
  test('names a revoked issuer, then and in every later one; OpenSSL checks the whole chain with it', async () => {
    const dir = join(folder, 'revoked');
    const issuer = await newIssuer(dir, 'Issuing CA 1');
    const leaf = await issue(must(await open(dir)).authority);
    verify(dir, leaf);
    const crl = async (revoke: readonly string[] = []) => file('root.crl', must(await makeRootCrl({ rootDir, secrets: ROOT_SECRETS, revoke, days: 365, now: new Date() })));
    const check = (path: string): string => run('openssl', 'verify', '-x509_strict', '-crl_check_all', '-CAfile', 'verify-root.pem', '-CRLfile', path, 'verify-issuer.pem');
    expect(check(await crl())).toContain('OK');
    await crl([join(dir, 'ca.crt')]);
    expect(() => check(join(folder, 'root.crl'))).toThrow(/certificate revoked/);
    const text = run('openssl', 'crl', '-in', await crl(), '-noout', '-text', '-CAfile', 'verify-root.pem');
    expect(text.toLowerCase().replaceAll(':', '')).toContain(Buffer.from(issuer.certificate.serialNumber).toString('hex'));
    expect(await makeRootCrl({ rootDir, secrets: ROOT_SECRETS, revoke: [join(folder, 'plain', 'ca.crt')], days: 365, now: new Date() })).toMatchObject({ failure: { kind: 'authority-certificate-unfit', reason: 'other-root' } });
  });
});
