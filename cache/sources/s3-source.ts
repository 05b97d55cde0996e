/** Clouds in a bucket of S3, or of anything that speaks it: R2, MinIO, Tigris, Ceph, versitygw. */
import { checkPath, isPlainPath, type Listing, type SourceOptions } from '../byte-source/index.ts';
import { OriginPipeline, type OriginSteps } from '../origin/index.ts';
import { RemoteStore, type S3SourceOptions, S3Transport, stepsOf, toRemoteLimits } from './remote/index.ts';

/** Reads objects below one prefix of one bucket and nothing else. */
export class S3Source extends OriginPipeline {
  readonly #transport: S3Transport;

  /** @param steps What a read goes through besides retries and the limit on requests, which `options` set. */
  constructor(options: S3SourceOptions, steps: OriginSteps = {}) {
    const limits = toRemoteLimits(options);
    const { bucket, prefix } = parseS3Uri(options.uri);
    if (options.endpoint !== undefined && !isHttpUrl(options.endpoint))
      throw new TypeError('`endpoint` must be an http:// or https:// URL');
    const label = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    const rootName = prefix === '' ? bucket : prefix.slice(prefix.lastIndexOf('/') + 1);
    const transport = new S3Transport({ label, bucket, prefix, limits, options });
    super(new RemoteStore(transport, limits, rootName), { ...steps, ...stepsOf(limits) });
    this.#transport = transport;
  }

  /**
   * What lies in a folder, as the slashes in keys make them. A prefix that no key has is null, also at the
   * root of a bucket that is empty.
   */
  override readonly list = async (path: string, { signal }: SourceOptions = {}): Promise<Listing | null> => {
    if (path !== '') checkPath(path);
    signal?.throwIfAborted();
    const folders = new Set<string>();
    const files = new Set<string>();
    let after: string | undefined;
    do {
      const page = await this.request('list', path, signal, (options) =>
        this.#transport.listPage(path, after, options),
      );
      for (const name of page.folders) folders.add(name);
      for (const name of page.files) files.add(name);
      after = page.next;
    } while (after !== undefined);
    if (folders.size === 0 && files.size === 0) return path === '' ? { folders: [], files: [] } : null;
    return { folders: [...folders].sort(), files: [...files].sort() };
  };

  /** Closes all connections; reads under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }
}

/** Bucket and prefix of `s3://bucket/prefix`; slashes at the end do not count. */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/(.*))?$/s.exec(uri);
  const prefix = (match?.[2] ?? '').replace(/\/+$/, '');
  if (match?.[1] === undefined || (prefix !== '' && !isPlainPath(prefix))) {
    throw new TypeError('`uri` must be s3://bucket or s3://bucket/prefix');
  }
  return { bucket: match[1], prefix };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
