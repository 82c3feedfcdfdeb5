import { buildCsr } from '../../core/x509/csr-building.ts';
import type { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { OWN, type OwnedKeyOptions } from '../cli/owned-key.ts';
import { directKey, value } from '../native/piv/direct-access.ts';
import type { Desk } from './care-desk.ts';
import { publicKeyOf } from './held-slots.ts';
import type { TestAuthority } from './test-authority.ts';

/** A key as an enrollment at this CA leaves it, made without the window; not plugged in yet. */
export async function enrolledKey(desk: Desk, authority: TestAuthority, { name = 'Ana Example', ...options }: OwnedKeyOptions = {}): Promise<VirtualYubiKey> {
  const key = await desk.owned(options);
  const direct = directKey(key);
  const wanted = { commonName: name, email: 'ana@example.org', publicKey: await publicKeyOf(key), attestation: value(await direct.attest()) };
  const csr = value(await buildCsr({ ...wanted, sign: (message) => direct.sign(OWN.pin, message) }));
  value(await direct.writeCertificate(OWN.pin, await authority.issue(csr, name)));
  key.reset();
  return key;
}
