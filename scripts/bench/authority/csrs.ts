import { generateKeyPairSync, sign } from 'node:crypto';
import { success } from '../../../core/result.ts';
import { buildCsr } from '../../../core/x509/csr-building.ts';
import { valueOf } from '../bench-authority.ts';

/** So many DER CSRs of as many people, each with a P-256 key of its own. */
export async function manyCsrs(count: number): Promise<readonly Uint8Array[]> {
  const csrs: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = {
      publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
      sign: async (message: Uint8Array) => success(new Uint8Array(sign('sha256', message, privateKey))),
    };
    csrs.push(valueOf(await buildCsr({ commonName: `Person ${index}`, email: `person${index}@example.org`, attestation: null, ...key })));
  }
  return csrs;
}
