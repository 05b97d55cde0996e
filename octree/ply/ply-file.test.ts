/** A file in pieces has the bytes of the whole one, and gives back what it holds. */
import { describe, expect, test } from 'vitest';
import type { DecodedNode } from '../points/index.ts';
import type { Selection } from '../reader/index.ts';
import { PointPieces } from '../reader/index.ts';
import { plyFile } from './ply-file.ts';
import { encodePly } from './write-ply.ts';

const COUNT = 70_000;

/** A node of points on a line, with a colour and an intensity. */
function node(first: number): DecodedNode {
  const axis = (factor: number) => Int32Array.from({ length: COUNT }, (_, i) => factor * (first + i));
  const raw = Uint16Array.from({ length: 3 * COUNT }, (_, i) => i + first);
  return {
    count: COUNT,
    x: axis(1),
    y: axis(2),
    z: axis(3),
    scale: [0.5, 0.5, 0.5],
    offset: [100, 200, 300],
    bounds: null,
    intensity: { raw: Uint16Array.from({ length: COUNT }, (_, i) => i % 1000), scale: 1, offset: 0 },
    dimensions: { colour: { raw, scale: 1, offset: 0 } },
  };
}

/** All of one node, and every third point of another. */
function selection(onRelease: () => void): Selection {
  const indices = Int32Array.from({ length: 5 + COUNT / 3 }, (_, k) => 3 * (k - 5));
  const length = Math.floor(COUNT / 3);
  return {
    count: COUNT + length,
    nodes: [
      { node: node(0), isWhole: true, from: 0, length: COUNT },
      { node: node(500_000), isWhole: false, from: 5, length },
    ],
    indices,
    release: onRelease,
  };
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('a PLY file in pieces', () => {
  test('has the bytes of the whole one, as many as it says', async () => {
    let released = 0;
    const chosen = selection(() => released++);
    const file = plyFile(new PointPieces(chosen, ['colour', 'classification']), { isTruncated: true });
    const written = await bytesOf(file.pieces());
    const points = chosen.nodes.flatMap(({ node, isWhole, from, length }) =>
      Array.from({ length }, (_, k) => ({ node, i: isWhole ? k : chosen.indices[from + k]! })),
    );
    const xyz = points.flatMap(({ node: { x, y, z, scale, offset }, i }) =>
      [x, y, z].map((raw, axis) => raw[i]! * scale[axis]! + offset[axis]!),
    );
    const colour = points.flatMap(({ node, i }) =>
      [0, 1, 2].map((k) => node.dimensions!.colour!.raw[3 * i + k]!),
    );
    const whole = encodePly(
      {
        xyz: Float64Array.from(xyz),
        intensity: Float32Array.from(points, ({ node, i }) => node.intensity!.raw[i]!),
        count: points.length,
      },
      {
        isTruncated: true,
        properties: ['red', 'green', 'blue'].map((name, from) => ({
          name,
          values: Uint16Array.from(colour),
          from,
          step: 3,
        })),
      },
    );
    expect(written.equals(whole)).toBe(true);
    expect(file.byteLength).toBe(written.length);
    expect(file.count).toBe(points.length);
    expect(released).toBe(1);
  });

  test('gives its points back when its reader leaves, and when its signal aborts', async () => {
    for (const leave of ['break', 'abort'] as const) {
      let released = 0;
      const file = plyFile(
        new PointPieces(
          selection(() => released++),
          [],
        ),
      );
      const controller = new AbortController();
      const read = async () => {
        let pieces = 0;
        for await (const piece of file.pieces(controller.signal)) {
          expect(piece.byteLength).toBeGreaterThan(0);
          if (++pieces < 2) continue;
          if (leave === 'break') break;
          controller.abort(new Error('too late'));
        }
      };
      if (leave === 'break') await read();
      else await expect(read()).rejects.toThrow('too late');
      expect(released).toBe(1);
    }
  });
});
