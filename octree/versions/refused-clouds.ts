/** Clouds whose metadata or hierarchy were refused: not parsed again until one of their files has changed. */
import { type ByteSource, type ObjectStat, ObjectTooLarge } from '../../cache/byte-source/index.ts';
import { isNearboxError, NearboxError } from '../../cache/foundation/index.ts';

/** Refused clouds that are remembered. */
const MAX_REFUSED = 1_000;

/** How a file was found: its size and validator; null if it was not there. */
type FoundFile = Pick<ObjectStat, 'size' | 'etag'> | null;

interface Refused {
  readonly message: string;
  readonly files: ReadonlyMap<string, FoundFile>;
}

export class RefusedClouds {
  readonly #source: ByteSource;
  /** The oldest first. */
  readonly #refused = new Map<string, Refused>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * Runs `open`, which reads from the source that it is given. If that throws `corrupt_tile`, the same error
   * is thrown for the same id until one of the files that were read has another validator or size, or was
   * missing and is there. Files without a validator are always read again.
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

/** The source, with every file that is read or looked at written down. */
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
        // Too large to be read: what it is beside its size is for a look to say.
        if (error instanceof ObjectTooLarge) note(path, await source.stat(path, options));
        throw error;
      }
    },
  };
}
