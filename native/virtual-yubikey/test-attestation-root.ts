import { createPrivateKey, createPublicKey } from 'node:crypto';
import { fromBase64 } from '../../core/bytes.ts';
import { formatFirmware } from '../../core/security-key.ts';
import type { FirmwareVersion } from '../../core/security-key.ts';
import { certificateObject, commonName, derBoolean, derInteger, derSequence, distantValidity, extension, signCertificate } from './certificate.ts';

/**
 * The test root that stands where a real key has Yubico's. Its private key is public, so it proves nothing: it may be
 * trusted in tests and in the demo, and nowhere else.
 */
const TEST_ROOT_KEY =
  'MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC5r/STMt5KavVAgtnQddtpnbIl5Ft+w7CsTfCB+my1cUC/CsZK2MM6o+fUqUMBhQ5mFlhj' +
  'yQ8hA2i4mgbeT4y5Bbsw5HJzCEzh+3teMQ+SedDm01XZOHhDnV9czu3CS25AfSOIZVMj+tJB7CWKYWRnb3cDDnVJ9F5UeVMkkI3P0p9T5tJqksUFXKCVUVT8' +
  'F3Z2UjCzhuat+EaidvCfOCyncXwzEIZSFWqpHVDa4t2KmYKkKW4lxnQm+Fo+ixmBIAsMT4W6gCx+DctcocHqoD2VK5K+vZPzlDq9GYfG2zGfYFWQCZx/o8yR' +
  'bpY0k3EG3ws1BP8ueOMbcPMyo/tZQefxAgMBAAECggEABCznQeY+P5mkUvNuTKTSYOrtZ0U5Y52oq9V+r64cuZrCKevd2maBnsT7Qywcw5NOVbBD3zLVh+9n' +
  'p1IoxZfmsjaJ4tu+fvJ7Az4CrXxKuL45kbjnxS3sJGKDt7IAyZk3aH2ccwrmPT1YPBYJjjW3yoN/djVPxV5Ydaua4rCjA7X4DfBkT7Badu7Ikj5hrLOQTZFm' +
  'SuTFWBcOxaSEelNPBlOhzc9Y6hliVUM2g7s2gqKf6q5zOh0QVpIUpc/8UBxr/x7w5E53YKJywZVuPQFkGO7uX0cOBknYgVIDLL26WFhK5kmhdwU8j+F4k2+B' +
  '6FcJ8LUCxEUU3GEbVTlDziIcnQKBgQD1LkT1TvoXHvteW5y8jqnwzaj3wVnALXYqx+wZEKrHW2lB8w8NgNSv7mbVPft6PfeJxDFee7Qxdf3OfY+8lDLWH2sx' +
  'WHcMZBnqFkGL2CfXMBnKnXcPNPGoMG1J9lGEYHbIC2uzJKw6rVT50mLT+NXEDgPlRiTAcRqDg7eDFGLXfQKBgQDB4Zt99cQktvTBICvda9qgcaOLi9D0DK6n' +
  'RlaIa3SfuOyXIrPJ4IsyWAW3jEyj7ddvstUaw8yCi6G1aHz52p1dtCdgDA8ZWKAzChn8ohwwaZGVOFYed1j79AYiMxNuHM8q7us+yma26lRVhJPB7XFnAtrz' +
  'VM8aVw8x44rX2tIEhQKBgQCRboKk59XcxRnhnIHaLt2K4tLpMx1jqxO+yJu5OnOykPxcjCpPni2KteT1dDCpD/y3EVMfck0uUYjdZQlPmLCW5kgVGx5ykSX1' +
  '/oGey/bF49hIoSKwOH1ngGIzTxKHbRjIDE40Evq+S3ZuQWcxyRYzlwSkiPjf1bceb5D5BayjmQKBgQCXrK1+PvQxXMfhBhAK6sNgXUZ6dukC46EGz6oGkznr' +
  'cjn0intoZTfALMhcLXAPlpPBmH/Krn6haicZyiJrPLF7iuJ66zQsuf6pry9hSlkPLqdru2Tz9J4yjVb3DkoXDIatqbdzqdftJSjQtiT5w43B7qPnVOOoUY9b' +
  'kg0ejNtcGQKBgEJOF0+bHMRvvYQ9mUQspeMxEQJgmM49tt1/6lbmb3NHWKiw+rvlVqlBbKOFAed4D/wqXlcyipxKZOC0AmPyxIk6TGzX7/Sm9ff4CMwgkzlE' +
  '8tNaq4MyZKV3HBSlaCcnr7uoqYJxqb8lbFdxPAP3vJmd2tZgzt8Fv2mtd+OjpEEC';

/** The key in slot f9 of every virtual key, as many real keys share one. */
const TEST_ATTESTATION_KEY =
  'MIIEuwIBADANBgkqhkiG9w0BAQEFAASCBKUwggShAgEAAoIBAQCrw2sBdzrtlv5UvMn6EHXY3FhlSRaggNao9U5QRhGmviWiQAcoGcYVrvSAtZsFRsNs7y1p' +
  'gk2kmMPV2xlWArRSyV+zMHB2AmmSsxOfp32aLukPlhJvobZ9qmXHl2R6dThrZEKLyJxbA0uQG12KGhQg9BbqiA2KYRIewtzOuX+GTKZRXI7k4fEAIQ94hECc' +
  'g+D0G5syx59633s0F4quWolN2J9kskS0yAcOwqp93wCNouc/OubrxPkvVqMX058vUNYcqC9/svElDtzSd3xx8T5f+zAiR9FRpPidL8z1YJT5hng5PPnlrFXy' +
  'BXGZ0n2sjkeyhMEZudDD39VCjHDnREqdAgMBAAECgf9DRxpQe7V3tf9EK5YJx4c84RH7pn2U4LF9OYxX0ri70RpgY9JpzU0bsSu4n/vw525txfhP3oZULFFk' +
  'RQkMEjn3GvuzgHmAOaiILBBV9cHqk2MFwQKJ7g2iVgCmTqlxQa+8SHPUj9rfRT1vK5IBIWy63SoQiKGgjyIM5GUxMljuvheAI2aiBoTUMbArU+0fl65Aqi8Y' +
  'FcqAtqTOT/uIPLcnqchIdHiLkgaX5Jiq1clw1oBMXBC29RLwf6dapYUgyZYpcBvdLYUzlWFs90dy67GOQtnQRBie6rO0lfEBSUwYGZDSom+HErRsoHCbyLpS' +
  'vMLdpjigRQ0X+HBcvfsmufkCgYEA1DzAyQaN44P6qfUKDUfpMbHI5b0we56morqF+RANDoq+9BCW0F3+CIX+hUh6XywQqtS0a9dBPpF83YhLUB8jYwtLSE+F' +
  'ZMBzZJER2kaMqhL8JWgrEt7sen8BHoRoT8yZlRWjbU7/EW7TtjUm+VT3qbMvYAtLUmF405DiUeZhGQkCgYEAzy4wfoMvd5gN2zWw98smUuUrBo44hCIs3H+E' +
  'ET1074ipEkkECrkYl3qonH/B3xLWvO9FwfrGV8TH77JTWfEXOzafeLqtISu4WKdcuOh5ZkFCNLEAAos+vCwY6O3KLr8qW/daZsLJACKMno69UcxbGuRrzLwW' +
  '/u5GxIt8FKNa7fUCgYEAix0LTHj0VhXzHqXUIeJp0r3yrcu1VMIn/W//UsKXnFmLUpTxFcEWOuYBb8GTHIDYp/DmFe2xAV8Bln+4xdqzKj+D5/Dfwat3t4pz' +
  'RjyKBQyOo8JEwYjHPn+y7xrg+LVmUdcuGP73p6iaMstiMXnlICGoQu8EPwpO1XYZMo+sQ2kCgYASVD3KE4URiYxARoG/imN7lfa2f8KUPgnGACoI9Gzx/B8p' +
  'FPickj+QtzNPlSXrvFjvIiQDw1Hk1e3yUM56+I9bl7uIDMvgUWPfw/66BScoWsGms7oSf4svTp9tjAwFEriGpl2DFdx+fJAAPxSUtgWhXXAEDufh6eas4MI7' +
  'eTBEOQKBgEa6uRd3MJtVKNyirfqk8x5rYKg4PmDA9Rayvehv766E+wuXBUtTO7V7gGRxgy0P6LMuxsKZV2EK9sqFvnGwXHkGw3LKC9WuS3zx+Pis4f59JpXt' +
  '89CyucqNU218zlzLQzqje9oAZ1CIE3G9n0fpzLrQd4dv6HfjxRo3PjNN1Blm';

const ROOT_NAME = commonName('Latchkey TEST PIV Root CA (proves nothing)');
const ATTESTATION_NAME = commonName('Latchkey TEST PIV Attestation');

/** 1.3.6.1.4.1.41482.3.3: firmware version, three bare bytes, also in real f9 certificates. */
const FIRMWARE_EXTENSION = '1.3.6.1.4.1.41482.3.3';
const BASIC_CONSTRAINTS = '2.5.29.19';

const rootKey = createPrivateKey({ key: Buffer.from(TEST_ROOT_KEY, 'base64'), format: 'der', type: 'pkcs8' });
const rootCertificate = signCertificate({
  serialNumber: Uint8Array.of(1),
  issuer: ROOT_NAME,
  validity: distantValidity,
  subject: ROOT_NAME,
  publicKey: createPublicKey(rootKey).export({ format: 'der', type: 'spki' }),
  extensions: [basicConstraints(1)],
  issuerKey: rootKey,
});

/** The PEM certificate to trust where attestation of virtual keys shall verify. */
export const testAttestationRootPem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(rootCertificate)
  .toString('base64')
  .replace(/.{64}/g, '$&\n')
  .trimEnd()}\n-----END CERTIFICATE-----\n`;

/** DER PKCS#8 of the key in slot f9. */
export const testAttestationPrivateKey: Uint8Array = fromBase64(TEST_ATTESTATION_KEY);

/** The data object 5FFF01: a certificate for f9 with the same extensions as a real one, wrapped as PIV certificates are. */
export function testAttestationCertificate(firmware: FirmwareVersion): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(testAttestationPrivateKey), format: 'der', type: 'pkcs8' });
  const certificate = signCertificate({
    serialNumber: new TextEncoder().encode(`f9 ${formatFirmware(firmware)}`),
    issuer: ROOT_NAME,
    validity: distantValidity,
    subject: ATTESTATION_NAME,
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }),
    extensions: [extension(FIRMWARE_EXTENSION, Uint8Array.of(firmware.major, firmware.minor, firmware.patch)), basicConstraints(0)],
    issuerKey: rootKey,
  });
  return certificateObject(certificate);
}

function basicConstraints(pathLength: number): Uint8Array {
  return extension(BASIC_CONSTRAINTS, derSequence(derBoolean(true), derInteger(Uint8Array.of(pathLength))), true);
}
