/** pcsc-mini's error codes (its names for SCARD_* of pcsc-lite and WinSCard) as our failures. */
import { accessSync, constants } from 'node:fs';
import type { SecurityKeyFailure } from '../../core/failures.ts';
import type { CardConnectionProblem } from '../piv/connection.ts';

/** The `code` of what pcsc-mini throws; undefined where something else was thrown, which is a bug of ours. */
export function pcscCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}

/** Codes of a service that is not there, or went away in the middle (pcscd killed: CommError, then InvalidHandle). */
const SERVICE_CODES: readonly string[] = [
  'NoService',
  'ServiceStopped',
  'CommError',
  'CommDataLost',
  'Shutdown',
  'SystemCancelled',
  'InvalidHandle',
  'ServerTooBusy',
];
/** polkit answers SCARD_W_SECURITY_VIOLATION; a socket that may not be opened is NoService (see {@link mayOpenSocket}). */
const DENIED_CODES: readonly string[] = ['SecurityViolation', 'NoAccess', 'AccessDenied', 'PermissionDenied'];
const REMOVED_CODES: readonly string[] = ['RemovedCard', 'NoSmartCard', 'UnknownReader', 'ReaderUnavailable', 'NoReadersAvailable', 'NoCardConnection'];
/** The card is there and will answer after a moment, or a reset. */
const RESET_CODES: readonly string[] = ['ResetCard', 'UnpoweredCard'];

/** What a failed connect, transaction or transmission was. */
export function connectionProblem(code: string): CardConnectionProblem | 'access-denied' {
  if (SERVICE_CODES.includes(code)) return 'service-stopped';
  if (DENIED_CODES.includes(code)) return 'access-denied';
  if (REMOVED_CODES.includes(code)) return 'removed';
  if (RESET_CODES.includes(code)) return 'reset';
  return code === 'SharingViolation' ? 'sharing-violation' : 'unresponsive';
}

/** Why the smart card service cannot be used at all: "access denied" is another thing than "not running". */
export function serviceFailure(code: string): SecurityKeyFailure {
  const isDenied = DENIED_CODES.includes(code) || (SERVICE_CODES.includes(code) && !mayOpenSocket());
  return { kind: isDenied ? 'smart-card-access-denied' : 'smart-card-service-missing', detail: code };
}

/** pcsc-lite's environment variable for its daemon's socket. */
const SOCKET_VARIABLE = 'PCSCLITE_CSOCK_NAME';

/** Where pcsc-lite's daemon listens for a process with this environment; distributions build it with this place. */
export function serviceSocketPath(environment: Readonly<Record<string, string | undefined>>): string {
  return environment[SOCKET_VARIABLE] ?? '/run/pcscd/pcscd.comm';
}

/** False only where pcscd's socket exists and this user may not open it; libpcsclite calls that NoService. */
function mayOpenSocket(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    accessSync(serviceSocketPath(process.env), constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    return pcscCode(error) !== 'EACCES';
  }
}
