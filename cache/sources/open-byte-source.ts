/** The source that a URI names: a folder, `s3://bucket/prefix`, or an `http(s)://` base. */
import { OriginPipeline, type OriginSteps } from '../origin/index.ts';
import { FolderSource } from './folder-source.ts';
import { HttpSource, type HttpSourceOptions } from './http-source.ts';
import type { RemoteOptions, S3SourceOptions } from './remote/index.ts';
import { S3Source } from './s3-source.ts';

export interface OpenByteSourceOptions {
  /** For a folder: see `FolderSourceOptions`. Default: true. */
  readonly followLinks?: boolean;
  /** For `s3://` and `http(s)://`. */
  readonly remote?: RemoteOptions;
  /** For `s3://`. */
  readonly s3?: Pick<S3SourceOptions, 'endpoint' | 'region' | 'forcePathStyle' | 'credentials'>;
  /** For `http(s)://`. */
  readonly http?: Pick<HttpSourceOptions, 'headers'>;
  /**
   * Steps of the origin pipeline; retries and the request limit come from `remote`. Default: near ranges are
   * coalesced.
   */
  readonly steps?: Omit<OriginSteps, 'retry' | 'maxRequests'>;
}

export interface OpenedByteSource {
  readonly source: OriginPipeline;
  /**
   * What marks reads from this source in `CDN-Loop` (see `isLoop`); null if it is the end of a chain: a
   * folder or S3.
   */
  readonly loopToken: string | null;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** Throws a TypeError for a URI of another kind or an option that does not fit. Nothing is read yet. */
export function openByteSource(
  uri: string,
  { followLinks = true, remote, s3, http, steps = { coalesce: {} } }: OpenByteSourceOptions = {},
): OpenedByteSource {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined: {
      const folder = new FolderSource({ root: uri, followLinks });
      const source = new OriginPipeline(folder, steps);
      return { source, loopToken: null, close: () => folder.close() };
    }
    case 's3': {
      const source = new S3Source({ ...remote, ...s3, uri }, steps);
      return { source, loopToken: null, close: () => source.close() };
    }
    case 'http':
    case 'https': {
      const source = new HttpSource({ ...remote, ...http, base: uri }, steps);
      return { source, loopToken: source.loopToken, close: () => source.close() };
    }
    default:
      throw new TypeError(
        `${scheme}:// is not a kind of storage that can be read; give a folder, s3:// or http(s)://`,
      );
  }
}
