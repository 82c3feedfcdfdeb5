import type { ModuleFacts } from '../../core/security-key.ts';
import type { CommandContext, KeyChoice } from '../command.ts';
import type { Outcome } from '../failures.ts';
import { describeFailure } from '../messages/en.ts';
import { MODULE_REASONS } from '../messages/key-care.en.ts';
import { withSecurityKeys } from '../security-keys.ts';

/** `latchkey key modules`: the PKCS#11 modules of this computer, which one is used, and why. */
export function modules(_: CommandContext, choice: Pick<KeyChoice, 'module'>): Promise<Outcome> {
  return withSecurityKeys(choice, async (keys) => {
    const modules = await keys.modules();
    if (!modules.ok) return modules;
    const { found, used, reason } = modules.value;
    const usedLine = `${used === null ? 'None is used' : `Used: ${used}`}: ${MODULE_REASONS[reason]}.`;
    return { ok: true, json: { ...modules.value }, text: [...found.map(moduleLine), usedLine].join('\n') };
  });
}

function moduleLine({ path, name, version, failure }: ModuleFacts): string {
  return `${path}: ${name ?? 'another module'}, ${version ?? (failure === null ? 'version not told' : describeFailure(failure).happened)}`;
}
