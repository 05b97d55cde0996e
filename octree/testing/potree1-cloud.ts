/** Writes small Potree 1 clouds as PotreeConverter does. */

import { toPotreeName } from '../formats/index.ts';
import type { Key } from '../geometry/index.ts';
import {
  CUBE,
  classOf,
  colourOf,
  EDGE,
  type PlainPoint,
  SCALE,
  type ScatteredNode,
} from './scattered-nodes.ts';

export interface Potree1CloudOptions {
  readonly version: string;
  /** `pointAttributes` as cloud.js has it. */
  readonly pointAttributes: readonly unknown[];
  /** Name, size and whether it is the position or the intensity, in order: what `pointAttributes` says. */
  readonly fields: readonly {
    readonly size: number;
    readonly is?: 'position' | 'intensity' | 'classification' | 'colour';
  }[];
  readonly step?: number;
  /** Changes the cloud.js. */
  readonly metadata?: Record<string, unknown>;
}

/** The files of the cloud, paths relative to its folder. */
export function potree1Cloud(
  nodes: readonly ScatteredNode[],
  options: Potree1CloudOptions,
): Map<string, Uint8Array> {
  const { version, pointAttributes, step = 2 } = options;
  const isFlat = version === '1.4';
  const [min, max] = [CUBE.min, CUBE.max];
  const files = new Map<string, Uint8Array>();
  const cloud = {
    version,
    octreeDir: 'data',
    points: nodes.reduce((sum, { points }) => sum + points.length, 0),
    boundingBox: { lx: min[0], ly: min[1], lz: min[2], ux: max[0], uy: max[1], uz: max[2] },
    pointAttributes,
    spacing: 0.5,
    scale: SCALE,
    ...(isFlat
      ? { hierarchy: nodes.map(({ key, points }) => [toPotreeName(key), points.length]) }
      : { hierarchyStepSize: step }),
    ...options.metadata,
  };
  files.set('cloud.js', new TextEncoder().encode(JSON.stringify(cloud, null, '\t')));
  for (const { key, points } of nodes) {
    const folder = isFlat ? 'data/' : `data/${nestedFolder(toPotreeName(key), step)}`;
    if (points.length > 0)
      files.set(`${folder}${toPotreeName(key)}.bin`, records({ key, points }, options.fields));
    if (!isFlat && key.depth % step === 0) {
      files.set(`${folder}${toPotreeName(key)}.hrc`, page(nodes, key, step));
    }
  }
  return files;
}

/** The points of the cloud as its readers must see them: relative to their node's corner, in float64. */
export function potree1Points(nodes: readonly ScatteredNode[]): PlainPoint[] {
  return nodes.flatMap(({ key, points }) => {
    const edge = EDGE >> key.depth;
    const place = [key.x, key.y, key.z] as const;
    const coordinate = (steps: number, axis: 0 | 1 | 2) =>
      (steps - place[axis] * edge) * SCALE + (CUBE.min[axis] + place[axis] * (16 / 2 ** key.depth));
    return points.map(({ steps: [x, y, z], intensity }) => ({
      x: coordinate(x, 0),
      y: coordinate(y, 1),
      z: coordinate(z, 2),
      intensity,
    }));
  });
}

function nestedFolder(name: string, step: number): string {
  let folder = 'r/';
  let digits = name.slice(1);
  for (; digits.length >= step; digits = digits.slice(step)) folder += `${digits.slice(0, step)}/`;
  return folder;
}

function records({ key, points }: ScatteredNode, fields: Potree1CloudOptions['fields']): Uint8Array {
  const stride = fields.reduce((sum, { size }) => sum + size, 0);
  const bytes = Buffer.alloc(points.length * stride, 0xa5);
  const edge = EDGE >> key.depth;
  points.forEach(({ steps: [x, y, z], intensity }, i) => {
    let at = i * stride;
    for (const { size, is } of fields) {
      if (is === 'position') {
        bytes.writeInt32LE(x - key.x * edge, at);
        bytes.writeInt32LE(y - key.y * edge, at + 4);
        bytes.writeInt32LE(z - key.z * edge, at + 8);
      } else if (is === 'intensity') bytes.writeUInt16LE(intensity, at);
      else if (is === 'classification') bytes.writeUInt8(classOf(intensity), at);
      else if (is === 'colour')
        for (const [k, value] of colourOf(intensity).entries()) bytes.writeUInt8(value >> 8, at + k);
      at += size;
    }
  });
  return new Uint8Array(bytes);
}

/** Breadth-first records of the subtree, `step` levels and the root of it. */
export function page(nodes: readonly ScatteredNode[], root: Key, step: number): Uint8Array {
  const byName = new Map(nodes.map((node) => [toPotreeName(node.key), node]));
  const bytes: number[] = [];
  let level = [toPotreeName(root)];
  for (let depth = 0; depth <= step; depth++) {
    const next: string[] = [];
    for (const name of level) {
      const children = [0, 1, 2, 3, 4, 5, 6, 7].filter((digit) => byName.has(name + digit));
      const mask = children.reduce((bits, digit) => bits | (1 << digit), 0);
      const count = byName.get(name)!.points.length;
      bytes.push(mask, count & 255, (count >> 8) & 255, (count >> 16) & 255, count >>> 24);
      next.push(...children.map((digit) => name + digit));
    }
    level = next;
  }
  return Uint8Array.from(bytes);
}
