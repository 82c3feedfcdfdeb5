/** The ways out of trouble, as the commands that are to be typed. */
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { showConditions, type ShownWayOut } from '../../cli/key-conditions.ts';
import { heldWords } from '../../cli/key-losses.ts';
import { createProgram } from '../../cli/program.ts';
import type { KeyCondition, NamedCertificate } from '../../core/key-care/conditions.ts';
import type { HeldSlot, KeyPairFacts, SecurityKeyFacts } from '../../core/security-key.ts';

const keyPair: KeyPairFacts = { keyType: 'ECCP256', origin: 'generated', pinPolicy: 'once', touchPolicy: 'never', publicKey: Uint8Array.of(1) };
const facts: SecurityKeyFacts = {
  readerName: 'Yubico YubiKey 00 00',
  serial: 5_210_001,
  firmware: { major: 5, minor: 7, patch: 1 },
  model: 'YubiKey 5C',
  formFactor: 'usb-c-keychain',
  isFips: false,
  demandsComplexPin: false,
  pin: { isFactory: false, attemptsLeft: 3, attemptsTotal: 5 },
  puk: { isFactory: false, attemptsLeft: 3, attemptsTotal: 4 },
  managementKey: { algorithm: 'AES-192', isFactory: false, isPinProtected: true, isPinDerived: false },
  authentication: { keyPair, certificate: Uint8Array.of(0), fits: null },
  movedTo: null,
};
const held: readonly HeldSlot[] = [
  { slot: '9a', keyPair, certificate: Uint8Array.of(0), fits: null, attestation: null },
  { slot: '9d', keyPair: { ...keyPair, keyType: 'RSA2048' }, certificate: null, fits: null, attestation: null },
];
const certificate: NamedCertificate = { subject: 'Ana Example', issuer: 'Test CA', expiresAt: new Date('2026-11-24T00:00:00Z') };

const CONDITIONS: readonly KeyCondition[] = [
  { kind: 'reset-unfinished', startedAt: new Date('2026-11-24T00:00:00Z') },
  { kind: 'pin-and-puk-blocked' },
  { kind: 'pin-blocked', pukAttemptsLeft: 1 },
  { kind: 'pin-blocked', pukAttemptsLeft: null },
  { kind: 'retries-unfinished', pin: true, puk: true },
  { kind: 'retries-unfinished', pin: null, puk: null },
  { kind: 'retries-unfinished', pin: false, puk: true },
  { kind: 'pin-last-attempt' },
  { kind: 'pin-attempts-lost', left: 2, total: 3 },
  { kind: 'puk-blocked' },
  { kind: 'management-key-unknown' },
  { kind: 'management-key-unfinished' },
  { kind: 'management-key-derived' },
  { kind: 'retire-unfinished', slot: '82' },
  { kind: 'certificate-without-key', certificate },
  { kind: 'certificate-unfit', certificate },
  { kind: 'certificate-unreadable' },
  { kind: 'certificate-expired', certificate },
  { kind: 'certificate-expires-soon', certificate, isPressing: true },
  { kind: 'certificate-foreign', certificate },
  { kind: 'enrollment-unfinished' },
  { kind: 'pin-factory' },
  { kind: 'puk-factory' },
];

/** Parses a command line as a shell would hand it over; throws where it is none. Nothing is done. */
async function parse(line: string): Promise<void> {
  const program = createProgram(async () => undefined);
  const throwing = (command: Command): void => {
    command.exitOverride().configureOutput({ outputError: () => undefined });
    command.commands.forEach(throwing);
  };
  throwing(program);
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  expect(words[0]).toBe('latchkey');
  await program.parseAsync(words.slice(1), { from: 'user' });
}

describe.each(CONDITIONS)('$kind', (condition) => {
  const [shown] = showConditions([condition], facts, held, { serial: 5_210_001 });
  const ways: readonly ShownWayOut[] = shown?.waysOut ?? [];

  it('is one sentence or two, with a way out', () => {
    expect(shown?.words).toMatch(/^[A-Z].*\.$/);
    expect(shown?.words).not.toMatch(/undefined|null|NaN/);
    expect(ways.length).toBeGreaterThan(0);
  });

  it('names commands that exist, about this very key', async () => {
    for (const { act, command } of ways) {
      if (act === 'ask-administrator') expect(command).toBeNull();
      else {
        expect(command).toContain(' --serial 5210001');
        await parse(command ?? '');
      }
    }
  });

  it('says what is lost, and only where something is', () => {
    for (const { loses, losses } of ways) expect(losses.length > 0).toBe(loses !== 'nothing');
  });
});

it('the attempts stay as many as they were', () => {
  const [shown] = showConditions([{ kind: 'puk-blocked' }], facts, held, {});
  expect(shown?.waysOut[0]?.command).toBe('latchkey key retries set --pin 5 --puk 4');
});

it('a reset loses every slot, a deleted certificate only itself', () => {
  const [blocked] = showConditions([{ kind: 'pin-and-puk-blocked' }], facts, held, {});
  expect(blocked?.waysOut[0]?.losses).toEqual(expect.arrayContaining([expect.stringContaining('slot 9a, and its ECCP256 key pair'), 'the RSA2048 key pair in slot 9d']));
  const [unreadable] = showConditions([{ kind: 'certificate-unreadable' }], facts, held, {});
  expect(unreadable?.waysOut.find(({ act }) => act === 'delete-certificate')?.losses).toEqual([heldWords({ slot: '9a', certificate: Uint8Array.of(0), keyPair: null })]);
});

it('a certificate that is still good is renewed with --renew; without it the enrollment would end at once', () => {
  const [soon] = showConditions([{ kind: 'certificate-expires-soon', certificate, isPressing: false }], facts, held, {});
  expect(soon?.waysOut.map(({ command }) => command)).toEqual(['latchkey enroll --renew --keep-old-key', 'latchkey enroll --renew']);
});
