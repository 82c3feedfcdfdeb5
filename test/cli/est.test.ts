/** Enrolling over EST in the terminal, at our own EST server: waiting, the approver's yes, the certificate in slot 9a. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createComputer, type Computer, type Ended } from './latchkey-process.ts';
import { serveAuthority, trustVirtualKeys, type RunningAuthority } from './running-authority.ts';
import { createStage, type Stage } from './stage.ts';

const [PIN, PUK, APPROVER_PIN, PASSPHRASE] = ['246813', '86421357', '975310', 'correct horse battery'];
const [USER, SECOND, APPROVER] = [5_210_301, 5_210_303, 5_210_302];

let stage: Stage;
let authority: RunningAuthority;
/** Of another person, who trusts the same CA as a Latchkey CA. */
let approver: Computer;

const latchkey = (args: readonly string[], lines: readonly string[] = []): Promise<Ended> => stage.computer.latchkey([...args, '--json'], lines);
const asApprover = ['--serial', String(APPROVER), '--pin-fd', '3'];

async function invitationCode(name: string, ...more: readonly string[]): Promise<string> {
  const invited = await latchkey(['ca', 'invite', '--dir', stage.authorityFolder, '--name', name, '--email', 'ana@example.org', ...more]);
  return new URL(String(invited.json()['link'])).searchParams.get('code') ?? '';
}

/** Runs enroll for a new key; the descriptor gives PIN, PUK and the EST password, in the order they are asked for. */
function enroll(serial: number, args: readonly string[], password: string): Promise<Ended> {
  const { address, fingerprint } = authority.announcement;
  const secrets = ['--new-pin-fd', '3', '--new-puk-fd', '3', '--est-password-fd', '3'];
  return latchkey(['enroll', '--serial', String(serial), '--est', address, '--fingerprint', fingerprint, ...secrets, ...args], [PIN, PUK, password]);
}

beforeAll(async () => {
  stage = await createStage();
  await latchkey(['ca', 'init', '--dir', stage.authorityFolder, '--name', 'EST CA', '--days', '30', '--passphrase-fd', '3'], [PASSPHRASE]);
  await trustVirtualKeys(stage.authorityFolder);
  authority = await serveAuthority(stage.computer, stage.authorityFolder, PASSPHRASE);
  await stage.plugIn('approver', APPROVER);
  const link = authority.announcement.firstApproverInvitation ?? '';
  approver = await createComputer({ PCSCLITE_CSOCK_NAME: stage.computer.environment['PCSCLITE_CSOCK_NAME'] });
  await approver.latchkey(['enroll', '--invite', link, '--new-pin-fd', '3', '--new-puk-fd', '3', '--name', 'Petra', '--email', 'petra@example.org', '--json'], [APPROVER_PIN, PUK]);
});

afterAll(async () => {
  await authority.end();
  await approver.close();
  await stage.close();
});

describe('at an EST server', () => {
  const who = ['--name', 'Ana Example', '--email', 'ana@example.org'];

  it('a fingerprint that is another is told, and nothing is trusted', async () => {
    await stage.plugIn('user', USER);
    const { code, json } = await latchkey(['enroll', '--serial', String(USER), '--est', authority.announcement.address, '--fingerprint', 'ab'.repeat(32)]);
    expect({ code, kind: json().failure?.kind }).toEqual({ code: 4, kind: 'authority-fingerprint-mismatch' });
  });

  it('no password, a wrong one, and a label that is not there are told apart', async () => {
    const none = await enroll(USER, who, '');
    expect({ code: none.code, failure: none.json().failure }).toMatchObject({ code: 5, failure: { kind: 'est-sign-in-refused', wasGiven: false } });
    const again = ['--serial', String(USER), '--est-password-fd', '3', '--pin-fd', '3'];
    const wrong = await latchkey(['enroll', ...again, '--est-user', 'ana'], ['AAAA-BBBB-CCCC-DDDD-EEEE', PIN]);
    expect({ code: wrong.code, failure: wrong.json().failure }).toMatchObject({ code: 5, failure: { kind: 'est-sign-in-refused', wasGiven: true } });
    expect(wrong.stdout + wrong.stderr).not.toContain('AAAA-BBBB');
    const label = await latchkey(['enroll', '--serial', String(USER), '--est', authority.announcement.address, '--label', 'nobody', '--fingerprint', authority.announcement.fingerprint]);
    expect({ code: label.code, kind: label.json().failure?.kind }).toEqual({ code: 4, kind: 'authority-protocol' });
  });

  it('waits for the approver, hands the same CSR in again, and puts the certificate onto the key', async () => {
    // Which secret is asked for first depends on whether the server's pause is over.
    const [code, pin] = [await stage.computer.secretFile('est', await invitationCode('Ana Example')), await stage.computer.secretFile('pin', PIN)];
    const again = ['enroll', '--serial', String(USER), '--est-user', 'ana', '--est-password-file', code, '--pin-file', pin];
    const waiting = await latchkey(again);
    expect({ code: waiting.code, kind: waiting.json().failure?.kind }).toEqual({ code: 75, kind: 'pending' });
    expect((await latchkey(['queue', 'list', ...asApprover], [APPROVER_PIN])).json().failure?.kind).toBe('authority-cannot');

    const { requests: all } = (await approver.latchkey(['queue', 'list', ...asApprover, '--json'], [APPROVER_PIN])).json() as unknown as { readonly requests: readonly { readonly id: string; readonly status: string; readonly words: readonly string[] }[] };
    const requests = all.filter(({ status }) => status === 'pending');
    expect(requests.map(({ words }) => words)).toEqual([(waiting.json()['request'] as { readonly words: readonly string[] }).words]);
    expect((await approver.latchkey(['queue', 'approve', requests[0]?.id ?? '', ...asApprover, '--json'], [APPROVER_PIN])).code).toBe(0);

    const { json, code: exit } = await latchkey([...again, '--wait']);
    expect({ exit, ...json() }).toMatchObject({ exit: 0, status: 'enrolled', certificate: { name: 'Ana Example', authorityName: 'EST CA' }, proof: { signed: true } });
  });

  it('with the code of an automatic invitation it is done at once, below a label', async () => {
    await stage.plugIn('user', SECOND);
    const code = await invitationCode('Bo Example', '--automatic');
    const { json, code: exit } = await enroll(SECOND, ['--label', 'person', '--est-user', 'bo', '--name', 'Bo Example', '--email', 'ana@example.org'], code);
    expect({ exit, ...json() }).toMatchObject({ exit: 0, status: 'enrolled', certificate: { name: 'Bo Example' } });
  });
});
