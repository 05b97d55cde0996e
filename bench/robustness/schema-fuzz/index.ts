/** The door of `bench/robustness/schema-fuzz/`. */
export { answersText, fuzzSchema, SCHEMATHESIS } from './run-schemathesis.ts';
