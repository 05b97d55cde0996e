/** The points that a fixture's reader must find: see copc/fixtures/make.py. */
import { readFileSync } from 'node:fs';
import type { PlainPoint } from './scattered-nodes.ts';

const RECORD_BYTES = 14;
const SCALE = 0.01;
const OFFSET = [512000, 5403000, 100] as const;

/** x, y, z in steps from the offset, and the intensity, of each point. */
export function fixtureSteps(url: URL): (readonly [number, number, number, number])[] {
  const bytes = readFileSync(url);
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, i) => {
    const at = i * RECORD_BYTES;
    return [
      bytes.readInt32LE(at),
      bytes.readInt32LE(at + 4),
      bytes.readInt32LE(at + 8),
      bytes.readUInt16LE(at + 12),
    ];
  });
}

/** The same in the cloud's coordinates. */
export function fixturePoints(url: URL): PlainPoint[] {
  return fixtureSteps(url).map(([x, y, z, intensity]) => ({
    x: x * SCALE + OFFSET[0],
    y: y * SCALE + OFFSET[1],
    z: z * SCALE + OFFSET[2],
    intensity,
  }));
}
