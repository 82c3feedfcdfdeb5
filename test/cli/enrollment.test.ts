/** The story of user and approver, a real process a command: CA, keys in a private pcscd, exit codes, one JSON object each. */
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { createComputer, ended, startLatchkey, type Ended } from './latchkey-process.ts';
import { serveAuthority, trustVirtualKeys, type RunningAuthority } from './running-authority.ts';
import { createStage, type Stage } from './stage.ts';

const SECRETS = { pin: '246813', puk: '86421357', approverPin: '975310', wrongPin: '000111', passphrase: 'correct horse battery' } as const;
const USER_SERIAL = 5_210_101;
const SECOND_SERIAL = 5_210_103;
const APPROVER_SERIAL = 5_210_102;

let stage: Stage;
let authority: RunningAuthority;
/** The keys in the readers. */
const keys: { user?: VirtualYubiKey; approver?: VirtualYubiKey } = {};
const said: string[] = [];

async function plugIn(who: 'user' | 'approver', serial: number): Promise<VirtualYubiKey> {
  return (keys[who] = await stage.plugIn(who, serial));
}

async function latchkey(args: readonly string[], lines?: readonly string[]): Promise<Ended> {
  const result = await stage.computer.latchkey([...args, '--json'], lines);
  said.push(result.stdout, result.stderr);
  return result;
}

const asUser = ['--serial', String(USER_SERIAL)];
const asApprover = ['--serial', String(APPROVER_SERIAL), '--pin-fd', '3'];
const enrollAgain = (serial = USER_SERIAL, pin: string = SECRETS.pin): Promise<Ended> => latchkey(['enroll', '--serial', String(serial), '--pin-fd', '3'], [pin]);

async function invite(name: string): Promise<string> {
  const invitation = await latchkey(['ca', 'invite', '--dir', stage.authorityFolder, '--name', name, '--email', 'ana@example.org']);
  expect(invitation.code).toBe(0);
  return String(invitation.json()['link']);
}

beforeAll(async () => {
  stage = await createStage();
});

afterAll(async () => {
  await authority.end();
  await stage.close();
});

describe('without a key', () => {
  it('no pcscd is exit code 3', async () => {
    const elsewhere = await createComputer({ PCSCLITE_CSOCK_NAME: '/nonexistent/pcscd.comm' });
    const { code, json } = await elsewhere.latchkey(['status', '--json']);
    await elsewhere.close();
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 3, kind: 'smart-card-service-missing' });
  });

  it('no key is exit code 3, for status and for enroll', async () => {
    for (const command of ['status', 'enroll']) {
      const { code, json } = await latchkey([command]);
      expect({ code, kind: json().failure?.kind }).toEqual({ code: 3, kind: 'no-security-key' });
    }
  });
});

describe('the CA', () => {
  it('is made, once', async () => {
    const init = ['ca', 'init', '--dir', stage.authorityFolder, '--name', 'Test CA', '--key-type', 'ECCP256', '--days', '30', '--passphrase-fd', '3'];
    const made = await latchkey(init, [SECRETS.passphrase]);
    expect(made.code).toBe(0);
    expect(new X509Certificate(String(made.json()['caCertificatePem'])).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(made.json()['fingerprint']);
    const again = await latchkey(init, [SECRETS.passphrase]);
    expect({ code: again.code, kind: again.json().failure?.kind }).toEqual({ code: 4, kind: 'authority-folder-exists' });
  });

  it('opens only with its passphrase', async () => {
    const { code, json } = await latchkey(['ca', 'serve', '--dir', stage.authorityFolder, '--listen', '127.0.0.1:0', '--passphrase-fd', '3'], ['wrong']);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 4, kind: 'passphrase-wrong' });
  });

  it('serves, and prints the invitation of its first approver', async () => {
    await trustVirtualKeys(stage.authorityFolder);
    authority = await serveAuthority(stage.computer, stage.authorityFolder, SECRETS.passphrase);
    expect(authority.announcement).toMatchObject({ ok: true, name: 'Test CA', address: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/) });
    expect(authority.announcement.firstApproverInvitation).toContain(`sha256=${authority.announcement.fingerprint}`);
  });
});

describe('the approver', () => {
  it('enrolls with the first invitation, secrets from files', async () => {
    const key = await plugIn('approver', APPROVER_SERIAL);
    const pinFile = await stage.computer.secretFile('pin', SECRETS.approverPin);
    const pukFile = await stage.computer.secretFile('puk', SECRETS.puk);
    const args = ['--invite', authority.announcement.firstApproverInvitation ?? '', '--new-pin-file', pinFile, '--new-puk-file', pukFile];
    const { code, json } = await latchkey(['enroll', ...args, '--name', 'Petra Approver', '--email', 'petra@example.org']);
    expect(json()).toMatchObject({ ok: true, status: 'enrolled', serial: APPROVER_SERIAL, proof: { through: 'pkcs11', signed: true } });
    expect(code).toBe(0);
    expect(key.bugs).toEqual([]);
  });

  it('two keys and no choice is a usage error', async () => {
    await plugIn('user', USER_SERIAL);
    const { code, json } = await latchkey(['enroll']);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 2, kind: 'several-security-keys' });
  });

  it('a wrong PIN costs exactly one attempt, and the right one gives it back', async () => {
    const left = (): number | undefined => keys.approver?.exportState().pin.attemptsLeft;
    const wrong = await latchkey(['queue', 'list', ...asApprover], [SECRETS.wrongPin]);
    expect({ code: wrong.code, failure: wrong.json().failure, left: left() }).toEqual({ code: 3, failure: { kind: 'pin-wrong', attemptsLeft: 2 }, left: 2 });
    const right = await latchkey(['queue', 'list', ...asApprover], [SECRETS.approverPin]);
    expect({ code: right.code, left: left() }).toEqual({ code: 0, left: 3 });
  });
});

describe('the user', () => {
  let link: string;
  let requestId: string;

  it('hands in a request and is told that it waits: exit code 75', async () => {
    link = await invite('Ana Example');
    const { code, json } = await latchkey(['enroll', ...asUser, '--invite', link, '--new-pin-fd', '3', '--new-puk-fd', '3'], [SECRETS.pin, SECRETS.puk]);
    const { request } = json() as unknown as { request: { id: string; words: string[] } };
    expect({ code, kind: json().failure?.kind, words: request.words.length }).toEqual({ code: 75, kind: 'pending', words: 4 });
    requestId = request.id;
  });

  it('the same command again is the same request', async () => {
    const { code, json } = await latchkey(['enroll', ...asUser, '--invite', link]);
    expect({ code, request: json()['request'] }).toMatchObject({ code: 75, request: { id: requestId } });
  });

  it('is no approver', async () => {
    const { code, json } = await latchkey(['queue', 'list', ...asUser, '--pin-fd', '3'], [SECRETS.pin]);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 3, kind: 'slot-empty' });
  });

  it('is seen with verified facts and approved, once', async () => {
    const shown = await latchkey(['queue', 'show', requestId, ...asApprover], [SECRETS.approverPin]);
    expect(shown.json()['request']).toMatchObject({
      status: 'pending',
      verified: { keyType: 'ECCP256', attestation: { serial: USER_SERIAL, firmware: '5.4.3' } },
      claimed: { name: 'Ana Example', email: 'ana@example.org' },
    });
    const approved = await latchkey(['queue', 'approve', requestId, ...asApprover], [SECRETS.approverPin]);
    expect({ code: approved.code, request: approved.json()['request'] }).toMatchObject({ code: 0, request: { status: 'issued' } });
    const again = await latchkey(['queue', 'approve', requestId, ...asApprover], [SECRETS.approverPin]);
    expect({ code: again.code, kind: again.json().failure?.kind }).toEqual({ code: 5, kind: 'request-already-decided' });
  });

  it('a wrong PIN at the end costs exactly one attempt and loses nothing', async () => {
    const { code, json } = await enrollAgain(USER_SERIAL, SECRETS.wrongPin);
    expect({ code, failure: json().failure }).toEqual({ code: 3, failure: { kind: 'pin-wrong', attemptsLeft: 2 } });
    expect(keys.user?.exportState().pin.attemptsLeft).toBe(2);
  });

  it('goes on later and has a certificate of this CA on the key', async () => {
    const { code, json } = await enrollAgain();
    expect(code).toBe(0);
    const certificate = new X509Certificate(String(json()['certificatePem']));
    const ca = new X509Certificate(await readFile(join(stage.authorityFolder, 'ca.crt')));
    expect({ signed: certificate.verify(ca.publicKey), subject: certificate.subject, proof: json()['proof'] }).toMatchObject({ signed: true, subject: 'CN=Ana Example', proof: { signed: true } });
    const status = await latchkey(['status', ...asUser]);
    expect(status.json()['keys']).toMatchObject([{ serial: USER_SERIAL, pin: { isFactory: false, attemptsLeft: 3 }, managementKey: { isPinProtected: true }, certificate: { subject: 'CN=Ana Example' } }]);
  });
});

describe('a denied user', () => {
  it('reads the reason: exit code 5', async () => {
    await plugIn('user', SECOND_SERIAL);
    const link = await invite('Bob Example');
    const submitted = await latchkey(['enroll', '--serial', String(SECOND_SERIAL), '--invite', link, '--new-pin-fd', '3', '--new-puk-fd', '3'], [SECRETS.pin, SECRETS.puk]);
    const { request } = submitted.json() as unknown as { request: { id: string } };
    const denied = await latchkey(['queue', 'deny', request.id, '--reason', 'We do not know you', ...asApprover], [SECRETS.approverPin]);
    expect({ code: denied.code, request: denied.json()['request'] }).toMatchObject({ code: 0, request: { status: 'denied' } });
    const { code, json } = await enrollAgain(SECOND_SERIAL);
    expect({ code, failure: json().failure }).toEqual({ code: 5, failure: { kind: 'request-denied', reason: 'We do not know you' } });
  });

  it('an invitation that was used is refused for another key', async () => {
    await plugIn('user', USER_SERIAL);
    const link = authority.announcement.firstApproverInvitation ?? '';
    const { code, json } = await latchkey(['enroll', ...asUser, '--invite', link, '--new-pin-fd', '3', '--new-puk-fd', '3'], [SECRETS.pin, SECRETS.puk]);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 5, kind: 'invitation-used' });
    expect(keys.user?.exportState().pin.value).toBe(Buffer.from('123456\xff\xff', 'latin1').toString('hex'));
  });
});

describe('other keys', () => {
  const pinOf = (key: VirtualYubiKey): object => ({ value: Buffer.from(key.exportState().pin.value, 'hex').toString('latin1').replaceAll('\xff', ''), left: key.exportState().pin.attemptsLeft });

  it('a key type that the firmware lacks is exit code 3, and the key is as it was', async () => {
    const key = await stage.plugIn('user', 5_210_104);
    const link = await invite('Cleo Example');
    const args = ['--serial', '5210104', '--invite', link, '--key-type', 'RSA3072', '--new-pin-fd', '3', '--new-puk-fd', '3'];
    const { code, json } = await latchkey(['enroll', ...args], [SECRETS.pin, SECRETS.puk]);
    expect({ code, failure: json().failure }).toEqual({ code: 3, failure: { kind: 'key-type-unsupported', keyType: 'RSA3072', firmware: '5.4.3' } });
    expect(pinOf(key)).toEqual({ value: '123456', left: 3 });
  });

  it('firmware that does not tell whether its PIN is the factory one: the PIN is asked for, never guessed', async () => {
    const key = await stage.plugIn('user', 5_210_105, '5.2.7');
    const link = await invite('Dora Example');
    const enroll = ['enroll', '--serial', '5210105', '--invite', link, '--new-pin-fd', '3'];
    const guessed = await latchkey(enroll, [SECRETS.pin]);
    expect({ code: guessed.code, failure: guessed.json().failure }).toMatchObject({ code: 2, failure: { kind: 'secret-missing', option: 'pin' } });
    expect(pinOf(key)).toEqual({ value: '123456', left: 3 });
    const told = await latchkey([...enroll, '--pin-fd', '3', '--puk-fd', '3', '--new-puk-fd', '3'], ['123456', SECRETS.pin, '12345678', SECRETS.puk]);
    expect({ code: told.code, pin: pinOf(key), failure: told.json().failure?.kind }).toEqual({ code: 75, pin: { value: SECRETS.pin, left: 3 }, failure: 'pending' });
  });

  it('--wait waits for the approver: Ctrl-C leaves it pending, an approval finishes it', async () => {
    const waiting = (): { child: ChildProcess; end: Promise<Ended>; told: Promise<void> } => {
      const child = startLatchkey(['enroll', '--serial', '5210105', '--wait', '--pin-fd', '3', '--json'], stage.computer.environment, [SECRETS.pin]);
      const told = new Promise<void>((resolve) => child.stderr?.on('data', (chunk: Buffer) => (chunk.includes('waits for an approver') ? resolve() : undefined)));
      return { child, end: ended(child), told };
    };
    const first = waiting();
    await first.told;
    first.child.kill('SIGINT');
    const interrupted = await first.end;
    const { request } = interrupted.json() as unknown as { request: { id: string } };
    expect({ code: interrupted.code, kind: interrupted.json().failure?.kind }).toEqual({ code: 75, kind: 'pending' });
    const second = waiting();
    await second.told;
    expect((await latchkey(['queue', 'approve', request.id, ...asApprover], [SECRETS.approverPin])).code).toBe(0);
    expect(await second.end).toMatchObject({ code: 0 });
  });
});

describe('trust', () => {
  beforeAll(() => plugIn('user', USER_SERIAL));

  it('another fingerprint is exit code 4', async () => {
    const { code, json } = await latchkey(['enroll', ...asUser, '--ca', authority.announcement.address, '--fingerprint', 'ab'.repeat(32)]);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 4, kind: 'authority-fingerprint-mismatch' });
  });

  it('a CA that has gone is exit code 4, and it ended in order', async () => {
    expect(await authority.end()).toBe(0);
    said.push(authority.stderr());
    expect(authority.stdout().trim().split('\n')).toHaveLength(1);
    const link = authority.announcement.firstApproverInvitation ?? '';
    for (const command of [['queue', 'list', ...asApprover], ['enroll', ...asUser, '--invite', link]]) {
      const { code, json } = await latchkey(command, [SECRETS.approverPin]);
      expect({ code, kind: json().failure?.kind }).toEqual({ code: 4, kind: 'authority-unreachable' });
    }
  });

  it('no secret was ever said', () => {
    const everything = said.join('\n');
    for (const secret of Object.values(SECRETS)) expect(everything).not.toContain(secret);
  });
});
