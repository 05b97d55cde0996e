/** The door of `bench/schema-fuzz/`. */
export { answersText, fuzzSchema, SCHEMATHESIS } from './run-schemathesis.ts';
