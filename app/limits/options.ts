/** The options of rate limits. */
import { z } from 'zod';
import { integer, type OptionSpec } from '../options/index.ts';
import { RateLimits } from './rate-limits.ts';

export const LIMIT_SPECS = {
  rateLimit: {
    flag: 'rate-limit',
    value: 'POINTS',
    description:
      'points that a caller may spend in one window: a tile costs 1, a prediction 10 ([HTTP](http.md) lists all costs); 0: no limit',
    schema: integer(0, 1_000_000_000),
    default: 0,
  },
  rateWindowSeconds: {
    flag: 'rate-window-seconds',
    value: 'S',
    description: 'length of the window of the rate limit',
    schema: integer(1, 86_400),
    default: 60,
  },
  rateCallers: {
    flag: 'rate-callers',
    value: 'N',
    description: 'how many callers the rate limit counts',
    schema: integer(1, 1_000_000),
    default: 10_000,
  },
  clientAddressHeader: {
    flag: 'client-address-header',
    value: 'NAME',
    description:
      'the header in which the proxy passes the address of the client (`Fly-Client-IP`, `X-Forwarded-For`); if left out, the address of the connection',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'not a valid header name')
      .optional(),
    default: undefined,
  },
} as const satisfies Record<string, OptionSpec>;

export interface LimitConfig {
  readonly rateLimit: number;
  readonly rateWindowSeconds: number;
  readonly rateCallers: number;
}

/** null: rate limiting is off. */
export function openLimits({ rateLimit, rateWindowSeconds, rateCallers }: LimitConfig): RateLimits | null {
  if (rateLimit === 0) return null;
  return new RateLimits({ points: rateLimit, windowSeconds: rateWindowSeconds, maxCallers: rateCallers });
}
