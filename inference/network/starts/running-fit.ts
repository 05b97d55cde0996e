/** A request while it is fitted, with what its fits share. */
import type { Vec3 } from '../../boxes/index.ts';
import type { CropGrid } from '../../crop-grid/index.ts';
import type { FitRequest } from '../../fit/index.ts';
import type { Features, NetworkQuestion } from '../features.ts';
import type { Tensor } from '../tensor.ts';

/** Features of a click that all proposals there share, whatever their class. */
export interface ClickFeatures {
  readonly question: NetworkQuestion;
  readonly features: Features;
}

/** A request while it is fitted: its points in a grid, and the features that it has already computed. */
export interface RunningFit extends FitRequest {
  readonly grid: CropGrid;
  readonly byClick: Map<Vec3, ClickFeatures>;
  /** The project's convention; null for networks that take none. */
  readonly convention: Tensor | null;
}
