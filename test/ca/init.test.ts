import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initAuthority } from '../../ca/init.ts';
import { AUTHORITY_KEY_TYPES } from '../../ca/keys/authority-key.ts';

const PASSPHRASE = 'Päßphrase with spaces';
let folder: string;
let serial = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-init-'));
  writeFileSync(join(folder, 'passphrase'), PASSPHRASE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freshDir = (): string => join(folder, `ca-${(serial += 1)}`);
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(program, [...args], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
}
const openssl = (...args: readonly string[]): string => run('openssl', args);
const leftovers = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('.ca-'));

describe('a new CA', () => {
  test.each(AUTHORITY_KEY_TYPES)('%s: openssl opens the key and accepts the certificate', async (keyType) => {
    const dir = freshDir();
    const created = await initAuthority({ dir, name: 'Añá CA', keyType, days: 100, passphrase: PASSPHRASE });
    expect(created.ok).toBe(true);
    const fingerprint = openssl('x509', '-in', join(dir, 'ca.crt'), '-noout', '-fingerprint', '-sha256');
    expect(fingerprint.split('=')[1]?.replaceAll(':', '').trim().toLowerCase()).toBe(created.ok ? created.value.fingerprint : '');
    expect(openssl('verify', '-x509_strict', '-CAfile', join(dir, 'ca.crt'), join(dir, 'ca.crt'))).toContain('OK');
    const publicOfKey = openssl('pkey', '-in', join(dir, 'ca.key'), '-passin', 'file:passphrase', '-pubout');
    expect(openssl('x509', '-in', join(dir, 'ca.crt'), '-noout', '-pubkey')).toBe(publicOfKey);
  });

  test('P-384, ten years, and only what a CA needs', async () => {
    const dir = freshDir();
    await initAuthority({ dir, name: 'Plain CA', passphrase: PASSPHRASE }, new Date('2026-03-01T12:00:00Z'));
    const text = openssl('x509', '-in', join(dir, 'ca.crt'), '-noout', '-text');
    expect(text).toContain('NIST CURVE: P-384');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA384');
    expect(text).toContain('Not Before: Mar  1 11:55:00 2026 GMT');
    expect(text).toContain('Not After : Feb 27 12:00:00 2036 GMT');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  });

  test('the key file is encrypted, well, and readable by its owner alone', async () => {
    const dir = freshDir();
    await initAuthority({ dir, name: 'CA', keyType: 'ECCP256', passphrase: PASSPHRASE });
    const pem = readFileSync(join(dir, 'ca.key'), 'utf8');
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    expect(openssl('asn1parse', '-in', join(dir, 'ca.key'))).toMatch(/PBES2[\s\S]*PBKDF2[\s\S]*INTEGER +:0927C0[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
    expect(statSync(join(dir, 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(() => createPrivateKey({ key: pem, passphrase: 'another' })).toThrow();
  });

  test('a folder that holds something is left alone', async () => {
    const dir = freshDir();
    mkdirSync(dir);
    writeFileSync(join(dir, 'precious'), 'x');
    expect(await initAuthority({ dir, name: 'CA', keyType: 'ECCP256', passphrase: PASSPHRASE })).toEqual({ ok: false, failure: { kind: 'authority-folder-exists', path: dir } });
    expect(readdirSync(dir)).toEqual(['precious']);
    expect(leftovers()).toEqual([]);
  });

  test('an empty folder is taken, a second CA in it refused', async () => {
    const dir = freshDir();
    mkdirSync(dir);
    const options = { dir, name: 'CA', keyType: 'ECCP256', passphrase: PASSPHRASE } as const;
    expect((await initAuthority(options)).ok).toBe(true);
    const before = readFileSync(join(dir, 'ca.key'), 'utf8');
    expect(await initAuthority(options)).toMatchObject({ ok: false, failure: { kind: 'authority-folder-exists' } });
    expect(readFileSync(join(dir, 'ca.key'), 'utf8')).toBe(before);
  });

  test('two at once make one CA', async () => {
    const dir = freshDir();
    const options = { dir, name: 'CA', keyType: 'ECCP256', passphrase: PASSPHRASE } as const;
    const results = await Promise.all([initAuthority(options), initAuthority(options)]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const published = openssl('pkey', '-in', join(dir, 'ca.key'), '-passin', 'file:passphrase', '-pubout');
    expect(openssl('x509', '-in', join(dir, 'ca.crt'), '-noout', '-pubkey')).toBe(published);
    expect(leftovers()).toEqual([]);
  });

  test.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(65) }],
    ['passphrase', { passphrase: '' }],
    ['import needs certificate and key', { importKey: '/dev/null' }],
  ])('refuses a wrong %s', async (detail, wrong) => {
    const dir = freshDir();
    expect(await initAuthority({ dir, name: 'CA', passphrase: PASSPHRASE, ...wrong })).toEqual({ ok: false, failure: { kind: 'request-malformed', detail } });
    expect(existsSync(dir)).toBe(false);
  });
});

describe('an existing CA of openssl', () => {
  /** `openssl req -x509` with this key. */
  function opensslCa(name: string, key: readonly string[], ...extra: readonly string[]): { importCertificate: string; importKey: string } {
    openssl('genpkey', ...key, '-out', `${name}.key`);
    openssl('req', '-x509', '-key', `${name}.key`, '-subj', `/O=Example/CN=${name}`, '-days', '3650', '-out', `${name}.crt`, ...extra);
    return { importCertificate: join(folder, `${name}.crt`), importKey: join(folder, `${name}.key`) };
  }
  const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const take = (files: { importCertificate: string; importKey: string }, more: { importPassphrase?: string } = {}, now?: Date) => {
    const dir = freshDir();
    return initAuthority({ dir, name: 'unused', passphrase: PASSPHRASE, ...files, ...more }, now).then((result) => ({ dir, result }));
  };

  test.each([
    ['P-256', P256],
    ['P-521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['RSA-2048', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['Ed25519', ['-algorithm', 'ED25519']],
  ])('%s in PKCS#8 is taken over, its key encrypted anew', async (name, key) => {
    const files = opensslCa(name, key);
    const { dir, result } = await take(files);
    expect(result.ok).toBe(true);
    expect(openssl('x509', '-in', join(dir, 'ca.crt'))).toBe(openssl('x509', '-in', files.importCertificate));
    expect(openssl('pkey', '-in', join(dir, 'ca.key'), '-passin', 'file:passphrase')).toBe(openssl('pkey', '-in', files.importKey));
  });

  test.each<[string, readonly string[], string, string | undefined]>([
    ['PKCS#1', ['rsa', '-traditional'], 'rsa', undefined],
    ['PKCS#1, encrypted the old way', ['rsa', '-traditional', '-aes128', '-passout', 'pass:old'], 'rsa', 'old'],
    ['SEC 1 with parameters before it', ['ec', '-param_out'], 'ec', undefined],
    ['SEC 1, encrypted the old way', ['ec', '-aes256', '-passout', 'pass:old'], 'ec', 'old'],
    ['PKCS#8, encrypted', ['pkey', '-aes256', '-passout', 'pass:old'], 'ec', 'old'],
    ['PKCS#8 in DER', ['pkey', '-outform', 'DER'], 'ec', undefined],
    ['SEC 1 in DER', ['ec', '-outform', 'DER'], 'ec', undefined],
  ])('a key as %s is read', async (_form, conversion, type, importPassphrase) => {
    const files = opensslCa('forms', type === 'rsa' ? ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] : P256);
    const [command = '', ...rest] = conversion;
    if (rest[0] === '-param_out') {
      const parameters = openssl('ecparam', '-name', 'prime256v1');
      writeFileSync(join(folder, 'converted.key'), parameters + openssl('ec', '-in', files.importKey));
    } else {
      openssl(command, '-in', files.importKey, ...rest, '-out', 'converted.key');
    }
    const converted = { ...files, importKey: join(folder, 'converted.key') };
    expect((await take(converted, importPassphrase === undefined ? {} : { importPassphrase })).result).toMatchObject({ ok: true });
    if (importPassphrase !== undefined) {
      expect((await take(converted)).result).toEqual({ ok: false, failure: { kind: 'passphrase-wrong' } });
      expect((await take(converted, { importPassphrase: 'wrong' })).result).toEqual({ ok: false, failure: { kind: 'passphrase-wrong' } });
    }
  });

  test('a certificate in DER is read', async () => {
    const files = opensslCa('der', P256);
    openssl('x509', '-in', files.importCertificate, '-outform', 'DER', '-out', 'der.der');
    expect((await take({ ...files, importCertificate: join(folder, 'der.der') })).result).toMatchObject({ ok: true });
  });

  const unfit = (reason: string) => ({ ok: false, failure: { kind: 'authority-certificate-unfit', reason } });

  test('what is not this key’s CA certificate is refused', async () => {
    const [one, other] = [opensslCa('one', P256), opensslCa('other', P256)];
    expect((await take({ ...one, importKey: other.importKey })).result).toEqual(unfit('other-key'));
    expect((await take(opensslCa('leaf', P256, '-addext', 'basicConstraints=critical,CA:FALSE'))).result).toEqual(unfit('not-a-ca'));
    expect((await take(opensslCa('usage', P256, '-addext', 'keyUsage=critical,digitalSignature'))).result).toEqual(unfit('not-a-ca'));
    expect((await take(one, {}, new Date('2050-01-01'))).result).toEqual(unfit('expired'));
    expect((await take(opensslCa('weak', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']))).result).toEqual(unfit('key-type'));
    expect((await take(opensslCa('bitcoin', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']))).result).toEqual(unfit('key-type'));
    expect((await take({ ...one, importCertificate: one.importKey })).result).toEqual(unfit('unreadable'));
    expect((await take({ ...one, importKey: one.importCertificate })).result).toEqual(unfit('unreadable'));
    expect((await take({ ...one, importKey: join(folder, 'nowhere') })).result).toMatchObject({ ok: false, failure: { kind: 'file-unreadable', detail: 'ENOENT' } });
    expect(leftovers()).toEqual([]);
  });

  /** A CA below `issuer`; its certificate file alone, and one with the chain after it. */
  function below(issuer: { importCertificate: string; importKey: string }, name: string, ...extensions: readonly string[]): { importCertificate: string; importKey: string; alone: string } {
    openssl('genpkey', ...P256, '-out', `${name}.key`);
    const extra = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign', ...extensions].flatMap((extension) => ['-addext', extension]);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, ...extra, '-out', `${name}.csr`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', issuer.importCertificate, '-CAkey', issuer.importKey, '-copy_extensions', 'copy', '-days', '30', '-out', `${name}.crt`);
    writeFileSync(join(folder, `${name}-chain.pem`), readFileSync(join(folder, `${name}.crt`), 'utf8') + readFileSync(issuer.importCertificate, 'utf8'));
    return { importCertificate: join(folder, `${name}-chain.pem`), importKey: join(folder, `${name}.key`), alone: join(folder, `${name}.crt`) };
  }
  const CA_CONSTRAINTS = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];

  test('an intermediate is taken over with its chain, and its root is what people compare', async () => {
    const root = opensslCa('root', P256, ...CA_CONSTRAINTS);
    const sub = below(below(root, 'middle'), 'sub');
    const { dir, result } = await take(sub);
    const rootSha256 = openssl('x509', '-in', root.importCertificate, '-noout', '-fingerprint', '-sha256').split('=')[1]?.replaceAll(':', '').trim().toLowerCase();
    expect(result).toMatchObject({ ok: true, value: { fingerprint: rootSha256 } });
    const kept = readFileSync(join(dir, 'ca.crt'), 'utf8').match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? [];
    expect(kept.map((pem) => execFileSync('openssl', ['x509', '-noout', '-subject'], { input: pem, encoding: 'utf8' }).trim())).toEqual(['subject=CN = sub', 'subject=CN = middle', 'subject=O = Example, CN = root']);
  });

  test('an intermediate without its chain, or with one that does not hold, is refused', async () => {
    const root = opensslCa('root', P256, ...CA_CONSTRAINTS);
    const sub = below(root, 'sub');
    expect((await take({ ...sub, importCertificate: sub.alone })).result).toEqual({ ok: false, failure: { kind: 'chain-broken', missingIssuer: 'O=Example, CN=root' } });
    const namesake = opensslCa('root', P256, ...CA_CONSTRAINTS);
    writeFileSync(join(folder, 'wrong.pem'), readFileSync(sub.alone, 'utf8') + readFileSync(namesake.importCertificate, 'utf8'));
    expect((await take({ ...sub, importCertificate: join(folder, 'wrong.pem') })).result).toEqual({ ok: false, failure: { kind: 'chain-broken', missingIssuer: 'O=Example, CN=root' } });
    const short = opensslCa('short', P256, '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:1', ...CA_CONSTRAINTS);
    expect((await take(below(short, 'fits'))).result).toMatchObject({ ok: true });
    expect((await take(below(below(short, 'between'), 'deep'))).result).toEqual(unfit('path-length'));
    expect((await take(sub, {}, new Date(Date.now() + 31 * 86_400_000))).result).toEqual(unfit('expired'));
    expect((await take(below(root, 'constrained', 'nameConstraints=critical,permitted;DNS:example.org'))).result).toEqual(unfit('unreadable'));
  });
});

describe('an existing CA of easy-rsa', () => {
  const EASYRSA = '/usr/share/easy-rsa/easyrsa';
  test.each([
    ['RSA, no passphrase', { EASYRSA_ALGO: 'rsa' }, undefined],
    ['elliptic curve', { EASYRSA_ALGO: 'ec', EASYRSA_CURVE: 'secp384r1' }, undefined],
    ['RSA with a passphrase', { EASYRSA_ALGO: 'rsa' }, 'easy'],
  ])('%s', async (_name, settings, importPassphrase) => {
    const pki = join(folder, `pki-${(serial += 1)}`);
    const env = { ...settings, EASYRSA_PKI: pki, EASYRSA_BATCH: '1', EASYRSA_REQ_CN: 'Easy CA', ...(importPassphrase === undefined ? {} : { EASYRSA_PASSIN: `pass:${importPassphrase}`, EASYRSA_PASSOUT: `pass:${importPassphrase}` }) };
    run(EASYRSA, ['init-pki'], env);
    run(EASYRSA, ['build-ca', ...(importPassphrase === undefined ? ['nopass'] : [])], env);
    const dir = freshDir();
    const files = { importCertificate: join(pki, 'ca.crt'), importKey: join(pki, 'private', 'ca.key') };
    const result = await initAuthority({ dir, name: 'unused', passphrase: PASSPHRASE, ...files, ...(importPassphrase === undefined ? {} : { importPassphrase }) });
    expect(result).toMatchObject({ ok: true });
    expect(openssl('x509', '-in', join(dir, 'ca.crt'), '-noout', '-subject')).toContain('CN = Easy CA');
  });
});
