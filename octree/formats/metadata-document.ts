/**
 * A cloud's metadata file, as JSON that fits a schema: ept.json (EPT), metadata.json (Potree 2), cloud.js
 * (Potree 1).
 */
import type { z } from 'zod';
import { checkJsonShape, type JsonLimits, NearboxError } from '../../cache/foundation/index.ts';

/** Largest metadata file that is read, bytes. Converters write 1 to 30 kB. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/**
 * Converters write up to some thousand values on 5 levels. Parsing much larger documents would block the
 * thread.
 */
const DOCUMENT_LIMITS: JsonLimits = { maxDepth: 32, maxValues: 20_000 };

/**
 * Parses and checks a document. Throws `corrupt_tile` with the cloud (`name`), the file, and the first field
 * that does not fit or the limit that is exceeded.
 */
export function parseMetadataDocument<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  name: string,
  file: string,
  limits: JsonLimits = DOCUMENT_LIMITS,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(bytes, name, file, limits));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.map(String).join('.') || 'the document';
  throw new NearboxError(
    'corrupt_tile',
    `${name}: ${file} is not valid: ${at}: ${issue?.message ?? 'unknown'}`,
  );
}

/** Throws `corrupt_tile`. */
function parseJson(bytes: Uint8Array, name: string, file: string, limits: JsonLimits): unknown {
  try {
    checkJsonShape(bytes, limits);
  } catch (cause) {
    throw new NearboxError('corrupt_tile', `${name}: ${file}: ${(cause as Error).message}`, { cause });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NearboxError('corrupt_tile', `${name}: ${file} is not JSON`, { cause });
  }
}
