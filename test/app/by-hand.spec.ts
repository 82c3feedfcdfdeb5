/** Somebody who signs with openssl: the CSR out, the command as the window shows it, the certificate in. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { en } from '../../renderer/messages/en.ts';
import { failuresEn } from '../../renderer/messages/failures-en.ts';
import { answerForNewKey, button, finishWithPin, heading } from './acts.ts';
import { expect, test } from './fixtures.ts';
import { inspect } from './look.ts';
import { openFrom, saveTo } from './save-dialog.ts';

const PIN = '482915';
const WORK = { timeout: 60_000 };
let folder: string;

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-by-hand-'));
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Kitchen CA' -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt");
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

function shell(command: string): void {
  execFileSync('/bin/sh', ['-ec', command], { cwd: folder, stdio: 'pipe' });
}

test('a CSR signed by the shown command, also after the app was closed, ends in slot 9a', async ({ world }) => {
  const { key } = await world.plugIn(0);
  const first = await world.launch();
  await button(first.window, en.welcome.address).click();
  await openFrom(first, null);
  await button(first.window, en.authority.byHand.open).click();
  await expect(heading(first.window, en.authority.title)).toBeVisible();
  await openFrom(first, join(folder, 'ca.key'));
  await button(first.window, en.authority.byHand.open).click();
  await expect(first.window.getByText(failuresEn['certificate-file-refused']({ kind: 'certificate-file-refused', problem: 'private-key' }).what)).toBeVisible();
  await openFrom(first, join(folder, 'ca.crt'));
  await button(first.window, en.authority.byHand.open).click();
  await button(first.window, en.key.enroll).click();
  await answerForNewKey(first.window, { pin: PIN, name: 'Ana Example', email: 'ana@example.org' });
  await expect(heading(first.window, en.enrollment.signing.title)).toBeVisible(WORK);

  const csr = join(folder, 'ana.csr');
  await saveTo(first, csr);
  await button(first.window, en.enrollment.signing.save).click();
  await expect(first.window.getByText(en.enrollment.signing.saved(csr)).first()).toBeVisible();
  const shown = first.window.getByRole('region', { name: en.enrollment.signing.openssl });
  await expect(shown).toContainText(csr);
  expect(await first.window.getByRole('region', { name: en.enrollment.signing.csr }).textContent()).toBe((await readFile(csr, 'utf8')).trimEnd());
  await inspect(first, 'signing by hand');
  shell((await shown.textContent()) ?? '');
  await first.close();

  const second = await world.launch({ userData: first.userData });
  await expect(second.window.getByText(en.key.standing.signing)).toBeVisible();
  await button(second.window, en.key.showRequest).click();
  await expect(heading(second.window, en.enrollment.signing.title)).toBeVisible(WORK);
  await openFrom(second, csr);
  await button(second.window, en.enrollment.signing.open).click();
  await expect(second.window.getByText(failuresEn['certificate-file-refused']({ kind: 'certificate-file-refused', problem: 'request' }).what)).toBeVisible();
  await openFrom(second, join(folder, 'certificate.pem'));
  // Without a mouse.
  await button(second.window, en.enrollment.signing.open).focus();
  await second.window.keyboard.press('Enter');
  await finishWithPin(second.window, PIN);
  await expect(heading(second.window, en.enrollment.done.title)).toBeVisible(WORK);
  expect(key.bugs).toEqual([]);
});

test('a CSR that nobody will sign is taken back, and the next one is another', async ({ world }) => {
  await world.plugIn(0);
  const app = await world.launch();
  await button(app.window, en.welcome.address).click();
  await openFrom(app, join(folder, 'ca.crt'));
  await button(app.window, en.authority.byHand.open).click();
  await button(app.window, en.key.enroll).click();
  await answerForNewKey(app.window, { pin: PIN, name: 'Ana Example', email: 'ana@example.org' });
  await expect(heading(app.window, en.enrollment.signing.title)).toBeVisible(WORK);
  await button(app.window, en.enrollment.waiting.takeBack).click();
  await expect(heading(app.window, en.enrollment.signing.title)).toHaveCount(0);
  await expect(app.window.getByText(en.key.standing.signing)).toHaveCount(0);
  await button(app.window, en.key.goOn).click();
  await expect(heading(app.window, en.enrollment.identity.title)).toBeVisible();
});
