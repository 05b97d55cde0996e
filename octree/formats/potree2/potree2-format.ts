/** Potree 2: `metadata.json`, `hierarchy.bin` and `octree.bin`; nodes are ranges of `octree.bin`. */
import {
  type ByteRange,
  type ObjectStat,
  ObjectTooLarge,
  type StoredObject,
} from '../../../cache/byte-source/index.ts';
import { inSlices, NearboxError } from '../../../cache/foundation/index.ts';
import { Key, stepPad } from '../../geometry/index.ts';
import type { RangedPage } from '../../hierarchy/index.ts';
import { PagePlaces, pageBytes } from '../../hierarchy/index.ts';
import {
  type CloudFormat,
  type FormatCloud,
  type NodeLocation,
  type OpenOptions,
  validatorOf,
} from '../format.ts';
import { MAX_DOCUMENT_BYTES } from '../metadata-document.ts';
import { readWhole } from '../read-file.ts';
import { MAX_CHUNK_BYTES, type Potree2Extent, parsingPotree2Chunk } from './hierarchy.ts';
import { hasColour, potree2NodeEncoding } from './layout.ts';
import { type Potree2Metadata, parsePotree2Metadata } from './metadata.ts';

const METADATA_FILE = 'metadata.json';
const HIERARCHY_FILE = 'hierarchy.bin';
const OCTREE_FILE = 'octree.bin';

/**
 * A hierarchy.bin up to this size (47,000 nodes) is read completely, in parallel with metadata.json. Of a
 * larger one only the first chunk is read, after metadata.json has said how long it is: one more round trip.
 */
const WHOLE_HIERARCHY_BYTES = 1024 * 1024;

export const potree2Format: CloudFormat = {
  name: 'potree2',
  metadataFile: METADATA_FILE,
  async open(options: OpenOptions): Promise<FormatCloud | null> {
    const { source, base, id, signal } = options;
    const [metadataObject, whole, octree] = await Promise.all([
      readWhole(options, METADATA_FILE, MAX_DOCUMENT_BYTES),
      readWholeHierarchy(options),
      source.stat(base + OCTREE_FILE, { signal }),
    ]);
    if (metadataObject === null || octree === null) return null;
    const metadata = parsePotree2Metadata(metadataObject.bytes, id);
    if (metadata.firstChunkBytes > MAX_CHUNK_BYTES) {
      throw new NearboxError(
        'corrupt_tile',
        `${id}: the first chunk of ${HIERARCHY_FILE} has ${metadata.firstChunkBytes} bytes: at most ${MAX_CHUNK_BYTES} are read`,
      );
    }
    const hierarchy = whole ?? (await readFirstChunk(options, metadata.firstChunkBytes));
    if (hierarchy === null) throw new NearboxError('corrupt_tile', `${id}: ${HIERARCHY_FILE} is missing`);
    if (hierarchy.bytes.byteLength < metadata.firstChunkBytes) {
      throw new NearboxError(
        'corrupt_tile',
        `${id}: ${HIERARCHY_FILE} has ${hierarchy.size} bytes, its first chunk ${metadata.firstChunkBytes}`,
      );
    }
    return await openCloud({ options, metadata, metadataObject, hierarchy, octree });
  },
};

interface Potree2Files {
  readonly options: OpenOptions;
  readonly metadata: Potree2Metadata;
  readonly metadataObject: StoredObject;
  /** All of hierarchy.bin, or its first chunk. */
  readonly hierarchy: StoredObject;
  readonly octree: ObjectStat;
}

async function openCloud(files: Potree2Files): Promise<FormatCloud> {
  const { options, metadata, metadataObject, hierarchy, octree } = files;
  const { base, id } = options;
  const encoding = potree2NodeEncoding(metadata);
  const stride = encoding.kind === 'records' ? encoding.layout.stride : null;
  const extent: Potree2Extent = { hierarchyBytes: hierarchy.size, octreeBytes: octree.size, stride };
  const firstChunk = hierarchy.bytes.slice(0, metadata.firstChunkBytes);
  const places = new PagePlaces(id);
  places.claim(Key.root, { offset: 0, length: metadata.firstChunkBytes });
  const parse = (bytes: Uint8Array, root: Key, signal: AbortSignal) =>
    inSlices(parsingPotree2Chunk(bytes, root, extent, id, options.onDamage), { signal });
  const rootPage = await parse(firstChunk, Key.root, options.signal);
  return {
    format: 'potree2',
    identity: [metadataObject.bytes, firstChunk, new TextEncoder().encode(`size ${octree.size}`)],
    validators: [
      validatorOf(base + METADATA_FILE, metadataObject),
      ...[validatorOf(base + HIERARCHY_FILE, hierarchy), validatorOf(base + OCTREE_FILE, octree)].filter(
        ({ etag }) => etag !== null,
      ),
    ],
    cube: metadata.cube,
    bounds: metadata.conforming,
    points: metadata.points,
    spacing: metadata.spacing,
    sensor: null,
    bytesPerPoint: encoding.kind === 'potree2-planes' ? encoding.layout.stride : stride,
    hasColour: hasColour(metadata),
    pad: stepPad(metadata.scale, metadata.cube),
    rootPage,
    bytes:
      pageBytes(rootPage) + metadataObject.size + hierarchy.bytes.byteLength + firstChunk.byteLength + 1000,
    async loadPage(root: Key, signal: AbortSignal, range: ByteRange | null): Promise<RangedPage> {
      if (range === null) throw new NearboxError('internal', `${id}: no place of chunk ${Key.format(root)}`);
      places.claim(root, range);
      return parse(await readChunk(files, range, signal), root, signal);
    },
    locate(_key: Key, _points: number, range: ByteRange | null): NodeLocation {
      return {
        path: base + OCTREE_FILE,
        range,
        storedBytes: range?.length ?? 0,
        encoding,
      };
    },
  };
}

/** null if it is missing or too large for that. */
async function readWholeHierarchy({ source, base, signal }: OpenOptions): Promise<StoredObject | null> {
  try {
    return await source.read(base + HIERARCHY_FILE, { signal, maxBytes: WHOLE_HIERARCHY_BYTES });
  } catch (error) {
    if (error instanceof ObjectTooLarge) return null;
    throw error;
  }
}

function readFirstChunk(
  { source, base, signal, limits }: OpenOptions,
  length: number,
): Promise<StoredObject | null> {
  const range = { offset: 0, length };
  return source.read(base + HIERARCHY_FILE, { signal, range, maxBytes: limits.maxMetadataBytes });
}

async function readChunk(files: Potree2Files, range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
  const { options, hierarchy } = files;
  const end = range.offset + range.length;
  if (end <= hierarchy.bytes.byteLength) return hierarchy.bytes.subarray(range.offset, end);
  const stored = await options.source.read(options.base + HIERARCHY_FILE, {
    signal,
    range,
    maxBytes: options.limits.maxMetadataBytes,
    ...(hierarchy.etag !== null && { ifMatch: hierarchy.etag }),
  });
  if (stored === null) throw new NearboxError('cloud_changed', `${options.id}: ${HIERARCHY_FILE} is gone`);
  return stored.bytes;
}
