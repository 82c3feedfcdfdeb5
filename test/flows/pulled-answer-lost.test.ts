import { afterAll, beforeAll, test } from 'vitest';
import { type FlowAuthority, startFlowAuthority } from './flow-authority.ts';
import { pullAtEveryCommand } from './pulled-at-every-command.ts';

let authority: FlowAuthority;
beforeAll(async () => {
  authority = await startFlowAuthority();
});
afterAll(() => authority.close());

test.each(['5.4.3', '5.7.1'])('pulled at every command, firmware %s: only the answer is lost', { timeout: 120_000 }, async (firmware) => {
  await pullAtEveryCommand(authority, firmware, 'answer');
});
