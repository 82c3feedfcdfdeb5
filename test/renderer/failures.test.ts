import { describe, expect, it } from 'vitest';
import { en } from '../../renderer/messages/en.ts';
import { actionFor, cureCommand, failureDetails, wordFailure } from '../../renderer/messages/failures.ts';
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

describe('the command that cures', () => {
  it('is given only on the system that has it', () => {
    expect(cureCommand({ kind: 'smart-card-service-missing' }, 'linux')).toContain('pcscd');
    expect(cureCommand({ kind: 'smart-card-service-missing' }, 'win32')).toBeNull();
    expect(cureCommand({ kind: 'pin-blocked' }, 'linux')).toBeNull();
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
