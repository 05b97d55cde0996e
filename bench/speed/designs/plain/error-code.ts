import { isNearboxError } from '../../../../cache/index.ts';

/** The code of the taxonomy, or `internal`. */
export function errorCode(error: unknown): string {
  return isNearboxError(error) ? error.code : 'internal';
}
