/** The checks of finished work, over what the page knows. No DOM. */
export { WorkChecks, type WorkFinding } from './work-checks.ts';
