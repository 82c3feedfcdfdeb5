import { afterAll, beforeAll, test } from 'vitest';
import { type FlowAuthority, startFlowAuthority } from './flow-authority.ts';
import { pullAtEveryCommand } from './pulled-at-every-command.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

test.each(['4.3.7', '5.4.3'])('pulled at every command, firmware %s: the command is lost', { timeout: 120_000 }, async (firmware) => {
  await pullAtEveryCommand(authority, firmware, 'command');
});
