/** The whole story on the real Electron: an approver and a user, each with a profile and a key of their own, and a real CA. */
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, enterSigningPin, finishWithPin, fourWords, goTo, heading, openInvitation, signIn } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { TestAuthority } from './test-authority.ts';

const USER = { name: 'Ana Example', email: 'ana@example.org', pin: '482915' };
const APPROVER = { name: 'Petra Approver', email: 'petra@example.org', pin: '739264' };

test('the first approver enrolls, a user enrolls, the approver approves, the certificate works', async ({ world }) => {
  test.setTimeout(180_000);
  const authority = await TestAuthority.create('Story CA');
  try {
    const approverKey = await world.plugIn(1);
    const approver = await world.launch();
    await openInvitation(approver.window, authority.firstInvitation, authority.name);
    await button(approver.window, en.key.enroll).click();
    await answerForNewKey(approver.window, APPROVER);
    await expect(heading(approver.window, en.enrollment.done.title)).toBeVisible({ timeout: 60_000 });
    await expect(approver.window.getByText(en.enrollment.done.proofModule)).toBeVisible();
    await goTo(approver.window, 'requests');
    await signIn(approver.window, APPROVER.pin);
    await expect(approver.window.getByText(en.queue.nonePending)).toBeVisible();
    await approverKey.pull();

    const userKey = await world.plugIn(0);
    const user = await world.launch({ args: [await authority.invite(USER.name, USER.email)] });
    await button(user.window, en.authority.found.trust(authority.name)).click();
    await button(user.window, en.key.enroll).click();
    await answerForNewKey(user.window, { pin: USER.pin, touch: 'always' });
    await expect(user.window.getByText(en.enrollment.working.touchTitle)).toBeVisible({ timeout: 60_000 });
    expect(userKey.key.touch()).toBe(true);
    await expect(heading(user.window, en.enrollment.waiting.title)).toBeVisible({ timeout: 60_000 });
    const words = await fourWords(user.window, en.enrollment.waiting.words);

    await button(approver.window, en.queue.open(USER.name)).click();
    expect(await fourWords(approver.window, en.queue.request.words)).toEqual(words);
    await expect(approver.window.getByText(String(userKey.key.serial), { exact: true })).toBeVisible();
    await approverKey.plugIn();
    await enterSigningPin(approver.window, APPROVER.pin);
    await button(approver.window, en.queue.request.approve(USER.name)).click();
    await expect(approver.window.getByText(en.queue.request.decided(APPROVER.name, '').replace(/ on $/, ''))).toBeVisible();
    await approverKey.pull();

    await expect(heading(user.window, en.enrollment.pin.finishTitle)).toBeVisible();
    await finishWithPin(user.window, USER.pin);
    await expect(user.window.getByText(en.enrollment.working.touchTitle)).toBeVisible({ timeout: 60_000 });
    expect(userKey.key.touch()).toBe(true);
    await expect(heading(user.window, en.enrollment.done.title)).toBeVisible({ timeout: 60_000 });
    await expect(user.window.getByText(en.enrollment.done.proofModule)).toBeVisible();
    expect(userKey.key.bugs).toEqual([]);
  } finally {
    await authority.close();
  }
});
