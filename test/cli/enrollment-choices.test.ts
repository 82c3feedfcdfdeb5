/** What a person may choose about an enrollment: what becomes of the old key pair, and the policies of the new one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { KEY_SHOW } from './key-json.ts';
import { latchkeyAtTerminal } from './latchkey-at-terminal.ts';
import type { Ended } from './latchkey-process.ts';
import { OWN, ownedKey, referenceDataOf } from './owned-key.ts';
import { serveAuthority, trustVirtualKeys, type RunningAuthority } from './running-authority.ts';
import { createStage, type Stage } from './stage.ts';

const SERIAL = 5_210_241;
const PASSPHRASE = 'correct horse battery';

let stage: Stage;
let authority: RunningAuthority;

function latchkey(args: readonly string[], ...lines: readonly string[]): Promise<Ended> {
  return stage.computer.latchkey([...args, '--json'], lines);
}

async function invite(): Promise<string> {
  return String((await latchkey(['ca', 'invite', '--dir', stage.authorityFolder, '--name', 'Ana Example', '--email', 'ana@example.org'])).json()['link']);
}

async function slots(): Promise<readonly unknown[]> {
  const shown = KEY_SHOW.parse((await latchkey(['key', 'show'])).json());
  return shown.slots.map(({ slot, keyPair, certificate }) => ({ slot, ...keyPair, certificate: certificate === null || certificate === 'unreadable' ? certificate : certificate.subject }));
}

beforeAll(async () => {
  stage = await createStage();
  await latchkey(['ca', 'init', '--dir', stage.authorityFolder, '--name', 'Test CA', '--key-type', 'ECCP256', '--passphrase-fd', '3'], PASSPHRASE);
  await trustVirtualKeys(stage.authorityFolder);
  authority = await serveAuthority(stage.computer, stage.authorityFolder, PASSPHRASE);
});
afterAll(async () => {
  await authority.end();
  await stage.close();
});

describe('over a certificate of another CA', () => {
  const oldKey = { slot: '9a', keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never', certificate: 'CN=Ana Example' };

  it('nothing happens before the person has said what becomes of it', async () => {
    await stage.insert('user', await ownedKey(SERIAL, { firmware: '5.7.1' }));
    const { code, json } = await latchkey(['enroll', '--invite', await invite(), '--pin-fd', '3'], OWN.pin);
    expect({ code, failure: json().failure }).toMatchObject({ code: 2, failure: { kind: 'answer-missing', option: 'replace, or keep it with --keep-old-key' } });
    expect(await slots()).toEqual([oldKey]);
  });

  it('--keep-old-key moves it out of the way, and the new pair has the policies that were chosen', async () => {
    const args = ['enroll', '--invite', authority.announcement.firstApproverInvitation ?? '', '--name', 'Ana Anew', '--email', 'ana@example.org', '--pin-fd', '3'];
    const { code, json } = await latchkey([...args, '--keep-old-key', '--pin-policy', 'always', '--touch-policy', 'never', '--key-type', 'ECCP384'], OWN.pin);
    expect(json()).toMatchObject({ ok: true, status: 'enrolled' });
    expect(code).toBe(0);
    expect(await slots()).toEqual([
      { slot: '9a', keyType: 'ECCP384', origin: 'generated', pinPolicy: 'always', touchPolicy: 'never', certificate: expect.stringContaining('CN=Ana Anew') },
      { ...oldKey, slot: '82' },
    ]);
  });

  it('a certificate that is still good is renewed only with --renew', async () => {
    const before = await slots();
    expect((await latchkey(['enroll'])).json()).toMatchObject({ ok: true, status: 'enrolled' });
    expect((await latchkey(['enroll', '--renew', '--pin-fd', '3'], OWN.pin)).json()).toMatchObject({ ok: false, failure: { kind: 'answer-missing' } });
    expect(await slots()).toEqual(before);
    const renewed = await latchkey(['enroll', '--renew', '--replace', '--name', 'Ana Anew', '--email', 'ana@example.org', '--pin-fd', '3'], OWN.pin);
    // The old key has proven who asks, and the new one is attested: no approver has to look.
    expect([renewed.code, renewed.json()['status']]).toEqual([0, 'enrolled']);
    expect(await slots()).toMatchObject([{ slot: '9a', keyType: 'ECCP256' }, { ...oldKey, slot: '82' }]);
  });

  it('older firmware cannot keep it, and says so before anything happens', async () => {
    await stage.insert('user', await ownedKey(SERIAL));
    const { code, json } = await latchkey(['enroll', '--invite', await invite(), '--keep-old-key', '--pin-fd', '3'], OWN.pin);
    expect({ code, failure: json().failure }).toEqual({ code: 3, failure: { kind: 'move-unsupported', firmware: '5.4.3' } });
    expect(await slots()).toEqual([oldKey]);
  });

  it('at a terminal, keeping it is offered', async () => {
    await stage.insert('user', await ownedKey(SERIAL, { firmware: '5.7.1' }));
    const { code, unasked } = await latchkeyAtTerminal(stage.computer, ['enroll', '--invite', await invite()], [[`To replace it, type ${SERIAL}; to keep it, type keep: `, 'keep\r'], ['PIN (3 attempts left): ', `${OWN.pin}\r`]]);
    expect({ code, unasked }).toEqual({ code: 75, unasked: [] });
    expect(await slots()).toMatchObject([{ slot: '9a', certificate: null }, { slot: '82', certificate: 'CN=Ana Example' }]);
  });
});

describe('a FIPS key', () => {
  it('makes no key pair that works without the PIN, and nothing is done before that is said', async () => {
    const key = new VirtualYubiKey({ firmware: '5.7.1', serial: SERIAL, fips: true });
    await stage.insert('user', key);
    const { code, json } = await latchkey(['enroll', '--invite', await invite(), '--pin-policy', 'never', '--new-pin-fd', '3', '--new-puk-fd', '3'], '24681357', '86421357');
    expect({ code, failure: json().failure }).toEqual({ code: 3, failure: { kind: 'policy-refused', problem: 'pin-never-on-fips' } });
    expect(referenceDataOf(key, 'pin')).toEqual({ value: '123456', left: 3 });
  });
});
