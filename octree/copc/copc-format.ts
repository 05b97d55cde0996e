/** COPC 1.0: one `.copc.laz` file, nodes and hierarchy pages are stretches of it. */
import type { ByteRange, StoredObject } from '../../cache/byte-source.ts';
import { isNearboxError, NearboxError } from '../../cache/errors.ts';
import type { CloudFormat, FormatCloud, NodeLocation, OpenOptions } from '../format.ts';
import { pageBytes } from '../hierarchy-page.ts';
import { Key } from '../key.ts';
import { stepPad } from '../node-pad.ts';
import type { RangedPage } from '../ranged-page.ts';
import { COPC_HEAD_BYTES, COPC_SIGNIFICANT_BYTES, type CopcMetadata, parseCopcHead } from './header.ts';
import { parseCopcPage } from './hierarchy.ts';

/** What ids of COPC clouds end with. */
export const COPC_EXTENSION = '.copc.laz';

/**
 * Opening takes two round trips, the head of the file and the root page, which most writers put at its end; one if the page lies in the head.
 * So a first click on an unknown cloud takes three, not two: the place of the page is only known from the head.
 */
export const copcFormat: CloudFormat = {
  name: 'copc',
  async open(options: OpenOptions): Promise<FormatCloud | null> {
    const path = options.base.replace(/\/$/, '');
    if (!path.endsWith(COPC_EXTENSION)) return null;
    const head = await readHead(options, path);
    if (head === null) return null;
    const metadata = parseCopcHead(head.bytes, head.size, options.id);
    const file: CopcFile = { options, path, metadata, etag: head.etag };
    const { offset, length } = metadata.rootPage;
    const page =
      offset + length <= head.bytes.byteLength
        ? head.bytes.slice(offset, offset + length)
        : await readPageBytes(file, metadata.rootPage, options.signal);
    return openCloud(file, head, page);
  },
};

interface CopcFile {
  readonly options: OpenOptions;
  readonly path: string;
  readonly metadata: CopcMetadata;
  readonly etag: string | null;
}

function openCloud(file: CopcFile, head: StoredObject, rootPageBytes: Uint8Array): FormatCloud {
  const { options, path, metadata } = file;
  const { cube, scale, offset, pointFormat, recordBytes } = metadata;
  const rootPage = parseCopcPage(rootPageBytes, Key.root, metadata, options.id, options.onDamage);
  const encoding = { kind: 'copc-chunk', pointFormat, recordBytes, scale, offset } as const;
  return {
    format: 'copc',
    identity: [
      head.bytes.slice(0, COPC_SIGNIFICANT_BYTES),
      rootPageBytes,
      new TextEncoder().encode(`size ${head.size}`),
    ],
    validators: head.etag === null ? [] : [{ path, etag: head.etag }],
    cube,
    bounds: metadata.conforming,
    points: metadata.points,
    spacing: metadata.spacing,
    sensor: null,
    pad: stepPad(scale, cube),
    rootPage,
    bytes: pageBytes(rootPage) + rootPageBytes.byteLength + COPC_SIGNIFICANT_BYTES + 1000,
    async loadPage(root: Key, signal: AbortSignal, range: ByteRange | null): Promise<RangedPage> {
      if (range === null)
        throw new NearboxError('internal', `${options.id}: no place of page ${Key.format(root)}`);
      const bytes = await readPageBytes(file, range, signal);
      return parseCopcPage(bytes, root, metadata, options.id, options.onDamage);
    },
    locate(_key: Key, _points: number, range: ByteRange | null): NodeLocation {
      return { path, range, storedBytes: range?.length ?? 0, unpackedBytes: null, encoding };
    },
  };
}

async function readHead({ source, signal, id }: OpenOptions, path: string): Promise<StoredObject | null> {
  try {
    return await source.read(path, { signal, range: { offset: 0, length: COPC_HEAD_BYTES } });
  } catch (error) {
    if (!isNearboxError(error, 'range_not_satisfiable')) throw error;
  }
  // The file is smaller than that: all of it, then.
  const whole = await source.read(path, { signal, maxBytes: COPC_HEAD_BYTES });
  if (whole !== null && whole.size === 0) throw new NearboxError('corrupt_tile', `${id}: the file is empty`);
  return whole;
}

async function readPageBytes(file: CopcFile, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
  const { options, path, etag } = file;
  const ifMatch = etag === null ? {} : { ifMatch: etag };
  const { maxMetadataBytes: maxBytes } = options.limits;
  const stored = await options.source.read(path, { signal, range, maxBytes, ...ifMatch });
  if (stored === null) throw new NearboxError('cloud_changed', `${options.id}: the file is gone`);
  return stored.bytes;
}
