/** The CSR that waits to be signed by hand goes out, the certificate comes in. */
import type { KeptRequests } from '../../../authorities/kept-requests.ts';
import type { PinnedAuthority } from '../../../core/certificate-authority.ts';
import type { SigningCommands, SigningPaths } from '../../../core/by-hand/signing-commands.ts';
import { success, type Result } from '../../../core/result.ts';
import { writePem } from '../../../core/x509/pem.ts';
import type { EnrollmentSessions } from '../enrollment-sessions.ts';
import type { Handlers } from '../ipc-serve.ts';
import type { OpenFile } from '../open-file.ts';
import type { SaveFile } from '../save-file.ts';

/** One byte more than is taken, so that a larger file is told from a whole one. */
export const MAX_FILE_BYTES = 256 * 1024 + 1;
export const CERTIFICATE_EXTENSIONS = ['pem', 'crt', 'cer', 'der', 'p7b', 'p7c'] as const;

/** Loaded when it is needed: reading certificates takes a large library. */
export interface ByHandEngine {
  readonly requestsAt: (authority: PinnedAuthority) => KeptRequests;
  readonly signingCommands: (csr: Uint8Array, paths: SigningPaths) => Promise<Result<SigningCommands>>;
  readonly takeCertificate: (authority: PinnedAuthority, requests: KeptRequests, id: string, file: Uint8Array) => Promise<Result<void>>;
}

export interface ByHandRoom {
  readonly authority: () => PinnedAuthority | null;
  readonly sessions: EnrollmentSessions;
  readonly loadEngine: () => Promise<ByHandEngine>;
  readonly openFile: OpenFile;
  readonly saveFile: SaveFile;
}

type ByHandCalls = 'byHand.request' | 'byHand.saveCsr' | 'byHand.openCertificate';

export function byHandHandlers({ authority, sessions, loadEngine, openFile, saveFile }: ByHandRoom): Pick<Handlers, ByHandCalls> {
  const waiting = async (readerName: string) => {
    const [state, pinned, engine] = [sessions.state(readerName), authority(), await loadEngine()];
    if (state?.kind !== 'waiting-for-approval' || pinned?.protocol !== 'by-hand') throw new Error('nothing waits to be signed by hand');
    const requests = engine.requestsAt(pinned);
    const kept = await requests.read(state.request.id);
    if (kept === null) throw new Error('a request that waits is not noted');
    return { engine, pinned, requests, id: state.request.id, csr: kept.csr, csrPem: writePem(kept.csr, 'CERTIFICATE REQUEST') };
  };
  return {
    'byHand.request': async ({ readerName, csrFile }) => {
      const { engine, csr, csrPem } = await waiting(readerName);
      const commands = await engine.signingCommands(csr, { csr: csrFile ?? 'request.csr', caCertificate: 'ca.crt', caKey: 'ca.key', certificate: 'certificate.pem' });
      return commands.ok ? success({ csrPem, commands: commands.value }) : commands;
    },
    'byHand.saveCsr': async ({ readerName }) => {
      const { csrPem } = await waiting(readerName);
      return saveFile({ name: 'request', extension: 'csr', content: csrPem, isSecret: false });
    },
    'byHand.openCertificate': async ({ readerName }) => {
      const { engine, pinned, requests, id } = await waiting(readerName);
      const file = await openFile({ extensions: CERTIFICATE_EXTENSIONS, maxBytes: MAX_FILE_BYTES });
      if (!file.ok || file.value === null) return file.ok ? success(null) : file;
      const taken = await engine.takeCertificate(pinned, requests, id, file.value);
      return taken.ok ? success(await sessions.begin(readerName)) : taken;
    },
  };
}
