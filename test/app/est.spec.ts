/** Enrolling over EST in the window, at our own EST server, over a restart that forgets the password. */
import { parseInvitation } from '../../core/invitation.ts';
import { en } from '../../renderer/messages/en.ts';
import { failuresEn } from '../../renderer/messages/failures-en.ts';
import { answerForNewKey, button, finishWithPin, heading } from './acts.ts';
import { expect, test } from './fixtures.ts';
import type { RunningApp } from './launch.ts';
import { inspect } from './look.ts';
import type { TestAuthority } from './test-authority.ts';

const PIN = '482915';
const WORK = { timeout: 60_000 };

async function nameEstServer({ window }: RunningApp, authority: TestAuthority, password: string): Promise<void> {
  const texts = en.authority.est;
  await button(window, texts.open).click();
  await window.getByLabel(texts.address).fill(authority.address);
  await window.getByLabel(texts.user).fill('ana');
  await window.getByLabel(texts.password, { exact: true }).fill(password);
  await button(window, en.authority.look).click();
  await window.getByRole('checkbox', { name: en.authority.found.compared }).check();
  await button(window, en.authority.found.trust(authority.name)).click();
}

test('a request waits, the password is asked for anew after a restart, and the certificate arrives', async ({ world, authority }) => {
  const name = 'Esther Example';
  const invitation = parseInvitation(await authority.invite(name, 'esther@example.org'));
  const code = invitation.ok ? invitation.value.code : '';
  const { key } = await world.plugIn(0);
  const first = await world.launch();
  await button(first.window, en.welcome.address).click();
  await button(first.window, en.authority.est.open).click();
  await inspect(first, 'naming an EST server');
  await button(first.window, en.app.back).click();
  await nameEstServer(first, authority, code);
  await button(first.window, en.key.enroll).click();
  await answerForNewKey(first.window, { pin: PIN, name, email: 'esther@example.org' });
  await expect(heading(first.window, en.enrollment.waiting.title)).toBeVisible(WORK);
  await first.close();

  await authority.decide(name, 'approve');
  const second = await world.launch({ userData: first.userData });
  const asked = failuresEn['est-sign-in-refused']({ kind: 'est-sign-in-refused', address: authority.address, wasGiven: false });
  await button(second.window, en.key.showRequest).or(button(second.window, en.key.goOn)).click();
  await expect(second.window.getByText(asked.what)).toBeVisible(WORK);
  await button(second.window, en.problem.nameAuthority).click();
  await nameEstServer(second, authority, code);
  await finishWithPin(second.window, PIN);
  await expect(heading(second.window, en.enrollment.done.title)).toBeVisible(WORK);
  expect(key.bugs).toEqual([]);
});
