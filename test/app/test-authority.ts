/** A real CA in a process of its own, at an address it keeps when it comes back. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectLinkOrAddress } from '../../authorities/latchkey-inspection.ts';
import { latchkeyAuthority } from '../../authorities/latchkey.ts';
import { initAuthority } from '../../ca/init.ts';
import { createInvitation } from '../../ca/invite.ts';
import { firstLine, startProgram, type RunningProgram } from '../../cli/demo/child-process.ts';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import type { Role } from '../../core/requests/roles.ts';
import { buildCsr } from '../../core/x509/csr-building.ts';
import { CHECKOUT } from '../../scripts/paths.ts';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';
import { signInAs, type TestOfficer } from '../ca/test-officer.ts';
import { softwareKey } from '../core/x509/software-key.ts';
import { need } from '../flows/flow-authority.ts';

const PASSPHRASE = 'only for these tests';

interface Approver {
  readonly pinned: PinnedAuthority;
  readonly certificate: Uint8Array;
  readonly key: ReturnType<typeof softwareKey>;
}

export class TestAuthority {
  #program: RunningProgram | null = null;
  #port = 0;
  #firstInvitation: string | null = null;
  #approver: Approver | null = null;

  private constructor(
    private readonly folder: string,
    readonly name: string,
    readonly fingerprint: string,
  ) {}

  static async create(name = 'Test CA'): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-ca-'));
    const dir = join(folder, 'ca');
    const created = await initAuthority({ dir, name, passphrase: PASSPHRASE, keyType: 'ECCP256' });
    if (!created.ok) throw new Error(JSON.stringify(created.failure));
    await mkdir(join(dir, 'attestation-roots'), { recursive: true });
    await writeFile(join(dir, 'attestation-roots', 'virtual-yubikey.pem'), testAttestationRootPem);
    await writeFile(join(folder, 'passphrase'), PASSPHRASE, { mode: 0o600 });
    const authority = new TestAuthority(folder, name, created.value.fingerprint);
    await authority.start();
    return authority;
  }

  get address(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** For the first approver; only before there is one. */
  get firstInvitation(): string {
    if (this.#firstInvitation === null) throw new Error('there is an approver already');
    return this.#firstInvitation;
  }

  async start(): Promise<void> {
    const args = ['--import', 'tsx', 'cli/main.ts', 'ca', 'serve', '--dir', join(this.folder, 'ca'), '--listen', `127.0.0.1:${this.#port}`, '--passphrase-file', join(this.folder, 'passphrase'), '--json'];
    this.#program = startProgram(process.execPath, args, { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'pipe'] });
    const told = JSON.parse(await firstLine(this.#program)) as { address: string; firstApproverInvitation: string | null };
    this.#port = Number(new URL(told.address).port);
    this.#firstInvitation = told.firstApproverInvitation;
  }

  /** Gone, without a word to those who are connected. */
  async kill(): Promise<void> {
    const program = this.#program;
    if (!program || program.process.exitCode !== null) return;
    const closed = new Promise((resolve) => program.process.once('close', resolve));
    program.process.kill('SIGKILL');
    await closed;
    this.#program = null;
  }

  /**
   * What an approver elsewhere, whose key is in memory, does with the request of `name`. Tests of the approver's window
   * enroll a key there.
   */
  async decide(name: string, decision: 'approve' | { readonly deny: string }): Promise<void> {
    const session = await this.#signIn();
    const request = need(await session.all()).find(({ status, claimed }) => status === 'pending' && claimed.name === name);
    if (!request) throw new Error(`no request of ${name} is pending`);
    need(decision === 'approve' ? await session.approve(request.id) : await session.deny(request.id, decision.deny));
    await session.signOut();
  }

  /** What comes of a CSR of `name` once an approver elsewhere has said yes: a DER certificate. */
  async issue(csr: Uint8Array, name: string): Promise<Uint8Array> {
    const { pinned } = await this.haveApprover();
    const authority = latchkeyAuthority(pinned);
    const { id } = need(await authority.submit(csr));
    await this.decide(name, 'approve');
    const { certificate } = need(await authority.request(id));
    if (!certificate) throw new Error(`the request of ${name} was not answered at once`);
    return certificate;
  }

  /** From now on every request waits for an approval. */
  async haveApprover(): Promise<Approver> {
    this.#approver ??= await this.#enrollApprover();
    return this.#approver;
  }

  async #signIn(): Promise<TestOfficer> {
    const { pinned, certificate, key } = await this.haveApprover();
    return need(await signInAs(pinned, certificate, key.sign));
  }

  async #enrollApprover(): Promise<Approver> {
    const { authority: pinned, invitation } = need(await inspectLinkOrAddress(this.firstInvitation));
    const key = softwareKey('ECCP256');
    const csr = need(await buildCsr({ commonName: 'Ada Approver', email: 'ada@example.org', attestation: null, ...key }));
    const request = need(await latchkeyAuthority(pinned).submit(csr, invitation?.code));
    if (!request.certificate) throw new Error(`the first approver's request is ${request.status}`);
    return { pinned, certificate: request.certificate, key };
  }

  /** So many requests that wait, with keys in memory, by the names of `nameOf` (0, 1, 2 …). */
  async handIn(count: number, nameOf: (index: number) => string): Promise<void> {
    const authority = latchkeyAuthority((await this.haveApprover()).pinned);
    for (let index = 0; index < count; index++) {
      const [name, email] = [nameOf(index), `person${index}@example.org`];
      const { code } = need(await createInvitation({ dir: join(this.folder, 'ca'), name, email, role: 'user', days: 1 }));
      need(await authority.submit(need(await buildCsr({ commonName: name, email, attestation: null, ...softwareKey('ECCP256') })), code));
    }
  }

  async invite(name: string, email: string, role: Role = 'user'): Promise<string> {
    const invitation = await createInvitation({ dir: join(this.folder, 'ca'), name, email, role, days: 1 });
    if (!invitation.ok) throw new Error(JSON.stringify(invitation.failure));
    return invitation.value.link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.#program?.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
