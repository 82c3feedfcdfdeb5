import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, ReaderStatus } from 'pcsc-mini';
import type { KeyType, PinPolicy, TouchPolicy } from '../../../core/security-key.ts';
import { writeCertificate } from '../../../native/piv/certificates.ts';
import { FACTORY, KEY_REFERENCE } from '../../../native/piv/identifiers.ts';
import { generateKeyPair } from '../../../native/piv/keys.ts';
import { unlockManagement } from '../../../native/piv/protected-management-key.ts';
import { verifyPin } from '../../../native/piv/pin.ts';
import type { PivSession } from '../../../native/piv/session.ts';
import type { VirtualYubiKey } from '../../../native/virtual-yubikey/virtual-yubikey.ts';
import { openPiv, value } from '../piv/direct-access.ts';
import { testCertificate } from '../piv/test-certificate.ts';

/** A key pair in slot 9a, and no certificate; answers the DER SubjectPublicKeyInfo. Not through the reader. */
export async function generateIn9a(key: VirtualYubiKey, keyType: KeyType, policies: { readonly pinPolicy?: PinPolicy; readonly touchPolicy?: TouchPolicy } = {}): Promise<Uint8Array> {
  const session = await unlocked(key);
  const publicKey = value(await generateKeyPair(session, KEY_REFERENCE.AUTHENTICATION, { keyType, pinPolicy: 'once', touchPolicy: 'never', ...policies }));
  key.reset();
  return publicKey;
}

/** Puts a certificate for the public key into 9a. Not through the reader. */
export async function certify9a(key: VirtualYubiKey, publicKey: Uint8Array): Promise<Uint8Array> {
  const certificate = testCertificate(publicKey);
  const session = await unlocked(key);
  value(await writeCertificate(session, KEY_REFERENCE.AUTHENTICATION, certificate));
  key.reset();
  return certificate;
}

async function unlocked(key: VirtualYubiKey): Promise<PivSession> {
  const session = await openPiv(key);
  value(await verifyPin(session, FACTORY.PIN));
  value(await unlockManagement(session, { pin: FACTORY.PIN }));
  return session;
}

/** The same by a program of another maker, through the reader. */
export async function importWithPivTool(folder: string, readerName: string, certificate: Uint8Array): Promise<void> {
  const file = join(folder, 'certificate.pem');
  const lines = Buffer.from(certificate).toString('base64').match(/.{1,64}/g) ?? [];
  await writeFile(file, `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
  const tool = spawn('yubico-piv-tool', ['-r', readerName, '-a', 'import-certificate', '-s', '9a', '-i', file], { stdio: 'ignore' });
  const code = await new Promise((resolve) => tool.on('close', resolve));
  if (code !== 0) throw new Error(`yubico-piv-tool ended with ${String(code)}`);
}

/** Stands in a reader for whichever key is current: pcscd takes half a second and more to notice an exchange of keys. */
export class KeyInReader {
  current: VirtualYubiKey;
  readonly proxy: VirtualYubiKey;

  constructor(first: VirtualYubiKey) {
    this.current = first;
    this.proxy = new Proxy(first, {
      get: (_, property) => {
        const member: unknown = Reflect.get(this.current, property);
        return typeof member === 'function' ? (member.bind(this.current) as unknown) : member;
      },
    });
  }
}

/** Watches the readers of pcscd as any client does. */
export class ReaderView {
  readonly #client = new Client();
  readonly #filled = new Set<string>();
  #tell: () => void = () => undefined;

  constructor() {
    this.#client.on('reader', (reader) => {
      reader.on('change', (status) => {
        if (status.has(ReaderStatus.PRESENT)) this.#filled.add(reader.name());
        else this.#filled.delete(reader.name());
        this.#tell();
      });
    });
    this.#client.start();
  }

  /** Resolves when pcscd says that the reader is empty. A key put back before that was never pulled, for pcscd. */
  async empty(readerName: string): Promise<void> {
    while (this.#filled.has(readerName)) await new Promise<void>((resolve) => (this.#tell = resolve));
  }

  /** Resolves when pcscd says that the reader has a card. */
  async filled(readerName: string): Promise<void> {
    while (!this.#filled.has(readerName)) await new Promise<void>((resolve) => (this.#tell = resolve));
  }

  close(): void {
    this.#client.removeAllListeners();
    this.#client.stop();
  }
}
