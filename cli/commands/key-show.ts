import { lookAfter } from '../../core/key-care/key-care.ts';
import { viewInventory } from '../../core/key-care/inventory-view.ts';
import { formatFirmware, type PresentSecurityKey, type SecurityKeyFacts } from '../../core/security-key.ts';
import { glanceAtCertificate } from '../../core/x509/certificate-glance.ts';
import { carePorts, withChosenKey } from '../chosen-key.ts';
import { settledSituation } from '../choose-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { foldersOf } from '../folders.ts';
import { attestationTrust } from '../held-slots.ts';
import { conditionLines, showConditions } from '../key-conditions.ts';
import { certificateWords } from '../key-losses.ts';
import { keyLines, keyName, managementKeyForm, slotLines } from '../key-text.ts';
import { describeFailure } from '../messages/en.ts';
import { conditionWords } from '../messages/key-care.en.ts';
import { withSecurityKeys } from '../security-keys.ts';

/** `latchkey key list`: every key in a line; costs no attempt. */
export async function list(_: CommandContext, choice: Pick<KeyChoice, 'module'>): Promise<Outcome> {
  const ports = await carePorts(foldersOf(process.env));
  return withSecurityKeys(choice, async (securityKeys) => {
    const situation = await settledSituation(securityKeys);
    if (situation.kind === 'unavailable') return { ok: false, failure: situation.failure, json: { keys: [] } };
    if (situation.keys.length === 0) return { ok: false, failure: { kind: 'no-security-key' }, json: { keys: [] } };
    const listed = await Promise.all(situation.keys.map((key) => listKey(key, ports)));
    return { ok: true, json: { keys: listed.map(({ json }) => json) }, text: listed.map(({ line }) => line).join('\n') };
  });
}

async function listKey(key: PresentSecurityKey, ports: Awaited<ReturnType<typeof carePorts>>): Promise<{ readonly json: Readonly<Record<string, unknown>>; readonly line: string }> {
  const { readerName } = key;
  if (key.kind !== 'ready') {
    const failure = key.kind === 'problem' ? key.failure : ({ kind: 'security-key-unresponsive' } as const);
    const words = describeFailure(failure);
    return { json: { kind: 'problem', readerName, failure, ...words }, line: `${readerName}: ${words.happened} ${words.toDo}` };
  }
  const { serial, model, formFactor, firmware, isFips, authentication } = key.facts;
  const conditions = await lookAfter(key.facts, ports);
  const certificate = authentication.certificate === null ? null : glanceAtCertificate(authentication.certificate);
  const held = authentication.certificate === null ? 'no certificate' : certificateWords(authentication.certificate);
  const [worst] = conditions;
  return {
    json: { kind: 'ready', readerName, serial, model, formFactor, firmware: formatFirmware(firmware), isFips, certificate, conditions: conditions.map(({ kind }) => kind) },
    line: [keyName(key.facts), `firmware ${formatFirmware(firmware)}`, held, ...(worst === undefined ? [] : [conditionWords(worst)])].join('; '),
  };
}

/** `latchkey key show`: all that the key tells of itself, what is wrong with it, and what to type about it. */
export function show(context: CommandContext, choice: KeyChoice): Promise<Outcome> {
  return withChosenKey(context, choice, async ({ facts, securityKey, ports, folders }) => {
    const held = await securityKey.inventory();
    if (!held.ok) return held;
    const slots = await viewInventory(held.value, ports.authority, await attestationTrust(folders));
    const conditions = showConditions(await lookAfter(facts, ports), facts, held.value, choice);
    const slotTexts = slots.length === 0 ? ['No keys and no certificates.'] : slots.map((slot) => slotLines(slot).join('\n'));
    return {
      ok: true,
      json: { key: factsJson(facts), slots, conditions },
      text: [keyLines(facts).join('\n'), ...slotTexts, conditionLines(conditions).join('\n')].join('\n\n'),
    };
  });
}

/** Slot 9a is among the slots. */
function factsJson(facts: SecurityKeyFacts): Readonly<Record<string, unknown>> {
  const { authentication: _authentication, firmware, managementKey, ...shown } = facts;
  return { ...shown, firmware: formatFirmware(firmware), managementKey: { ...managementKey, form: managementKeyForm(managementKey) } };
}
