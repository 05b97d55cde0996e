/** A small cloud of every format and encoding there is. */

import { readdirSync, readFileSync } from 'node:fs';
import { mulberry32 } from '../../cache/foundation/index.ts';
import type { MemorySource } from '../../cache/testing/index.ts';
import type { Vec3 } from '../geometry/index.ts';
import { makeEptCloud, type TestCloudOptions } from './ept-cloud.ts';
import { fixturePoints } from './fixture-points.ts';
import { lazCloud } from './laz-cloud.ts';
import { type Potree1CloudOptions, potree1Cloud, potree1Points } from './potree1-cloud.ts';
import { potree2Cloud } from './potree2-cloud.ts';
import { ORIGIN } from './regions.ts';
import { type PlainPoint, plainPoints, scatterNodes } from './scattered-nodes.ts';

export interface SmallCloud {
  /** By path below the cloud's folder; the one of a COPC cloud has an empty path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Every point, as a reader must give it; null where its last bits are the file's own business. */
  readonly points: readonly PlainPoint[] | null;
  /** The middle of the cube, and half of its edge, metres. */
  readonly middle: Vec3;
  readonly half: number;
}

/** Puts the cloud's files into the source. Returns its id. */
export function storeCloud(source: MemorySource, name: string, { files }: Pick<SmallCloud, 'files'>): string {
  const id = files.has('') ? `${name}.copc.laz` : name;
  for (const [path, bytes] of files) source.put(path === '' ? id : `${id}/${path}`, bytes);
  return id;
}

export const BIN: Record<string, Potree1CloudOptions> = {
  'Potree 1.7': {
    version: '1.7',
    pointAttributes: ['POSITION_CARTESIAN', 'COLOR_PACKED', 'INTENSITY', 'CLASSIFICATION', 'NORMAL_OCT16'],
    fields: [
      { size: 12, is: 'position' },
      { size: 4, is: 'colour' },
      { size: 2, is: 'intensity' },
      { size: 1, is: 'classification' },
      { size: 2 },
    ],
  },
  'Potree 1.5 with the position last and pages of one level': {
    version: '1.5',
    pointAttributes: ['RGB_PACKED', 'INTENSITY', 'GPS_TIME', 'POSITION_CARTESIAN'],
    fields: [
      { size: 3, is: 'colour' },
      { size: 2, is: 'intensity' },
      { size: 8 },
      { size: 12, is: 'position' },
    ],
    step: 1,
  },
  'Potree 1.4': {
    version: '1.4',
    pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY', 'RETURN_NUMBER', 'NUMBER_OF_RETURNS', 'SOURCE_ID'],
    fields: [
      { size: 12, is: 'position' },
      { size: 2, is: 'intensity' },
      { size: 1 },
      { size: 1 },
      { size: 2 },
    ],
  },
  'Potree 1.8 with extra bytes': {
    version: '1.8',
    pointAttributes: [
      { name: 'POSITION_CARTESIAN', size: 12, elements: 3, elementSize: 4, type: 'int32', description: '' },
      { name: 'reflectance', size: 5, elements: 5, elementSize: 1, type: 'uint8', description: '' },
      { name: 'intensity', size: 2, elements: 1, elementSize: 2, type: 'uint16', description: '' },
    ],
    fields: [{ size: 12, is: 'position' }, { size: 5 }, { size: 2, is: 'intensity' }],
  },
};

/**
 * Not on a multiple of the scale, 0.01: there, rounding alone would tell on which side of a border a point
 * lies.
 */
const LAS_MIDDLE: Vec3 = [512008.0037, 5403008.0021, 108.0013];
const FIXTURES = new URL('../formats/', import.meta.url);

async function ept(
  options: Pick<TestCloudOptions, 'encoding' | 'xyz' | 'hierarchyType'>,
): Promise<SmallCloud> {
  const random = mulberry32(11);
  const cell = () => Math.floor(random() * 129);
  const raw = Array.from({ length: 400 }, () => [cell(), cell(), cell()] as const);
  const low: Vec3 = [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8];
  const isFloat = options.xyz?.startsWith('float') ?? false;
  const { files, points } = await makeEptCloud({
    ...options,
    raw: isFloat ? raw.map(([x, y, z]) => [x / 8, y / 8, z / 8] as const) : raw,
    low,
    edge: 16,
    scale: 0.125,
    offset: low,
    nodePoints: 12,
    pageStep: 2,
  });
  return { files, points, middle: ORIGIN, half: 8 };
}

function copc(name: string): SmallCloud {
  const file = new URL(`copc/fixtures/${name}.copc.laz`, FIXTURES);
  return {
    files: new Map([['', new Uint8Array(readFileSync(file))]]),
    points: fixturePoints(new URL(`copc/fixtures/${name}.points`, FIXTURES)),
    middle: LAS_MIDDLE,
    half: 8,
  };
}

function potree1Bin(options: Potree1CloudOptions): SmallCloud {
  const nodes = scatterNodes(3, 3, 30);
  return { files: potree1Cloud(nodes, options), points: potree1Points(nodes), middle: ORIGIN, half: 8 };
}

function potree1Las(kind: 'LAS' | 'LAZ'): SmallCloud {
  const folder = new URL('potree1/fixtures/', FIXTURES);
  const cloud = {
    version: '1.7',
    octreeDir: 'data',
    points: 121,
    boundingBox: { lx: 512000, ly: 5403000, lz: 100, ux: 512016, uy: 5403016, uz: 116 },
    pointAttributes: kind,
    spacing: 1,
    scale: 0.01,
    hierarchyStepSize: 5,
  };
  // r: children 0 and 4; r4: child 3.
  const records = [
    [0b10001, 40],
    [0, 1],
    [0b1000, 40],
    [0, 40],
  ];
  const page = Uint8Array.from(records.flatMap(([mask, count]) => [mask!, count!, 0, 0, 0]));
  const files = new Map([
    ['cloud.js', new TextEncoder().encode(JSON.stringify(cloud)) as Uint8Array],
    ['data/r/r.hrc', page],
  ]);
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith(kind.toLowerCase())))
    files.set(`data/r/${name}`, new Uint8Array(readFileSync(new URL(name, folder))));
  return { files, points: null, middle: LAS_MIDDLE, half: 8 };
}

function potree2(encoding: 'DEFAULT' | 'UNCOMPRESSED' | 'BROTLI'): SmallCloud {
  const nodes = scatterNodes(3, 3, 30);
  const attributes = encoding === 'UNCOMPRESSED' ? (['intensity', 'rgb', 'position'] as const) : undefined;
  const files = potree2Cloud(nodes, { encoding, step: 2, ...(attributes && { attributes }) });
  return { files, points: plainPoints(nodes), middle: ORIGIN, half: 8 };
}

/** By name. */
export const SMALL_CLOUDS: Readonly<Record<string, () => SmallCloud | Promise<SmallCloud>>> = {
  'EPT binary': () => ept({ encoding: 'binary' }),
  'EPT binary, float64 and a gzip hierarchy': () =>
    ept({ encoding: 'binary', xyz: 'float64', hierarchyType: 'gzip' }),
  'EPT zstandard': () => ept({ encoding: 'zstandard' }),
  'EPT laszip': () => ({ ...lazCloud(), middle: [637290.7537, 851209.2521, 0.0013], half: 64 }),
  ...Object.fromEntries(
    ['format-6', 'format-7-pages', 'format-8', 'channels', 'channels-7'].map((name) => [
      `COPC ${name}`,
      () => copc(name),
    ]),
  ),
  ...Object.fromEntries(Object.entries(BIN).map(([name, options]) => [name, () => potree1Bin(options)])),
  'Potree 1.7 LAS': () => potree1Las('LAS'),
  'Potree 1.7 LAZ': () => potree1Las('LAZ'),
  'Potree 2 DEFAULT': () => potree2('DEFAULT'),
  'Potree 2 UNCOMPRESSED': () => potree2('UNCOMPRESSED'),
  'Potree 2 BROTLI': () => potree2('BROTLI'),
};
