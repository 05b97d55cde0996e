/** Writes small Potree 2 clouds as PotreeConverter 2.1 does, its mistake with BROTLI coordinates included. */
import { brotliCompressSync, constants } from 'node:zlib';
import { toPotreeName } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { CUBE, classOf, colourOf, SCALE, type ScatteredNode } from './scattered-nodes.ts';

export interface Potree2CloudOptions {
  readonly encoding: 'DEFAULT' | 'UNCOMPRESSED' | 'BROTLI';
  /** Order of the attributes. Default: position, intensity, classification, rgb. */
  readonly attributes?: readonly Potree2Name[];
  /** Levels of a chunk of the hierarchy. */
  readonly step?: number;
  readonly metadata?: Record<string, unknown>;
  /** Changes a node's record: its type, mask, points, offset, size. */
  readonly record?: (key: string, record: Potree2Record) => Potree2Record;
}

interface Potree2Record {
  readonly type: number;
  readonly mask: number;
  readonly points: number;
  readonly offset: number;
  readonly size: number;
}

/** Compressed as quickly as can be. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

type Potree2Name = 'position' | 'intensity' | 'classification' | 'rgb';

const FORMS = {
  position: { type: 'int32', numElements: 3, elementSize: 4 },
  intensity: { type: 'uint16', numElements: 1, elementSize: 2 },
  classification: { type: 'uint8', numElements: 1, elementSize: 1 },
  rgb: { type: 'uint16', numElements: 3, elementSize: 2 },
} as const;

/** The files of the cloud, paths relative to its folder. */
export function potree2Cloud(
  nodes: readonly ScatteredNode[],
  options: Potree2CloudOptions,
): Map<string, Uint8Array> {
  const { encoding, attributes = ['position', 'intensity', 'classification', 'rgb'], step = 2 } = options;
  const parts: Uint8Array[] = [];
  const places = new Map<string, { offset: number; size: number }>();
  let offset = 0;
  for (const node of nodes) {
    const plain = encoding === 'BROTLI' ? planes(node, attributes) : records(node, attributes);
    const part =
      encoding === 'BROTLI' && plain.length > 0 ? new Uint8Array(brotliCompressSync(plain, QUICK)) : plain;
    places.set(toPotreeName(node.key), { offset, size: part.length });
    parts.push(part);
    offset += part.length;
  }
  const { bytes, firstChunkSize } = hierarchy(
    nodes,
    places,
    step,
    options.record ?? ((_key, record) => record),
  );
  const metadata = {
    version: '2.0',
    points: nodes.reduce((sum, { points }) => sum + points.length, 0),
    hierarchy: { firstChunkSize, stepSize: step, depth: 5 },
    offset: CUBE.min,
    scale: [SCALE, SCALE, SCALE],
    spacing: 0.125,
    boundingBox: CUBE,
    encoding,
    attributes: attributes.map((name) => ({
      name,
      ...FORMS[name],
      size: FORMS[name].numElements * FORMS[name].elementSize,
      min: [0],
      max: [1],
    })),
    ...options.metadata,
  };
  return new Map([
    ['metadata.json', new TextEncoder().encode(JSON.stringify(metadata))],
    ['hierarchy.bin', bytes],
    ['octree.bin', new Uint8Array(Buffer.concat(parts))],
  ]);
}

function records({ points }: ScatteredNode, attributes: readonly Potree2Name[]): Uint8Array {
  const stride = attributes.reduce((sum, name) => sum + FORMS[name].numElements * FORMS[name].elementSize, 0);
  const bytes = Buffer.alloc(points.length * stride, 0x5a);
  points.forEach(({ steps, intensity }, i) => {
    let at = i * stride;
    for (const name of attributes) {
      if (name === 'position')
        for (const axis of [0, 1, 2] as const) bytes.writeInt32LE(steps[axis], at + 4 * axis);
      if (name === 'intensity') bytes.writeUInt16LE(intensity, at);
      if (name === 'classification') bytes.writeUInt8(classOf(intensity), at);
      if (name === 'rgb')
        for (const [k, value] of colourOf(intensity).entries()) bytes.writeUInt16LE(value, at + 2 * k);
      at += FORMS[name].numElements * FORMS[name].elementSize;
    }
  });
  return new Uint8Array(bytes);
}

/** A plane for each attribute. Positions are stored one step too high: the writer's own "minimum" is -1. */
function planes({ points }: ScatteredNode, attributes: readonly Potree2Name[]): Uint8Array {
  const parts = attributes.map((name) => {
    const bytes = Buffer.alloc(
      points.length * (name === 'position' ? 16 : name === 'rgb' ? 8 : FORMS[name].elementSize),
    );
    points.forEach(({ steps, intensity }, i) => {
      if (name === 'intensity') bytes.writeUInt16LE(intensity, 2 * i);
      if (name === 'classification') bytes.writeUInt8(classOf(intensity), i);
      if (name === 'rgb') bytes.writeBigUInt64LE(morton(...colourOf(intensity)), 8 * i);
      if (name !== 'position') return;
      const [x, y, z] = steps.map((value) => (value + 1) >>> 0) as [number, number, number];
      bytes.writeBigUInt64LE(morton(x >>> 16, y >>> 16, z >>> 16), 16 * i);
      bytes.writeBigUInt64LE(morton(x & 0xffff, y & 0xffff, z & 0xffff), 16 * i + 8);
    });
    return bytes;
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** 16 bits of each axis, bit by bit. */
function morton(x: number, y: number, z: number): bigint {
  let code = 0n;
  for (let bit = 0; bit < 16; bit++) {
    const bits = ((x >> bit) & 1) | (((y >> bit) & 1) << 1) | (((z >> bit) & 1) << 2);
    code |= BigInt(bits) << BigInt(3 * bit);
  }
  return code;
}

function hierarchy(
  nodes: readonly ScatteredNode[],
  places: ReadonlyMap<string, { offset: number; size: number }>,
  step: number,
  change: (key: string, record: Potree2Record) => Potree2Record,
): { bytes: Uint8Array; firstChunkSize: number } {
  const byName = new Map(nodes.map((node) => [toPotreeName(node.key), node]));
  const childrenOf = (name: string) => [0, 1, 2, 3, 4, 5, 6, 7].filter((digit) => byName.has(name + digit));
  /** Breadth-first names of the chunk; those after a whole step that have children are proxies. */
  const chunkOf = (root: string) => {
    const names = [root];
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name.length - root.length < step) names.push(...childrenOf(name).map((digit) => name + digit));
    }
    return names;
  };
  const isProxy = (name: string, root: string) =>
    name.length - root.length === step && childrenOf(name).length > 0;
  const chunks = ['r'];
  for (let i = 0; i < chunks.length; i++) {
    chunks.push(...chunkOf(chunks[i]!).filter((name) => isProxy(name, chunks[i]!)));
  }
  const chunkAt = new Map<string, { offset: number; size: number }>();
  let size = 0;
  for (const root of chunks) {
    const bytes = 22 * chunkOf(root).length;
    chunkAt.set(root, { offset: size, size: bytes });
    size += bytes;
  }
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (const root of chunks) {
    for (const name of chunkOf(root)) {
      const { key, points } = byName.get(name)!;
      const mask = childrenOf(name).reduce((bits, digit) => bits | (1 << digit), 0);
      const proxy = isProxy(name, root);
      const place = proxy ? chunkAt.get(name)! : places.get(name)!;
      const type = proxy ? 2 : mask === 0 ? 1 : 0;
      const record = change(Key.format(key), { type, mask, points: points.length, ...place });
      bytes.writeUInt8(record.type, at);
      bytes.writeUInt8(record.mask, at + 1);
      bytes.writeUInt32LE(record.points, at + 2);
      bytes.writeBigUInt64LE(BigInt(record.offset), at + 6);
      bytes.writeBigUInt64LE(BigInt(record.size), at + 14);
      at += 22;
    }
  }
  return { bytes: new Uint8Array(bytes), firstChunkSize: chunkAt.get('r')!.size };
}
