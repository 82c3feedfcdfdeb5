/** Every text of the panel. */
export const TEXTS = {
  title: 'Virtual keys',
  explanation: 'These keys exist only in this computer’s memory. This panel stands for your hand.',
  owner: { user: 'Your key', approver: 'The approver’s key' },
  keyFacts: (serial: number, firmware: string) => `Serial ${serial}, firmware ${firmware}`,
  state: { out: 'Not plugged in', in: 'Plugged in', touch: 'Waiting for your touch' },
  plugIn: 'Plug in',
  pull: 'Pull out',
  touch: 'Touch',
  actionOn: (action: string, owner: string) => `${action}: ${owner}`,
  pin: 'PIN',
  invitation: 'Invitation to the demo’s certificate authority',
  copyInvitation: 'Copy invitation',
  copied: 'Copied. Paste it in Latchkey.',
  lost: 'The virtual keys have ended. Start the demo again.',
  failed: 'That did not work. Try again.',
} as const;
