/** What a route is: where it answers, what it does, and what the OpenAPI document says of it. */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { ErrorCode } from '../../../cache/index.ts';
import type { AccessNeed } from '../../access/index.ts';
import type { AnswerHeader, RequestHeader } from './parts.ts';
import type { RequestScope } from './request-scope.ts';

/** The groups of operations. */
export const TAGS = {
  predictions: 'Boxes of objects',
  clouds: 'Which clouds there are, and points of them',
  tiles: 'Stored files and nodes, as they are',
  labels: 'What annotators drew, and what they did with predictions',
  page: 'What the annotation page asks for',
  operation: 'Health, metrics and documents',
  supervisely: 'The HTTP contract of Supervisely’s 3D assistant',
} as const;

type Tag = keyof typeof TAGS;

export type Handler = (c: Context, scope: RequestScope) => Promise<Response>;

/** Of a node or an image: most have less. */
export const LARGE_ANSWER_BYTES = 2 ** 20;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The router's pattern; metrics have it as the route's name. A GET route answers HEAD as well. */
  readonly path: string;
  /**
   * What a caller needs. A route that needs `clouds` asks `scope.access` for each cloud, before it says
   * anything of it.
   */
  readonly access: AccessNeed;
  /**
   * What a request costs its caller, points of the rate limit; what its body asks for besides, the handler
   * spends. Default: 1.
   */
  readonly cost?: number | undefined;
  /** Longest and default deadline, milliseconds, where it is not the server's. */
  readonly timeoutMs?: number | undefined;
  /**
   * What an answer counts as until the handler says by `scope.room` how much memory it takes, bytes. Default:
   * nothing is counted.
   */
  readonly answerBytes?: number | undefined;
  readonly handler: Handler;
  /** One for each way in which the pattern is used. */
  readonly operations: readonly Operation[];
}

/** A body: JSON of a schema, or a media type: bytes, or, with a schema, lines of JSON. */
export type Content = z.ZodType | { readonly mediaType: string; readonly schema?: z.ZodType };

export interface OperationAnswer {
  readonly description: string;
  readonly content?: Content | readonly Content[];
  /** Besides `X-Request-Id`, which every answer has. */
  readonly headers?: readonly AnswerHeader[];
  /** What a value in the answer is good for: the operation that takes it as the parameter of that name. */
  readonly links?: Readonly<Record<string, OperationLink>>;
}

/** Parameters of the operation `operationId`, each a runtime expression of OpenAPI. */
interface OperationLink {
  readonly operationId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One operation of the OpenAPI document. */
export interface Operation {
  /** With parameters in braces: `/v1/clouds/{cloud}`. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly tag: Tag;
  readonly query?: z.ZodObject;
  /** Besides `Timeout-Ms` and `X-Request-Id`, which every request may have. */
  readonly headers?: readonly RequestHeader[];
  readonly body?: z.ZodType;
  /** A body that works on the built-in demo. */
  readonly example?: unknown;
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  readonly errors: readonly ErrorCode[];
}
