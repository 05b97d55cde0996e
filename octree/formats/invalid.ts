/** Errors of files that are not valid. */
import type { NearboxError } from '../../cache/foundation/index.ts';

/** Makes the `corrupt_tile` error for a file: adds the cloud and the file to what is wrong. */
export type InvalidFile = (what: string, cause?: unknown) => NearboxError;
