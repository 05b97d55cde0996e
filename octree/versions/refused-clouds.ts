/**
 * Remembers clouds whose metadata or hierarchy is corrupt. They are not parsed again until one of their files
 * has changed.
 */
import { type ByteSource, type ObjectStat, ObjectTooLarge } from '../../cache/byte-source/index.ts';
import { isNearboxError, NearboxError } from '../../cache/foundation/index.ts';

/** How many clouds are remembered. */
const MAX_REFUSED = 1_000;

/** The size and validator of a file; null if it does not exist. */
type FoundFile = Pick<ObjectStat, 'size' | 'etag'> | null;

interface Refused {
  readonly message: string;
  readonly files: ReadonlyMap<string, FoundFile>;
}

export class RefusedClouds {
  readonly #source: ByteSource;
  /** In the order of time, the oldest first. */
  readonly #refused = new Map<string, Refused>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * Runs `open` with a source that records what is read. If `open` throws `corrupt_tile`, later calls with
   * the same id throw the same error, until one of these files changes its validator or size or a missing one
   * appears. Files without a validator are always read again.
   */
  async open<Opened>(
    id: string,
    signal: AbortSignal,
    open: (source: ByteSource) => Promise<Opened>,
  ): Promise<Opened> {
    const known = this.#refused.get(id);
    if (known !== undefined) {
      if (await this.#isUnchanged(known, signal)) throw new NearboxError('corrupt_tile', known.message);
      this.#refused.delete(id);
    }
    const files = new Map<string, FoundFile>();
    try {
      return await open(recording(this.#source, files));
    } catch (error) {
      if (isNearboxError(error, 'corrupt_tile')) this.#remember(id, { message: error.message, files });
      throw error;
    }
  }

  #remember(id: string, refused: Refused): void {
    const hasValidators = [...refused.files.values()].every((found) => found === null || found.etag !== null);
    if (!hasValidators) return;
    this.#refused.set(id, refused);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  async #isUnchanged({ files }: Refused, signal: AbortSignal): Promise<boolean> {
    const same = await Promise.all(
      [...files].map(async ([path, then]) => {
        const now = await this.#source.stat(path, { signal });
        return now === null || then === null
          ? now === then
          : now.etag === then.etag && now.size === then.size;
      }),
    );
    return same.every(Boolean);
  }
}

/** The source; it records every file that is read or whose state is requested. */
function recording(source: ByteSource, files: Map<string, FoundFile>): ByteSource {
  const note = <File extends ObjectStat>(path: string, file: File | null): File | null => {
    files.set(path, file === null ? null : { size: file.size, etag: file.etag });
    return file;
  };
  return {
    label: source.label,
    rootName: source.rootName,
    stat: async (path, options) => note(path, await source.stat(path, options)),
    read: async (path, options) => {
      try {
        return note(path, await source.read(path, options));
      } catch (error) {
        // Too large to be read: `stat` gives its validator.
        if (error instanceof ObjectTooLarge) note(path, await source.stat(path, options));
        throw error;
      }
    },
  };
}
