import { describe, expect, it } from 'vitest';
import { locateModules } from '../../../native/pkcs11/locate.ts';

const nothingElse = async (): Promise<boolean> => false;
function only(...paths: string[]): (path: string) => Promise<boolean> {
  return async (path) => paths.includes(path);
}

describe('locating modules', () => {
  it.each([
    ['Debian, Intel', 'linux', '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so', 'OpenSC'],
    ['Debian, ARM', 'linux', '/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so', 'OpenSC'],
    ['Fedora', 'linux', '/usr/lib64/pkcs11/opensc-pkcs11.so', 'OpenSC'],
    ['Arch', 'linux', '/usr/lib/opensc-pkcs11.so', 'OpenSC'],
    ['openSUSE', 'linux', '/usr/lib64/opensc-pkcs11.so', 'OpenSC'],
    ['ykcs11 without headers', 'linux', '/usr/lib/x86_64-linux-gnu/libykcs11.so.2', 'ykcs11'],
    ['macOS', 'darwin', '/Library/OpenSC/lib/opensc-pkcs11.so', 'OpenSC'],
    ['Homebrew', 'darwin', '/opt/homebrew/lib/libykcs11.dylib', 'ykcs11'],
    ['Windows', 'win32', 'C:\\Program Files\\OpenSC Project\\OpenSC\\pkcs11\\opensc-pkcs11.dll', 'OpenSC'],
  ] as const)('%s', async (_, platform, path, name) => {
    const environment = { ProgramFiles: 'C:\\Program Files' };
    expect(await locateModules({ platform, environment, exists: only(path) })).toEqual([{ path, name }]);
  });

  it('prefers OpenSC and offers ykcs11 behind it, one of each', async () => {
    const exists = only('/usr/lib/x86_64-linux-gnu/libykcs11.so.2', '/usr/lib/x86_64-linux-gnu/libykcs11.so', '/usr/lib/opensc-pkcs11.so', '/usr/lib64/opensc-pkcs11.so');
    const found = await locateModules({ platform: 'linux', environment: {}, exists });
    expect(found.map(({ path }) => path)).toEqual(['/usr/lib64/opensc-pkcs11.so', '/usr/lib/x86_64-linux-gnu/libykcs11.so.2']);
  });

  it('finds none', async () => {
    expect(await locateModules({ platform: 'linux', environment: {}, exists: nothingElse })).toEqual([]);
  });
});
