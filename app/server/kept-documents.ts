/**
 * The documents that a server keeps for annotators: labels and feedback, where it was started with a place
 * for them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, type ServeConfig } from '../config/index.ts';
import { type DocumentStore, openDocuments } from '../documents/index.ts';

/** Longest wait for writes under way when the server stops, milliseconds. */
const CLOSE_MS = 1000;

export interface KeptDocuments {
  readonly stores: { readonly labels?: DocumentStore; readonly feedback?: DocumentStore };
  /** Settings for the page. */
  readonly features: readonly ('labels' | 'feedback')[];
  close(): Promise<void>;
}

/**
 * @throws ConfigError if a URI is none, or both are the same; NearboxError `source_unavailable` if a storage
 *   cannot be used, has no conditional writes (a bucket) or belongs to another process (a folder).
 */
export async function openKept({
  labels,
  feedback,
}: Pick<ServeConfig, 'labels' | 'feedback'>): Promise<KeptDocuments> {
  if (labels !== undefined && labels === feedback)
    throw new ConfigError(['--labels and --feedback must be different places']);
  const stores: { labels?: DocumentStore; feedback?: DocumentStore } = {};
  const close = async () => {
    const closed = Promise.all(Object.values(stores).map((store) => store.close()));
    // A disk that hangs does not keep the process.
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]);
  };
  try {
    if (labels !== undefined) stores.labels = await open('--labels', labels);
    if (feedback !== undefined) stores.feedback = await open('--feedback', feedback);
  } catch (error) {
    await close();
    throw error;
  }
  return { stores, features: Object.keys(stores) as ('labels' | 'feedback')[], close };
}

async function open(flag: string, uri: string): Promise<DocumentStore> {
  try {
    return await openDocuments(uri);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([`${flag}: ${error.message}`]);
    throw error;
  }
}
