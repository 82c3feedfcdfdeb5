/** Proxies whose word is taken for where a request comes from (X-Forwarded-For). Everybody else's header is ignored. */
import { BlockList, isIP } from 'node:net';
import { failed, success, type Result } from '../../core/result.ts';

export interface TrustedProxies {
  /** Whether the address, as a socket has it, is one of theirs. */
  has(address: string): boolean;
}

export const NO_PROXIES: TrustedProxies = { has: () => false };

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Networks such as "10.0.0.0/8", "2001:db8::/32" or one address. Fails with request-malformed (the network that is none). */
export function trustedProxies(networks: readonly string[]): Result<TrustedProxies> {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', prefix] = /^([0-9a-fA-F.:]+?)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    const bits = isIP(address) === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : Number(prefix);
    if (isIP(address) === 0 || length > bits) return failed({ kind: 'request-malformed', detail: network });
    list.addSubnet(address, length, familyOf(address));
  }
  return success({ has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)) });
}
