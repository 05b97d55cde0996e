/**
 * `cloud.js` of a Potree 1.4 to 1.8 cloud: JSON, despite its name. Source: PotreeConverter 1.7 (CloudJS) and
 * potree POCLoader.
 */

import { z } from 'zod';
import { isPlainPath } from '../../../cache/byte-source/index.ts';
import { type JsonLimits, NearboxError } from '../../../cache/foundation/index.ts';
import type { Bounds } from '../../geometry/index.ts';
import type { InvalidFile } from '../invalid.ts';
import { parseMetadataDocument } from '../metadata-document.ts';
import { metres } from '../metres.ts';
import { type Potree1Record, parsePotree1Attributes } from './attributes.ts';

export interface Potree1Metadata {
  /** Minor version: 4 to 8. */
  readonly minor: number;
  /** Folder of the nodes, relative to that of cloud.js. */
  readonly octreeDir: string;
  /** null where the file does not say. */
  readonly points: number | null;
  /** The cube of the octree. */
  readonly cube: Bounds;
  /** The extent of the data. */
  readonly conforming: Bounds;
  /** Distance between the points of the root, metres. */
  readonly spacing: number;
  /** Metres of one step of a stored position. */
  readonly scale: number;
  readonly nodes: 'BIN' | 'LAS' | 'LAZ';
  /** The records of BIN nodes; null for the others. */
  readonly record: Potree1Record | null;
  /** Levels of one hierarchy page, from 1.5 on; null in 1.4, where the hierarchy is in cloud.js. */
  readonly hierarchyStep: number | null;
  /** 1.4: names and counts of all nodes, unchecked; else empty. */
  readonly hierarchy: readonly unknown[];
}

/** Most levels of one page: a full page of more levels would be far too large to read. */
const MAX_HIERARCHY_STEP = 30;
const MAX_ATTRIBUTES = 1000;
/** Largest cloud.js that is read, bytes. In 1.4 it lists every node. */
export const MAX_CLOUD_JS_BYTES = 4 * 1024 * 1024;
/** Each listed node has three values: an array, a name and a number. */
const CLOUD_JS_LIMITS: JsonLimits = { maxDepth: 32, maxValues: 400_000 };
/** Minor version from which the hierarchy is in `.hrc` files. */
const PAGED_SINCE = 5;

const finite = z.number();
const box = (coordinate: z.ZodType<number>) =>
  z
    .looseObject({
      lx: coordinate,
      ly: coordinate,
      lz: coordinate,
      ux: coordinate,
      uy: coordinate,
      uz: coordinate,
    })
    .transform((b): Bounds => ({ min: [b.lx, b.ly, b.lz], max: [b.ux, b.uy, b.uz] }));

const document = z.looseObject({
  version: z.string().regex(/^1\.[4-8](\.\d+)*$/, 'only Potree 1.4 to 1.8 is read'),
  octreeDir: z.string().default('data'),
  points: z.int().nonnegative().optional(),
  boundingBox: box(metres).refine(
    ({ min, max }) => min.every((low, axis) => low < max[axis]!),
    'the cube is empty',
  ),
  tightBoundingBox: box(finite).optional().catch(undefined),
  pointAttributes: z.union([
    z.literal('LAS'),
    z.literal('LAZ'),
    z.array(z.unknown()).min(1).max(MAX_ATTRIBUTES),
  ]),
  spacing: finite.positive(),
  scale: finite.positive().optional(),
  hierarchyStepSize: z.int().positive().max(MAX_HIERARCHY_STEP).optional(),
  hierarchy: z.array(z.unknown()).optional(),
});

/**
 * Checks and reads the bytes of a cloud.js. Throws `corrupt_tile` naming the cloud (`name`) and the field.
 */
export function parsePotree1Metadata(bytes: Uint8Array, name: string): Potree1Metadata {
  const bad = (what: string, cause?: unknown) =>
    new NearboxError('corrupt_tile', `${name}: cloud.js is not valid: ${what}`, { cause });
  const raw = parseMetadataDocument(document, bytes, name, 'cloud.js', CLOUD_JS_LIMITS);
  const minor = Number(raw.version.split('.')[1]);
  const record = typeof raw.pointAttributes === 'string' ? null : recordOf(raw.pointAttributes, bad);
  if (record !== null && raw.scale === undefined) throw bad('scale: it is missing');
  if (minor >= PAGED_SINCE && raw.hierarchyStepSize === undefined)
    throw bad('hierarchyStepSize: it is missing');
  if (minor < PAGED_SINCE && raw.hierarchy === undefined) throw bad('hierarchy: it is missing');
  const tight = raw.tightBoundingBox;
  return {
    minor,
    octreeDir: plainFolder(raw.octreeDir, bad),
    points: raw.points ?? null,
    cube: raw.boundingBox,
    conforming: tight?.min.every((low, axis) => low <= tight.max[axis]!) ? tight : raw.boundingBox,
    spacing: raw.spacing,
    scale: raw.scale ?? 0,
    nodes: typeof raw.pointAttributes === 'string' ? raw.pointAttributes : 'BIN',
    record,
    hierarchyStep: minor >= PAGED_SINCE ? raw.hierarchyStepSize! : null,
    hierarchy: minor >= PAGED_SINCE ? [] : raw.hierarchy!,
  };
}

/**
 * Viewers follow any URL in `octreeDir`. Here the folder must lie below that of cloud.js: other files do not
 * belong to the cloud.
 */
function plainFolder(octreeDir: string, bad: InvalidFile): string {
  const folder = octreeDir.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (!isPlainPath(folder) || /^[a-z][a-z0-9+.-]*:/i.test(folder)) {
    throw bad(`octreeDir: ${JSON.stringify(octreeDir)} is not a folder of the cloud`);
  }
  return folder;
}

function recordOf(attributes: readonly unknown[], bad: InvalidFile): Potree1Record {
  try {
    return parsePotree1Attributes(attributes);
  } catch (cause) {
    throw bad(`pointAttributes: ${(cause as Error).message}`, cause);
  }
}
