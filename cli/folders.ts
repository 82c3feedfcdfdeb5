import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where the command line keeps what it notes (XDG Base Directory Specification 0.8: a relative path is to be ignored).
 * Nothing in either folder is secret.
 */
export interface Folders {
  /** Which CA is trusted; certificates that attestations may end in beside Yubico's (attestation-roots/). */
  readonly config: string;
  /** Unfinished enrollments, resets and settings of attempts. */
  readonly state: string;
}

/** Requests of CAs that keep none for us. */
export function requestsFolder({ state }: Folders): string {
  return join(state, 'requests');
}

export function foldersOf(environment: NodeJS.ProcessEnv): Folders {
  const base = (variable: string, fallback: string): string => {
    const path = environment[variable];
    return path !== undefined && isAbsolute(path) ? path : join(homedir(), fallback);
  };
  return {
    config: join(base('XDG_CONFIG_HOME', '.config'), 'latchkey'),
    state: join(base('XDG_STATE_HOME', '.local/state'), 'latchkey'),
  };
}
