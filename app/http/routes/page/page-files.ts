/**
 * The files of the annotation page: those that `npm run build` wrote, or bundled by this process from the
 * sources.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../../cache/package/index.ts';

export interface PageFiles {
  readonly html: string;
  /** Contents by file name: `main-HASH.js`. */
  readonly assets: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Name of the page's HTML in the folder of the built page. */
const HTML = 'index.html';

/** @throws if the page was not built and its sources do not compile. */
export async function openPageFiles(): Promise<PageFiles> {
  // A clone serves its sources, also where `npm run build` has left an older page.
  if (existsSync(packageFile('app/page/main.ts'))) {
    const { bundlePage } = await import('../../../package/build/index.ts');
    return bundlePage();
  }
  const folder = packageFile('dist/page/');
  const names = await readdir(fileURLToPath(folder));
  const files = await Promise.all(
    names
      .filter((name) => name !== HTML)
      .map(async (name) => [name, Uint8Array.from(await readFile(new URL(name, folder)))] as const),
  );
  return { html: await readFile(new URL(HTML, folder), 'utf8'), assets: new Map(files) };
}
