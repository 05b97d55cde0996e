/** The page's own fit. */
export { createLocalFit } from './local-fit.ts';
