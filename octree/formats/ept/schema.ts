/**
 * `ept.json`, the metadata of an Entwine Point Tile cloud.
 * Source: entwine/doc/entwine-point-tile.md (versions 1.0.0 to 1.1.0), and files of real writers.
 */
import { z } from 'zod';
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Bounds, Vec3 } from '../../geometry/index.ts';
import { type FrameData, readFrameData } from '../frame-data.ts';
import { parseMetadataDocument } from '../metadata-document.ts';
import { metres } from '../metres.ts';

export type EptDataType = 'laszip' | 'binary' | 'zstandard';
export type EptHierarchyType = 'json' | 'gzip';

/** One dimension of a point. A stored value means raw * scale + offset. */
export interface EptDimension {
  readonly name: string;
  readonly type: 'signed' | 'unsigned' | 'float';
  /** Bytes: 1, 2, 4 or 8 (floats: 4 or 8). */
  readonly size: number;
  /** 1 where the file has none. */
  readonly scale: number;
  /** 0 where the file has none. */
  readonly offset: number;
}

/** ept.json, checked. */
export interface EptMetadata {
  readonly version: string;
  /** The cube of the octree, absolute. */
  readonly bounds: Bounds;
  /** The extent of the data, absolute. */
  readonly boundsConforming: Bounds;
  readonly dataType: EptDataType;
  readonly hierarchyType: EptHierarchyType;
  readonly points: number;
  /** Cells of the root's sampling grid along one edge. */
  readonly span: number;
  readonly schema: readonly EptDimension[];
  /** Where the scanner stood, or null: our own key `"nearbox": {"sensor": [x, y, z]}`. */
  readonly sensor: Vec3 | null;
  /** When and where the frame was taken: `pose` and `timestamp` of the same key. */
  readonly frame: FrameData;
}

/** ept.json as it is written: the shape `nearbox build` produces. */
export interface EptJson {
  readonly version: string;
  readonly bounds: readonly number[];
  readonly boundsConforming: readonly number[];
  readonly dataType: EptDataType;
  readonly hierarchyType: EptHierarchyType;
  readonly points: number;
  readonly span: number;
  readonly schema: readonly (Omit<EptDimension, 'scale' | 'offset'> & {
    readonly scale?: number;
    readonly offset?: number;
  })[];
  readonly srs: Record<string, unknown>;
  /** Our own key. */
  readonly nearbox?: { readonly sensor?: Vec3 } & {
    readonly [Key in keyof FrameData]?: NonNullable<FrameData[Key]>;
  };
}

/** The span if the file has none: the one that Entwine writes. */
const DEFAULT_SPAN = 128;

const finite = z.number();
const corners = (coordinate: z.ZodType<number>) =>
  z
    .array(coordinate)
    .length(6)
    .refine((b) => b[0]! <= b[3]! && b[1]! <= b[4]! && b[2]! <= b[5]!, 'a minimum is above its maximum');

const dimension = z
  .looseObject({
    name: z.string().min(1),
    // Some writers say "floating" where the specification says "float".
    type: z.enum(['signed', 'unsigned', 'float', 'floating']),
    size: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]),
    scale: finite.positive().nullish(),
    offset: finite.nullish(),
  })
  .refine(({ type, size }) => !type.startsWith('float') || size >= 4, 'a float has 4 or 8 bytes');

const document = z.looseObject({
  version: z.string().default('1.0.0'),
  bounds: corners(metres).refine((b) => b[0]! < b[3]! && b[1]! < b[4]! && b[2]! < b[5]!, 'the cube is empty'),
  // Wrong ones are no reason to refuse the cloud: its cube holds every point.
  boundsConforming: corners(finite).optional().catch(undefined),
  dataType: z.enum(['laszip', 'binary', 'zstandard']),
  hierarchyType: z.enum(['json', 'gzip']).default('json'),
  points: z.int().nonnegative(),
  span: z.int().positive().default(DEFAULT_SPAN),
  schema: z
    .array(dimension)
    .refine(
      (schema) => ['X', 'Y', 'Z'].every((axis) => schema.filter(({ name }) => name === axis).length === 1),
      'X, Y and Z must each be there once',
    ),
});

/**
 * Parses and checks an ept.json. Strict where positions depend on it; tolerant of what writers vary:
 * `"floating"`, no scale on X, Y and Z (laszip), no srs, no span. Throws `corrupt_tile` with `name` (path or
 * cloud id).
 */
export function parseEptMetadata(bytes: Uint8Array, name: string): EptMetadata {
  const raw = parseMetadataDocument(document, bytes, name, 'ept.json');
  const version = /^1\.\d+(\.\d+)?$/.test(raw.version) ? raw.version : null;
  if (version === null) {
    throw new NearboxError('corrupt_tile', `${name}: EPT version ${JSON.stringify(raw.version)} is not 1.x`);
  }
  return {
    version,
    bounds: toBounds(raw.bounds),
    boundsConforming: toBounds(raw.boundsConforming ?? raw.bounds),
    dataType: raw.dataType,
    hierarchyType: raw.hierarchyType,
    points: raw.points,
    span: raw.span,
    schema: raw.schema.map(({ name: dimensionName, type, size, scale, offset }) => ({
      name: dimensionName,
      type: type === 'floating' ? 'float' : type,
      size,
      scale: scale ?? 1,
      offset: offset ?? 0,
    })),
    ...readFrameData(raw),
  };
}

/** Bytes of one point of a `binary` or `zstandard` node: packed in schema order, no padding. */
export function pointStride(schema: readonly EptDimension[]): number {
  return schema.reduce((bytes, { size }) => bytes + size, 0);
}

/** Distance in metres between the points of the root; it halves with every level. */
export function rootSpacing({ bounds, span }: Pick<EptMetadata, 'bounds' | 'span'>): number {
  return (bounds.max[0] - bounds.min[0]) / span;
}

/** The folder of the nodes' files and their ending, by `dataType`. */
export const EPT_DATA_EXTENSION: Readonly<Record<EptDataType, string>> = {
  laszip: 'laz',
  binary: 'bin',
  zstandard: 'zst',
};

/** Path of a node's points, relative to the folder of ept.json. */
export function eptDataPath(key: string, dataType: EptDataType): string {
  return `ept-data/${key}.${EPT_DATA_EXTENSION[dataType]}`;
}

/** Path of a hierarchy page, relative to the folder of ept.json. */
export function eptHierarchyPath(key: string, hierarchyType: EptHierarchyType): string {
  return `ept-hierarchy/${key}.json${hierarchyType === 'gzip' ? '.gz' : ''}`;
}

function toBounds(b: readonly number[]): Bounds {
  return { min: [b[0]!, b[1]!, b[2]!], max: [b[3]!, b[4]!, b[5]!] };
}
