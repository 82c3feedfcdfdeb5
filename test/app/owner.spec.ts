/** What an owner does in the window: many requests at once, roles, a person who leaves, and the log of all that. */
import { en } from '../../renderer/messages/en.ts';
import { answerForNewKey, button, enterSigningPin, goTo, heading, openInvitation, signIn } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { inspect } from './look.ts';
import { TestAuthority } from './test-authority.ts';

const PIN = '482915';
const WAITING = 120;
const nameOf = (index: number): string => `Person ${String(index).padStart(3, '0')}`;

test('a long queue, several approved at once, a role given, everything of a person taken back, and the log that tells it', async ({ world }) => {
  const { queue, officers } = en;
  const { certificates, people, audit, sections, roles } = officers;
  // Of its own: others would meet the queue that is left.
  await using authority = await TestAuthority.create();
  await authority.handIn(WAITING, nameOf);
  await world.plugIn(1);
  const app = await world.launch();
  const { window } = app;
  await openInvitation(window, await authority.invite('Berta', 'berta@example.org', 'owner'), authority.name);
  await button(window, en.key.enroll).click();
  await answerForNewKey(window, { pin: PIN });
  await expect(heading(window, en.enrollment.done.title)).toBeVisible({ timeout: 60_000 });
  await goTo(window, 'requests');
  await signIn(window, PIN);

  // The list is fetched and drawn as one scrolls.
  const rows = window.getByRole('listitem').filter({ has: window.getByRole('checkbox') });
  const last = button(window, queue.open(nameOf(WAITING - 1)));
  await expect(button(window, queue.open(nameOf(0)))).toBeVisible();
  await expect(last).toHaveCount(0);
  await expect(async () => {
    await rows.last().scrollIntoViewIfNeeded();
    await expect(last).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  expect(await rows.count()).toBeLessThan(WAITING / 2);
  await expect(window.locator(`li[aria-posinset="${WAITING}"]`)).toHaveAttribute('aria-setsize', String(WAITING));

  // Of those chosen, only what the list shows is approved.
  await window.getByLabel(queue.search).fill('person 00');
  for (const index of [3, 4, 7]) await window.getByRole('checkbox', { name: queue.choose(nameOf(index)) }).check();
  await window.getByLabel(queue.search).fill('person 0');
  await window.getByRole('checkbox', { name: queue.choose(nameOf(7)) }).uncheck();
  await enterSigningPin(window, PIN);
  await inspect(app, 'requests-chosen');
  await button(window, queue.bulk.button(2)).click();
  await expect(button(window, queue.open(nameOf(3)))).toHaveCount(0);
  await expect(button(window, queue.bulk.button(2))).toHaveCount(0);
  await expect(button(window, queue.open(nameOf(7)))).toBeVisible();

  await button(window, sections.certificates).click();
  await window.getByLabel(certificates.search).fill(nameOf(3));
  await button(window, certificates.open(nameOf(3))).click();
  await window.getByLabel(certificates.facts.role, { exact: true }).selectOption(roles.auditor);
  await button(window, certificates.changeRole).click();
  await button(window, en.app.back).click();
  await button(window, sections.people).click();
  await expect(button(window, certificates.open('Berta'))).toBeVisible();
  await inspect(app, 'people');

  await button(window, certificates.open(nameOf(3))).click();
  await button(window, certificates.leave).click();
  await enterSigningPin(window, PIN);
  await window.getByLabel(certificates.typeName(nameOf(3))).fill(nameOf(3));
  await inspect(app, 'person-leaves');
  await button(window, certificates.buttons.leave).click();
  await expect(window.getByText(certificates.reasons.affiliationChanged, { exact: true })).toBeVisible();
  await button(window, certificates.inviteAnew(nameOf(3))).click();
  await expect(window.getByLabel(officers.invitations.email, { exact: true })).toHaveValue('person3@example.org');
  await button(window, en.app.back).click();

  await button(window, sections.people).click();
  await expect(button(window, certificates.open(nameOf(3)))).toHaveCount(0);
  await expect(window.getByText(people.hint)).toBeVisible();
  await button(window, sections.audit).click();
  await window.getByText(audit.events['role-changed'], { exact: true }).click();
  await expect(window.getByText('auditor', { exact: true })).toBeVisible();
  await inspect(app, 'log');
});
