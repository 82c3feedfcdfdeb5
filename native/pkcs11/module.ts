/**
 * Loading a PKCS#11 library and running one piece of work between C_Initialize and C_Finalize. Afresh each time: OpenSC
 * shows what it read at C_Initialize until C_Finalize, and holds the card open as long (facts: GnuPG and others then
 * cannot have it). The library itself stays loaded, so a second run costs no dlopen.
 *
 * pkcs11js alone and not graphene-pk11 on top of it: loading graphene takes 70 ms, pkcs11js 9 ms, and what is needed of
 * it is four small files here.
 */
import pkcs11js, { type PKCS11 } from 'pkcs11js';
import { CKR, returnValueOf } from './errors.ts';
import type { ModuleDescription, Phase } from './operation.ts';

/** Tells which PKCS#11 function comes next; awaited, so that the listener has heard it before the call can hang. */
export type TellPhase = (phase: Phase) => Promise<void>;

/** An initialised module, valid until the work it was given to has ended. */
export interface InitializedModule {
  readonly cryptoki: PKCS11;
  readonly description: ModuleDescription;
  readonly tell: TellPhase;
}

const loaded = new Map<string, PKCS11>();

/** Initialises the module, does the work, finalises. Throws what the module or the work throws. */
export async function withModule<T>(path: string, tell: TellPhase, work: (module: InitializedModule) => Promise<T>): Promise<T> {
  const cryptoki = await loadModule(path, tell);
  await tell('C_Initialize');
  initialize(cryptoki);
  let outcome: T;
  try {
    outcome = await work({ cryptoki, description: describe(path, cryptoki), tell });
  } catch (error) {
    finalizeQuietly(cryptoki);
    throw error;
  }
  await tell('C_Finalize');
  finalizeQuietly(cryptoki);
  return outcome;
}

/** Loads the library, the first time. Throws dlopen's error. */
export async function loadModule(path: string, tell: TellPhase): Promise<PKCS11> {
  const known = loaded.get(path);
  if (known) return known;
  await tell('load');
  const cryptoki = new pkcs11js.PKCS11();
  cryptoki.load(path);
  loaded.set(path, cryptoki);
  return cryptoki;
}

/** Somebody's leftover initialisation may hold old contents of the token: it is ended first. */
function initialize(cryptoki: PKCS11): void {
  try {
    cryptoki.C_Initialize();
  } catch (error) {
    if (returnValueOf(error) !== CKR.CRYPTOKI_ALREADY_INITIALIZED) throw error;
    cryptoki.C_Finalize();
    cryptoki.C_Initialize();
  }
}

/** The work is done or has failed by its own error; that the module cannot even finalise adds nothing to it. */
function finalizeQuietly(cryptoki: PKCS11): void {
  try {
    cryptoki.C_Finalize();
  } catch (error) {
    if (returnValueOf(error) === undefined) throw error;
  }
}

function describe(path: string, cryptoki: PKCS11): ModuleDescription {
  const info = cryptoki.C_GetInfo();
  const { major, minor } = info.libraryVersion;
  return { path, version: `${major}.${minor}`, description: info.libraryDescription.trim(), manufacturer: info.manufacturerID.trim() };
}
