import { fileURLToPath } from 'node:url';

/**
 * The program for tests that start it as a process, `nearbox.mjs`: built as the package holds it
 * (`app/package/build/program-for-tests.ts`).
 */
export const PROGRAM = fileURLToPath(
  new URL('../../node_modules/.cache/nearbox/app/bin/nearbox.mjs', import.meta.url),
);
