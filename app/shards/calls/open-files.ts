/**
 * Stored files that the main thread reads piece by piece: what was found out when they were opened is kept
 * between the pieces.
 */
import { type ByteRange, NearboxError } from '../../../cache/index.ts';
import type { FileRequest, StoredFile } from '../../../octree/index.ts';
import type { Clouds } from '../../clouds/index.ts';

/** A stored file without its contents. */
type FileHead = Pick<StoredFile, 'cloud' | 'mediaType' | 'size' | 'etag'>;

/** An opened file, and how it is named when it is read. */
export interface OpenedFile {
  readonly handle: number;
  readonly head: FileHead;
}

/** A stretch of an opened file. */
export interface FileRange {
  readonly opened: OpenedFile;
  readonly request: Pick<FileRequest, 'path'>;
  readonly range: ByteRange;
}

/** Opened files that are remembered; one that was forgotten is opened again. */
const MAX_OPEN = 256;

export class OpenFiles {
  readonly #files: Clouds['files'];
  readonly #open = new Map<number, StoredFile>();
  #lastHandle = 0;

  constructor(files: Clouds['files']) {
    this.#files = files;
  }

  /** @throws what `CloudFiles.use` throws. */
  async open(request: FileRequest): Promise<OpenedFile> {
    const { cloud, mediaType, size, etag, ...file } = await this.#files.use(request, async (found) => found);
    const handle = ++this.#lastHandle;
    const head = { cloud, mediaType, size, etag };
    this.#open.set(handle, { ...head, read: file.read });
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#open.delete(oldest);
    }
    return { handle, head };
  }

  /** @throws NearboxError `cloud_changed` if the file is not the one that was opened any more. */
  async read({ opened, request, range }: FileRange, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { handle, head } = opened;
    const known = this.#open.get(handle);
    if (known !== undefined && known.etag === head.etag) return known.read(range, signal);
    const { version } = head.cloud;
    return this.#files.use({ ...request, version, signal }, async (file) => {
      if (file.etag !== head.etag)
        throw new NearboxError('cloud_changed', `${request.path} was replaced while it was read`);
      return file.read(range, signal);
    });
  }
}
