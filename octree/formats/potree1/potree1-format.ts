/**
 * Potree 1.4 to 1.8: `cloud.js`, one file per node, and from 1.5 on hierarchy pages in files of their own.
 */
import type { StoredObject } from '../../../cache/byte-source/index.ts';
import { inSlices, NearboxError } from '../../../cache/foundation/index.ts';
import type { NodeEncoding } from '../../decode/index.ts';
import { Key, stepPad } from '../../geometry/index.ts';
import { type HierarchyPage, OWN_PAGE, pageBytes } from '../../hierarchy/index.ts';
import type { RecordLayout } from '../../points/index.ts';
import { BYTE_COLOUR_SCALE, type DimensionFields } from '../../points/index.ts';
import {
  type CloudFormat,
  type FormatCloud,
  type NodeLocation,
  type OpenOptions,
  validatorOf,
} from '../format.ts';
import { readWhole } from '../read-file.ts';
import { isColour, isIntensity, isPosition, type Potree1Record } from './attributes.ts';
import { MAX_HRC_BYTES, parsingPotree1List, parsingPotree1Page } from './hierarchy.ts';
import { MAX_CLOUD_JS_BYTES, type Potree1Metadata, parsePotree1Metadata } from './metadata.ts';
import { nodeCorner } from './node-corner.ts';
import { potree1Path } from './paths.ts';

const METADATA_FILE = 'cloud.js';
/** The folder that all converters use for the nodes. */
const USUAL_FOLDER = 'data';
/** The root page has the same path for every step size. */
const ROOT_PAGE = 'r/r.hrc';
/** LAS nodes have their own scale. If cloud.js has none, this pad costs at worst an unneeded node. Metres. */
const UNKNOWN_SCALE = 1;

/**
 * Opening takes one round trip if the nodes lie in `data`, otherwise two. Deeper pages, one every
 * `hierarchyStepSize` levels, are only known from the page above: a click that reaches n levels takes floor(n
 * / step) more round trips.
 */
export const potree1Format: CloudFormat = {
  name: 'potree1',
  metadataFile: METADATA_FILE,
  async open(options: OpenOptions): Promise<FormatCloud | null> {
    const [metadataObject, usualPage] = await Promise.all([
      readWhole(options, METADATA_FILE, MAX_CLOUD_JS_BYTES),
      readWhole(options, `${USUAL_FOLDER}/${ROOT_PAGE}`, MAX_HRC_BYTES),
    ]);
    if (metadataObject === null) return null;
    const metadata = parsePotree1Metadata(metadataObject.bytes, options.id);
    const folder = `${metadata.octreeDir}/`;
    if (metadata.hierarchyStep === null) {
      const list = parsingPotree1List(metadata.hierarchy, options.id, options.onDamage);
      const page = await inSlices(list, { signal: options.signal });
      return openCloud({ options, metadata, folder }, metadataObject, null, page);
    }
    const isUsual = metadata.octreeDir === USUAL_FOLDER;
    const stored = isUsual ? usualPage : await readWhole(options, folder + ROOT_PAGE, MAX_HRC_BYTES);
    const page = await parsePage(options, Key.root, metadata.hierarchyStep, stored);
    return openCloud({ options, metadata, folder }, metadataObject, stored, page);
  },
};

interface Potree1Files {
  readonly options: OpenOptions;
  readonly metadata: Potree1Metadata;
  /** The folder of the nodes, relative to the cloud's, with its slash. */
  readonly folder: string;
}

function openCloud(
  files: Potree1Files,
  metadataObject: StoredObject,
  pageObject: StoredObject | null,
  rootPage: HierarchyPage,
): FormatCloud {
  const { options, metadata, folder } = files;
  const { cube, hierarchyStep } = metadata;
  const stored = [
    { object: metadataObject, path: options.base + METADATA_FILE },
    ...(pageObject === null ? [] : [{ object: pageObject, path: options.base + folder + ROOT_PAGE }]),
  ];
  const scale = metadata.scale || UNKNOWN_SCALE;
  return {
    format: 'potree1',
    identity: stored.map(({ object }) => object.bytes),
    validators: stored.map(({ object, path }) => validatorOf(path, object)),
    cube,
    bounds: metadata.conforming,
    points: metadata.points ?? pointsOf(rootPage),
    spacing: metadata.spacing,
    sensor: null,
    bytesPerPoint: metadata.record?.stride ?? null,
    // Nodes in LAS say for themselves whether they have colours.
    hasColour: metadata.record?.attributes.some(isColour) ?? true,
    pad: stepPad([scale, scale, scale], cube),
    rootPage,
    bytes: pageBytes(rootPage) + stored.reduce((sum, { object }) => sum + object.size, 1000),
    async loadPage(root: Key, signal: AbortSignal): Promise<HierarchyPage> {
      const path = folder + potree1Path(root, 'hrc', hierarchyStep);
      const within = { ...options, signal };
      return parsePage(within, root, hierarchyStep ?? 0, await readWhole(within, path, MAX_HRC_BYTES));
    },
    locate(key: Key): NodeLocation {
      const extension = metadata.nodes.toLowerCase();
      return {
        path: options.base + folder + potree1Path(key, extension, hierarchyStep),
        range: null,
        // The number of points is only a hint, so no size follows from it.
        storedBytes: null,
        encoding: encodingOf(metadata, key),
      };
    },
  };
}

function encodingOf({ record, scale, cube }: Potree1Metadata, key: Key): NodeEncoding {
  if (record === null) return { kind: 'potree1-las' };
  const position = record.attributes.find(isPosition)!;
  const intensity = record.attributes.find(isIntensity);
  const corner = nodeCorner(key, cube);
  // The viewer reads unsigned integers, but the writer casts to signed ones: a point may lie one step below
  // the corner of its node.
  const axis = (i: 0 | 1 | 2) =>
    ({ at: position.at + 4 * i, type: 'signed', size: 4, scale, offset: corner[i] }) as const;
  const layout: RecordLayout = {
    stride: record.stride,
    x: axis(0),
    y: axis(1),
    z: axis(2),
    intensity: intensity ? { at: intensity.at, type: 'unsigned', size: 2, scale: 1, offset: 0 } : null,
    dimensions: dimensionFields(record),
  };
  return { kind: 'potree1-bin', layout };
}

function dimensionFields({ attributes }: Potree1Record): DimensionFields {
  const byte = (at: number) => ({ at, type: 'unsigned', size: 1, scale: 1, offset: 0 }) as const;
  const named = (name: string) =>
    attributes.find(
      (entry) => entry.name.toLowerCase().replaceAll(/[ _-]/g, '') === name && entry.size === 1,
    );
  const classification = named('classification');
  const returnNumber = named('returnnumber');
  const colour = attributes.find(isColour);
  return {
    ...(classification !== undefined && { classification: [byte(classification.at)] }),
    ...(returnNumber !== undefined && { returnNumber: [byte(returnNumber.at)] }),
    ...(colour !== undefined && {
      colour: [0, 1, 2].map((i) => ({ ...byte(colour.at + i), scale: BYTE_COLOUR_SCALE })),
    }),
  };
}

async function parsePage(
  { id, onDamage, signal }: OpenOptions,
  root: Key,
  step: number,
  stored: StoredObject | null,
): Promise<HierarchyPage> {
  if (stored === null) {
    throw new NearboxError(
      'corrupt_tile',
      `${id}: the hierarchy page of node ${Key.format(root)} is missing`,
    );
  }
  const parsing = parsingPotree1Page(stored.bytes, root, step, id, onDamage);
  const page = await inSlices(parsing, { signal });
  return { ...page, unchangedMs: stored.unchangedMs };
}

/** Points in the root page: all points of the cloud, unless it has more pages. */
function pointsOf({ nodes }: HierarchyPage): number {
  let sum = 0;
  for (const points of nodes.values()) if (points !== OWN_PAGE) sum += points;
  return sum;
}
