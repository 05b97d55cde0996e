/**
 * E57 (ASTM E2807): all scans of a file, in its common coordinates: cartesian or spherical, floats or packed
 * integers, with intensity and colour. Source: libE57Format; M. Huber, "The ASTM E57 file format for 3D
 * imaging data exchange" (2011).
 */
import { applyPose, type BuildPose } from '../batch-pose.ts';
import { type InputAttribute, knownDimensions } from '../dimensions/index.ts';
import { isGeographicWkt } from '../geographic.ts';
import { InputFile } from '../input-file.ts';
import { BATCH_POINTS, badInput, type OwnBatch, PointBatch, type PointInput } from '../point-input.ts';
import { type E57Field, E57Values, e57Field, numberTypeOf } from './e57-field.ts';
import { E57Pages } from './e57-pages.ts';
import { child, type E57Element, numberIn, parseE57Xml } from './e57-xml.ts';

const HEAD_BYTES = 48;
const SIGNATURE = 'ASTM-E57';
const SECTION_HEAD_BYTES = 32;
const PACKET_HEAD_BYTES = 6;
const DATA_PACKET = 1;
const MOST_XML_BYTES = 256 * 1024 * 1024;
const LEAST_PAGE_BYTES = 128;
const MOST_PAGE_BYTES = 16 * 1024 * 1024;
const COLOURS = ['colorRed', 'colorGreen', 'colorBlue'] as const;
const COLOUR_NAMES: ReadonlySet<string> = new Set(COLOURS);
const COLOUR_ATTRIBUTES = ['Red', 'Green', 'Blue'].map((name) => ({
  name,
  type: 'uint16' as const,
  isKnown: true,
}));
const MOST_COLOUR = 65_535;
/** Counts from 0, LAS from 1. */
const RETURN_INDEX = 'returnIndex';
const CARTESIAN = ['cartesianX', 'cartesianY', 'cartesianZ'] as const;
const SPHERICAL = ['sphericalRange', 'sphericalAzimuth', 'sphericalElevation'] as const;
const READ = [
  'intensity',
  'cartesianInvalidState',
  'sphericalInvalidState',
  ...COLOURS,
  ...CARTESIAN,
  ...SPHERICAL,
];

interface E57Head {
  readonly pages: E57Pages;
  readonly scans: readonly E57Scan[];
  readonly wkt: string;
}

interface E57Scan {
  readonly count: number;
  /** Where its section begins in the content. */
  readonly at: number;
  readonly fields: readonly E57Field[];
  readonly names: readonly string[];
  readonly isSpherical: boolean;
  readonly pose: BuildPose | null;
}

export async function openE57(path: string): Promise<PointInput> {
  const { scans, wkt } = await InputFile.use(path, readHead);
  const fields = scans.flatMap((scan) => scan.fields);
  const intensities = fields.filter(({ name }) => name === 'intensity');
  const isWide = intensities.some(({ isFloat, bits }) => !isFloat || bits > 32);
  const hasColour = COLOURS.every((name) => fields.some((field) => field.name === name));
  const others = attributesOf(fields.filter(({ name }) => !READ.includes(name)));
  return knownDimensions({
    path,
    count: scans.reduce((sum, { count }) => sum + count, 0),
    intensity: intensities.length === 0 ? null : isWide ? 'float64' : 'float32',
    attributes: [...(hasColour ? COLOUR_ATTRIBUTES : []), ...others],
    ...(hasColour ? {} : { unread: COLOURS.filter((name) => fields.some((field) => field.name === name)) }),
    ...(wkt === '' ? {} : { wkt, isGeographic: isGeographicWkt(wkt) }),
    batches: (options = {}) => {
      const names = [...(hasColour ? COLOURS : []), ...others.map(({ name }) => name)];
      return readScans(path, intensities.length > 0, options.attributes ? names : [], options.signal);
    },
  });
}

/** One for each name; of several scans, the same name can have different types. */
function attributesOf(fields: readonly E57Field[]): InputAttribute[] {
  const types = new Map<string, Set<InputAttribute['type']>>();
  for (const field of fields)
    types.set(field.name, (types.get(field.name) ?? new Set()).add(numberTypeOf(field)));
  return [...types].map(([name, found]) => ({
    name,
    type: found.size === 1 ? [...found][0]! : 'float64',
    ...(name === RETURN_INDEX && { meaning: 'return number' }),
  }));
}

async function readHead(file: InputFile): Promise<E57Head> {
  const head = await file.read(0, HEAD_BYTES);
  const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
  if (Buffer.from(head.subarray(0, 8)).toString('latin1') !== SIGNATURE)
    throw badInput(file.path, 'is no E57 file');
  const [xmlAt, xmlBytes, pageBytes] = [24, 32, 40].map((at) => Number(view.getBigUint64(at, true)));
  if (!(pageBytes! >= LEAST_PAGE_BYTES && pageBytes! <= MOST_PAGE_BYTES) || !(xmlBytes! <= MOST_XML_BYTES))
    throw badInput(file.path, 'has a damaged header');
  const pages = new E57Pages(file, pageBytes!);
  const xml = Buffer.from(await pages.read(pages.contentAt(xmlAt!), xmlBytes!)).toString('utf8');
  return told(file.path, () => {
    const root = parseE57Xml(xml);
    const scans = (child(root, 'data3D')?.children ?? []).map((scan) => scanOf(scan, pages));
    if (scans.length === 0) throw new Error('has no scans');
    return { pages, scans, wkt: child(root, 'coordinateMetadata')?.text.trim() ?? '' };
  });
}

/** Errors of what is in the file name the file. */
function told<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw badInput(path, (cause as Error).message, cause);
  }
}

function scanOf(scan: E57Element, pages: E57Pages): E57Scan {
  const points = child(scan, 'points');
  const fields = (child(points, 'prototype')?.children ?? []).map(e57Field);
  const names = fields.map(({ name }) => name);
  const isSpherical = !CARTESIAN.every((name) => names.includes(name));
  if (isSpherical && !SPHERICAL.every((name) => names.includes(name)))
    throw new Error(`has a scan without coordinates; its fields: ${names.join(', ')}`);
  const [count, at] = ['recordCount', 'fileOffset'].map((name) => Number(points?.attributes.get(name)));
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(at)) throw new Error('has a scan without points');
  return {
    count: count!,
    at: pages.contentAt(at!),
    fields,
    names,
    isSpherical,
    pose: poseOf(child(scan, 'pose')),
  };
}

function poseOf(pose: E57Element | undefined): BuildPose | null {
  if (pose === undefined) return null;
  const of = (part: string, name: string, otherwise: number) => numberIn(child(pose, part, name), otherwise);
  const [w, x, y, z] = [of('rotation', 'w', 1), ...['x', 'y', 'z'].map((name) => of('rotation', name, 0))];
  const length = Math.hypot(w!, x!, y!, z!);
  if (!(length > 0)) throw new Error('has a scan whose pose is no rotation');
  return {
    position: [of('translation', 'x', 0), of('translation', 'y', 0), of('translation', 'z', 0)],
    rotation: [x! / length, y! / length, z! / length, w! / length],
  };
}

async function* readScans(
  path: string,
  hasIntensity: boolean,
  attributes: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<PointBatch> {
  const file = await InputFile.open(path);
  try {
    const { pages, scans } = await readHead(file);
    const batch = PointBatch.allocate(BATCH_POINTS, hasIntensity, attributes.length);
    for (const scan of scans) {
      for await (const columns of readColumns(path, pages, scan)) {
        signal?.throwIfAborted();
        fill(batch, columns, attributes, scan);
        if (scan.pose !== null) applyPose(scan.pose, batch);
        yield batch;
      }
    }
  } finally {
    await file.close();
  }
}

/** The values of the next points, a column for each field of the scan; at most BATCH_POINTS of them. */
async function* readColumns(path: string, pages: E57Pages, scan: E57Scan): AsyncGenerator<Float64Array[]> {
  const { count, fields } = scan;
  const values = told(path, () => fields.map((field) => new E57Values(field)));
  const section = await pages.read(scan.at, SECTION_HEAD_BYTES);
  const view = new DataView(section.buffer, section.byteOffset, SECTION_HEAD_BYTES);
  let at = pages.contentAt(Number(view.getBigUint64(16, true)));
  for (let done = 0; done < count; ) {
    const points = Math.min(BATCH_POINTS, count - done, ...values.map(({ available }) => available));
    if (points > 0) {
      const columns = fields.map(() => new Float64Array(points));
      for (const [index, column] of columns.entries()) values[index]!.take(column);
      done += points;
      yield columns;
      continue;
    }
    const head = await pages.read(at, PACKET_HEAD_BYTES);
    const packet = new DataView(head.buffer, head.byteOffset, PACKET_HEAD_BYTES);
    const length = packet.getUint16(2, true) + 1;
    if (packet.getUint8(0) === DATA_PACKET) addPacket(path, await pages.read(at, length), values);
    at += length;
  }
}

function addPacket(path: string, bytes: Uint8Array, values: readonly E57Values[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const streams = view.getUint16(4, true);
  let at = PACKET_HEAD_BYTES + 2 * streams;
  if (streams !== values.length || at > bytes.length) throw badInput(path, 'has a damaged packet of points');
  for (const [index, stream] of values.entries()) {
    const length = view.getUint16(PACKET_HEAD_BYTES + 2 * index, true);
    if (at + length > bytes.length) throw badInput(path, 'has a damaged packet of points');
    stream.add(bytes.subarray(at, at + length));
    at += length;
  }
}

function fill(
  batch: OwnBatch,
  columns: readonly Float64Array[],
  attributes: readonly string[],
  { fields, names, isSpherical }: E57Scan,
): void {
  const column = (name: string) => columns[names.indexOf(name)];
  const count = columns[0]!.length;
  batch.count = count;
  const [a, b, c] = (isSpherical ? SPHERICAL : CARTESIAN).map((name) => column(name)!);
  const invalid = column(isSpherical ? 'sphericalInvalidState' : 'cartesianInvalidState');
  for (let i = 0; i < count; i++) {
    const [first, second, third] = [a![i]!, b![i]!, c![i]!];
    const across = isSpherical ? first * Math.cos(third) : 0;
    // 1: only the direction is known, 2: nothing is. Points without coordinates are left out and counted.
    batch.x[i] =
      invalid !== undefined && invalid[i] !== 0
        ? Number.NaN
        : isSpherical
          ? across * Math.cos(second)
          : first;
    batch.y[i] = isSpherical ? across * Math.sin(second) : second;
    batch.z[i] = isSpherical ? first * Math.sin(third) : third;
  }
  if (batch.intensity !== null) {
    const intensity = column('intensity');
    if (intensity === undefined) batch.intensity.fill(0, 0, count);
    else batch.intensity.set(intensity);
  }
  for (const [index, values] of batch.attributes.entries()) {
    const name = attributes[index]!;
    const field = fields[names.indexOf(name)];
    const own = column(name);
    if (field === undefined || own === undefined) values.fill(0, 0, count);
    else if (COLOUR_NAMES.has(name)) fillColour(values, own, field);
    else if (name === RETURN_INDEX) for (let i = 0; i < count; i++) values[i] = own[i]! + 1;
    else values.set(own);
  }
}

/** Floats from 0 to 1, or integers up to a stated maximum, become 16 bits. */
function fillColour(
  values: Float64Array,
  own: Float64Array,
  { isFloat, maximum, scale, offset }: E57Field,
): void {
  const most = isFloat ? 1 : maximum * scale + offset;
  for (let i = 0; i < own.length; i++) values[i] = Math.round((own[i]! / most) * MOST_COLOUR);
}
