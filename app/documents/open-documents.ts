/** Opens the documents that a URI names. */
import type { DocumentStore } from './document-store.ts';
import { FolderDocuments } from './folder-documents.ts';

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * @param uri a folder, or `s3://bucket/prefix`
 * @throws TypeError if it is neither; NearboxError `source_unavailable` if the storage cannot be used,
 *   belongs to another process (a folder) or has no conditional writes (a bucket).
 */
export async function openDocuments(uri: string): Promise<DocumentStore> {
  if (!SCHEME.test(uri)) return FolderDocuments.open(uri);
  if (!uri.startsWith('s3://')) throw new TypeError(`${uri} is neither a folder nor s3://BUCKET/PREFIX`);
  // The SDK takes 0.1 s to load, so it is loaded only if needed.
  const { S3Documents } = await import('./s3-documents.ts');
  return S3Documents.open({ uri });
}
