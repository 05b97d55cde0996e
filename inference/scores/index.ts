/** The door of `inference/scores/`. */
export {
  CALIBRATED_HINTS,
  CALIBRATION_FILE,
  type CalibratedHint,
  type Calibration,
  type Curve,
  calibratedHint,
  type Expectation,
  expectedIou,
  expectedRealIou,
  fitCurve,
  fitShares,
  onCurve,
  readCalibration,
} from './calibration.ts';
export { countNearbyPoints, placeOf } from './count-nearby-points.ts';
