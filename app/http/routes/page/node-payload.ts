/** From a decoded node to what the page draws: 8 bytes a point where a millimetre fits 16 bits, else 16. */
import type { DecodedNode } from '../../../../octree/index.ts';
import type { NodePayload } from '../../../page/cloud/index.ts';

type Three = readonly [number, number, number];

const QUANTIZATION_STEPS = 65_535;
/** 16 bits are used where no coordinate moves by more than half of this, metres. */
const COARSEST_STEP_METRES = 0.001;

export function nodePayload(node: DecodedNode): NodePayload {
  const origin: Three = node.bounds?.min ?? [0, 0, 0];
  const max: Three = node.bounds?.max ?? [0, 0, 0];
  const extent: Three = [max[0] - origin[0], max[1] - origin[1], max[2] - origin[2]];
  const scaled = intensityOf(node);
  const steps = extent.map((length, k) => stepFor(length, node.scale[k]!));
  const isShort = steps.every((step) => step !== null);
  const step: Three = isShort ? (steps as unknown as Three) : [1, 1, 1];
  const data = isShort ? new Uint16Array(4 * node.count) : new Float32Array(4 * node.count);
  for (const [k, axis] of [node.x, node.y, node.z].entries()) {
    const [scale, offset, from, by] = [node.scale[k]!, node.offset[k]! - origin[k]!, k, step[k]!];
    for (let i = 0; i < node.count; i++) {
      const value = (axis[i]! * scale + offset) / by;
      data[4 * i + from] = isShort ? Math.round(value) : value;
    }
  }
  if (node.intensity !== null) {
    const { raw, scale, offset } = node.intensity;
    const by = isShort ? scaled.scale : 1;
    for (let i = 0; i < node.count; i++) {
      const value = raw[i]! * scale + offset - scaled.offset;
      data[4 * i + 3] = isShort ? Math.round(value / (by || 1)) : value;
    }
  }
  const intensity = isShort ? scaled : { offset: scaled.offset, scale: node.intensity === null ? 0 : 1 };
  return { count: node.count, origin, step, intensity, data };
}

/**
 * The stored step if 16 bits of it reach across, so that nothing is lost; else one that fits and is fine
 * enough; else null.
 */
function stepFor(extent: number, scale: number): number | null {
  if (extent === 0) return scale > 0 && scale < 1 ? scale : COARSEST_STEP_METRES;
  if (scale < 1 && extent <= scale * QUANTIZATION_STEPS) return scale;
  return extent / QUANTIZATION_STEPS <= COARSEST_STEP_METRES ? extent / QUANTIZATION_STEPS : null;
}

function intensityOf({ intensity, count }: DecodedNode): { offset: number; scale: number } {
  if (intensity === null || count === 0) return { offset: 0, scale: 0 };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = intensity.raw[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const offset = low * intensity.scale + intensity.offset;
  const span = (high - low) * intensity.scale;
  return { offset, scale: span > 0 ? span / QUANTIZATION_STEPS : 0 };
}
