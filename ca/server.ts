import type { Result } from '../core/result.ts';
import type { Log } from './log.ts';

export interface AuthorityServerOptions {
  readonly dir: string;
  readonly passphrase: string;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The origin that invitations name and the server's certificate is for, where it is not that of `listen`. */
  readonly publicAddress?: string;
  /** More folders of PEM files with trusted attestation roots, besides Yubico's list and `attestation-roots/` in `dir`. */
  readonly attestationRootsDirs?: readonly string[];
  readonly log: Log;
  readonly clock?: () => Date;
}

export interface AuthorityServer {
  /** "https://127.0.0.1:8443". */
  readonly address: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Link for the first approver; null once there is one. A secret: print it, never log it. */
  readonly firstApproverInvitation: string | null;
  /** Answers what is under way, then ends. */
  close(): Promise<void>;
}

/**
 * Serves the CA in a folder. Resolves once it listens; requests that were approved when it last ended are issued first.
 * Fails with authority-folder-missing, passphrase-wrong, authority-certificate-unfit, address-in-use, file-unreadable.
 */
export async function startAuthorityServer(options: AuthorityServerOptions): Promise<Result<AuthorityServer>> {
  throw new Error(`not yet: ${options.dir}`);
}
