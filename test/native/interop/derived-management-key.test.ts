import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACTORY_PIN } from '../../../core/key-care/pin-rules.ts';
import { outcome } from '../piv/direct-access.ts';
import { testCertificate } from '../piv/test-certificate.ts';
import { FACTORY_MANAGEMENT_KEY } from '../virtual-yubikey/interop/reader.ts';
import { conditionsOf } from './conditions.ts';
import { openSharedReader, type SharedKey, type SharedReader } from './shared-key.ts';
import { expectAgreement } from './views.ts';

const [PIN, NEXT_PIN, WRONG, PUK] = ['246813', '975310', '000000', '86420135'];
const GENERATE = { keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;
const ADMIN_DATA = ['--id', '0x5fff00'] as const;
/** When the PIN was last changed, as the PIV Manager notes it in ADMIN DATA. */
const TIMESTAMP = '8304a0b1c25e';
/** The object of old programs that blocked the PUK on purpose, once the salt is out of it. */
const [STORED, STORED_PUK_BLOCKED] = ['8003810102\n', `8009810103${TIMESTAMP}\n`];

let reader: SharedReader;
beforeAll(async () => {
  reader = await openSharedReader();
});
afterAll(() => reader?.close());

/**
 * A management key derived from the PIN: how the PIV Manager (pivman/controller.py) and ykman before 4.0 (ykman/piv.py,
 * use_derived_key) kept it. ykman 4.0.9 makes no such key any more, but uses it, and derives it anew when the PIN changes.
 */
describe.each(['4.3.7', '5.7.1'])('a derived management key, firmware %s', (firmware) => {
  const hasMetadata = firmware !== '4.3.7';
  let shared: SharedKey;
  beforeAll(async () => {
    shared = await reader.insert({ firmware });
  });
  afterAll(() => shared?.close());
  beforeEach(async () => {
    await shared.startAnew();
    await shared.weDo((key) => key.changePin(FACTORY_PIN, PIN));
  });

  /** As ykman before 4.0 left it; 'manager': as the PIV Manager did, with its time stamp and the PUK blocked. */
  async function derive(by: 'ykman' | 'manager'): Promise<void> {
    const salt = randomBytes(16);
    const derived = pbkdf2Sync(PIN, salt, 10_000, 24, 'sha1').toString('hex');
    await shared.ykman('piv', 'access', 'change-management-key', '-f', '-m', FACTORY_MANAGEMENT_KEY, '-a', 'TDES', '-n', derived);
    const fields = by === 'ykman' ? `8210${salt.toString('hex')}` : `8101018210${salt.toString('hex')}${TIMESTAMP}`;
    await writeAdminData(derived, fields);
    if (by === 'manager') await blockPuk();
  }

  async function writeAdminData(managementKey: string, fields: string): Promise<void> {
    const file = shared.path('admin-data');
    writeFileSync(file, `80${(fields.length / 2).toString(16).padStart(2, '0')}${fields}`);
    await shared.pivTool(`-k${managementKey}`, '-a', 'write-object', ...ADMIN_DATA, '-i', file);
  }

  async function blockPuk(): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) await shared.run('yubico-piv-tool', '-a', 'change-puk', '-P', WRONG, '-N', PUK);
  }

  const readAdminData = (): Promise<string> => shared.pivTool('-a', 'read-object', ...ADMIN_DATA);
  const ykmanGenerates = (pin: string): Promise<string> => shared.ykman('piv', 'keys', 'generate', '-P', pin, '-a', 'ECCP256', '9c', '-');

  test('all call it derived, and the PIN opens it for ykman and for us', async () => {
    await derive('ykman');
    expect((await expectAgreement(shared)).managementKey).toEqual({ algorithm: 'TDES', isFactory: hasMetadata ? false : null, isStored: false, isDerived: true });
    expect(await conditionsOf(shared)).toEqual(['management-key-derived']);
    await ykmanGenerates(PIN);
    const publicKey = await shared.weDo((key) => key.generateKey({ pin: PIN, ...GENERATE }));
    await shared.weDo((key) => key.writeCertificate(PIN, testCertificate(publicKey)));
    expect((await expectAgreement(shared)).managementKey.isDerived).toBe(true);
    expect(outcome(await shared.ours((key) => key.generateKey({ pin: WRONG, ...GENERATE })))).toBe('pin-wrong');
  });

  test('ykman changes the PIN and derives it anew: we follow', async () => {
    await derive('ykman');
    await shared.ykman('piv', 'access', 'change-pin', '-P', PIN, '-n', NEXT_PIN);
    await shared.weDo((key) => key.generateKey({ pin: NEXT_PIN, ...GENERATE }));
    expect((await expectAgreement(shared)).managementKey.isDerived).toBe(true);
  });

  test.each([
    ['rotating', 'manager', STORED_PUK_BLOCKED],
    ['protecting', 'ykman', STORED],
  ] as const)('%s ends what %s made: stored and protected, for ykman too', async (action, by, expected) => {
    await derive(by);
    const derived = shared.state.managementKey;
    await shared.weDo((key) => (action === 'rotating' ? key.rotateManagementKey({ pin: PIN }) : key.protectManagementKey(PIN)));
    expect(shared.state.managementKey).not.toEqual(derived);
    const { managementKey, pin } = await expectAgreement(shared);
    expect({ managementKey, left: pin.left }).toEqual({ managementKey: { algorithm: 'TDES', isFactory: hasMetadata ? false : null, isStored: true, isDerived: false }, left: 3 });
    expect(await readAdminData()).toBe(expected);
    expect(await conditionsOf(shared)).toEqual(by === 'manager' && hasMetadata ? ['puk-blocked'] : []);
    await ykmanGenerates(PIN);
    await shared.ykman('piv', 'access', 'change-pin', '-P', PIN, '-n', NEXT_PIN);
    await ykmanGenerates(NEXT_PIN);
  });

  test('we change the PIN, and the key is not lost with the old one', async () => {
    await derive('manager');
    await shared.weDo((key) => key.changePin(PIN, NEXT_PIN));
    await shared.weDo((key) => key.generateKey({ pin: NEXT_PIN, ...GENERATE }));
    await ykmanGenerates(NEXT_PIN);
    expect((await expectAgreement(shared)).managementKey).toMatchObject({ isStored: true, isDerived: false });
  });

  test('new attempts: the key is kept, and the PUK is said to be blocked no longer', async () => {
    await derive('manager');
    expect(await shared.ykman('piv', 'info')).toContain('PUK blocked.');
    await shared.weDo((key) => key.setRetries({ pin: PIN, pinAttempts: 4, pukAttempts: 4, newPin: NEXT_PIN, newPuk: PUK }));
    expect(await shared.ykman('piv', 'info')).not.toContain('PUK blocked.');
    expect((await expectAgreement(shared)).managementKey.isStored).toBe(true);
    await ykmanGenerates(NEXT_PIN);
    await shared.ykman('piv', 'access', 'unblock-pin', '-p', PUK, '-n', PIN);
  });

  test('a salt that is not of this PIN: unknown to all, usable when typed', async () => {
    await derive('ykman');
    const managementKey = Buffer.from(shared.state.managementKey.value, 'hex');
    await shared.pivTool('-a', 'change-pin', '-P', PIN, '-N', NEXT_PIN);
    expect((await shared.run('ykman', '--reader', shared.readerName, 'piv', 'keys', 'generate', '-P', NEXT_PIN, '-a', 'ECCP256', '9c', '-')).exitCode).toBe(1);
    expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: NEXT_PIN })))).toBe('management-key-unknown');
    await shared.weDo((key) => key.rotateManagementKey({ pin: NEXT_PIN, managementKey }));
    await ykmanGenerates(NEXT_PIN);
    expect((await expectAgreement(shared)).pin.left).toBe(3);
  });

  test('a time stamp in ADMIN DATA stays there, although ykman trips over it', async () => {
    await derive('manager');
    await shared.weDo((key) => key.rotateManagementKey({ pin: PIN }));
    const changed = await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', 'change-management-key', '-f', '--protect', '-P', PIN);
    // ykman (4.0.9, and still 5.9) packs the time stamp wrongly, after it has set the new key and before it stores it.
    if (changed.exitCode !== 0) console.info(`skipped: this ykman loses the management key of a key with a time stamp in ADMIN DATA: ${changed.output.trim().split('\n').at(-1)}`);
    expect(outcome(await shared.ours((key) => key.rotateManagementKey({ pin: PIN })))).toBe(changed.exitCode === 0 ? 'ok' : 'management-key-unknown');
    await expectAgreement(shared);
  });
});
