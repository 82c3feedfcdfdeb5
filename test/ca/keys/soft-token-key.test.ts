/** The CA's key on SoftHSM: a module of a third maker, driven for real. */
import { createPublicKey, verify } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuthorityKeyUnavailable } from '../../../ca/keys/authority-key.ts';
import { generateTokenKey, openTokenKey } from '../../../ca/keys/pkcs11-key.ts';
import { Pkcs11Modules } from '../../../native/pkcs11/pkcs11-modules.ts';
import { SOFTHSM_MODULE, SoftTokens } from '../../native/pkcs11/soft-token.ts';
import { must } from '../running-authority.ts';

const PIN = '4711-4711';
const MESSAGE = new TextEncoder().encode('a TBSCertificate, say');
const tokens = new SoftTokens();
const modules = new Pkcs11Modules();
const KINDS = [
  ['ECCP256', 'ecdsaWithSHA256', 'sha256'],
  ['ECCP384', 'ecdsaWithSHA384', 'sha384'],
  ['RSA2048', 'sha256WithRSAEncryption', 'sha256'],
  ['ED25519', 'ed25519', null],
] as const;
const uri = (key: string, query = ''): string => `pkcs11:token=CA%20keys;${key}?module-path=${SOFTHSM_MODULE}${query}`;

beforeAll(() => {
  tokens.initialize('CA keys', PIN);
  for (const [index, [keyType]] of KINDS.entries()) tokens.addKey('CA keys', PIN, index + 1, keyType);
  tokens.initialize('twin', PIN);
  tokens.initialize('twin', PIN);
});
afterAll(() => {
  modules.close();
  tokens.remove();
});

describe('a key that is there', () => {
  test.each(KINDS.map((kind, index) => [...kind, index + 1] as const))('%s signs as certificates carry it', async (_keyType, algorithm, hash, id) => {
    const key = must(await openTokenKey(uri(`id=%0${id}`), PIN, undefined, modules));
    expect(key.signatureAlgorithm).toBe(algorithm);
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' });
    expect(verify(hash, MESSAGE, publicKey, await key.sign(MESSAGE))).toBe(true);
  });

  test('the PIN comes from the file that the URI names', async () => {
    writeFileSync(join(tokens.folder, 'pin'), `${PIN}\r\n`);
    const key = must(await openTokenKey(uri('id=%01', `&pin-source=file:${join(tokens.folder, 'pin')}`), undefined, undefined, modules));
    expect((await key.sign(MESSAGE)).length).toBeGreaterThan(60);
    expect(await openTokenKey(uri('id=%01'), undefined, undefined, modules)).toMatchObject({ failure: { problem: 'pin-missing' } });
    expect(await openTokenKey(uri('id=%01', `&pin-source=${join(tokens.folder, 'nowhere')}`), undefined, undefined, modules)).toMatchObject({ failure: { problem: 'pin-missing' } });
  });

  test.each([
    ['token-missing', `pkcs11:token=nobody;id=%01?module-path=${SOFTHSM_MODULE}`],
    ['key-missing', `pkcs11:token=CA%20keys;id=%77?module-path=${SOFTHSM_MODULE}`],
    ['key-ambiguous', `pkcs11:token=CA%20keys;object=a%20key?module-path=${SOFTHSM_MODULE}`],
    ['module', `pkcs11:token=twin;id=%01?module-path=${SOFTHSM_MODULE}`],
    ['module', 'pkcs11:token=CA%20keys;id=%01?module-path=/nowhere/lib.so'],
    ['module', 'pkcs11:token=CA%20keys;id=%01?module-path=/etc/hostname'],
  ])('%s: %s', async (problem, wanted) => {
    expect(await openTokenKey(wanted, PIN, undefined, modules)).toMatchObject({ ok: false, failure: { kind: 'token-key-unusable', problem } });
  });

  test('a key that is not the one of the certificate is refused', async () => {
    const other = must(await openTokenKey(uri('id=%02'), PIN, undefined, modules));
    expect(await openTokenKey(uri('id=%01'), PIN, other.publicKey, modules)).toEqual({ ok: false, failure: { kind: 'authority-certificate-unfit', reason: 'other-key' } });
  });
});

describe('while it is used', () => {
  test('a token that is gone fails clearly, and signs again once it is back', async () => {
    const key = must(await openTokenKey(uri('id=%01'), PIN, undefined, modules));
    const store = join(tokens.folder, 'tokens');
    renameSync(store, `${store}-away`);
    await expect(key.sign(MESSAGE)).rejects.toMatchObject({ name: AuthorityKeyUnavailable.name });
    renameSync(`${store}-away`, store);
    expect((await key.sign(MESSAGE)).length).toBeGreaterThan(60);
  });

  test('a PIN that turns out wrong is tried once, however many signatures wait', async () => {
    tokens.initialize('changing', PIN);
    tokens.addKey('changing', PIN, 1, 'ECCP256');
    const attempts: string[] = [];
    const counting = Object.assign(Object.create(modules) as Pkcs11Modules, {
      findKeys: modules.findKeys.bind(modules),
      sign: (...given: Parameters<Pkcs11Modules['sign']>) => {
        attempts.push('sign');
        return modules.sign(...given);
      },
    });
    const key = must(await openTokenKey(`pkcs11:token=changing;id=%01?module-path=${SOFTHSM_MODULE}`, PIN, undefined, counting));
    await modules.changePin({ modulePath: SOFTHSM_MODULE, tokenLabel: 'changing' }, PIN, 'another-pin');
    const outcomes = await Promise.allSettled([key.sign(MESSAGE), key.sign(MESSAGE), key.sign(MESSAGE)]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as AuthorityKeyUnavailable).failure)).toEqual(Array.from({ length: 3 }, () => ({ kind: 'token-key-unusable', problem: 'pin-wrong' })));
    await modules.changePin({ modulePath: SOFTHSM_MODULE, tokenLabel: 'changing' }, 'another-pin', PIN);
    await expect(key.sign(MESSAGE)).rejects.toThrow(/pin-wrong/);
    expect(attempts).toEqual(['sign']);
  });
});

describe('a key that is made on the token', () => {
  test.each(['ECCP384', 'ECCP256', 'ED25519', 'RSA4096'] as const)('%s, and it does not come out', async (keyType) => {
    const wanted = uri(`id=%4${['ECCP384', 'ECCP256', 'ED25519', 'RSA4096'].indexOf(keyType)};object=made`);
    const key = must(await generateTokenKey(wanted, PIN, keyType, modules));
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' });
    const hash = keyType === 'ED25519' ? null : keyType === 'ECCP384' ? 'sha384' : 'sha256';
    expect(verify(hash, MESSAGE, publicKey, await key.sign(MESSAGE))).toBe(true);
    expect(await generateTokenKey(wanted, PIN, keyType, modules)).toMatchObject({ failure: { problem: 'key-ambiguous' } });
  }, 40_000);

  test('needs an id to be found by', async () => {
    expect(await generateTokenKey(uri('object=nameless'), PIN, 'ECCP256', modules)).toMatchObject({ failure: { problem: 'uri', detail: 'a new key needs an id' } });
  });
});
