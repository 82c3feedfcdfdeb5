/** Put in by scripts/build.ts. */
declare const LATCHKEY_VERSION: string;
