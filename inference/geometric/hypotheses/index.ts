/** The door of `inference/geometric/hypotheses/`. */
export { bestHypothesis, type Hypothesis, type HypothesisQuestion } from './hypotheses.ts';
export { roughExpectedIou } from './score.ts';
export {
  ANY_PRIOR,
  CLASS_PRIORS,
  type ClassPrior,
  classPrior,
  combined,
  SIZE_GROUPS,
  type SizeGroup,
} from './sizes.ts';
