/** The main story once as an ordinary user, with the operating system's own sandbox around page and devices. */
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, finishWithPin, heading, openInvitation } from './acts.ts';
import { expect, test } from './fixtures.ts';

const USER = { name: 'Olaf Ordinary', email: 'olaf@example.org', pin: '482915' };
const WORK = { timeout: 60_000 };
/** "nobody" and its group on Debian; as root we become this user, otherwise we are an ordinary one already. */
const NOBODY = { uid: 65_534, gid: 65_534 };

test('an ordinary user enrolls inside the real sandbox', async ({ world, pcscd, authority }) => {
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? NOBODY : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const userData = await mkdtemp(join(tmpdir(), 'latchkey-nobody-'));
  if (isRoot) {
    await chown(userData, user.uid, user.gid);
    // The way to the socket of this run's pcscd, which belongs to root.
    for (const folder of [dirname(pcscd.socketPath), dirname(dirname(pcscd.socketPath)), dirname(dirname(dirname(pcscd.socketPath)))]) {
      if (folder.startsWith(join(tmpdir(), 'latchkey-pcscd-'))) await chmod(folder, 0o755);
    }
  }
  const { key } = await world.plugIn(0);
  const app = await world.launch({ userData, asUser: user });

  const processes = await app.app.evaluate(({ app: electron }) => electron.getAppMetrics().map(({ pid, type, sandboxed }) => ({ pid, type, sandboxed })));
  const page = processes.find(({ type }) => type === 'Tab');
  if (!page) throw new Error('the page has no process');
  const status = statusOf(page.pid);
  expect(status.uids, 'the page does not run as root').toEqual(Array.from({ length: 4 }, () => String(user.uid)));
  // Its own namespaces, no new privileges, and a filter over the system's calls.
  expect(status.seccomp).toBe('2');
  expect(status.noNewPrivileges).toBe('1');
  expect(await app.app.evaluate(() => process.argv.includes('--no-sandbox'))).toBe(false);

  await openInvitation(app.window, await authority.invite(USER.name, USER.email), authority.name);
  await button(app.window, en.key.enroll).click();
  await answerForNewKey(app.window, { pin: USER.pin });
  await expect(heading(app.window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await authority.decide(USER.name, 'approve');
  await finishWithPin(app.window, USER.pin);
  await expect(heading(app.window, en.enrollment.done.title)).toBeVisible(WORK);
  await expect(app.window.getByText(en.enrollment.done.proofModule)).toBeVisible();
  expect(key.bugs).toEqual([]);
});

function statusOf(pid: number): { readonly uids: readonly string[]; readonly seccomp: string; readonly noNewPrivileges: string } {
  const lines = new Map(readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').map((line) => line.split(':\t') as [string, string]));
  return { uids: (lines.get('Uid') ?? '').split('\t'), seccomp: lines.get('Seccomp') ?? '', noNewPrivileges: lines.get('NoNewPrivs') ?? '' };
}
