import { describe, expect, test } from 'vitest';
import { parseTokenKeyUri } from '../../../ca/keys/pkcs11-uri.ts';

const MODULE = 'module-path=/usr/lib/softhsm/libsofthsm2.so';

describe('what a PKCS#11 URI says', () => {
  test('every attribute that chooses, percent-decoded; an id is bytes', () => {
    const uri = `pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil%2c%20Inc.;model=1.0;serial=0123;slot-id=327;id=%00%fF%20a;object=C%C3%A4;type=private?module-name=opensc-pkcs11&pin-source=file:/etc/token%20pin`;
    expect(parseTokenKeyUri(uri)).toEqual({
      ok: true,
      value: {
        token: { label: 'The Software PKCS#11 Softtoken', manufacturer: 'Snake Oil, Inc.', model: '1.0', serial: '0123', slotId: 327 },
        key: { id: Uint8Array.of(0, 0xff, 0x20, 0x61), label: 'Cä' },
        modulePath: null,
        moduleName: 'opensc-pkcs11',
        pinFile: '/etc/token pin',
      },
    });
  });

  test.each([
    ['pin-source=/run/pin', '/run/pin'],
    ['pin-source=file:/run/pin', '/run/pin'],
    ['pin-source=file:///run/pin', '/run/pin'],
  ])('%s', (source, pinFile) => {
    expect(parseTokenKeyUri(`pkcs11:token=t;id=%02?${MODULE}&${source}`)).toMatchObject({ ok: true, value: { pinFile } });
  });
});

describe('is refused, with the reason', () => {
  test.each([
    ['http://token', /begins with pkcs11:/],
    [`pkcs11:token=t;id=%02#x?${MODULE}`, /begins with pkcs11:/],
    [`pkcs11:token=t;id=%02?${MODULE}&pin-value=123456`, /secret in clear/],
    [`pkcs11:token=t;id=%02?${MODULE}&pin-source=%7Ccat%20pin`, /not a command/],
    [`pkcs11:token=t;id=%02?${MODULE}&pin-source=pin`, /file:/],
    [`pkcs11:token=t;token=u;id=%02?${MODULE}`, /token stands twice/],
    [`pkcs11:token=t;id=%2?${MODULE}`, /percent-encoded/],
    [`pkcs11:token=a b;id=%02?${MODULE}`, /percent-encoded/],
    [`pkcs11:token=%ff;id=%02?${MODULE}`, /UTF-8/],
    [`pkcs11:token=t;id=%02;type=cert?${MODULE}`, /type is private/],
    [`pkcs11:token=t;slot-id=one;id=%02?${MODULE}`, /slot-id is a number/],
    [`pkcs11:token=t;colour=red;id=%02?${MODULE}`, /"colour" is not known/],
    [`pkcs11:token?${MODULE}`, /"token" is not known/],
    [`pkcs11:id=%02?${MODULE}`, /says no token/],
    [`pkcs11:token=t?${MODULE}`, /says no key/],
    ['pkcs11:token=t;id=%02', /says no module/],
    ['pkcs11:token=t;id=%02?module-path=lib.so', /absolute/],
    ['pkcs11:token=t;id=%02?module-name=../evil', /without folders/],
  ])('%s', (uri, reason) => {
    const parsed = parseTokenKeyUri(uri);
    expect(parsed).toMatchObject({ ok: false, failure: { kind: 'token-key-unusable', problem: 'uri', detail: expect.stringMatching(reason) as string } });
    expect(JSON.stringify(parsed)).not.toContain('123456');
  });
});
