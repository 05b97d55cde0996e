/** The door of `app/documents/testing/`. */
export { describeDocuments } from './conformance.ts';
