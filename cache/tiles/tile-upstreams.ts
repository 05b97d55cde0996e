/**
 * Places besides the origin that may have a tile: a CDN, or the instance that owns it. They are asked by node
 * URL, `~{version}/{cloud}/nodes/{key}`, which is immutable, so the version need not be checked afterwards.
 */
import type { ByteSource } from '../byte-source/index.ts';
import type { TileAddress } from './tile-address.ts';

export interface TileUpstream {
  readonly name: 'owner' | 'cdn';
  /** How long it is waited for before the origin is asked as well, milliseconds. */
  readonly hedgeAfterMs: number;
  /** The tile's bytes, or null if this place does not have it. */
  read(address: TileAddress, options: UpstreamReadOptions): Promise<Uint8Array<ArrayBuffer> | null>;
}

interface UpstreamReadOptions {
  readonly signal: AbortSignal;
  readonly maxBytes?: number | undefined;
}

/** A tile's path below the `/tiles` of any instance, or of a CDN in front of them. */
export function nodePath({ cloud, version, node }: TileAddress): string {
  return `~${version}/${cloud}/nodes/${node}`;
}

/** Reads tiles through a CDN. `source` is its `/tiles`. */
export function cdnUpstream(source: ByteSource, hedgeAfterMs: number): TileUpstream {
  return {
    name: 'cdn',
    hedgeAfterMs,
    async read(address, options) {
      return (await source.read(nodePath(address), options))?.bytes ?? null;
    },
  };
}
