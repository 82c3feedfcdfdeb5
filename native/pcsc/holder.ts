/** Which program keeps a card from us. */
import { serviceClients, type ServiceClient } from './service-clients.ts';

/** GnuPG's card daemon: the usual one that takes a reader for itself, and keeps it. */
export const GNUPG_CARD_DAEMON = 'scdaemon';

/** A program that keeps a card, by the name the system has for it. */
export interface Holder {
  readonly name: string;
  /** It can be asked to let go: see release-holder.ts. */
  readonly isReleasable: boolean;
}

/** The program that most likely keeps the card; undefined where the system does not tell. */
export async function findHolder(): Promise<Holder | undefined> {
  return likelyHolder(await serviceClients());
}

/**
 * PC/SC does not say who keeps a card. Of those who use the service: GnuPG's daemon if it is there; otherwise the one
 * that is there alone, not counting those with a PKCS#11 module (browsers), which share cards.
 */
export function likelyHolder(clients: readonly ServiceClient[]): Holder | undefined {
  const names = namesOf(clients);
  if (names.includes(GNUPG_CARD_DAEMON)) return { name: GNUPG_CARD_DAEMON, isReleasable: true };
  const unsharing = namesOf(clients.filter(({ hasModule }) => !hasModule));
  const [name, ...others] = unsharing.length > 0 ? unsharing : names;
  return name === undefined || others.length > 0 ? undefined : { name, isReleasable: false };
}

function namesOf(clients: readonly ServiceClient[]): readonly string[] {
  return [...new Set(clients.map(({ name }) => name))];
}
