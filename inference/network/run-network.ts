/** The interface to ONNX Runtime: a function that runs one network. */
import type { Features } from './features.ts';

/** A float32 tensor. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** One ONNX session: inputs `points` [1, N, F] and `globals` [1, G], outputs by name. */
export type RunNetwork = (feeds: {
  readonly points: Tensor;
  readonly globals: Tensor;
}) => Promise<{ readonly out: Tensor; readonly mask: Tensor }>;

/** Features as input tensors: `width` values per point, `globals` values per question. */
export function feeds(
  features: Features,
  width: number,
  globals: number,
): { points: Tensor; globals: Tensor } {
  return {
    points: { data: features.points, dims: [1, features.rows, width] },
    globals: { data: features.globals, dims: [1, globals] },
  };
}
