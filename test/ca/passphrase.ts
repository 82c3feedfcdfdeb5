/** Of every CA in these tests. */
export const PASSPHRASE = 'a passphrase of the tests';
