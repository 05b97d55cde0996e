/** The interface to ONNX Runtime: a function that runs one network. */
import type { Features } from './features.ts';
import type { Tensor } from './tensor.ts';

/**
 * Inputs of a network: `points` [1, N, F], `globals` [1, G], and `convention` [1, classes, V] if it takes
 * one.
 */
export interface NetworkInputs {
  readonly points: Tensor;
  readonly globals: Tensor;
  readonly convention?: Tensor;
}

/** One ONNX session: inputs and outputs by name. */
export type RunNetwork = (feeds: NetworkInputs) => Promise<{ readonly out: Tensor; readonly mask: Tensor }>;

/**
 * Features as input tensors: `width` values per point, `globals` values per question.
 * @param convention null: the network takes none
 */
export function feeds(
  features: Features,
  width: number,
  globals: number,
  convention: Tensor | null,
): NetworkInputs {
  return {
    points: { data: features.points, dims: [1, features.rows, width] },
    globals: { data: features.globals, dims: [1, globals] },
    ...(convention !== null && { convention }),
  };
}
