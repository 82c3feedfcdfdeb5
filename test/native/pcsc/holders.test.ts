/** Programs that keep a key from us, and how it comes back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';
import { likelyHolder } from '../../../native/pcsc/holder.ts';
import { connectedTo } from '../../../native/pcsc/service-clients.ts';
import { createSecurityKeys } from '../../../native/security-keys.ts';
import { startPrivatePcscd, type PrivatePcscd } from '../../../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd, type VpcdInsertion } from '../../../native/virtual-yubikey/vpcd.ts';
import { setUpGnuPg, type GnuPg } from './gnupg.ts';
import { withOpenPgp } from './openpgp-key.ts';
import { startOtherProgram, type OtherProgram } from './other-program.ts';
import { keyWithSerial, nextSituation, presentKeys } from './situations.ts';

const PIN = '123456';
const PATH = process.env['PATH'];

describe('a key that another program holds', () => {
  let pcscd: PrivatePcscd;
  let otherPcscd: PrivatePcscd;
  let key: VirtualYubiKey;
  let insertion: VpcdInsertion;
  let keys: SecurityKeys;
  let readerName: string;
  const programs: OtherProgram[] = [];
  const persons: GnuPg[] = [];

  beforeAll(async () => {
    pcscd = await startPrivatePcscd({ readers: 1 });
    otherPcscd = await startPrivatePcscd({ readers: 1 });
    process.env['PCSCLITE_CSOCK_NAME'] = pcscd.socketPath;
    readerName = pcscd.readerNames[0] ?? '';
    key = new VirtualYubiKey({ firmware: '5.4.3', serial: 5210301 });
    insertion = await insertIntoVpcd(withOpenPgp(key), { port: pcscd.ports[0] ?? 0 });
  });
  beforeEach(async () => {
    keys = createSecurityKeys({ moduleChoice: 'none', limits: { connectMilliseconds: 1500 } });
    await keyWithSerial(keys, key.serial);
  });
  afterEach(async () => {
    await keys.close();
    for (const program of programs.splice(0)) await program.end();
    for (const person of persons.splice(0)) await person.end();
    delete process.env['GNUPGHOME'];
    process.env['PATH'] = PATH;
    expect(key.bugs).toEqual([]);
  });
  afterAll(async () => {
    await insertion?.close();
    await pcscd?.close();
    await otherPcscd?.close();
  });

  async function start(title: string, at = pcscd): Promise<OtherProgram> {
    const program = await startOtherProgram(at, at.readerNames[0] ?? '', title);
    programs.push(program);
    return program;
  }
  async function newPerson(): Promise<GnuPg> {
    const person = await setUpGnuPg(pcscd);
    persons.push(person);
    return person;
  }
  const isBusy = (situation: SecurityKeysSituation): boolean => presentKeys(situation)?.some((present) => present.kind === 'problem' && present.failure.kind === 'security-key-busy') ?? false;

  test("by GnuPG's scdaemon: named, and asked to let go; the key comes back by itself", async () => {
    const person = await newPerson();
    process.env['GNUPGHOME'] = person.home;
    expect(await person.takeCard()).toMatch(/^D27600012401/);
    const busy = { kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true };
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: false, failure: busy });
    expect(presentKeys(await nextSituation(keys, isBusy))).toEqual([{ kind: 'problem', readerName, failure: busy }]);
    expect(await keys.releaseHolder()).toEqual({ ok: true });
    await keyWithSerial(keys, key.serial);
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
  });

  test("by somebody else's scdaemon: it is named, left alone, and keeps the key", async () => {
    const [self, other] = [await newPerson(), await newPerson()];
    process.env['GNUPGHOME'] = self.home;
    await other.takeCard();
    keys.refresh();
    await nextSituation(keys, isBusy);
    expect(await keys.releaseHolder()).toEqual({ ok: false, failure: { kind: 'holder-not-releasable', holder: 'scdaemon' } });
    expect(await other.takeCard()).toMatch(/^D27600012401/);
  });

  test('by a program that nobody can ask: named, not touched, and we go on when it lets go', async () => {
    const program = await start('vendor tool');
    await program.tell('connect exclusively');
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: false, failure: { kind: 'security-key-busy', holder: 'vendor tool' } });
    expect(await keys.releaseHolder()).toEqual({ ok: false, failure: { kind: 'holder-not-releasable', holder: 'vendor tool' } });
    await nextSituation(keys, isBusy);
    await program.tell('let go');
    await keyWithSerial(keys, key.serial);
  });

  test.each(['/usr/bin:/usr/sbin:/bin', '/nowhere'])('while others use another smart card service: they are not suspected; programs in %s', async (path) => {
    await start('not me', otherPcscd);
    const program = await start('vendor tool');
    await program.tell('connect exclusively');
    process.env['PATH'] = path; // with `ss`, and without
    expect(await keys.at(readerName).verifyPin(PIN)).toMatchObject({ failure: { holder: 'vendor tool' } });
  });

  test('while a browser has a module with the key: the browser is not suspected', async () => {
    const [program, browser] = [await start('vendor tool'), await start('browser')];
    await browser.tell('use OpenSC');
    await program.tell('connect and begin a transaction');
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: false, failure: { kind: 'security-key-busy', holder: 'vendor tool' } });
    await program.tell('let go');
    await keyWithSerial(keys, key.serial);
  });

  test.each(['use ykcs11', 'use OpenSC'])('shared with a program that does "%s": we are not kept out', async (line) => {
    const browser = await start('browser');
    await browser.tell(line);
    expect(await keys.at(readerName).facts()).toMatchObject({ ok: true, value: { serial: key.serial } });
    expect(await keys.at(readerName).verifyPin(PIN)).toEqual({ ok: true });
  });

  test('by nobody: nothing is to be released, and it is so', async () => {
    process.env['GNUPGHOME'] = (await newPerson()).home;
    expect(await keys.releaseHolder()).toEqual({ ok: true });
  });
});

describe('who is suspected', () => {
  const [scdaemon, firefox, chrome, tool] = [
    { name: 'scdaemon', hasModule: false },
    { name: 'firefox', hasModule: true },
    { name: 'chrome', hasModule: true },
    { name: 'vendor tool', hasModule: false },
  ];
  test.each([
    ['nobody is there', [], undefined],
    ['GnuPG, whoever else is there', [firefox, tool, scdaemon], 'scdaemon'],
    ['the only one', [tool], 'vendor tool'],
    ['the only one, though it shares', [firefox], 'firefox'],
    ['one with several processes', [tool, tool], 'vendor tool'],
    ['the one that does not share', [firefox, tool, chrome], 'vendor tool'],
    ['nobody, where it is not clear', [firefox, chrome], undefined],
  ])('%s', (_, clients, holder) => {
    expect(likelyHolder(clients)?.name).toBe(holder);
  });
});

describe('connections to a socket file, as ss tells them', () => {
  const LISTING = [
    'u_str ESTAB 0      0                          * 90214 * 90215 users:(("scdaemon",pid=407,fd=9)) <->',
    'u_str ESTAB 0      0      /run/pcscd/pcscd.comm 90215 * 90214 users:(("pcscd",pid=395,fd=9)) <-> ino:2147160 dev:0/65024',
    'u_str ESTAB 0      0      /run/pcscd/pcscd.comm 90225 * 90224 <-> ino:21471 dev:0/65024',
    'u_str ESTAB 0      0                          * 90224 * 90225 users:(("other",pid=500,fd=3)) <->',
    'u_str ESTAB 0      0      /run/pcscd/pcscd.comm 90235 * 90234 users:(("pcscd",pid=395,fd=10)) <-> ino:2147160 dev:0/65024',
    'u_str ESTAB 0      0                          * 90234 * 90235 users:(("Web Content",pid=600,fd=3),("firefox",pid=601,fd=7)) <->',
    'u_seq ESTAB 0      0      @a name with spaces 12 * 13',
    'something else',
  ].join('\n');

  test('are found by the inode of the file, not by its name', () => {
    expect(connectedTo(2147160, LISTING)).toEqual([407, 600, 601]);
    expect(connectedTo(21471, LISTING)).toEqual([500]);
  });

  test('are not known where there is no such file in the list', () => {
    expect(connectedTo(99, LISTING)).toBeUndefined();
    expect(connectedTo(99, '')).toBeUndefined();
  });
});
