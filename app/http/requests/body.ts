/** Reading a JSON body: bounded, of the right type, and checked against a schema with the path of every mistake. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { type FieldError, NearboxError } from '../../../cache/index.ts';

/** A zod path as people write it: `region.position[2]`. */
export function pathText(path: readonly PropertyKey[]): string {
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
  throw new NearboxError('invalid_request', `${what} does not fit: ${shown}`, { fields });
}

/**
 * The request's JSON body, checked.
 * @throws NearboxError `unsupported_media_type`, `body_too_large` or `invalid_request`.
 */
export async function jsonBody<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes: number,
): Promise<z.infer<S>> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw new NearboxError(
      'unsupported_media_type',
      `the body must be application/json, not ${type === '' ? 'untyped' : type}`,
    );
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity')
    throw new NearboxError('unsupported_media_type', `the body must be sent as it is, not ${encoding}`);
  const bytes = await boundedBody(c.req.raw, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const message = `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new NearboxError('invalid_request', message, { cause: error, fields: [{ path: '', message }] });
  }
  return parseWith(schema, value, 'the body');
}

/** Reads at most `maxBytes`; a longer body is refused as soon as that is known, whether or not it was announced. */
async function boundedBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const refuse = (size: string) =>
    new NearboxError('body_too_large', `the body has ${size} bytes, the limit is ${maxBytes}`);
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBytes) throw refuse(String(announced));
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      total += value.byteLength;
      if (total > maxBytes) {
        await reader.cancel();
        throw refuse(`more than ${maxBytes}`);
      }
      chunks.push(value);
    }
  } finally {
    reader.releaseLock();
  }
  return Buffer.concat(chunks, total);
}
