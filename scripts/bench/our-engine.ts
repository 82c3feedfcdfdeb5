import { createEnrollment } from '../../core/enrollment/run.ts';
import type { EnrollmentRecord } from '../../core/enrollment/record.ts';
import type { EnrollmentStepId } from '../../core/enrollment/state.ts';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import type { SecurityKeys } from '../../core/security-key.ts';
import { settledSituation } from '../../cli/choose-key.ts';
import { StepReport } from '../../cli/step-report.ts';
import { createSecurityKeys } from '../../native/security-keys.ts';
import type { BenchAuthority } from './bench-authority.ts';
import type { BenchKey } from './bench-key.ts';
import { PIN, PUK } from './tools.ts';

export interface OurTime {
  /** The steps that the tools do too, in ms. */
  readonly steps: number;
  /** All of it: from the click to the proof, in ms. */
  readonly whole: number;
  readonly byStep: Readonly<Partial<Record<EnrollmentStepId, number>>>;
}

/** What yubico-piv-tool and ykman are asked to do as well. */
export const COMPARED: readonly EnrollmentStepId[] = ['pin', 'puk', 'key-pair', 'csr', 'write'];

/** The engine in this process, which stays warm from round to round, as the app does. */
export function createOurEngine(authority: BenchAuthority): { enroll(key: BenchKey): Promise<OurTime>; close(): Promise<void> } {
  const keys = createSecurityKeys();
  return {
    enroll: async (key) => {
      await key.reset();
      await keyIsRead(keys);
      return enrollOnce(keys, key.readerName, authority);
    },
    close: () => keys.close(),
  };
}

/** The app has read the key before anybody can click. */
async function keyIsRead(keys: SecurityKeys): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const situation = await settledSituation(keys);
    if (situation.kind === 'present' && situation.keys.some((key) => key.kind === 'ready' && key.facts.pin.isFactory === true)) return;
    if (Date.now() > giveUpAt) throw new Error(`the key was not read: ${JSON.stringify(situation)}`);
  }
}

async function enrollOnce(keys: SecurityKeys, readerName: string, authority: BenchAuthority): Promise<OurTime> {
  const report = new StepReport(() => undefined);
  const enrollment = createEnrollment({
    securityKey: keys.at(readerName),
    authority: authority.pinned,
    certificateAuthority: authority.client,
    invitationCode: null,
    records: recordsInMemory(),
    clock: systemClock,
    reportBug: (error) => {
      throw error;
    },
  });
  enrollment.onChange((state) => report.hear(state));
  const start = performance.now();
  const asked = await enrollment.begin();
  let state = await enrollment.answer({ newPin: PIN, newPuk: PUK, name: 'Ana Example', email: 'ana@example.org' });
  if (state.kind === 'asking') state = await enrollment.answer({ currentPin: PIN });
  const whole = performance.now() - start;
  enrollment.leave();
  if (state.kind !== 'done') throw new Error(`from ${asked.kind} to ${JSON.stringify(state)}`);
  const steps = report.measures.filter(({ id }) => COMPARED.includes(id)).reduce((sum, { ms }) => sum + ms, 0);
  return { steps, whole, byStep: Object.fromEntries(report.measures.map(({ id, ms }) => [id, ms])) };
}

function recordsInMemory() {
  const records = new Map<string, EnrollmentRecord>();
  return {
    read: async (id: string) => records.get(id) ?? null,
    write: async (record: EnrollmentRecord) => void records.set(record.id, record),
    remove: async (id: string) => void records.delete(id),
  };
}
