/** The stored files of clouds as they are, so that any client of the format can read them. */
import { createHash } from 'node:crypto';
import type { ByteRange, ByteSource } from '../../cache/byte-source/index.ts';
import { isNearboxError, NearboxError } from '../../cache/foundation/index.ts';
import type { CloudVersion, VersionStore } from '../versions/index.ts';
import { requireVersion, withVersion } from '../versions/index.ts';
import { mediaTypeOf, type SplitPath, splitTilePath, storedFilePath } from './stored-files.ts';

/** A file of one version of a cloud. */
export interface StoredFile {
  readonly cloud: { readonly id: string; readonly version: string };
  readonly mediaType: string;
  readonly size: number;
  /** Strong, in its quotes: another one as soon as the file or the version is another. */
  readonly etag: string;
  /** A stretch of it. Throws `cloud_changed` if the file is not the same any more. */
  read(range: ByteRange, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

export interface FileRequest {
  /** `{cloud}/{file}`, or a COPC cloud's id. */
  readonly path: string;
  /** null: the present one, whichever that is. */
  readonly version: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** Clouds that are looked for at once for one path. */
const LOOK_AHEAD = 6;

export class CloudFiles {
  readonly #source: ByteSource;
  readonly #versions: VersionStore;

  constructor(source: ByteSource, versions: VersionStore) {
    this.#source = source;
    this.#versions = versions;
  }

  /**
   * What `work` makes of the file; where the path can be split in several ways, the longest cloud has it. If
   * the cloud is replaced meanwhile, `work` is done once more, with the file of the next version. Throws
   * `cloud_not_found`, `not_found`, `version_gone`, `cloud_changed`, and what `work` throws.
   */
  async use<Value>(request: FileRequest, work: (file: StoredFile) => Promise<Value>): Promise<Value> {
    const { path, signal } = request;
    const splits = splitTilePath(path);
    const isMissing = this.#lookAhead(splits, signal);
    let isCloudThere = false;
    for (const [at, { cloud, file }] of splits.entries()) {
      if (await isMissing[at]) continue;
      try {
        const done = await withVersion(this.#versions, cloud, signal, async ({ cloudVersion }) => {
          isCloudThere = true;
          const stored = await this.#find(cloudVersion, file, request);
          return stored === null ? null : { value: await work(stored) };
        });
        if (done !== null) return done.value;
      } catch (error) {
        if (!isNearboxError(error, 'cloud_not_found')) throw error;
      }
    }
    if (isCloudThere || (await this.#isBelowCloud(path, signal))) throw noFile(path);
    throw new NearboxError('cloud_not_found', `no cloud has a file ${JSON.stringify(path)}`);
  }

  /**
   * True if there is a cloud that the path could be a file of, were it one of the format. Only the longest
   * few are looked for.
   */
  async #isBelowCloud(path: string, signal: AbortSignal | undefined): Promise<boolean> {
    const segments = path.split('/');
    const ids = segments.map((_, i) => segments.slice(0, segments.length - i).join('/')).slice(0, LOOK_AHEAD);
    const isThere = ids.map((id) =>
      this.#versions.current(id, signal).then(
        () => true,
        () => false,
      ),
    );
    return (await Promise.all(isThere)).includes(true);
  }

  /**
   * Looks for the first few clouds side by side: one after the other, each that is not there would cost a
   * round trip.
   */
  #lookAhead(splits: readonly SplitPath[], signal: AbortSignal | undefined): Promise<boolean>[] {
    if (splits.length < 2) return [];
    return splits.slice(0, LOOK_AHEAD).map(({ cloud }) =>
      this.#versions.current(cloud, signal).then(
        () => false,
        (error: unknown) => isNearboxError(error, 'cloud_not_found'),
      ),
    );
  }

  /** null if the cloud's format has no file of that name. */
  async #find(
    cloudVersion: CloudVersion,
    name: string,
    { path, version, signal }: FileRequest,
  ): Promise<StoredFile | null> {
    const place = storedFilePath(cloudVersion, name);
    if (place === null) return null;
    if (version !== null) await requireVersion(this.#versions, cloudVersion, version);
    const found = await this.#source.stat(place, { signal });
    if (found === null) throw noFile(path);
    const { id } = cloudVersion;
    return {
      cloud: { id, version: cloudVersion.version },
      mediaType: mediaTypeOf(place),
      size: found.size,
      etag: etagOf(cloudVersion.version, name, found.etag ?? `size ${found.size}`),
      read: (range, reading) => this.#read(cloudVersion, place, found.etag, range, reading),
    };
  }

  async #read(
    cloudVersion: CloudVersion,
    path: string,
    etag: string | null,
    range: ByteRange,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const changed = (cause?: unknown) => {
      this.#versions.drop(cloudVersion);
      return new NearboxError('cloud_changed', `${path} was replaced while it was read`, { cause });
    };
    try {
      const ifMatch = etag === null ? {} : { ifMatch: etag };
      const stored = await this.#source.read(path, { range, signal, maxBytes: range.length, ...ifMatch });
      if (stored === null) throw changed();
      // The look begins after the bytes have come: if the version still holds then, they belong to it.
      await this.#versions.revalidate(cloudVersion);
      return stored.bytes;
    } catch (error) {
      // The range lay in the file when its size was looked up.
      if (isNearboxError(error, 'cloud_changed') || isNearboxError(error, 'range_not_satisfiable'))
        throw changed(error);
      throw error;
    }
  }
}

function noFile(path: string): NearboxError {
  return new NearboxError('not_found', `there is no file ${JSON.stringify(path)}`);
}

function etagOf(...parts: readonly string[]): string {
  return `"${createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)}"`;
}
