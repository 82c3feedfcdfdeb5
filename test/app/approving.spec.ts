/** The approver's window: who may sign in, what a denial does, what happens when somebody else is faster. */
import { en } from '../../renderer/messages/en.ts';
import { failuresEn } from '../../renderer/messages/failures-en.ts';
import { answerForNewKey, button, enterSigningPin, finishWithPin, goTo, heading, openInvitation, signIn } from './acts.ts';
import { expect, test, type PluggableKey, type World } from './fixtures.ts';
import type { RunningApp } from './launch.ts';
import type { TestAuthority } from './test-authority.ts';

const PIN = '482915';
const WORK = { timeout: 60_000 };

interface Applicant {
  readonly app: RunningApp;
  readonly key: PluggableKey;
}

/** A window with its own profile in which `name` has asked for a certificate. */
async function apply(world: World, authority: TestAuthority, name: string, role: 'user' | 'approver', reader: 0 | 1): Promise<Applicant> {
  const key = await world.plugIn(reader);
  const app = await world.launch();
  await openInvitation(app.window, await authority.invite(name, `${name.toLowerCase()}@example.org`, role), authority.name);
  await button(app.window, en.key.enroll).click();
  await answerForNewKey(app.window, { pin: PIN });
  // An operator's invitation of an approver is an approval already.
  const { waiting, done } = en.enrollment;
  await expect(heading(app.window, role === 'approver' ? done.title : waiting.title)).toBeVisible(WORK);
  return { app, key };
}

test('a denial reaches the applicant with its reason; a request that is decided elsewhere says so', async ({ world, authority }) => {
  const approver = await apply(world, authority, 'Berta', 'approver', 1);
  const { window } = approver.app;
  await goTo(window, 'requests');
  await signIn(window, PIN);
  await expect(window.getByText(en.queue.nonePending)).toBeVisible();
  await approver.key.pull();

  const denied = await apply(world, authority, 'Dietmar', 'user', 0);
  await button(window, en.queue.open('Dietmar')).click();
  await button(window, en.queue.request.deny).click();
  await expect(button(window, en.queue.request.denyButton)).toBeDisabled();
  await window.getByLabel(en.queue.request.denyReason).fill('Come by in person, please.');
  await approver.key.plugIn();
  await enterSigningPin(window, PIN);
  await button(window, en.queue.request.denyButton).click();
  await expect(window.getByRole('main').getByText(en.queue.request.deniedNow('Dietmar'))).toBeVisible();
  await approver.key.pull();
  await expect(denied.app.window.getByText('Come by in person, please.')).toBeVisible();
  await button(window, en.queue.request.toList).click();
  await denied.app.close();
  await denied.key.pull();

  await apply(world, authority, 'Emil', 'user', 0);
  await button(window, en.queue.open('Emil')).click();
  await expect(button(window, en.queue.request.approve('Emil'))).toBeVisible();
  await authority.decide('Emil', { deny: 'Decided elsewhere.' });
  // The page notices by itself what the other approver did.
  await expect(window.getByText(en.queue.request.reason('Decided elsewhere.'))).toBeVisible();
  await expect(button(window, en.queue.request.approve('Emil'))).toHaveCount(0);
  await button(window, en.queue.request.toList).click();
  await window.getByRole('button', { name: en.queue.signOut }).click();
  await expect(heading(window, en.queue.signIn.title)).toBeVisible();
});

test('who is no approver cannot sign in', async ({ world, authority }) => {
  const user = await apply(world, authority, 'Fritz', 'user', 0);
  const { window } = user.app;
  await authority.decide('Fritz', 'approve');
  await finishWithPin(window, PIN);
  await expect(heading(window, en.enrollment.done.title)).toBeVisible(WORK);
  await goTo(window, 'requests');
  await signIn(window, PIN);
  await expect(window.getByText(failuresEn['not-an-approver']({ kind: 'not-an-approver' }).what)).toBeVisible();
  await expect(heading(window, en.queue.signIn.title)).toBeVisible();
});
