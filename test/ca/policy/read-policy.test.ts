import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { patternProblem, wholePattern } from '../../../ca/policy/pattern.ts';
import { openPolicySource } from '../../../ca/policy/policy-source.ts';
import { readPolicy, type PolicyMistake } from '../../../ca/policy/read-policy.ts';

function mistakes(text: string): readonly PolicyMistake[] {
  const read = readPolicy(text, 'policy.yaml');
  if (read.ok || read.failure.kind !== 'policy-invalid') throw new Error('The text was taken.');
  return read.failure.problems;
}

test('the example is a policy', () => {
  const read = readPolicy(readFileSync('resources/operator/policy.example.yaml', 'utf8'), 'example');
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  expect(read.value.profiles.get('staff')).toMatchObject({ kind: 'person', approvers: 2, leastFirmwareForEcc: '5.7.0', attestation: 'required' });
  expect(read.value.profiles.get('staff')?.names.email?.test('ana@example.org.evil')).toBe(false);
  expect(read.value.revocation.address).toBe('http://ca.example.org:8080');
});

test('an empty file is the policy without a file', () => expect(readPolicy('', 'p')).toEqual({ ok: true, value: DEFAULT_POLICY }));

test.each([
  ['requestDay: 3', 1, 1, 'Did you mean requestDays?'],
  ['requestDays: soon', 1, 14, 'requestDays'],
  ['profiles:\n  a:\n    kind: person\n    validDays: 900\ndefaultProfile: a', 4, 16, 'ceiling'],
  ['profiles:\n  a:\n    kind: person\n    leastFirmwareForEcc: "5.7"\ndefaultProfile: a', 4, 26, 'firmware'],
  ['requestDays: 1\nrequestDays: 2', 2, 1, 'unique'],
  ['profiles: {a: {kind: person}}', 1, 1, 'no profile person'],
  ['revocation:\n  address: https://ca.example', 2, 12, 'http://'],
])('%j is told with its place', (text, line, column, problem) => {
  const [first] = mistakes(text);
  expect(first).toMatchObject({ line, column });
  expect(first?.problem).toContain(problem);
});

test('all mistakes at once', () => expect(mistakes('requestDays: no\nsessionHours: 0\nblub: 1').map(({ line }) => line).toSorted()).toEqual([1, 2, 3]));

test.each(['a: &a [1]\nb: [*a, *a]', '[', 'a: [', '\0', '- 1', 'x'.repeat(1_000_001), 'profiles: !!binary x'])('refused, not thrown: %#', (text) => {
  expect(mistakes(text).length).toBeGreaterThan(0);
});

test.each(['(a+)+', '(a|a)*', '(?=a)', String.raw`(a)\1`, 'a?a?a?a?', '[', '(?<n>a)'])('the pattern %s is refused', (source) => expect(patternProblem(source)).toBeDefined());

test('the slowest pattern that is taken ends soon', () => {
  const started = performance.now();
  expect(wholePattern('a*a*a*b').test('a'.repeat(256))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('a good file holds at once, a bad one changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-policy-'));
  const path = join(folder, 'policy.yaml');
  const events = { onLoaded: vi.fn<() => void>(), onRefused: vi.fn<() => void>() };
  const source = await openPolicySource(path, events, 5);
  if (!source.ok) throw new Error('It did not open.');
  writeFileSync(`${path}.new`, 'requestDays: 3');
  renameSync(`${path}.new`, path);
  await vi.waitFor(() => expect(source.value.current.requestDays).toBe(3));
  writeFileSync(path, 'requestDays: never');
  await vi.waitFor(() => expect(events.onRefused).toHaveBeenCalled());
  expect(source.value.current.requestDays).toBe(3);
  source.value.close();
  rmSync(folder, { recursive: true });
});
