/** CRLs of a CA: when they are made, what is on them, how they are handed out, and what other programs make of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { renewDueCrls } from '../../../ca/domain/crl.ts';
import { crlEntries, parseCrl, type ParsedCrl } from '../../../core/x509/crl.ts';
import { startStatusAuthority, type StatusAuthority, type StatusAuthorityOptions } from './status-authority.ts';

let authority: StatusAuthority;
afterEach(() => authority.close());

async function start(options?: StatusAuthorityOptions): Promise<void> {
  authority = await startStatusAuthority(options);
}

const path = (partition = 0) => `/crl/${authority.context.authority.id.slice(0, 16)}/${partition}.crl`;
const get = (url: string, headers: Record<string, string> = {}) => fetch(authority.address + url, { headers });

async function current(partition = 0): Promise<ParsedCrl> {
  const answer = await get(path(partition));
  const crl = parseCrl(new Uint8Array(await answer.arrayBuffer()));
  if (!crl) throw new Error(`HTTP ${answer.status}: no CRL.`);
  return crl;
}

const serials = (crl: ParsedCrl) => [...crlEntries(crl)].map(({ serialNumber }) => serialNumber);

/** What `openssl verify` says of a certificate, with the CRLs in a file. */
function verify(certificate: string, crlFile: string, ...more: readonly string[]): string {
  const { stdout, stderr } = spawnSync('openssl', ['verify', '-x509_strict', '-crl_check', '-CAfile', authority.chainFile, '-CRLfile', crlFile, ...more, certificate], { encoding: 'utf8' });
  return stdout + stderr;
}

async function saved(url: string): Promise<string> {
  const file = join(authority.dir, 'fetched.pem');
  writeFileSync(file, Buffer.from(await (await get(url)).arrayBuffer()));
  return file;
}

describe('the CRL', () => {
  it('names what is revoked or held, at once, and lets go what is released', async () => {
    await start();
    const [good, revoked, held] = [await authority.issue('good'), await authority.issue('revoked'), await authority.issue('held')];
    await authority.change(revoked.serialNumber, { to: 'revoked', reason: 'keyCompromise' });
    await authority.change(held.serialNumber, { to: 'held' });
    const entries = [...crlEntries(await current())];
    expect(Object.fromEntries(entries.map(({ serialNumber, reasonCode }) => [serialNumber, reasonCode]))).toEqual({ [revoked.serialNumber]: 1, [held.serialNumber]: 6 });
    const bundle = await saved('/crl/bundle.pem');
    expect(verify(good.certificate, bundle)).toContain('good.pem: OK');
    expect(verify(revoked.certificate, bundle)).toContain('certificate revoked');
    expect(verify(held.certificate, bundle)).toContain('certificate revoked');
    const before = (await current()).number as bigint;
    await authority.change(held.serialNumber, { to: 'good' });
    const after = await current();
    expect(serials(after)).toEqual([revoked.serialNumber]);
    expect(after.number).toBeGreaterThan(before);
    expect(verify(held.certificate, await saved('/crl/bundle.pem'))).toContain('held.pem: OK');
  });

  it('is made anew before it ends, not without need, and its number grows', async () => {
    await start({ revocation: { crlHours: 72, crlRenewHours: 24 } });
    const first = await current();
    await renewDueCrls(authority.context);
    expect((await current()).number).toBe(first.number);
    authority.setClock(new Date(Date.now() + 47 * 3_600_000));
    await renewDueCrls(authority.context);
    expect((await current()).number).toBe(first.number);
    authority.setClock(new Date(Date.now() + 49 * 3_600_000));
    await renewDueCrls(authority.context);
    const second = await current();
    expect(second.number).toBeGreaterThan(first.number as bigint);
    expect((second.nextUpdate?.getTime() ?? 0) - (first.nextUpdate?.getTime() ?? 0)).toBeGreaterThan(48 * 3_600_000);
  });

  it('names an expired certificate until one that is younger than its end has named it', async () => {
    await start({ revocation: { crlHours: 72, crlRenewHours: 24 } });
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
    const ended = await authority.issue('ended', { expiresAt: hours(10) });
    await authority.change(ended.serialNumber, { to: 'revoked', reason: 'superseded' });
    authority.setClock(hours(60));
    await renewDueCrls(authority.context);
    // Younger than the end, and the first such.
    expect(serials(await current())).toEqual([ended.serialNumber]);
    authority.setClock(hours(120));
    await renewDueCrls(authority.context);
    expect(serials(await current())).toEqual([]);
  });

  it('that cannot be signed now stays due', async () => {
    await start();
    const { serialNumber } = await authority.issue('person');
    const { key } = authority.context.authority;
    const { sign } = key;
    Object.assign(key, { sign: () => Promise.reject(new Error('The token is not there.')) });
    await authority.change(serialNumber, { to: 'revoked', reason: 'unspecified' });
    expect(serials(await current())).toEqual([]);
    Object.assign(key, { sign });
    await renewDueCrls(authority.context);
    expect(serials(await current())).toEqual([serialNumber]);
  });

  it('says everything that was revoked before it was asked for, however many ask at once', async () => {
    await start();
    const issued = await Promise.all(Array.from({ length: 8 }, (_, index) => authority.issue(`p${index}`)));
    await Promise.all(issued.map(({ serialNumber }) => authority.change(serialNumber, { to: 'revoked', reason: 'unspecified' })));
    expect(serials(await current()).toSorted()).toEqual(issued.map(({ serialNumber }) => serialNumber).toSorted());
    const events = await authority.context.store.read((rows) => rows.auditEventsFrom(1, 1000));
    const made = events.filter(({ event }) => event === 'crl-issued').map(({ facts }) => facts['number'] as number);
    expect(made).toEqual(made.toSorted((a, b) => a - b));
    expect(new Set(made).size).toBe(made.length);
    // One for the start, one that ran, one for all who came meanwhile; never one each.
    expect(made.length).toBeLessThanOrEqual(5);
  });
});

describe('partitions', () => {
  const uri = (partition: number) => `http://crl.example.org${path(partition)}`;

  it('have a CRL each, which speaks for its certificates and no others', async () => {
    await start({ revocation: { address: 'http://crl.example.org', crlPartitions: 3 } });
    const [one, two] = [await authority.issue('one', { partition: 1, crl: uri(1) }), await authority.issue('two', { partition: 2, crl: uri(2) })];
    await authority.change(two.serialNumber, { to: 'revoked', reason: 'cessationOfOperation' });
    expect([serials(await current(0)), serials(await current(1)), serials(await current(2))]).toEqual([[], [], [two.serialNumber]]);
    const bundle = await saved('/crl/bundle.pem');
    for (const options of [[], ['-extended_crl']]) {
      expect(verify(one.certificate, bundle, ...options)).toContain('one.pem: OK');
      expect(verify(two.certificate, bundle, ...options)).toContain('certificate revoked');
    }
    // The CRL of another part says nothing: neither good nor revoked.
    expect(verify(two.certificate, await saved(path(1).replace('.crl', '.pem')), '-extended_crl')).toContain('different CRL scope');
  });

  it('without an address to name are one list', async () => {
    await start({ revocation: { crlPartitions: 3 } });
    const two = await authority.issue('two', { partition: 2 });
    await authority.change(two.serialNumber, { to: 'revoked', reason: 'unspecified' });
    expect((await current()).scope).toBeNull();
    expect(serials(await current())).toEqual([two.serialNumber]);
  });
});

describe('handing out', () => {
  it('has the media types of the standards, and answers 304 to who has it', async () => {
    await start();
    const der = await get(path());
    expect(der.headers.get('content-type')).toBe('application/pkix-crl');
    const tag = der.headers.get('etag') as string;
    expect((await get(path(), { 'if-none-match': tag })).status).toBe(304);
    expect((await get(path(), { 'if-none-match': '"other"' })).status).toBe(200);
    const { serialNumber } = await authority.issue('person');
    const modified = der.headers.get('last-modified');
    expect(modified).not.toBeNull();
    expect((await get(path(), { 'if-modified-since': modified as string })).status).toBe(304);
    await authority.change(serialNumber, { to: 'revoked', reason: 'unspecified' });
    expect((await get(path(), { 'if-none-match': tag })).status).toBe(200);
    expect((await get(path(), { 'if-modified-since': modified as string })).status).toBe(200);
    const certificate = await get(`/ca/${authority.context.authority.id.slice(0, 16)}.crt`);
    expect(certificate.headers.get('content-type')).toBe('application/pkix-cert');
    expect(new Uint8Array(await certificate.arrayBuffer())).toEqual(new Uint8Array(authority.context.authority.certificate.der));
  });

  it('knows nothing of other paths, issuers and partitions', async () => {
    await start();
    for (const url of ['/', '/crl/', path(1), '/crl/0000000000000000/0.crl', `${path()}x`, '/ca/0000000000000000.crt', `/crl/../ca.key`, '/crl/%2e%2e/0.crl']) {
      expect([url, (await get(url)).status]).toEqual([url, 404]);
    }
    expect((await fetch(authority.address + path(), { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('bundles the CRLs of the CAs above', async () => {
    await start({ hasRoot: true });
    const good = await authority.issue('good');
    writeFileSync(join(authority.dir, 'index.txt'), '');
    writeFileSync(join(authority.dir, 'crlnumber'), '01');
    writeFileSync(join(authority.dir, 'ca.cnf'), '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=30\n');
    execFileSync('openssl', ['ca', '-config', 'ca.cnf', '-gencrl', '-cert', 'root.pem', '-keyfile', 'root.key', '-out', 'parent-crls/root.crl'], { cwd: authority.dir, stdio: 'ignore' });
    const bundle = await saved('/crl/bundle.pem');
    const verified = spawnSync('openssl', ['verify', '-crl_check_all', '-CAfile', authority.chainFile, '-CRLfile', bundle, good.certificate], { encoding: 'utf8' });
    expect(verified.stdout + verified.stderr).toContain('good.pem: OK');
    const alone = await saved(path().replace('.crl', '.pem'));
    expect(spawnSync('openssl', ['verify', '-crl_check_all', '-CAfile', authority.chainFile, '-CRLfile', alone, good.certificate], { encoding: 'utf8' }).stderr).toContain('unable to get certificate CRL');
  });
});

describe('other programs', () => {
  it('GnuTLS refuses the revoked one and takes the good one', async () => {
    await start();
    const [good, revoked] = [await authority.issue('good'), await authority.issue('revoked')];
    await authority.change(revoked.serialNumber, { to: 'revoked', reason: 'keyCompromise' });
    const crl = await saved('/crl/bundle.pem');
    const certtool = (file: string) => spawnSync('certtool', ['--verify', '--load-ca-certificate', authority.rootFile, '--load-crl', crl, '--infile', file], { encoding: 'utf8' }).stdout;
    expect(certtool(good.certificate)).toContain('Verified. The certificate is trusted.');
    expect(certtool(revoked.certificate)).toMatch(/revoked/);
  });

  it('NSS refuses the revoked one and takes the good one', async () => {
    await start();
    const [good, revoked] = [await authority.issue('good'), await authority.issue('revoked')];
    await authority.change(revoked.serialNumber, { to: 'revoked', reason: 'keyCompromise' });
    const database = `sql:${authority.dir}`;
    execFileSync('certutil', ['-N', '-d', database, '--empty-password']);
    execFileSync('certutil', ['-A', '-d', database, '-n', 'ca', '-t', 'CT,C,C', '-i', authority.rootFile]);
    for (const { certificate, serialNumber } of [good, revoked]) execFileSync('certutil', ['-A', '-d', database, '-n', serialNumber, '-t', ',,', '-i', certificate]);
    const crl = join(authority.dir, 'nss.crl');
    writeFileSync(crl, Buffer.from(await (await get(path())).arrayBuffer()));
    execFileSync('crlutil', ['-I', '-d', database, '-i', crl, '-t', '1']);
    const check = (nickname: string) => {
      const { stdout, stderr } = spawnSync('certutil', ['-V', '-d', database, '-n', nickname, '-u', 'C'], { encoding: 'utf8' });
      return stdout + stderr;
    };
    expect(check(good.serialNumber)).toContain('certificate is valid');
    expect(check(revoked.serialNumber)).toMatch(/revoked/i);
  });
});

it('with a hundred partitions, revoking one certificate costs its own CRL only', async () => {
  await start({ revocation: { address: 'http://crl.example.org', crlPartitions: 100 } });
  await renewDueCrls(authority.context);
  const { serialNumber } = await authority.issue('one', { partition: 42 });
  const before = await Promise.all([41, 42].map(async (partition) => (await current(partition)).number));
  await authority.change(serialNumber, { to: 'revoked', reason: 'unspecified' });
  const after = await Promise.all([41, 42].map(async (partition) => (await current(partition)).number));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).toBeGreaterThan(before[1] as bigint);
});
