/** A crop's points in a grid, and what the networks are fed of them. */
export {
  BOX_OCCLUSION,
  CLICK_OCCLUSION,
  CropGrid,
  PROPOSE_POINT,
  REFINE_POINT,
  type SampledRows,
} from './crop-grid.ts';
