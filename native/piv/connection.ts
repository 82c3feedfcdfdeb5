/**
 * The one seam to a card: bytes out, bytes back. A PC/SC connection and the virtual YubiKey both are one.
 * `transmit` gets a whole command APDU and answers the response with its two status bytes (ISO 7816-4, section 5.1).
 * It throws CardConnectionError for what happens below APDUs (card pulled, reader gone), and never for a status word.
 */
export interface CardConnection {
  transmit(command: Uint8Array): Promise<Uint8Array>;
}

/** Why no response came. */
export type CardConnectionProblem = 'removed' | 'reset' | 'sharing-violation' | 'unresponsive' | 'service-stopped';

/** The connection to the card broke below the level of APDUs. */
export class CardConnectionError extends Error {
  constructor(
    readonly problem: CardConnectionProblem,
    detail: string,
  ) {
    super(detail);
    this.name = 'CardConnectionError';
  }
}
