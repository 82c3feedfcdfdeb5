/** What a person meets at a terminal: questions, no echo of secrets, a second chance, Ctrl-C. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latchkeyAtTerminal, type Dialogue, type Seen } from './latchkey-at-terminal.ts';
import { serveAuthority, trustVirtualKeys, type RunningAuthority } from './running-authority.ts';
import { createStage, type Stage } from './stage.ts';

const PASSPHRASE = 'correct horse battery';
const PIN = '246813';
const APPROVER_SERIAL = 5_210_112;

let stage: Stage;
let authority: RunningAuthority | undefined;

const atTerminal = (args: readonly string[], dialogue: Dialogue): Promise<Seen> => latchkeyAtTerminal(stage.computer, args, dialogue);

beforeAll(async () => {
  stage = await createStage();
});
afterAll(async () => {
  await authority?.end();
  await stage.close();
});

describe('a new passphrase', () => {
  const init = (): string[] => ['ca', 'init', '--dir', stage.authorityFolder, '--name', 'Test CA', '--key-type', 'ECCP256'];

  it('is asked for twice, and nothing happens where the two differ', async () => {
    const { code, screen } = await atTerminal(init(), [['passphrase for the CA key: ', `${PASSPHRASE}\r`], ['Again: ', 'another\r']]);
    expect(screen).toContain('differ');
    expect(code).toBe(2);
  });

  it('is never shown', async () => {
    const { code, screen } = await atTerminal(init(), [['passphrase for the CA key: ', `x\u007f${PASSPHRASE}\r`], ['Again: ', `wrong\u0015${PASSPHRASE}\r`]]);
    expect(screen).toContain('Fingerprint');
    expect(screen).not.toContain(PASSPHRASE);
    expect(code).toBe(0);
    await trustVirtualKeys(stage.authorityFolder);
    authority = await serveAuthority(stage.computer, stage.authorityFolder, PASSPHRASE);
  });
});

describe('an enrollment', () => {
  const enroll = (): string[] => ['enroll', '--serial', String(APPROVER_SERIAL), '--invite', authority?.announcement.firstApproverInvitation ?? ''];
  const name = ['Your name: ', 'Petra Approver\r'] as const;
  const email = ['Your e-mail address: ', 'petra@example.org\r'] as const;

  it('ends at Ctrl-C, and the key is as it was', async () => {
    const key = await stage.plugIn('approver', APPROVER_SERIAL);
    const { code, screen } = await atTerminal(enroll(), [name, email, ['Choose a PIN', '24\u0003']]);
    expect({ code, isFactory: key.exportState().pin.value.startsWith(Buffer.from('123456').toString('hex')) }).toEqual({ code: 2, isFactory: true });
    expect(screen).toContain('Cancelled');
  });

  it('asks again for a PIN that cannot be one, makes a PUK, shows it once and wipes it', async () => {
    const { code, screen, unasked } = await atTerminal(enroll(), [
      name,
      email,
      ['Choose a PIN', '123\r'],
      ['Again: ', '123\r'],
      ['Choose a PUK', '\r'],
      ['press Enter', '\r'],
      ['too short', ''],
      ['Choose a PIN', `${PIN}\r`],
      ['Again: ', `${PIN}\r`],
      ['Choose a PUK', '\r'],
      ['press Enter', '\r'],
    ]);
    expect(unasked).toEqual([]);
    const wiped = screen.indexOf('\r\u001b[2K', screen.lastIndexOf('Your PUK: '));
    expect(screen).toMatch(/Your PUK: \d{8} /);
    expect(wiped).toBeGreaterThan(0);
    expect(screen).toContain('Enrolled: Petra Approver');
    expect(screen).not.toContain(PIN);
    expect(code).toBe(0);
  });

  it('asks which key where there are two', async () => {
    await stage.plugIn('user', 5_210_111);
    const { code, screen } = await atTerminal(['queue', 'list'], [['Which security key? ', '2\r'], ['PIN (3 attempts left): ', `${PIN}\r`]]);
    expect(screen).toContain('serial 5210111');
    expect(screen).toContain('Petra Approver');
    expect(code).toBe(0);
  });
});
