/** Rate limits by network address: a bucket of `burst` tokens each, refilled at `perSecond`. In memory of this process. */
import { isIPv6 } from 'node:net';
import type { RateLimit } from '../domain/policy.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/** Addresses that are remembered; past that the full buckets are forgotten, and then all. */
const MAX_ADDRESSES = 20_000;

/** The part of an address that one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function subscriber(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] as string;
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::') ? Array.from({ length: 8 - left.length - right.length }, () => '0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}

export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  /** `limit` is asked each time: it may change while the server runs. */
  constructor(
    private readonly limit: () => RateLimit,
    private readonly nowMs: () => number,
  ) {}

  private bucket(key: string): Bucket {
    const now = this.nowMs();
    const { burst, perSecond } = this.limit();
    const bucket = this.buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, (now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (!this.buckets.has(key)) this.makeRoom();
    this.buckets.set(key, bucket);
    return bucket;
  }

  private makeRoom(): void {
    if (this.buckets.size < MAX_ADDRESSES) return;
    const { burst } = this.limit();
    for (const [key, bucket] of this.buckets) if (bucket.tokens >= burst) this.buckets.delete(key);
    if (this.buckets.size >= MAX_ADDRESSES) this.buckets.clear();
  }

  private waitSeconds(bucket: Bucket): number {
    return bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / this.limit().perSecond));
  }

  /** Takes one token. Answers 0, or how many seconds to wait for one. */
  take(address: string): number {
    const bucket = this.bucket(subscriber(address));
    const wait = this.waitSeconds(bucket);
    if (wait === 0) bucket.tokens -= 1;
    return wait;
  }

  /** As {@link take}, without taking. */
  peek(address: string): number {
    return this.waitSeconds(this.bucket(subscriber(address)));
  }
}
