/** The one place where a pinned CA becomes something to talk to, whatever it speaks. */
import { join } from 'node:path';
import type { CertificateAuthority, PinnedAuthority } from '../core/certificate-authority.ts';
import { unreachable } from '../core/result.ts';
import { byHandAuthority } from './by-hand.ts';
import { type EstCredentials, estAuthority } from './est.ts';
import { type KeptRequests, keptRequests } from './kept-requests.ts';
import { latchkeyAuthority } from './latchkey.ts';

export interface ConnectOptions {
  /** Where the requests of CAs are noted that keep none for us. Its owner's alone. */
  readonly requestsFolder: string;
  /** With 'est': asked for when the server is; null: there are none. Never stored. */
  readonly estCredentials?: () => Promise<EstCredentials | null>;
}

export function connectAuthority(authority: PinnedAuthority, options: ConnectOptions): CertificateAuthority {
  const protocol = authority.protocol ?? 'latchkey';
  switch (protocol) {
    case 'latchkey':
      return latchkeyAuthority(authority);
    case 'est':
      return estAuthority(authority, { requests: requestsAt(authority, options.requestsFolder), ...(options.estCredentials && { credentials: options.estCredentials }) });
    case 'by-hand':
      return byHandAuthority(requestsAt(authority, options.requestsFolder));
    default:
      return unreachable(protocol);
  }
}

/** The noted requests of one CA. */
export function requestsAt({ fingerprint }: PinnedAuthority, requestsFolder: string): KeptRequests {
  return keptRequests(join(requestsFolder, fingerprint.slice(0, 32)));
}
