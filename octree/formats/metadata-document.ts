/** A cloud's metadata file, as JSON that fits a schema: EPT's ept.json and Potree 2's metadata.json. */
import type { z } from 'zod';
import { NearboxError } from '../../cache/foundation/index.ts';

/** Throws `corrupt_tile` that names the cloud (`name`), the file and the first field that does not fit. */
export function parseMetadataDocument<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  name: string,
  file: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(bytes, name, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.map(String).join('.') || 'the document';
  throw new NearboxError(
    'corrupt_tile',
    `${name}: ${file} is not valid: ${at}: ${issue?.message ?? 'unknown'}`,
  );
}

function parseJson(bytes: Uint8Array, name: string, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NearboxError('corrupt_tile', `${name}: ${file} is not JSON`, { cause });
  }
}
