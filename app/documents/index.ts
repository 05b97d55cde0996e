/** The door of `documents/`: small documents with conditional writes, in a folder or a bucket. */
export {
  type DocumentStore,
  PreconditionFailed,
  type StoredDocument,
} from './document-store.ts';
export { FolderDocuments } from './folder-documents.ts';
export { openDocuments } from './open-documents.ts';
