/**
 * A process that replaces four documents without end and says each acknowledged write on stdout, until it is
 * killed.
 */
import type { Precondition } from '../document-store.ts';
import { FolderDocuments } from '../folder-documents.ts';

const [folder, round] = process.argv.slice(2) as [string, string];
const store = await FolderDocuments.open(folder);

async function replace(key: string): Promise<never> {
  let etag: string | null = null;
  for (let n = 0; ; n++) {
    const bytes = Buffer.from(JSON.stringify({ n, filler: 'x'.repeat(20_000) }));
    const precondition: Precondition = etag === null ? { ifAbsent: true } : { ifMatch: etag };
    etag = (await store.write(key, bytes, precondition)).etag;
    process.stdout.write(`${key} ${n}\n`);
  }
}

await Promise.all(['k0', 'k1', 'k2', 'k3'].map((name) => replace(`round-${round}/${name}`)));
