/** COPC 1.0: one `.copc.laz` file; nodes and hierarchy pages are ranges of it. */
import type { ByteRange, StoredObject } from '../../../cache/byte-source/index.ts';
import { inSlices, isNearboxError, linked, NearboxError } from '../../../cache/foundation/index.ts';
import { Key, stepPad } from '../../geometry/index.ts';
import type { RangedPage } from '../../hierarchy/index.ts';
import { PagePlaces, pageBytes } from '../../hierarchy/index.ts';
import { HAS_COLOUR } from '../../laz/index.ts';
import type { CloudFormat, FormatCloud, NodeLocation, OpenOptions } from '../format.ts';
import { readFrameData } from '../frame-data.ts';
import { COPC_HEAD_BYTES, COPC_SIGNIFICANT_BYTES, type CopcMetadata, parseCopcHead } from './header.ts';
import { parsingCopcPage } from './hierarchy.ts';
import { readOwnRecord } from './own-record.ts';

/** Bytes read from the end of the file: room for a hierarchy page of 2,000 nodes. */
const COPC_TAIL_BYTES = 64 * 1024;

/** Ids of COPC clouds end with this. */
export const COPC_EXTENSION = '.copc.laz';

/**
 * Opening takes one round trip: the head and the end of the file are read in parallel, because nearly all
 * writers put the root page at the end. A root page elsewhere takes one more round trip, since only the head
 * says where it is.
 */
export const copcFormat: CloudFormat = {
  name: 'copc',
  metadataFile: '',
  async open(options: OpenOptions): Promise<FormatCloud | null> {
    const path = options.base.replace(/\/$/, '');
    if (!path.endsWith(COPC_EXTENSION)) return null;
    // The tail is not waited for if the head has the root page.
    const open = async (tailSignal: AbortSignal) => {
      const tail = readTail(options, path, tailSignal);
      const head = await readHead(options, path, tail);
      if (head === null) return null;
      const metadata = parseCopcHead(head.bytes, head.size, options.id);
      const file: CopcFile = { options, path, metadata, etag: head.etag };
      return openCloud(file, head, await readRootPage(file, head, tail));
    };
    return linked(options.signal, open, { endsParts: true });
  },
};

interface CopcFile {
  readonly options: OpenOptions;
  readonly path: string;
  readonly metadata: CopcMetadata;
  readonly etag: string | null;
}

async function openCloud(
  file: CopcFile,
  head: StoredObject,
  rootPageBytes: Uint8Array,
): Promise<FormatCloud> {
  const { options, path, metadata } = file;
  const { cube, scale, offset, pointFormat, recordBytes, itemVersion } = metadata;
  const places = new PagePlaces(options.id);
  places.claim(Key.root, metadata.rootPage);
  const parse = (bytes: Uint8Array, root: Key, signal: AbortSignal) =>
    inSlices(parsingCopcPage(bytes, root, metadata, options.id, options.onDamage), { signal });
  const rootPage = await parse(rootPageBytes, Key.root, options.signal);
  const encoding = { kind: 'copc-chunk', pointFormat, recordBytes, itemVersion, scale, offset } as const;
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
    ...readFrameData({ nearbox: readOwnRecord(head.bytes) ?? {} }),
    bytesPerPoint: null,
    hasColour: HAS_COLOUR.has(pointFormat),
    pad: stepPad(scale, cube),
    rootPage,
    bytes: pageBytes(rootPage) + rootPageBytes.byteLength + COPC_SIGNIFICANT_BYTES + 1000,
    async loadPage(root: Key, signal: AbortSignal, range: ByteRange | null): Promise<RangedPage> {
      if (range === null)
        throw new NearboxError('internal', `${options.id}: no place of page ${Key.format(root)}`);
      places.claim(root, range);
      return parse(await readPageBytes(file, range, signal), root, signal);
    },
    locate(_key: Key, _points: number, range: ByteRange | null): NodeLocation {
      return { path, range, storedBytes: range?.length ?? 0, encoding };
    },
  };
}

/**
 * The last bytes of the file, or all of it. null if it is missing or the storage does not support such reads.
 */
async function readTail(
  { source }: OpenOptions,
  path: string,
  signal: AbortSignal,
): Promise<StoredObject | null> {
  try {
    return await source.read(path, { signal, last: COPC_TAIL_BYTES });
  } catch {
    // This read is optional. If the storage fails, the reads that follow report it.
    return null;
  }
}

async function readHead(
  { source, signal, id }: OpenOptions,
  path: string,
  tail: Promise<StoredObject | null>,
): Promise<StoredObject | null> {
  try {
    return await source.read(path, { signal, range: { offset: 0, length: COPC_HEAD_BYTES } });
  } catch (error) {
    if (!isNearboxError(error, 'range_not_satisfiable')) throw error;
  }
  // The file is smaller than the head that was asked for, so its end is the whole file.
  const end = await tail;
  if (end !== null && end.bytes.byteLength === end.size) return end;
  signal.throwIfAborted();
  const whole = await source.read(path, { signal, maxBytes: COPC_HEAD_BYTES });
  if (whole !== null && whole.size === 0) throw new NearboxError('corrupt_tile', `${id}: the file is empty`);
  return whole;
}

/** From the head, or from the end if that is of the same file; otherwise by another read. */
async function readRootPage(
  file: CopcFile,
  head: StoredObject,
  tail: Promise<StoredObject | null>,
): Promise<Uint8Array> {
  const { offset, length } = file.metadata.rootPage;
  if (offset + length <= head.bytes.byteLength) return head.bytes.slice(offset, offset + length);
  const end = await tail;
  const isSame = end !== null && end.size === head.size && end.etag !== null && end.etag === head.etag;
  const at = isSame ? offset - (end.size - end.bytes.byteLength) : -1;
  if (isSame && at >= 0) return end.bytes.slice(at, at + length);
  return readPageBytes(file, file.metadata.rootPage, file.options.signal);
}

async function readPageBytes(file: CopcFile, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
  const { options, path, etag } = file;
  const ifMatch = etag === null ? {} : { ifMatch: etag };
  const { maxMetadataBytes: maxBytes } = options.limits;
  const stored = await options.source.read(path, { signal, range, maxBytes, ...ifMatch });
  if (stored === null) throw new NearboxError('cloud_changed', `${options.id}: the file is gone`);
  return stored.bytes;
}
