/**
 * Accuracy on labelled frames: the hints of an annotator, the answers, and how far they are from the human
 * boxes.
 */
export { breakdown, POINT_BANDS, RANGE_BANDS } from './breakdown.ts';
export { compareBoxes } from './comparison.ts';
export {
  type EvaluationPredictor,
  type EvaluationRow,
  evaluateFrames,
} from './evaluate.ts';
export { drawHint, drawQuestion, type EvaluationRegion, HINT_KINDS, type HintKind } from './hints.ts';
export { drawFrustum, drawPolygon } from './lassos.ts';
export { ORACLE_NAMES, oracles } from './oracles.ts';
export { HUMAN, jsonReport, LEGEND, markdownReport, PUBLISHED } from './report.ts';
export { type Estimate, estimate, type Summary, summarise } from './summary.ts';
