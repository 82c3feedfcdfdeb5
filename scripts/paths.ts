import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The checkout that these scripts belong to. */
export const CHECKOUT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** What set-up makes on this machine and git does not track: Electron, the vpcd driver, the demo's folder. */
export const LOCAL_FOLDER = join(CHECKOUT, '.latchkey');

/** What the build makes. */
export const BUILD_FOLDER = join(CHECKOUT, '.build');
