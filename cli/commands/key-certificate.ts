import { writePem } from '../../core/x509/pem.ts';
import { withChosenKey } from '../chosen-key.ts';
import type { CommandContext } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { heldSlot, viewSlot } from '../held-slots.ts';
import type { AttestOptions, DeleteOptions, ExportOptions, SlotOptions } from '../key-commands.ts';
import { agreeToLoss, heldWords } from '../key-losses.ts';
import { managementAccess } from '../key-secrets.ts';
import { certificateText, slotLines, verdictWords } from '../key-text.ts';
import { writeExport } from '../written-file.ts';

/** `latchkey key certificate show`: readable fields, chain and PEM. */
export function show(context: CommandContext, { slot, ...choice }: SlotOptions): Promise<Outcome> {
  return withChosenKey(context, choice, async (chosen) => {
    const view = await viewSlot(chosen, await heldSlot(chosen, slot, 'certificate'));
    const { certificate, chain } = view;
    const whole = certificate === null || certificate === 'unreadable' ? [] : [`Certificate\n${certificateText(certificate)}`, certificate.pem.trimEnd()];
    const above = chain.map((issuer) => `Signed by\n${certificateText(issuer)}`);
    return { ok: true, json: { ...view }, text: [slotLines(view).join('\n'), ...whole, ...above].join('\n\n') };
  });
}

/** `latchkey key certificate export`: to a file, or to standard output. */
export function exportCertificate(context: CommandContext, { slot, format, out, ...choice }: ExportOptions): Promise<Outcome> {
  return withChosenKey(context, choice, async (chosen) => {
    const { output } = context;
    if (format === 'der' && out === undefined && !output.isJson && process.stdout.isTTY) {
      return { ok: false, failure: { kind: 'usage', detail: 'DER is not for terminals: give a file with --out FILE, or take --format pem.' } };
    }
    const certificate = (await heldSlot(chosen, slot, 'certificate')).certificate ?? new Uint8Array();
    const pem = writePem(certificate, 'CERTIFICATE');
    const json = { serial: chosen.facts.serial, slot, format, ...(format === 'pem' ? { pem } : { der: certificate }) };
    if (out !== undefined) {
      await writeExport(out, format === 'pem' ? pem : certificate);
      return { ok: true, json: { ...json, out }, text: `The certificate of slot ${slot} is in ${out}.` };
    }
    if (format === 'pem' || output.isJson) return { ok: true, json, text: pem.trimEnd() };
    await new Promise<void>((resolve) => process.stdout.write(certificate, () => resolve()));
    return { ok: true, json: null, text: '' };
  });
}

/** `latchkey key certificate delete`: the key pair stays. */
export function deleteCertificate(context: CommandContext, { slot, confirmSerial, ...choice }: DeleteOptions): Promise<Outcome> {
  return withChosenKey(context, choice, async (chosen) => {
    const { facts, securityKey } = chosen;
    const held = await heldSlot(chosen, slot, 'certificate');
    const lost = heldWords({ ...held, keyPair: null });
    await agreeToLoss(context, facts, [lost], confirmSerial);
    const deleted = await securityKey.deleteCertificate(slot, await managementAccess(context, facts));
    if (!deleted.ok) return deleted;
    const stays = held.keyPair === null ? '' : ` The ${held.keyPair.keyType} key pair is still there.`;
    return { ok: true, json: { serial: facts.serial, slot, losses: [lost] }, text: `The certificate in slot ${slot} is deleted.${stays}` };
  });
}

/** `latchkey key attest`: whether the key pair is proven to have been made on a genuine YubiKey. */
export function attest(context: CommandContext, { slot, out, ...choice }: AttestOptions): Promise<Outcome> {
  return withChosenKey(context, choice, async (chosen) => {
    const held = await heldSlot(chosen, slot, 'key-pair');
    const { attestation } = held;
    if (attestation === null) return { ok: false, failure: { kind: 'attestation-unavailable' }, json: { serial: chosen.facts.serial, slot } };
    const [statementPem, intermediatePem] = [writePem(attestation.statement, 'CERTIFICATE'), writePem(attestation.intermediate, 'CERTIFICATE')];
    if (out !== undefined) await writeExport(out, statementPem + intermediatePem);
    const verdict = (await viewSlot(chosen, held)).attestation;
    const json = { serial: chosen.facts.serial, slot, verdict, statementPem, intermediatePem, ...(out === undefined ? {} : { out }) };
    switch (verdict.kind) {
      case 'genuine': {
        const { pinPolicy, touchPolicy } = verdict.facts;
        return { ok: true, json, text: `Slot ${slot} is ${verdictWords(verdict)}\nMade on the key; PIN ${pinPolicy}, touch ${touchPolicy}.` };
      }
      case 'unknown-issuer':
        return { ok: false, failure: { kind: 'not-proven-genuine', slot, reason: 'unknown-issuer', issuer: verdict.issuer }, json };
      case 'false':
      case 'none':
        return { ok: false, failure: { kind: 'not-proven-genuine', slot, reason: 'false' }, json };
    }
  });
}
