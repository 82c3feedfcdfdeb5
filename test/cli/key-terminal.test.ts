/** Looking after a key at a terminal: what is said before each entry, what is typed, what a wrong entry costs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { latchkeyAtTerminal, type Dialogue, type Seen } from './latchkey-at-terminal.ts';
import { changed, keyTypeIn, OWN, ownedKey, referenceDataOf, UNKNOWN_MANAGEMENT_KEY, withUnknownManagementKey } from './owned-key.ts';
import { createStage, type Stage } from './stage.ts';

const SERIAL = 5_210_221;

let stage: Stage;
let key: VirtualYubiKey;

async function insert(inserted: VirtualYubiKey): Promise<void> {
  await stage.insert('user', inserted);
  key = inserted;
}

async function atTerminal(args: readonly string[], dialogue: Dialogue = []): Promise<Seen> {
  const seen = await latchkeyAtTerminal(stage.computer, args, dialogue);
  expect(seen.unasked).toEqual([]);
  for (const secret of [...Object.values(OWN), UNKNOWN_MANAGEMENT_KEY]) expect(seen.screen).not.toContain(secret);
  return seen;
}

beforeAll(async () => {
  stage = await createStage();
  await insert(await ownedKey(SERIAL));
});
afterAll(() => stage.close());

describe('PIN and PUK', () => {
  it('a change says the attempts and the rules before it asks', async () => {
    const { code, screen } = await atTerminal(
      ['key', 'pin', 'change'],
      [['PIN (3 attempts left): ', `${OWN.pin}\r`], ['New PIN (6 to 8 characters): ', `${OWN.newPin}\r`], ['Again: ', `${OWN.newPin}\r`]],
    );
    expect({ code, pin: referenceDataOf(key, 'pin') }).toEqual({ code: 0, pin: { value: OWN.newPin, left: 3 } });
    expect(screen).toContain('The PIN was changed.');
  });

  it('two entries that differ change nothing', async () => {
    const { code } = await atTerminal(['key', 'pin', 'change'], [['PIN (3 attempts left): ', `${OWN.newPin}\r`], ['New PIN', `${OWN.pin}\r`], ['Again: ', `${OWN.wrongPin}\r`]]);
    expect({ code, pin: referenceDataOf(key, 'pin') }).toEqual({ code: 2, pin: { value: OWN.newPin, left: 3 } });
  });

  it('a wrong one ends the command with what is left; the last attempt is warned of; then it is blocked and not asked for', async () => {
    const first = await atTerminal(['key', 'pin', 'verify'], [['PIN (3 attempts left): ', `${OWN.wrongPin}\r`]]);
    expect(first.code).toBe(3);
    expect(first.screen).toContain('2 attempts left');
    expect(referenceDataOf(key, 'pin').left).toBe(2);
    const second = await atTerminal(['key', 'pin', 'verify'], [['PIN (2 attempts left): ', `${OWN.wrongPin}\r`]]);
    expect(second.screen).not.toContain('This is the last attempt');
    const last = await atTerminal(['key', 'pin', 'verify'], [['This is the last attempt', ''], ['PIN (1 attempt left): ', `${OWN.wrongPin}\r`]]);
    expect({ code: last.code, left: referenceDataOf(key, 'pin').left }).toEqual({ code: 3, left: 0 });
    expect(last.screen).toContain('latchkey key pin unblock');
    const blocked = await atTerminal(['key', 'pin', 'verify']);
    expect({ code: blocked.code, isAsked: blocked.screen.includes('PIN (') }).toEqual({ code: 3, isAsked: false });
  });

  it('the way out of it', async () => {
    const { code } = await atTerminal(
      ['key', 'pin', 'unblock'],
      [['PUK (3 attempts left): ', `${OWN.puk}\r`], ['New PIN', `${OWN.pin}\r`], ['Again: ', `${OWN.pin}\r`]],
    );
    expect({ code, pin: referenceDataOf(key, 'pin') }).toEqual({ code: 0, pin: { value: OWN.pin, left: 3 } });
  });

  it('a generated PUK is shown before it is set, once, and taken off the screen', async () => {
    const { code, screen } = await atTerminal(['key', 'puk', 'change', '--generate'], [['PUK (3 attempts left): ', `${OWN.puk}\r`], ['press Enter', '\r']]);
    const puk = /Your PUK: (\d{8}) /.exec(screen)?.[1];
    expect({ code, puk: referenceDataOf(key, 'puk') }).toEqual({ code: 0, puk: { value: puk, left: 3 } });
    expect(screen.split(String(puk))).toHaveLength(2);
    expect(screen.indexOf('\r\u001b[2K', screen.indexOf('Your PUK: '))).toBeGreaterThan(0);
  });

  it('Ctrl-C at the sight of it sets nothing', async () => {
    await insert(await ownedKey(SERIAL));
    const { code } = await atTerminal(['key', 'puk', 'change'], [['PUK (3 attempts left): ', `${OWN.puk}\r`], ['or just Enter to have one made: ', '\r'], ['press Enter', '\u0003']]);
    expect({ code, puk: referenceDataOf(key, 'puk') }).toEqual({ code: 2, puk: { value: OWN.puk, left: 3 } });
  });
});

describe('attempts and management key', () => {
  it('setting the attempts warns first, and leads through new values', async () => {
    const { code } = await atTerminal(
      ['key', 'retries', 'set', '--pin', '6', '--puk', '5'],
      [
        ['makes PIN and PUK the factory ones again', ''],
        ['PIN (3 attempts left): ', `${OWN.pin}\r`],
        ['New PIN', `${OWN.newPin}\r`],
        ['Again: ', `${OWN.newPin}\r`],
        ['New PUK', `${OWN.newPuk}\r`],
        ['Again: ', `${OWN.newPuk}\r`],
      ],
    );
    expect({ code, pin: referenceDataOf(key, 'pin'), puk: referenceDataOf(key, 'puk') }).toEqual({ code: 0, pin: { value: OWN.newPin, left: 6 }, puk: { value: OWN.newPuk, left: 5 } });
  });

  it('an unknown management key is asked for, not shown, and needed no more afterwards', async () => {
    await insert(withUnknownManagementKey(await ownedKey(SERIAL)));
    const nothing = await atTerminal(['key', 'management-key', 'rotate'], [['PIN (3', `${OWN.pin}\r`], ['Management key, which another program set', '\r']]);
    expect(nothing.code).toBe(3);
    const rotated = await atTerminal(['key', 'management-key', 'rotate'], [['PIN (3', `${OWN.pin}\r`], ['Management key, which another program set', `${UNKNOWN_MANAGEMENT_KEY}\r`]]);
    const again = await atTerminal(['key', 'management-key', 'rotate'], [['PIN (3', `${OWN.pin}\r`]]);
    expect([rotated.code, again.code]).toEqual([0, 0]);
  });
});

describe('loss', () => {
  const question = 'To go on, type the serial of the key: ';

  it.each([
    ['another serial', '5210222\r', 2],
    ['a yes', 'yes\r', 2],
    ['nothing', '\r', 2],
    // Where the line is echoed the terminal itself turns it into SIGINT.
    ['Ctrl-C', '\u0003', -2],
  ])('%s in place of the serial touches nothing', async (_, typed, expected) => {
    await insert(await ownedKey(SERIAL));
    const before = key.exportState();
    const { code } = await atTerminal(['key', 'reset'], [['in slot 9a, and its ECCP256 key pair', ''], [question, typed]]);
    expect(code).toBe(expected);
    expect(key.exportState()).toEqual(before);
  });

  it('the serial resets it', async () => {
    const { code, screen } = await atTerminal(['key', 'reset'], [['will be lost for good', ''], [question, `${SERIAL}\r`]]);
    expect({ code, keyType: keyTypeIn(key, '9a') }).toEqual({ code: 0, keyType: undefined });
    expect(screen).toContain('Passkeys, one-time passwords and OpenPGP keys stay');
  });
});

it('DER is not for a terminal', async () => {
  await insert(await ownedKey(SERIAL));
  const { code, screen } = await atTerminal(['key', 'certificate', 'export', '--format', 'der']);
  expect(code).toBe(2);
  expect(screen).toContain('DER is not for terminals');
});

it('names of other people cannot steer the terminal', async () => {
  await insert(await ownedKey(SERIAL, { name: 'Ana\u001b[2J\u202eevil' }));
  const { code, screen } = await atTerminal(['key', 'show']);
  expect(code).toBe(0);
  expect(screen).toContain('Ana□[2J□evil');
  expect(screen).not.toContain('\u001b[2J');
});

it('key show is plain text, with commands to type', async () => {
  await insert(changed(await ownedKey(SERIAL), (state) => (state.pin.attemptsLeft = 0)));
  const { screen } = await atTerminal(['key', 'show']);
  for (const line of [
    `YubiKey 5C, serial ${SERIAL}, firmware 5.4.3`,
    '  PIN             your own, blocked',
    '  PUK             your own, 3 of 3 attempts left',
    '  Management key  random, protected by the PIN (3DES)',
    'Slot 9a, signing in',
    '  Key pair        ECCP256, made on the key, PIN once, touch never',
    '  Certificate     CN=Ana Example',
    '  Fits            yes: the certificate is for this key pair',
    '    1. Set a new PIN with the PUK: latchkey key pin unblock',
    '    2. Reset the key: latchkey key reset',
    '       Lost for good: the certificate for Ana Example (by Test issuer, until 2099-12-31) in slot 9a, and its ECCP256 key pair',
  ]) {
    expect(screen).toContain(`${line}\r\n`);
  }
});
