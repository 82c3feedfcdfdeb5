import type { ReceivedCommand, Response } from '../piv/apdu.ts';
import { SW } from '../piv/status-word.ts';
import type { FirmwareProfile } from './firmware.ts';
import type { YubiKeyState } from './state.ts';
import type { TouchSensor } from './touch-sensor.ts';

/** What the card forgets without power, and at SELECT. */
export interface CardSession {
  application: 'none' | 'piv' | 'management';
  isPinVerified: boolean;
  /** The PIN was verified and no private key has been used since: what PIN policy "always" asks for. */
  isPinFresh: boolean;
  isManagementAuthenticated: boolean;
  /** What the card has sent and waits to get back, in the clear, for the management key. */
  pendingAuthentication: { readonly kind: 'challenge' | 'witness'; readonly expected: Uint8Array } | undefined;
}

/** The card as an instruction sees it. */
export interface Card {
  readonly firmware: FirmwareProfile;
  readonly state: YubiKeyState;
  readonly session: CardSession;
  readonly touch: TouchSensor;
  /** How often the key was pulled: what was begun before comes to nothing. */
  pulls: number;
}

/** Carries out one instruction. Answers a status word for everything that can be wrong, and throws only at a bug. */
export type Instruction = (card: Card, command: ReceivedCommand) => Response | Promise<Response>;

/** A session without any rights. */
export function freshSession(): CardSession {
  return { application: 'none', isPinVerified: false, isPinFresh: false, isManagementAuthenticated: false, pendingAuthentication: undefined };
}

/** 9000 with `data`. */
export function answer(data: Uint8Array = new Uint8Array()): Response {
  return { data, statusWord: SW.OK };
}

/** Nothing but a status word. */
export function refuse(statusWord: number): Response {
  return { data: new Uint8Array(), statusWord };
}
