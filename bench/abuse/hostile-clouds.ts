/**
 * Clouds that are made to hang, to hold or to fill the server that reads them. Each is a map of files; none
 * is stored.
 */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export type Files = ReadonlyMap<string, Uint8Array>;

const text = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** All hostile clouds reach from the origin to here, metres. */
const EDGE_METRES = 16;
const CUBE = { min: [0, 0, 0], max: [EDGE_METRES, EDGE_METRES, EDGE_METRES] };
const SCALE = 0.001;

// ---- EPT

const AXES = ['X', 'Y', 'Z'].map((name) => ({ name, type: 'signed', size: 4, scale: SCALE, offset: 0 }));

interface EptOptions {
  readonly dataType?: 'binary' | 'zstandard' | 'laszip';
  readonly hierarchyType?: 'json' | 'gzip';
  readonly points?: number;
  /** Bytes of each point beside its coordinates. */
  readonly paddingBytes?: number;
}

export function eptJson({
  dataType = 'binary',
  hierarchyType = 'json',
  points = 1,
  paddingBytes = 0,
}: EptOptions = {}) {
  const padding = Array.from({ length: paddingBytes / 8 }, (_, i) => ({
    name: `P${i}`,
    type: 'unsigned',
    size: 8,
  }));
  const bounds = [...CUBE.min, ...CUBE.max];
  return {
    version: '1.1.0',
    bounds,
    boundsConforming: bounds,
    dataType,
    hierarchyType,
    points,
    span: 128,
    schema: [...AXES, ...padding],
    srs: {},
  };
}

/** Every node of an octree of so many levels: 8^levels / 7 of them. */
function* fullTree(levels: number): Generator<string> {
  for (let depth = 0; depth < levels; depth++) {
    const cells = 2 ** depth;
    for (let x = 0; x < cells; x++)
      for (let y = 0; y < cells; y++) for (let z = 0; z < cells; z++) yield `${depth}-${x}-${y}-${z}`;
  }
}

function eptPage(levels: number, points: number, most = Number.POSITIVE_INFINITY): Uint8Array {
  const entries: string[] = [];
  for (const key of fullTree(levels)) {
    if (entries.length >= most) break;
    entries.push(`"${key}":${points}`);
  }
  return text(`{${entries.join(',')}}`);
}

/** A page of so many nodes, with points or without. */
export function eptLargePage(levels: number, points: number, isPacked: boolean): Files {
  const page = eptPage(levels, points);
  return new Map([
    ['ept.json', text(eptJson({ hierarchyType: isPacked ? 'gzip' : 'json' }))],
    [
      `ept-hierarchy/0-0-0-0.json${isPacked ? '.gz' : ''}`,
      isPacked ? new Uint8Array(gzipSync(page, { level: 1 })) : page,
    ],
  ]);
}

/** Pages of one node without points and eight links each, on so many levels. */
export function eptPages(levels: number): Files {
  const files = new Map<string, Uint8Array>([['ept.json', text(eptJson())]]);
  for (const key of fullTree(levels)) {
    const [depth, x, y, z] = key.split('-').map(Number) as [number, number, number, number];
    const children = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i) => `${depth + 1}-${2 * x + (i & 1)}-${2 * y + ((i >> 1) & 1)}-${2 * z + (i >> 2)}`,
    );
    files.set(
      `ept-hierarchy/${key}.json`,
      text(Object.fromEntries([[key, 0], ...children.map((child) => [child, -1])])),
    );
  }
  return files;
}

/** A metadata file that is all brackets. */
export function nested(file: string, bytes: number): Files {
  return new Map([
    [file, new Uint8Array(bytes).fill('['.charCodeAt(0))],
    ...(file === 'metadata.json'
      ? ([
          ['hierarchy.bin', new Uint8Array(22)],
          ['octree.bin', new Uint8Array(1)],
        ] as const)
      : []),
  ]);
}

/** A metadata file of very many small values. */
export function manyValues(values: number): Files {
  const schema = Array.from({ length: values }, (_, i) => ({ name: `D${i}`, type: 'unsigned', size: 1 }));
  return new Map([
    ['ept.json', text({ ...eptJson(), schema: [...AXES, ...schema] })],
    ['ept-hierarchy/0-0-0-0.json', text({ '0-0-0-0': 1 })],
  ]);
}

/** A zstandard frame of blocks that stand for 128 KiB with one byte each. */
function zstdRuns(contentBytes: number): Uint8Array {
  const blocks = Math.ceil(contentBytes / 131072);
  const frame: number[] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
  for (let block = 0; block < blocks; block++) {
    const size = block === blocks - 1 ? contentBytes - 131072 * block : 131072;
    const header = (size << 3) | (1 << 1) | Number(block === blocks - 1);
    frame.push(header & 255, (header >> 8) & 255, header >> 16, 0);
  }
  return Uint8Array.from(frame);
}

/** A node of some kB that unpacks to as much as its hierarchy promises. */
export function zstdBomb(points: number, paddingBytes: number): Files {
  return new Map([
    ['ept.json', text(eptJson({ dataType: 'zstandard', points, paddingBytes }))],
    ['ept-hierarchy/0-0-0-0.json', text({ '0-0-0-0': points })],
    ['ept-data/0-0-0-0.zst', zstdRuns(points * (12 + paddingBytes))],
  ]);
}

/** Nodes that promise points and have no bytes. */
export function promises(dataType: 'binary' | 'zstandard' | 'laszip', points: number): Files {
  const extension = { binary: 'bin', zstandard: 'zst', laszip: 'laz' }[dataType];
  return new Map([
    ['ept.json', text(eptJson({ dataType, points }))],
    ['ept-hierarchy/0-0-0-0.json', text({ '0-0-0-0': points })],
    [`ept-data/0-0-0-0.${extension}`, new Uint8Array(200)],
  ]);
}

/** Points scattered over the whole cube, in one file a node of `nodePoints`. */
export function scattered(points: number, nodePoints: number): Files {
  const files = new Map<string, Uint8Array>([['ept.json', text(eptJson({ points }))]]);
  const counts: Record<string, number> = {};
  let left = points;
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  for (const key of fullTree(6)) {
    if (left === 0) break;
    const count = Math.min(left, nodePoints);
    const [depth, ...place] = key.split('-').map(Number) as [number, number, number, number];
    const edge = EDGE_METRES / 2 ** depth;
    const raw = new Int32Array(3 * count).map((_, i) => ((place[i % 3]! + random()) * edge) / SCALE);
    files.set(`ept-data/${key}.bin`, new Uint8Array(raw.buffer));
    counts[key] = count;
    left -= count;
  }
  files.set('ept-hierarchy/0-0-0-0.json', text(counts));
  return files;
}

// ---- Potree 2

function potree2Json(firstChunkSize: number, encoding: 'DEFAULT' | 'BROTLI', points: number) {
  return {
    version: '2.0',
    points,
    hierarchy: { firstChunkSize, stepSize: 4, depth: 20 },
    offset: [0, 0, 0],
    scale: [SCALE, SCALE, SCALE],
    spacing: EDGE_METRES / 128,
    boundingBox: CUBE,
    encoding,
    attributes: [{ name: 'position', type: 'int32', numElements: 3, elementSize: 4, size: 12 }],
  };
}

function potree2Record(
  type: number,
  mask: number,
  { points = 0, offset = 0, size = 0 }: { points?: number; offset?: number; size?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(22);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, mask);
  view.setUint32(2, points, true);
  view.setBigUint64(6, BigInt(offset), true);
  view.setBigUint64(14, BigInt(size), true);
  return bytes;
}

const CHUNK_BYTES = 9 * 22;

/** One node without points and eight links to the chunk at `offset`. */
function linkingChunk(offset: number): Uint8Array {
  const link = potree2Record(2, 0, { offset, size: CHUNK_BYTES });
  return Buffer.concat([potree2Record(0, 255), ...Array.from({ length: 8 }, () => link)]);
}

/** A hierarchy of 198 bytes whose eight links lead back to itself. */
export function potree2Loop(): Files {
  return new Map([
    ['metadata.json', text(potree2Json(CHUNK_BYTES, 'DEFAULT', 1000))],
    ['hierarchy.bin', linkingChunk(0)],
    ['octree.bin', new Uint8Array(12)],
  ]);
}

/** Chunks that all lead to the next one, eight times each: no loop, and 8^levels ways. */
export function potree2Ladder(levels: number): Files {
  const chunks = Array.from({ length: levels }, (_, level) =>
    level === levels - 1 ? potree2Record(1, 0) : linkingChunk((level + 1) * CHUNK_BYTES),
  );
  // The last one has one record; a chunk of nine is expected there.
  const last = Buffer.concat([
    potree2Record(0, 255),
    ...Array.from({ length: 8 }, () => potree2Record(1, 0)),
  ]);
  return new Map([
    ['metadata.json', text(potree2Json(CHUNK_BYTES, 'DEFAULT', 1000))],
    ['hierarchy.bin', Buffer.concat([...chunks.slice(0, -1), last])],
    ['octree.bin', new Uint8Array(12)],
  ]);
}

/** Very many chunks of their own, eight links each, none with points. */
export function potree2Chunks(levels: number): Files {
  const chunks: Uint8Array[] = [];
  let next = CHUNK_BYTES;
  const total = (8 ** levels - 1) / 7;
  for (let chunk = 0; chunk < total; chunk++) {
    const isLast = next / CHUNK_BYTES + 8 > total;
    const links = Array.from({ length: 8 }, (_, i) =>
      isLast
        ? potree2Record(1, 0)
        : potree2Record(2, 0, { offset: next + i * CHUNK_BYTES, size: CHUNK_BYTES }),
    );
    chunks.push(potree2Record(0, 255), ...links);
    if (!isLast) next += 8 * CHUNK_BYTES;
  }
  return new Map([
    ['metadata.json', text(potree2Json(CHUNK_BYTES, 'DEFAULT', 1000))],
    ['hierarchy.bin', Buffer.concat(chunks)],
    ['octree.bin', new Uint8Array(12)],
  ]);
}

/** A node of some hundred bytes that unpacks to as much as its hierarchy promises. */
export function brotliBomb(points: number): Files {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
  const node = new Uint8Array(brotliCompressSync(new Uint8Array(16 * points), { params }));
  return new Map([
    ['metadata.json', text(potree2Json(22, 'BROTLI', points))],
    ['hierarchy.bin', potree2Record(1, 0, { points, offset: 0, size: node.length })],
    ['octree.bin', node],
  ]);
}

// ---- Potree 1

/** A root page of so many records, all children of each other. */
export function potree1LargePage(records: number): Files {
  const bytes = new Uint8Array(5 * records);
  for (let record = 0; record < records; record++) bytes[5 * record] = 255;
  const box = { lx: 0, ly: 0, lz: 0, ux: EDGE_METRES, uy: EDGE_METRES, uz: EDGE_METRES };
  const cloud = {
    version: '1.7',
    octreeDir: 'data',
    points: 1000,
    boundingBox: box,
    tightBoundingBox: box,
    pointAttributes: ['POSITION_CARTESIAN'],
    spacing: EDGE_METRES / 128,
    scale: SCALE,
    hierarchyStepSize: 30,
  };
  return new Map([
    ['cloud.js', text(cloud)],
    ['data/r/r.hrc', bytes],
  ]);
}

/** A list of nodes in cloud.js, as Potree 1.4 has it. */
export function potree1List(nodes: number): Files {
  const box = { lx: 0, ly: 0, lz: 0, ux: EDGE_METRES, uy: EDGE_METRES, uz: EDGE_METRES };
  const hierarchy: [string, number][] = [['r', 0]];
  for (let level = [''], left = nodes; left > 0; ) {
    level = level
      .flatMap((name) => [0, 1, 2, 3, 4, 5, 6, 7].map((digit) => `${name}${digit}`))
      .slice(0, left);
    for (const name of level) hierarchy.push([`r${name}`, 0]);
    left -= level.length;
  }
  return new Map([
    [
      'cloud.js',
      text({
        version: '1.4',
        boundingBox: box,
        pointAttributes: ['POSITION_CARTESIAN'],
        spacing: EDGE_METRES / 128,
        scale: SCALE,
        hierarchy,
      }),
    ],
  ]);
}

// ---- COPC

const HEAD_BYTES = 589;

function copcHead(rootOffset: number, rootBytes: number, points: number): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(text('LASF'), 0);
  view.setUint8(24, 1);
  view.setUint8(25, 4);
  view.setUint16(94, 375, true);
  view.setUint32(96, HEAD_BYTES, true);
  view.setUint32(100, 1, true);
  view.setUint8(104, 6 | 0x80);
  view.setUint16(105, 30, true);
  for (const axis of [0, 1, 2]) view.setFloat64(131 + 8 * axis, SCALE, true);
  for (const axis of [0, 1, 2]) view.setFloat64(179 + 16 * axis, EDGE_METRES, true);
  view.setBigUint64(247, BigInt(points), true);
  bytes.set(text('copc'), 377);
  view.setUint16(393, 1, true);
  view.setUint16(395, 160, true);
  for (const [at, value] of [
    EDGE_METRES / 2,
    EDGE_METRES / 2,
    EDGE_METRES / 2,
    EDGE_METRES / 2,
    EDGE_METRES / 128,
  ].entries())
    view.setFloat64(429 + 8 * at, value, true);
  view.setBigUint64(429 + 40, BigInt(rootOffset), true);
  view.setBigUint64(429 + 48, BigInt(rootBytes), true);
  return bytes;
}

function copcEntry(key: readonly number[], offset: number, size: number, points: number): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (const [i, part] of key.entries()) view.setInt32(4 * i, part, true);
  view.setBigUint64(16, BigInt(offset), true);
  view.setInt32(24, size, true);
  view.setInt32(28, points, true);
  return bytes;
}

const CHILDREN = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [1, i & 1, (i >> 1) & 1, i >> 2]);

/** Eight links to a page that is the root's own. One file: the key of it is '' here. */
export function copcLoop(): Files {
  const page = Buffer.concat([
    copcEntry([0, 0, 0, 0], 0, 0, 0),
    ...CHILDREN.map((key) => copcEntry(key, HEAD_BYTES, 9 * 32, -1)),
  ]);
  return new Map([['', Buffer.concat([copcHead(HEAD_BYTES, page.length, 1000), page])]]);
}

/** A root page of so many nodes without points. */
export function copcLargePage(levels: number): Files {
  const entries = [...fullTree(levels)].map((key) => copcEntry(key.split('-').map(Number), 0, 0, 0));
  const page = Buffer.concat(entries);
  return new Map([['', Buffer.concat([copcHead(HEAD_BYTES, page.length, 1000), page])]]);
}

/** A chunk of 200 bytes that promises ten million points. */
export function copcPromise(points: number): Files {
  const page = copcEntry([0, 0, 0, 0], HEAD_BYTES, 200, points);
  const file = Buffer.concat([copcHead(HEAD_BYTES + 200, 32, points), new Uint8Array(200), page]);
  return new Map([['', file]]);
}
