import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testAttestationRootPem } from '../../native/virtual-yubikey/test-attestation-root.ts';

/** Makes virtual keys genuine to the app whose folder this is. It proves nothing: for the trial and for tests. */
export async function trustVirtualKeys(userData: string): Promise<void> {
  const roots = join(userData, 'attestation-roots');
  await mkdir(roots, { recursive: true });
  await writeFile(join(roots, 'virtual-yubikey.pem'), testAttestationRootPem);
}
