/**
 * What the modules people have can do with a YubiKey, as measured (OpenSC 0.23, 0.26.1, 0.27.1; ykcs11 2.2, 2.7.2).
 * What is false here goes to the card as PIV commands.
 */
import { basename } from 'node:path';

export interface ModuleCapabilities {
  readonly changePin: boolean;
  readonly changePuk: boolean;
  readonly unblockPin: boolean;
  /** Can sign with 9a while the slot holds no certificate (so: a CSR). */
  readonly signWithoutCertificate: boolean;
  /** After C_Logout and C_Finalize the card still takes the PIN for verified, from any program, until it is reset. */
  readonly leavesPinVerified: boolean;
}

/**
 * OpenSC has no way to change a PUK. It could unblock a PIN with `user_pin_unblock_style` in opensc.conf, after which a
 * C_SetPIN without login sends the PIN as the PUK: we neither set that nor rely on it, and always log in before C_SetPIN.
 */
const OPENSC: ModuleCapabilities = { changePin: true, changePuk: false, unblockPin: false, signWithoutCertificate: false, leavesPinVerified: true };
/** ykcs11 takes "puk:OLD" and "puk:NEW", or "puk:PUK" and "pin:NEW", in C_SetPIN without login. */
const YKCS11: ModuleCapabilities = { changePin: true, changePuk: true, unblockPin: true, signWithoutCertificate: true, leavesPinVerified: false };
/** PKCS#11 alone: nothing beyond what the standard has a function for. */
const OTHER: ModuleCapabilities = { changePin: true, changePuk: false, unblockPin: false, signWithoutCertificate: false, leavesPinVerified: true };

/** What the module at this path can do, told by its file name. */
export function capabilitiesOf(modulePath: string): ModuleCapabilities {
  const name = basename(modulePath);
  if (/opensc-pkcs11/i.test(name)) return OPENSC;
  if (/ykcs11/i.test(name)) return YKCS11;
  return OTHER;
}
