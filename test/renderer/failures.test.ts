import { describe, expect, it } from 'vitest';
import { en } from '../../renderer/messages/en.ts';
import { actionFor, cureCommand, failureDetails, holderKind, libraryName, wordFailure } from '../../renderer/messages/failures.ts';
import { SAMPLE_FAILURES } from './sample-failures.ts';

describe('the words of a failure', () => {
  it('carry the facts that people act on', () => {
    expect(wordFailure({ kind: 'pin-wrong', attemptsLeft: 1 }, en.failures).what).toContain('One attempt is left');
    expect(wordFailure({ kind: 'security-key-busy', holder: 'gpg-agent' }, en.failures).what).toContain('gpg-agent');
    expect(wordFailure({ kind: 'request-denied', reason: 'Wrong key.' }, en.failures).todo).toContain('Wrong key.');
    expect(wordFailure({ kind: 'unexpected', id: 'f3a9' }, en.failures).todo).toContain('f3a9');
  });

  it('say what happened and what to do in different words', () => {
    const same = Object.values(SAMPLE_FAILURES)
      .flat()
      .map((failure) => wordFailure(failure, en.failures))
      .filter(({ what, todo }) => what === todo);
    expect(same).toEqual([]);
  });
});

describe('the button beneath a problem', () => {
  it.each([
    { failure: { kind: 'device-process-ended' }, action: 'restart' },
    { failure: { kind: 'invitation-expired' }, action: 'name-authority' },
    { failure: { kind: 'not-signed-in' }, action: 'sign-in' },
    { failure: { kind: 'touch-timeout' }, action: 'retry' },
    { failure: { kind: 'pin-blocked' }, action: 'unblock-pin' },
    { failure: { kind: 'puk-blocked' }, action: null },
    { failure: { kind: 'management-key-unknown' }, action: 'lock' },
    { failure: { kind: 'security-key-busy', holder: 'scdaemon', isReleasable: true }, action: 'release' },
    { failure: { kind: 'security-key-busy', holder: 'firefox-esr' }, action: 'retry' },
    { failure: { kind: 'security-key-removed' }, action: null },
  ] as const)('after $failure.kind is $action', ({ failure, action }) => {
    expect(actionFor(failure)).toBe(action);
  });

  it('never offers to go on where somebody may be in between', () => {
    const [mismatch] = SAMPLE_FAILURES['authority-fingerprint-mismatch'];
    const [untrusted] = SAMPLE_FAILURES['authority-untrusted'];
    expect([mismatch, untrusted].map((failure) => failure && actionFor(failure))).not.toContain('retry');
  });
});

describe('whoever keeps the key', () => {
  it.each([
    { holder: undefined, kind: 'unknown' },
    { holder: 'scdaemon', kind: 'gnupg' },
    { holder: 'gpg-agent', kind: 'gnupg' },
    { holder: 'firefox-esr', kind: 'browser' },
    { holder: 'chromium', kind: 'browser' },
    { holder: 'google-chrome', kind: 'browser' },
    { holder: 'pcsc_scan', kind: 'other' },
    { holder: 'my-firefox-tool', kind: 'other' },
  ])('$holder is of the kind $kind', ({ holder, kind }) => {
    expect(holderKind(holder)).toBe(kind);
  });

  it('is named, and nobody is sent to another program for a blocked PIN', () => {
    expect(wordFailure({ kind: 'security-key-busy', holder: 'firefox-esr' }, en.failures).what).toContain('firefox-esr');
    expect(wordFailure({ kind: 'pin-blocked' }, en.failures).todo).not.toMatch(/yubico|ykman/i);
  });
});

describe('the name of a program library', () => {
  it.each([
    { path: '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so', name: 'OpenSC' },
    { path: 'C:\\Program Files\\Yubico\\bin\\libykcs11.dll', name: 'ykcs11' },
    { path: '/opt/vendor/libcard.so', name: 'libcard.so' },
  ])('$path is $name', ({ path, name }) => {
    expect(libraryName(path)).toBe(name);
  });
});

describe('the command that cures', () => {
  it('is given only on the system that has it', () => {
    expect(cureCommand({ kind: 'smart-card-service-missing' }, 'linux')).toContain('pcscd');
    expect(cureCommand({ kind: 'smart-card-service-missing' }, 'win32')).toBeNull();
    expect(cureCommand({ kind: 'pin-blocked' }, 'linux')).toBeNull();
    expect(cureCommand({ kind: 'security-key-busy', holder: 'scdaemon' }, 'linux')).toBe('gpgconf --kill scdaemon');
    expect(cureCommand({ kind: 'security-key-busy', holder: 'firefox-esr' }, 'linux')).toBeNull();
  });
});

describe('details', () => {
  it('name the kind and its facts, the status word in hexadecimal', () => {
    expect(failureDetails({ kind: 'card-error', instruction: 'PUT DATA', statusWord: 0x0a8 })).toBe('card-error\ninstruction: PUT DATA\nstatusWord: 00A8');
  });

  it('leave out what is not known', () => {
    expect(failureDetails({ kind: 'security-key-busy' })).toBe('security-key-busy');
  });
});
