/** Small EPT clouds for tests, written by hand: no code is shared with the builder or with the reader. */
import { gzipSync } from 'node:zlib';
import { zstdCompress, zstdReady } from '../zstd/index.ts';

export type XyzType = 'int16' | 'int32' | 'uint32' | 'int64' | 'float32' | 'float64';

export interface TestCloudOptions {
  /**
   * Raw values, three a point: value = raw * scale + offset. For floats they are the values minus the offset.
   */
  readonly raw: readonly (readonly [number, number, number])[];
  /** The octree's cube: its low corner and its edge. */
  readonly low: readonly [number, number, number];
  readonly edge: number;
  readonly encoding?: 'binary' | 'zstandard';
  readonly xyz?: XyzType;
  readonly scale?: number;
  readonly offset?: readonly [number, number, number];
  /** Points that a node holds before the rest goes down. */
  readonly nodePoints?: number;
  /** Nodes at depths that are multiples of it begin a hierarchy page of their own. */
  readonly pageStep?: number;
  readonly hierarchyType?: 'json' | 'gzip';
  readonly intensity?: 'none' | 'uint16' | 'float32';
  /** Deepest level. */
  readonly maxDepth?: number;
  /** Laid over ept.json. */
  readonly metadata?: Record<string, unknown>;
}

export interface TestPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number;
  /** The node that holds it. */
  readonly key: string;
}

export interface TestCloud {
  /** By path below the cloud's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Every point, as a reader must give it. */
  readonly points: readonly TestPoint[];
  /** Points by key. */
  readonly nodes: ReadonlyMap<string, number>;
}

interface Column {
  readonly name: string;
  readonly type: 'signed' | 'unsigned' | 'float';
  readonly size: number;
  readonly write: (view: DataView, at: number, value: number) => void;
}

const XYZ: Readonly<Record<XyzType, Omit<Column, 'name'>>> = {
  int16: { type: 'signed', size: 2, write: (view, at, value) => view.setInt16(at, value, true) },
  int32: { type: 'signed', size: 4, write: (view, at, value) => view.setInt32(at, value, true) },
  uint32: { type: 'unsigned', size: 4, write: (view, at, value) => view.setUint32(at, value, true) },
  int64: { type: 'signed', size: 8, write: (view, at, value) => view.setBigInt64(at, BigInt(value), true) },
  float32: { type: 'float', size: 4, write: (view, at, value) => view.setFloat32(at, value, true) },
  float64: { type: 'float', size: 8, write: (view, at, value) => view.setFloat64(at, value, true) },
};

export async function makeEptCloud(options: TestCloudOptions): Promise<TestCloud> {
  await zstdReady();
  const { raw, low, edge, encoding = 'binary', xyz = 'int32', scale = 0.001, offset = [0, 0, 0] } = options;
  const { nodePoints = 8, maxDepth = 6, intensity = 'uint16' } = options;
  const isFloat = xyz.startsWith('float');
  const stored = raw.map((values) => (xyz === 'float32' ? values.map(Math.fround) : values));
  const coordinate = (i: number, axis: 0 | 1 | 2) =>
    isFloat ? stored[i]![axis]! * 1 + offset[axis] : stored[i]![axis]! * scale + offset[axis];
  const intensityOf = (i: number) =>
    intensity === 'none' ? 0 : intensity === 'uint16' ? (i * 257) % 65536 : i + 0.5;

  const members = new Map<string, number[]>();
  const place = (key: readonly [number, number, number, number], indices: number[]) => {
    const [d, x, y, z] = key;
    const stays = d >= maxDepth ? indices : indices.slice(0, nodePoints);
    members.set(key.join('-'), stays);
    const children = new Map<number, number[]>();
    for (const i of indices.slice(stays.length)) {
      const half = edge / 2 ** (d + 1);
      const upper = [x, y, z].map((cell, axis) => {
        const middle = low[axis as 0 | 1 | 2] + (2 * cell + 1) * half;
        return coordinate(i, axis as 0 | 1 | 2) >= middle ? 1 : 0;
      });
      const child = upper[0]! + 2 * upper[1]! + 4 * upper[2]!;
      children.set(child, [...(children.get(child) ?? []), i]);
    }
    for (const [child, inside] of children) {
      place([d + 1, 2 * x + (child & 1), 2 * y + ((child >> 1) & 1), 2 * z + (child >> 2)], inside);
    }
  };
  place(
    [0, 0, 0, 0],
    raw.map((_, i) => i),
  );

  const columns: Column[] = [
    // In the way on purpose: positions do not begin at 0.
    { name: 'ReturnNumber', type: 'unsigned', size: 1, write: (view, at) => view.setUint8(at, 1) },
    ...['X', 'Y', 'Z'].map((name) => ({ name, ...XYZ[xyz] })),
  ];
  if (intensity === 'uint16') columns.push({ name: 'Intensity', ...XYZ.int16, type: 'unsigned' });
  if (intensity === 'float32') columns.push({ name: 'Intensity', ...XYZ.float32 });
  const stride = columns.reduce((bytes, { size }) => bytes + size, 0);

  const files = new Map<string, Uint8Array>();
  for (const [key, indices] of members) {
    const bytes = new Uint8Array(indices.length * stride);
    const view = new DataView(bytes.buffer);
    indices.forEach((i, n) => {
      let at = n * stride;
      for (const { name, size, write } of columns) {
        const axis = ['X', 'Y', 'Z'].indexOf(name);
        write(view, at, axis >= 0 ? stored[i]![axis]! : intensityOf(i));
        at += size;
      }
    });
    const path = `ept-data/${key}.${encoding === 'binary' ? 'bin' : 'zst'}`;
    if (indices.length > 0) files.set(path, encoding === 'binary' ? bytes : zstdCompress(bytes));
  }
  const nodes = new Map([...members].map(([key, indices]) => [key, indices.length]));
  for (const [path, bytes] of hierarchyFiles(nodes, options)) files.set(path, bytes);

  const schema = columns.map(({ name, type, size }) => {
    const axis = ['X', 'Y', 'Z'].indexOf(name);
    if (axis < 0) return { name, type, size };
    return { name, type, size, ...(isFloat ? {} : { scale }), offset: offset[axis] };
  });
  const metadata = {
    version: '1.1.0',
    bounds: [...low, ...low.map((value) => value + edge)],
    boundsConforming: [...low, ...low.map((value) => value + edge)],
    dataType: encoding,
    hierarchyType: options.hierarchyType ?? 'json',
    points: raw.length,
    span: 128,
    schema,
    srs: {},
    ...options.metadata,
  };
  files.set('ept.json', new TextEncoder().encode(JSON.stringify(metadata)));

  const points = [...members].flatMap(([key, indices]) =>
    indices.map((i) => ({
      x: coordinate(i, 0),
      y: coordinate(i, 1),
      z: coordinate(i, 2),
      intensity: intensityOf(i),
      key,
    })),
  );
  return { files, points, nodes };
}

function hierarchyFiles(
  nodes: ReadonlyMap<string, number>,
  { pageStep = Number.POSITIVE_INFINITY, hierarchyType = 'json' }: TestCloudOptions,
): Map<string, Uint8Array> {
  const pages = new Map<string, Record<string, number>>();
  for (const [key, points] of nodes) {
    const [d, x, y, z] = key.split('-').map(Number) as [number, number, number, number];
    const own = pageStep === Number.POSITIVE_INFINITY ? 0 : d - (d % pageStep);
    const up = (depth: number) => [depth, x >> (d - depth), y >> (d - depth), z >> (d - depth)].join('-');
    const add = (page: string, value: number) => pages.set(page, { ...pages.get(page), [key]: value });
    add(up(own), points);
    if (d === own && d > 0) add(up(d - pageStep), -1);
  }
  const encode = (page: Record<string, number>) => {
    const bytes = new TextEncoder().encode(JSON.stringify(page));
    return hierarchyType === 'gzip' ? new Uint8Array(gzipSync(bytes)) : bytes;
  };
  const suffix = hierarchyType === 'gzip' ? 'json.gz' : 'json';
  return new Map([...pages].map(([root, page]) => [`ept-hierarchy/${root}.${suffix}`, encode(page)]));
}
