/** What somebody with a role does in the window beside deciding: certificates on hold and revoked, and invitations. */
import { buildCsr } from '../../core/x509/csr-building.ts';
import { en } from '../../renderer/messages/en.ts';
import { softwareKey } from '../core/x509/software-key.ts';
import { need } from '../flows/flow-authority.ts';
import { answerForNewKey, button, enterSigningPin, goTo, heading, openInvitation, signIn } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { inspect } from './look.ts';

const PIN = '482915';
const NAME = 'Gerd Geraet';

test('a certificate is put on hold, let in again and revoked; somebody is invited by a link and a picture', async ({ world, authority }) => {
  const { certificates, invitations, sections } = en.officers;
  const csr = need(await buildCsr({ commonName: NAME, email: 'gerd@example.org', attestation: null, ...softwareKey('ECCP256') }));
  await authority.issue(csr, NAME);
  await world.plugIn(1);
  const app = await world.launch();
  const { window } = app;
  await openInvitation(window, await authority.invite('Berta', 'berta@example.org', 'approver'), authority.name);
  await button(window, en.key.enroll).click();
  await answerForNewKey(window, { pin: PIN });
  await expect(heading(window, en.enrollment.done.title)).toBeVisible({ timeout: 60_000 });
  await goTo(window, 'requests');
  await signIn(window, PIN);

  await button(window, sections.certificates).click();
  await window.getByLabel(certificates.search).fill('gerd');
  await expect(button(window, certificates.open('Berta'))).toHaveCount(0);
  await inspect(app, 'certificates');
  await button(window, certificates.open(NAME)).click();
  await button(window, certificates.hold).click();
  await enterSigningPin(window, PIN);
  await button(window, certificates.buttons.hold).click();
  await button(window, certificates.release).click();
  await enterSigningPin(window, PIN);
  await button(window, certificates.buttons.release).click();
  await button(window, certificates.revoke).click();
  await enterSigningPin(window, PIN);
  await expect(button(window, certificates.buttons.revoke)).toBeDisabled();
  await window.getByLabel(certificates.typeName(NAME)).fill(NAME);
  await inspect(app, 'certificate-revoke');
  await button(window, certificates.buttons.revoke).click();
  await expect(button(window, certificates.inviteAnew(NAME))).toBeVisible();
  await expect(window.getByText(certificates.reasons.keyCompromise, { exact: true })).toBeVisible();
  await expect(button(window, certificates.hold)).toHaveCount(0);
  await button(window, en.app.back).click();

  await button(window, sections.invitations).click();
  await button(window, invitations.write).click();
  await window.getByLabel(invitations.name, { exact: true }).fill('Hanna Hand');
  await window.getByLabel(invitations.email, { exact: true }).fill('hanna@example.org');
  await inspect(app, 'invitation-form');
  await button(window, invitations.create).click();
  await expect(window.getByText(/^latchkey:\/\/enroll\?ca=/)).toBeVisible();
  await expect(window.getByRole('img', { name: invitations.qr('Hanna Hand') })).toBeVisible();
  await inspect(app, 'invitation-link');
  await button(window, en.app.back).click();
  await button(window, invitations.endOf('Hanna Hand')).click();
  await expect(window.getByText(invitations.states.ended, { exact: true })).toBeVisible();
});
