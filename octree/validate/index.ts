/** The door of `octree/validate/`. */
export type { Finding } from './findings.ts';
export { type ValidateOptions, type ValidationReport, validateCloud } from './validate-cloud.ts';
export {
  type CloudsReport,
  type CloudVerdict,
  hasCloudsBelow,
  validateClouds,
} from './validate-clouds.ts';
