/** A scan of a flat street with walls and cars, ray by ray. */
import { mulberry32 } from '../../../cache/foundation/index.ts';

const SCANNER_HEIGHT_M = 1.9;
const BEAMS = 48;
const STEPS = 720;
const FARTHEST_M = 60;

/**
 * x, y, z interleaved: what a scanner with 48 beams sees from a place, 1.9 m over the ground at z = 0. The
 * street is the same for the same seed, whatever the place; it lies around 0, 0, or around `place` where that
 * is far from it.
 * @param every keeps one step of the turn of so many
 */
export function syntheticScan(seed: number, [x, y]: readonly [number, number], every = 1): Float32Array {
  const random = mulberry32(seed);
  const isFar = Math.hypot(x, y) > 40;
  const [streetX, streetY] = isFar ? [x - 5, y + 3] : [0, 0];
  const blocks = Array.from({ length: 40 }, () => {
    const distance = 8 + 45 * random();
    const angle = 2 * Math.PI * random();
    return {
      x: streetX + distance * Math.cos(angle),
      y: streetY + distance * Math.sin(angle),
      half: 0.8 + 2 * random(),
      height: 1.5 + 4 * random(),
    };
  }).filter((block) => Math.max(Math.abs(block.x - x), Math.abs(block.y - y)) > block.half + 2);
  const points: number[] = [];
  for (let beam = 0; beam < BEAMS; beam++) {
    const slope = Math.tan(((-24 + beam * 0.55) * Math.PI) / 180);
    for (let step = 0; step < STEPS; step += every) {
      const angle = (2 * Math.PI * (step + random())) / STEPS;
      const dx = Math.cos(angle);
      const dy = Math.sin(angle);
      let distance = slope < 0 ? SCANNER_HEIGHT_M / -slope : Number.POSITIVE_INFINITY;
      for (const block of blocks) {
        const near = Math.max(entry(block.x - x, block.half, dx), entry(block.y - y, block.half, dy));
        const far = Math.min(exit(block.x - x, block.half, dx), exit(block.y - y, block.half, dy));
        const z = SCANNER_HEIGHT_M + slope * near;
        if (near > 0 && near < far && near < distance && z < block.height) distance = near;
      }
      if (distance > FARTHEST_M) continue;
      const range = distance + 0.02 * (random() - 0.5);
      points.push(x + range * dx, y + range * dy, Math.max(0, SCANNER_HEIGHT_M + slope * range));
    }
  }
  return Float32Array.from(points);
}

function entry(middle: number, half: number, along: number): number {
  return (middle - Math.sign(along) * half) / along;
}

function exit(middle: number, half: number, along: number): number {
  return (middle + Math.sign(along) * half) / along;
}
