/** The door of `inference/geometric/`: the fit without a network. */
export { fitGeometric } from './geometric-fit.ts';
