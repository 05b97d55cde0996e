/**
 * What a request carries through every stage: its id, and one signal that aborts at its deadline or when the
 * client leaves.
 */
import { randomUUID } from 'node:crypto';
import { linkedSignal, NearboxError } from '../../../cache/index.ts';
import type { RequestAccess } from '../../access/index.ts';
import type { Quota } from '../../limits/index.ts';
import type { RequestTrace } from '../../tracing/index.ts';
import { ClientGone, type HeldRoom, type HttpMemory } from '../requests/index.ts';

export interface RequestScope {
  readonly id: string;
  /**
   * Aborts with a NearboxError `deadline_exceeded` at the deadline, or with `client gone` when the client
   * leaves.
   */
  readonly signal: AbortSignal;
  /** The deadline on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  readonly startedAt: number;
  /** What the caller may touch. */
  readonly access: RequestAccess;
  /** What the caller may spend of its rate limit. */
  readonly quota: Quota;
  readonly trace: RequestTrace;
  /** Room for the bodies of all requests, and for their answers. */
  readonly memory: HttpMemory;
  /** Room for this answer, where the route asks for it by `answerBytes`. */
  readonly room: HeldRoom;
}

/** A scope before it is known who asks. */
export interface OpenScope extends Omit<RequestScope, 'access' | 'quota' | 'trace' | 'memory' | 'room'> {
  /** Frees the timer and the listener. */
  close(): void;
}

export interface ScopeLimits {
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
}

const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;

/** The caller's request id if it is printable and short, else a new one. */
export function requestIdOf(header: string | undefined | null): string {
  return header && REQUEST_ID.test(header) ? header : randomUUID();
}

/**
 * The deadline that a `Timeout-Ms` header asks for, clamped by the server.
 * @throws NearboxError `invalid_request` if it is not a positive number.
 */
export function timeoutMsOf(header: string | undefined | null, limits: ScopeLimits): number {
  if (header === undefined || header === null) return limits.timeoutMs;
  const asked = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(header.trim()) ? Number(header) : Number.NaN;
  if (!(asked > 0))
    throw new NearboxError(
      'invalid_request',
      'the header Timeout-Ms must be a positive number of milliseconds',
      {
        fields: [{ path: 'headers.Timeout-Ms', message: `not a positive number of milliseconds: ${header}` }],
      },
    );
  return Math.min(asked, limits.maxTimeoutMs);
}

/** Opens the scope of one request. The caller closes it in `finally`. */
export function openScope(id: string, timeoutMs: number, client: AbortSignal): OpenScope {
  const startedAt = performance.now();
  const { signal, close } = linkedSignal(client, {
    afterMs: timeoutMs,
    reason: () => new NearboxError('deadline_exceeded', `not answered within ${timeoutMs} ms`),
    callersReason: () => new ClientGone(),
  });
  return { id, signal, deadline: startedAt + timeoutMs, startedAt, close };
}
