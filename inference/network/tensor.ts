/** A float32 tensor, as ONNX Runtime takes and gives it. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
