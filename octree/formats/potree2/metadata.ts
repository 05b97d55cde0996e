/**
 * `metadata.json` of a Potree 2 cloud. Source: PotreeConverter 2.1 (indexer.cpp) and the OctreeLoader of the
 * Potree viewer.
 * Strict about scale, offset, bounding box and attributes, because positions depend on them; the rest may be
 * missing.
 */
import { z } from 'zod';
import type { Bounds, Vec3 } from '../../geometry/index.ts';
import { parseMetadataDocument } from '../metadata-document.ts';
import { metres } from '../metres.ts';

type Potree2Encoding = 'DEFAULT' | 'BROTLI';

export interface Potree2Attribute {
  readonly name: string;
  /** Bytes of it in one point. */
  readonly size: number;
  readonly type: string;
  /** A stored value means raw * scale + offset. For the position, the scale and offset of the cloud apply. */
  readonly scale: number;
  readonly offset: number;
}

export interface Potree2Metadata {
  readonly points: number;
  /** Bytes of the first chunk of hierarchy.bin. */
  readonly firstChunkBytes: number;
  /** Absolute position = stored integer * scale + offset: not relative to the node, unlike in Potree 1. */
  readonly scale: Vec3;
  readonly offset: Vec3;
  readonly spacing: number;
  /** The cube of the octree. */
  readonly cube: Bounds;
  /** The extent of the data. */
  readonly conforming: Bounds;
  readonly encoding: Potree2Encoding;
  readonly attributes: readonly Potree2Attribute[];
}

const MAX_ATTRIBUTE_BYTES = 1024;
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float: 4,
  double: 8,
};

const finite = z.number();
const vector = z.tuple([finite, finite, finite]);
const corner = z.tuple([metres, metres, metres]);
const numbers = z.array(finite).optional().catch(undefined);

const attribute = z
  .looseObject({
    name: z.string().min(1),
    size: z.int().positive().max(MAX_ATTRIBUTE_BYTES),
    numElements: z.int().positive(),
    elementSize: z.int().positive(),
    type: z.string(),
    min: numbers,
    max: numbers,
    scale: numbers,
    offset: numbers,
  })
  .refine((a) => a.size === a.numElements * a.elementSize, 'the size is not that of its elements')
  .refine(
    (a) => (ELEMENT_BYTES[a.type] ?? a.elementSize) === a.elementSize,
    'the element size does not match the type',
  );

const document = z.looseObject({
  version: z.string().regex(/^2\.\d+/, 'the version is not 2.x'),
  points: z.int().nonnegative(),
  hierarchy: z.looseObject({ firstChunkSize: z.int().positive() }),
  offset: vector,
  scale: z.tuple([finite.positive(), finite.positive(), finite.positive()]),
  spacing: finite.positive(),
  boundingBox: z.looseObject({ min: corner, max: corner }).refine(isSolid, 'the cube is empty'),
  encoding: z.enum(['DEFAULT', 'UNCOMPRESSED', 'BROTLI']).default('DEFAULT'),
  attributes: z
    .array(attribute)
    .min(1)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two attributes have one name')
    .refine(
      (all) => all.some((a) => a.name === 'position' && a.type === 'int32' && a.size === 12),
      'a position of three int32 is missing',
    ),
});

/**
 * Checks and reads the bytes of a metadata.json. Throws `corrupt_tile` naming the cloud (`name`) and the
 * field.
 */
export function parsePotree2Metadata(bytes: Uint8Array, name: string): Potree2Metadata {
  const { points, hierarchy, offset, scale, spacing, boundingBox, encoding, attributes } =
    parseMetadataDocument(document, bytes, name, 'metadata.json');
  const cube: Bounds = { min: boundingBox.min, max: boundingBox.max };
  return {
    points,
    firstChunkBytes: hierarchy.firstChunkSize,
    scale,
    offset,
    spacing,
    cube,
    conforming: conformingOf(attributes.find((a) => a.name === 'position')!, cube),
    encoding: encoding === 'BROTLI' ? 'BROTLI' : 'DEFAULT',
    attributes: attributes.map((a) => ({
      name: a.name,
      size: a.size,
      type: a.type,
      scale: a.scale?.[0] ?? 1,
      offset: a.offset?.[0] ?? 0,
    })),
  };
}

function conformingOf(
  position: { min?: number[] | undefined; max?: number[] | undefined },
  cube: Bounds,
): Bounds {
  const bounds = { min: position.min, max: position.max };
  const parsed = z
    .object({ min: vector, max: vector })
    .refine(({ min, max }) => min.every((low, axis) => low <= max[axis]!))
    .safeParse(bounds);
  return parsed.success ? parsed.data : cube;
}

function isSolid({ min, max }: { min: readonly number[]; max: readonly number[] }): boolean {
  return min.every((low, axis) => low < max[axis]!);
}
