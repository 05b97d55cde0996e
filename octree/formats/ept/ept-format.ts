/** Entwine Point Tiles: `ept.json`, one file a node, hierarchy in JSON pages. */
import type { StoredObject } from '../../../cache/byte-source/index.ts';
import { inSlices, NearboxError } from '../../../cache/foundation/index.ts';
import type { NodeEncoding } from '../../decode/index.ts';
import type { Bounds, Vec3 } from '../../geometry/index.ts';
import { Key, roundingMargin } from '../../geometry/index.ts';
import { type HierarchyPage, MAX_PAGE_BYTES, pageBytes } from '../../hierarchy/index.ts';
import type { DimensionFields, RecordField, RecordLayout } from '../../points/index.ts';
import {
  type CloudFormat,
  type FormatCloud,
  type NodeLocation,
  type OpenOptions,
  validatorOf,
} from '../format.ts';
import { MAX_DOCUMENT_BYTES } from '../metadata-document.ts';
import { readWhole } from '../read-file.ts';
import { parsingEptPage, unpackPage } from './hierarchy.ts';
import { lazHasColour } from './laz-colour.ts';
import {
  type EptDimension,
  type EptHierarchyType,
  type EptMetadata,
  eptDataPath,
  eptHierarchyPath,
  parseEptMetadata,
  pointStride,
  rootSpacing,
} from './schema.ts';

const METADATA_FILE = 'ept.json';

export const eptFormat: CloudFormat = {
  name: 'ept',
  metadataFile: METADATA_FILE,
  async open(options: OpenOptions): Promise<FormatCloud | null> {
    const { id } = options;
    // The root page is requested in parallel with ept.json: nearly every hierarchy is plain JSON.
    const [metadataObject, plainPage] = await Promise.all([
      readWhole(options, METADATA_FILE, MAX_DOCUMENT_BYTES),
      readWhole(options, eptHierarchyPath(Key.format(Key.root), 'json'), MAX_PAGE_BYTES),
    ]);
    if (metadataObject === null) return null;
    const metadata = parseEptMetadata(metadataObject.bytes, id);
    const pagePath = eptHierarchyPath(Key.format(Key.root), metadata.hierarchyType);
    const pageObject =
      metadata.hierarchyType === 'json' ? plainPage : await readWhole(options, pagePath, MAX_PAGE_BYTES);
    const rootPage = await readPage(options, metadata.hierarchyType, Key.root, pageObject);
    if (rootPage.nodes.size === 0 && metadata.points > 0) {
      throw new NearboxError(
        'corrupt_tile',
        `${id}: the hierarchy has no node, ept.json promises ${metadata.points} points`,
      );
    }
    return openCloud(options, metadata, rootPage, metadataObject, { ...pageObject!, path: pagePath });
  },
};

function openCloud(
  options: OpenOptions,
  metadata: EptMetadata,
  rootPage: HierarchyPage,
  metadataObject: StoredObject,
  pageObject: StoredObject & { readonly path: string },
): FormatCloud {
  const { base } = options;
  const encoding = encodingOf(metadata);
  const stride = encoding.kind === 'records' ? encoding.layout.stride : null;
  return {
    format: 'ept',
    identity: [metadataObject.bytes, pageObject.bytes],
    validators: [
      validatorOf(base + METADATA_FILE, metadataObject),
      validatorOf(base + pageObject.path, pageObject),
    ],
    cube: metadata.bounds,
    bounds: metadata.boundsConforming,
    points: metadata.points,
    spacing: rootSpacing(metadata),
    sensor: metadata.sensor,
    frame: metadata.frame,
    bytesPerPoint: stride,
    ...colourOf(options, metadata),
    pad: padOf(metadata),
    rootPage,
    bytes: pageBytes(rootPage) + metadataObject.size + pageObject.size + 1000,
    async loadPage(root: Key, signal: AbortSignal): Promise<HierarchyPage> {
      const within = { ...options, signal };
      const stored = await readWhole(
        within,
        eptHierarchyPath(Key.format(root), metadata.hierarchyType),
        MAX_PAGE_BYTES,
      );
      return readPage(within, metadata.hierarchyType, root, stored);
    },
    locate(key: Key, points: number): NodeLocation {
      return {
        path: base + eptDataPath(Key.format(key), metadata.dataType),
        range: null,
        storedBytes: metadata.dataType === 'binary' && stride !== null ? stride * points : null,
        encoding,
      };
    },
  };
}

async function readPage(
  { id, limits, signal, onDamage }: OpenOptions,
  type: EptHierarchyType,
  root: Key,
  stored: StoredObject | null,
): Promise<HierarchyPage> {
  const name = Key.format(root);
  if (stored === null)
    throw new NearboxError('corrupt_tile', `${id}: the hierarchy of node ${name} is missing`);
  try {
    const text = await unpackPage(stored.bytes, type, Math.min(MAX_PAGE_BYTES, limits.maxMetadataBytes));
    const parsing = parsingEptPage(text, root, stored.bytes.byteLength, onDamage);
    const page = await inSlices(parsing, { signal });
    return { ...page, unchangedMs: stored.unchangedMs };
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : 'unreadable';
    throw new NearboxError('corrupt_tile', `${id}: the hierarchy of node ${name} is not valid: ${why}`, {
      cause,
    });
  }
}

function encodingOf({ dataType, schema }: EptMetadata): NodeEncoding {
  if (dataType === 'laszip') return { kind: 'laz' };
  return {
    kind: 'records',
    compression: dataType === 'binary' ? 'none' : 'zstandard',
    layout: layoutOf(schema),
  };
}

/** In `laszip` clouds the files say what a schema of places alone leaves out. */
function colourOf(
  options: OpenOptions,
  { dataType, schema }: EptMetadata,
): Pick<FormatCloud, 'hasColour' | 'readHasColour'> {
  const isPlacesAlone = schema.every(({ name }) => ['X', 'Y', 'Z'].includes(name));
  if (dataType !== 'laszip' || !isPlacesAlone)
    return { hasColour: layoutOf(schema).dimensions?.colour !== undefined };
  return { hasColour: true, readHasColour: (signal) => lazHasColour(options, signal) };
}

function layoutOf(schema: readonly EptDimension[]): RecordLayout {
  const fields = new Map<string, RecordField>();
  let at = 0;
  for (const { name, type, size, scale, offset } of schema) {
    if (!fields.has(name)) fields.set(name, { at, type, size, scale, offset });
    at += size;
  }
  return {
    stride: pointStride(schema),
    x: fields.get('X')!,
    y: fields.get('Y')!,
    z: fields.get('Z')!,
    intensity: fields.get('Intensity') ?? null,
    dimensions: dimensionFields(fields),
  };
}

function dimensionFields(fields: ReadonlyMap<string, RecordField>): DimensionFields {
  const classification = fields.get('Classification');
  const returnNumber = fields.get('ReturnNumber');
  const colour = ['Red', 'Green', 'Blue'].flatMap((name) => fields.get(name) ?? []);
  const isColour = colour.length === 3 && colour.every(({ type, size }) => type === 'unsigned' && size <= 2);
  return {
    ...(classification !== undefined && { classification: [classification] }),
    ...(returnNumber !== undefined && { returnNumber: [returnNumber] }),
    ...(isColour && { colour }),
  };
}

/**
 * One scale step on each axis. For floats, their rounding error at the far end of the cloud. In `laszip`
 * clouds the scale is in the files, and the schema may have none: then a whole metre, which only costs a few
 * unneeded nodes.
 */
function padOf({ bounds, dataType, schema }: EptMetadata): Vec3 {
  const pad = (name: string, axis: 0 | 1 | 2) => {
    const { type, size, scale } = schema.find((dimension) => dimension.name === name)!;
    const far = farthest(bounds, axis);
    if (type !== 'float' || dataType === 'laszip') return scale + roundingMargin(far);
    return size === 4 ? far * 2 ** -22 : far * 2 ** -44;
  };
  return [pad('X', 0), pad('Y', 1), pad('Z', 2)];
}

function farthest({ min, max }: Bounds, axis: 0 | 1 | 2): number {
  return Math.max(Math.abs(min[axis]), Math.abs(max[axis]));
}
