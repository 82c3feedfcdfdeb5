import { ok } from 'node:assert/strict';
import { type Arbitrary, asyncProperty, constantFrom, tuple } from 'fast-check';
import { test } from 'vitest';
import { fromHex } from '../../core/bytes.ts';
import { PIV_SLOTS } from '../../core/piv-slots.ts';
import type { Result } from '../../core/result.ts';
import type { SecurityKey } from '../../core/security-key.ts';
import type { CardConnection } from '../../native/piv/connection.ts';
import { readFacts } from '../../native/piv/facts.ts';
import { INS } from '../../native/piv/identifiers.ts';
import { CardSecurityKey } from '../../native/security-key.ts';
import { padReferenceData } from '../../native/virtual-yubikey/reference-data.ts';
import { VirtualYubiKey } from '../../native/virtual-yubikey/virtual-yubikey.ts';
import { OWN_MANAGEMENT_KEY, OWN_PIN, OWN_PUK, SERIAL, optionsOf, start } from './card-starts.ts';
import { PERSON } from './fixed-material.ts';
import { check } from './property-runs.ts';
import { type Permission, UnreliableCard, knownSerial, lies, madness } from './unreliable-card.ts';

const [PIN, PUK, NEW_PIN, NEW_PUK] = [OWN_PIN, OWN_PUK, '84027561', '26194850'];
const GENERATE = { keyType: 'ECCP256', pinPolicy: 'once', touchPolicy: 'never' } as const;

const secrets = (...values: readonly string[]): readonly Uint8Array[] => values.map(padReferenceData);
/** What opens the settings may have to finish a replacement of the management key that was cut off. */
const SETTINGS = [INS.SET_MANAGEMENT_KEY];
/** Padding alone, which blocks and can never be right. */
const BLOCKING = new Uint8Array(8).fill(0xff);

interface Action extends Permission {
  readonly act: (key: SecurityKey) => Promise<Result<unknown>>;
}

const action = (act: Action['act'], typed: readonly Uint8Array[] = [], instructions: readonly number[] = []): Action => ({ act, secrets: typed, instructions });

const ACTIONS: Readonly<Record<string, Action>> = {
  facts: action((key) => key.facts()),
  inventory: action((key) => key.inventory()),
  'verify the PIN': action((key) => key.verifyPin(PIN), secrets(PIN)),
  'change the PIN': action((key) => key.changePin(PIN, NEW_PIN), secrets(PIN, NEW_PIN), SETTINGS),
  'change the PUK': action((key) => key.changePuk(PUK, NEW_PUK), secrets(PUK, NEW_PUK)),
  unblock: action((key) => key.unblockPin(PUK, NEW_PIN), secrets(PUK, NEW_PIN)),
  protect: action((key) => key.protectManagementKey(PIN), secrets(PIN), SETTINGS),
  rotate: action((key) => key.rotateManagementKey({ pin: PIN }), secrets(PIN), SETTINGS),
  'rotate with a typed key': action((key) => key.rotateManagementKey({ pin: PIN, managementKey: OWN_MANAGEMENT_KEY.subarray(0, 24) }), secrets(PIN), SETTINGS),
  'set the attempts': action((key) => key.setRetries({ pin: PIN, pinAttempts: 5, pukAttempts: 5, newPin: NEW_PIN, newPuk: NEW_PUK }), secrets(PIN, NEW_PIN, NEW_PUK), [...SETTINGS, INS.SET_RETRIES]),
  reset: action((key) => key.reset(SERIAL), [BLOCKING], [INS.RESET]),
  'reset without a serial': action((key) => key.reset(null), [BLOCKING], [INS.RESET]),
  retire: action((key) => key.retireKey({ pin: PIN }), secrets(PIN), [...SETTINGS, INS.MOVE_KEY]),
  'delete a certificate': action((key) => key.deleteCertificate('9a', { pin: PIN }), secrets(PIN), SETTINGS),
  generate: action((key) => key.generateKey({ pin: PIN, ...GENERATE }), secrets(PIN), [...SETTINGS, INS.GENERATE_ASYMMETRIC]),
  attest: action((key) => key.attest('9a')),
  'attest a retired slot': action((key) => key.attest(PIV_SLOTS.at(-1))),
  sign: action((key) => key.sign(PIN, new Uint8Array(300)), secrets(PIN)),
  'write a certificate': action((key) => key.writeCertificate(PIN, PERSON), secrets(PIN), SETTINGS),
  prove: action((key) => key.prove(PIN, PERSON), secrets(PIN)),
};

/** Those that replace the management key more often: they have most to lose. */
const anyAction: Arbitrary<string> = constantFrom(...Object.keys(ACTIONS), 'protect', 'rotate', 'rotate', 'set the attempts', 'reset');

function keyOver(connection: CardConnection, serial: number | null | undefined): SecurityKey {
  const readerName = 'Reader of a property';
  return new CardSecurityKey({
    facts: () => readFacts(connection, readerName),
    use: (work) => work({ readerName, serial, transact: (_, inTransaction) => inTransaction(connection) }),
    module: async () => null,
  });
}

async function endsWithAResult(name: string, card: UnreliableCard, serial: number | null | undefined): Promise<void> {
  const result = await ACTIONS[name]?.act(keyOver(card, serial));
  ok(result?.ok === true || (result?.ok === false && typeof result.failure.kind === 'string'));
}

const permissionOf = (name: string): Permission => ACTIONS[name] ?? { secrets: [], instructions: [] };

test('a card that answers noise: every action ends, soon, with a result, and gives nothing away', () =>
  check(
    'our side: a card that answers noise',
    asyncProperty(anyAction, madness, knownSerial, (name, answers, serial) => endsWithAResult(name, new UnreliableCard(answers, permissionOf(name)), serial)),
    // What once failed: an answer in small parts without end.
    [['facts', [{ kind: 'bytes', bytes: fromHex('056110') }], undefined]],
  ));

test('a YubiKey that lies now and then: the same', () =>
  check(
    'our side: a card that lies now and then',
    asyncProperty(tuple(anyAction, start), lies, knownSerial, async ([name, begin], answers, serial) => {
      const key = new VirtualYubiKey(optionsOf(begin));
      await endsWithAResult(name, new UnreliableCard(answers, permissionOf(name), key), serial);
      ok(key.bugs.length === 0, String(key.bugs[0]));
    }),
    // What once failed: keys of two types, compared, left an error for whoever used OpenSSL next.
    [[['inventory', { name: '5.7.1, in use', isTouched: true, isOpened: false }], [{ kind: 'honest' }], undefined]],
  ));
