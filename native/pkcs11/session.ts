/** Finding a token behind an initialised module, and sessions with it (PKCS#11 2.40, sections 5.5 and 5.6). */
import pkcs11js, { type Handle, type TokenInfo } from 'pkcs11js';
import { CKR, returnValueOf, TokenProblem } from './errors.ts';
import type { InitializedModule } from './module.ts';
import type { TokenAttributes, TokenSelector } from './operation.ts';

/** Length of CK_SLOT_INFO.slotDescription, in bytes of UTF-8. */
const SLOT_DESCRIPTION_LENGTH = 64;

/** An open session, valid until the work it was given to has ended. */
export interface TokenSession extends InitializedModule {
  readonly slot: Handle;
  readonly session: Handle;
}

/** Opens a session with the token, does the work, closes it. Throws TokenProblem `security-key-removed` where there is no such token. */
export async function withSession<T>(
  module: InitializedModule,
  selector: TokenSelector,
  access: 'read-only' | 'read-write',
  work: (session: TokenSession) => Promise<T>,
): Promise<T> {
  await module.tell('C_GetSlotList');
  const slot = findToken(module, selector);
  await module.tell('C_OpenSession');
  const flags = pkcs11js.CKF_SERIAL_SESSION | (access === 'read-write' ? pkcs11js.CKF_RW_SESSION : 0);
  const session = module.cryptoki.C_OpenSession(slot, flags);
  try {
    return await work({ ...module, slot, session });
  } finally {
    closeQuietly(module, session);
  }
}

/** Logs in as the user. */
export async function logIn({ cryptoki, session, tell }: TokenSession, pin: string): Promise<void> {
  // ykcs11 takes an empty PIN as "verify by fingerprint", OpenSC as "ask on the reader's keypad".
  if (pin === '') throw new Error('An empty PIN reached a PKCS#11 module.');
  await tell('C_Login');
  cryptoki.C_Login(session, pkcs11js.CKU_USER, pin);
}

/** Logging out ends the card's PIN state; C_Finalize alone leaves it to the reset of the next connection. */
function closeQuietly({ cryptoki }: InitializedModule, session: Handle): void {
  for (const end of [() => cryptoki.C_Logout(session), () => cryptoki.C_CloseSession(session)]) {
    try {
      end();
    } catch (error) {
      if (returnValueOf(error) === undefined) throw error;
    }
  }
}

function findToken(module: InitializedModule, selector: TokenSelector): Handle {
  const slots = module.cryptoki.C_GetSlotList(true);
  const matching = slots.filter((slot) => isWanted(module, slot, selector));
  const [slot] = matching;
  if (slot === undefined) throw new TokenProblem({ kind: 'security-key-removed' });
  if (matching.length > 1 && !('readerName' in selector)) {
    const wanted = 'tokenLabel' in selector ? `the label ${selector.tokenLabel}` : 'these attributes';
    throw new TokenProblem({ kind: 'module-failed', module: module.description.path, detail: `${matching.length} tokens have ${wanted}` });
  }
  // OpenSC may show one card as several slots of the same reader; the first is the one of the card's own PIN.
  return slot;
}

function isWanted({ cryptoki }: InitializedModule, slot: Handle, selector: TokenSelector): boolean {
  try {
    if ('readerName' in selector) return matchesReader(cryptoki.C_GetSlotInfo(slot).slotDescription, selector.readerName);
    if ('token' in selector) return hasAttributes(slot, cryptoki.C_GetTokenInfo(slot), selector.token);
    return cryptoki.C_GetTokenInfo(slot).label.trimEnd() === selector.tokenLabel.trimEnd();
  } catch (error) {
    // Another reader's card may be pulled while we look; the one we want speaks up at C_OpenSession.
    if (returnValueOf(error) === CKR.TOKEN_NOT_PRESENT || returnValueOf(error) === CKR.DEVICE_REMOVED) return false;
    throw error;
  }
}

/** Fields of CK_TOKEN_INFO are padded with blanks, and some modules end them with zeros (section 3.2). */
function hasAttributes(slot: Handle, info: TokenInfo, wanted: TokenAttributes): boolean {
  const fits = (field: string, value: string | undefined): boolean => value === undefined || field.replace(/[ \0]+$/, '') === value.trimEnd();
  if (wanted.slotId !== undefined && Buffer.from(slot).readUIntLE(0, Math.min(slot.length, 6)) !== wanted.slotId) return false;
  // SoftHSM shows a slot for a token to be, which has nothing but a serial of blanks.
  if ((info.flags & pkcs11js.CKF_TOKEN_INITIALIZED) === 0) return false;
  return fits(info.label, wanted.label) && fits(info.manufacturerID, wanted.manufacturer) && fits(info.model, wanted.model) && fits(info.serialNumber, wanted.serial);
}

/**
 * Whether a blank-padded slot description is this PC/SC reader. Names longer than the field are cut by ykcs11, and by
 * OpenSC cut with "..." in the last three bytes.
 */
export function matchesReader(slotDescription: string, readerName: string): boolean {
  const described = slotDescription.replace(/[ \0]+$/, '');
  const name = readerName.replace(/[ \0]+$/, '');
  if (described === name) return true;
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= SLOT_DESCRIPTION_LENGTH) return false;
  const cut = bytes.toString('utf8', 0, SLOT_DESCRIPTION_LENGTH);
  const dotted = `${bytes.toString('utf8', 0, SLOT_DESCRIPTION_LENGTH - 3)}...`;
  return described === cut.trimEnd() || described === dotted;
}
