/**
 * Reading a JSON body: bounded, of the right type, and checked against a schema with the path of every
 * mistake.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { z } from 'zod';
import { checkJsonShape, type FieldError, NearboxError, whenAborted } from '../../../cache/index.ts';
import { ClientGone } from './client-gone.ts';
import type { HttpMemory } from './http-memory.ts';

/** A zod path as people write it: `region.position[2]`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** Mistakes that an answer names: a body full of them is not to be answered by a longer one. */
const MOST_MISTAKES = 32;
const LONGEST_NAME = 100;

/** What a schema found wrong, one entry a field; an unknown field is named itself, not only its parent. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: pathText([...issue.path, key.slice(0, LONGEST_NAME)]),
          message: 'unknown field',
        }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
}

/** @throws NearboxError `invalid_request` with the paths, if `value` does not fit the schema. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const all = fieldErrors(result.error);
  const fields = all.slice(0, MOST_MISTAKES);
  const texts = fields.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (all.length > fields.length) texts.push(`and ${all.length - fields.length} more`);
  const shown = texts.join('; ');
  throw new NearboxError('invalid_request', `${what} is not valid: ${shown}`, { fields });
}

/** What reading a body needs of the request's scope. */
export interface BodyScope {
  readonly signal: AbortSignal;
  readonly memory: HttpMemory;
}

/**
 * The request's JSON body, checked.
 * @throws NearboxError `unsupported_media_type`, `body_too_large`, `invalid_request` or `overloaded`;
 *   ClientGone if the client leaves before its end; the signal's reason at the deadline.
 */
export async function jsonBody<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes: number,
  scope: BodyScope,
): Promise<z.infer<S>> {
  return (await jsonDocument(c, schema, maxBytes, scope)).value;
}

/** The same, with the bytes as they came. */
export async function jsonDocument<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes: number,
  { signal, memory }: BodyScope,
): Promise<{ readonly bytes: Uint8Array; readonly value: z.infer<S> }> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new NearboxError(
      'unsupported_media_type',
      `the body must be application/json, not ${type === '' ? 'untyped' : type}`,
    );
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity')
    throw new NearboxError(
      'unsupported_media_type',
      `the body must not have a Content-Encoding, it has ${encoding}`,
    );
  const announced = c.req.header('content-length');
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(announced!, maxBytes);
  const room = await memory.reserve(announced === undefined ? maxBytes : Number(announced), signal);
  try {
    const bytes = await boundedBody(c, maxBytes, signal);
    let json: unknown;
    try {
      checkJsonShape(bytes, { maxDepth: MAX_DEPTH, maxValues: mostValues(maxBytes) });
    } catch (error) {
      const message = `the body is refused unread: ${(error as Error).message}`;
      throw new NearboxError('invalid_request', message, { cause: error, fields: [{ path: '', message }] });
    }
    try {
      json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      const message = `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`;
      throw new NearboxError('invalid_request', message, { cause: error, fields: [{ path: '', message }] });
    }
    return { bytes, value: parseWith(schema, json, 'the body') };
  } finally {
    room.release();
  }
}

/** Questions and labels have at most ten levels. */
const MAX_DEPTH = 32;
/** The shortest values that come in great numbers are coordinates: `12.345,`. */
const BYTES_PER_VALUE = 8;
const LEAST_VALUES = 1024;

/**
 * How many values a body may have: parsing and checking costs by values, and `[[],[],` has one for every 3
 * bytes.
 */
function mostValues(maxBytes: number): number {
  return Math.max(LEAST_VALUES, Math.floor(maxBytes / BYTES_PER_VALUE));
}

function tooLarge(size: string, maxBytes: number): NearboxError {
  return new NearboxError('body_too_large', `the body has ${size} bytes, the limit is ${maxBytes}`);
}

/** Reads at most `maxBytes`, whether or not a length was announced, and no longer than the signal lets it. */
async function boundedBody(c: Context, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const add = (piece: Uint8Array) => {
    total += piece.byteLength;
    if (total > maxBytes) throw tooLarge(`more than ${maxBytes}`, maxBytes);
    pieces.push(piece);
  };
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  if (incoming !== undefined) await readMessage(incoming, signal, add);
  else if (c.req.raw.body !== null) await readStream(c.req.raw.body, signal, add);
  return Buffer.concat(pieces, total);
}

/**
 * The body as it comes from the socket: a Web stream around it costs more than all else that is done with a
 * short body. What is not read stays where it is.
 */
function readMessage(
  incoming: NonNullable<HttpBindings['incoming']>,
  signal: AbortSignal,
  add: (piece: Uint8Array) => void,
): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      unlink();
      incoming.off('data', onData).off('end', settle).off('close', onGone).off('error', onGone);
      if (error === undefined) resolve();
      else {
        incoming.pause();
        reject(error);
      }
    };
    const onData = (piece: Uint8Array) => {
      try {
        add(piece);
      } catch (error) {
        settle(error);
      }
    };
    // A body that breaks off is a client that left: no error of the server.
    const onGone = () => settle(new ClientGone());
    const unlink = whenAborted(signal, settle);
    if (incoming.destroyed) onGone();
    else incoming.on('data', onData).on('end', settle).on('close', onGone).on('error', onGone);
  });
}

/** The body of a request that came without a socket. */
async function readStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  add: (piece: Uint8Array) => void,
): Promise<void> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  const unlink = whenAborted(signal, stop);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new ClientGone();
      });
      signal.throwIfAborted();
      if (done) return;
      add(value);
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    unlink();
  }
}
