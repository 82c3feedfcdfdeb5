import { describe, expect, test, vi } from 'vitest';
import { CONTENT_SECURITY_POLICY, fileForPath } from '../../electron/main/app-protocol.ts';

vi.mock('electron', () => ({ protocol: {} }));

describe('the file of an address', () => {
  test.each([
    ['/', '/app/renderer/index.html'],
    ['/index.html', '/app/renderer/index.html'],
    ['/assets/main-a1.js', '/app/renderer/assets/main-a1.js'],
    ['/assets/a%20b.css', '/app/renderer/assets/a b.css'],
  ])('%s is %s', (path, file) => expect(fileForPath('/app/renderer', path)).toBe(file));

  test.each([
    '/../main/main.js',
    '/%2e%2e/main/main.js',
    '/assets/../../main/main.js',
    '/assets/%2e%2e%2f%2e%2e%2fmain.js',
    '/..%5cmain.js',
    '/../renderer-other/a.js',
    '/index.html%00.js',
    '/%',
    '/.env',
    '/assets',
    '/etc/passwd',
  ])('%s is none', (path) => expect(fileForPath('/app/renderer', path)).toBe(null));
});

test('the policy lets nothing in that is not ours', () => {
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*|blob:/);
});
