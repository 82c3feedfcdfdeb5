import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import type { PivSlot } from '../../core/piv-slots.ts';
import { enrollAndApprove } from './approving.ts';
import { type FlowAuthority, need, startFlowAuthority } from './flow-authority.ts';
import { inProcessSecurityKey } from './in-process-key.ts';
import { PIN, Person, type PersonOptions } from './person.ts';
import { isManagementKeyKnown, pinOf } from './watched-card.ts';

const FIRMWARE = '5.7.1';
const SERIAL = 5_210_007;

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

/** Somebody whose key is enrolled already, as it comes out of `state` where that is given. */
function holder(options: Partial<PersonOptions['key']> = {}): Person {
  return new Person({ key: { firmware: FIRMWARE, serial: SERIAL, ...options }, authority, keepsOldKey: true });
}

async function certificatesOf(person: Person): Promise<Readonly<Partial<Record<PivSlot, string>>>> {
  const held = need(await inProcessSecurityKey(person.card).inventory());
  return Object.fromEntries(held.filter(({ fits }) => fits === true).map(({ slot, certificate }) => [slot, Buffer.from(certificate ?? []).toString('hex')]));
}

/** Until a renewal is done. Somebody who comes back asks for it once more: nothing else says that they want one. */
async function renew(person: Person): Promise<EnrollmentState> {
  const begun = await person.enrollment.begin({ renews: true });
  return begun.kind === 'asking' ? enrollAndApprove(person, authority, begun) : begun;
}

test('a renewal that keeps the old key can be cut off at every command: neither key is lost', { timeout: 240_000 }, async () => {
  const first = holder();
  expect((await enrollAndApprove(first, authority)).kind).toBe('done');
  const [state, old] = [first.card.exportState(), (await certificatesOf(first))['9a']];
  const whole = holder({ state });
  expect((await renew(whole)).kind).toBe('done');
  const total = whole.card.statistics.apdus;
  expect(total).toBeGreaterThan(100);

  for (let commands = 0; commands < total; commands++) {
    const person = holder({ state });
    person.card.setFaults({ pullAfterCommands: commands, pullLoses: commands % 2 === 0 ? 'command' : 'answer' });
    expect((await renew(person)).kind).toBe('stopped');
    person.card.setFaults({});
    person.card.powerOn();
    const isStillOld = (await certificatesOf(person))['9a'] === old;
    const after = isStillOld ? await renew(person) : await enrollAndApprove(person, authority);
    const where = `after ${commands} commands`;
    expect(after.kind, where).toBe('done');
    const held = await certificatesOf(person);
    expect(Object.keys(held).toSorted(), where).toEqual(['82', '9a']);
    expect([held['82'], held['9a'] === old], where).toEqual([old, false]);
    expect([person.watched.lostAttempts, pinOf(person.card), isManagementKeyKnown(person.card)], where).toEqual([[], PIN, true]);
    expect([person.bugs, person.card.bugs, person.records.all.size], where).toEqual([[], [], 0]);
  }
});
