/** The options of rate limits. */
import { z } from 'zod';
import { integer, type OptionSpec } from '../options/index.ts';
import { RateLimits } from './rate-limits.ts';

export const LIMIT_SPECS = {
  rateLimit: {
    flag: 'rate-limit',
    value: 'POINTS',
    description:
      'what a caller may spend in a window: a tile costs 1, a prediction 10 ([HTTP](http.md) has all prices); 0 for no limit',
    schema: integer(0, 1_000_000_000),
    default: 0,
  },
  rateWindowSeconds: {
    flag: 'rate-window-seconds',
    value: 'S',
    description: 'the window of the rate limit',
    schema: integer(1, 86_400),
    default: 60,
  },
  rateCallers: {
    flag: 'rate-callers',
    value: 'N',
    description: 'callers that the rate limit remembers',
    schema: integer(1, 1_000_000),
    default: 10_000,
  },
  clientAddressHeader: {
    flag: 'client-address-header',
    value: 'NAME',
    description:
      'the header in which the proxy in front tells the client’s address (`Fly-Client-IP`, `X-Forwarded-For`); left out: the connection’s',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'not the name of a header')
      .optional(),
    default: undefined,
  },
} as const satisfies Record<string, OptionSpec>;

export interface LimitConfig {
  readonly rateLimit: number;
  readonly rateWindowSeconds: number;
  readonly rateCallers: number;
}

/** null: no limit. */
export function openLimits({ rateLimit, rateWindowSeconds, rateCallers }: LimitConfig): RateLimits | null {
  if (rateLimit === 0) return null;
  return new RateLimits({ points: rateLimit, windowSeconds: rateWindowSeconds, maxCallers: rateCallers });
}
