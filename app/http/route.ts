/** What a route is: where it answers, what it does, and what the OpenAPI document says of it. */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { ErrorCode } from '../../cache/index.ts';
import type { RequestScope } from './request-scope.ts';

export type Handler = (c: Context, scope: RequestScope) => Promise<Response>;

export interface Route {
  readonly method: 'GET' | 'POST';
  /** The router's pattern; metrics have it as the route's name. A GET route answers HEAD as well. */
  readonly path: string;
  readonly handler: Handler;
  /** One for each way in which the pattern is used. */
  readonly operations: readonly Operation[];
}

/** A part of an answer or request: JSON of a schema, or bytes of a media type. */
export type Content = z.ZodType | { readonly mediaType: string };

/** One operation of the OpenAPI document. */
export interface Operation {
  /** With parameters in braces: `/v1/clouds/{cloud}`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>;
  readonly errors: readonly ErrorCode[];
}
