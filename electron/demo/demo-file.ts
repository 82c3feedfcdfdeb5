/** What starts the demo (scripts/start.ts) writes for it: where the virtual keys are, and what to tell about them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Path of the file; everything in it is made up for the demo, PINs too. */
export const DEMO_FILE_VARIABLE = 'LATCHKEY_DEMO_FILE';

const demoFileShape = z.object({
  /** Socket of the virtual keys' control (native/virtual-yubikey/control.ts). */
  controlSocket: z.string(),
  keys: z.array(z.object({ serial: z.number().int(), owner: z.enum(['user', 'approver']), pin: z.string().nullable() })),
  invitationLink: z.string().nullable(),
});
export type DemoFile = z.infer<typeof demoFileShape>;

/** Throws where the variable, the file or its content is missing: the demo is only started by our own script. */
export function readDemoFile(): DemoFile {
  const path = process.env[DEMO_FILE_VARIABLE];
  if (!path) throw new Error(`${DEMO_FILE_VARIABLE} is not set; start the demo with npm start`);
  return demoFileShape.parse(JSON.parse(readFileSync(path, 'utf8')));
}
