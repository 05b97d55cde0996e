/** Bundles the annotation page: scripts and styles with hashed names, and the HTML that names them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../../page/', import.meta.url));

/** The page, and what it loads later; what both need is in `shared`. */
const SCRIPTS = { main: 'main.ts', files: 'files/files.ts' };
/** What runs alone needs all of its code in one file. */
const WORKERS = { fit: 'fit/worker.ts' };

export interface PageBundle {
  readonly html: string;
  /** Contents by file name: `main-HASH.js`. */
  readonly assets: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** @throws if a source does not compile, or index.html names a file that is not bundled. */
export async function bundlePage(): Promise<PageBundle> {
  const bundles = await Promise.all([
    bundled({ entryPoints: { ...SCRIPTS, styles: 'styles.css' }, splitting: true }),
    bundled({ entryPoints: WORKERS }),
  ]);
  const assets = new Map<string, Uint8Array<ArrayBuffer>>();
  const urls = new Map<string, string>();
  for (const { path: file, contents } of bundles.flat()) {
    const name = path.basename(file);
    const plain = name.replace(/-[A-Z0-9]+(\.\w+)$/, '$1');
    if (urls.has(plain)) throw new Error(`the page has two files ${plain}, of which index.html can name one`);
    assets.set(name, Uint8Array.from(contents));
    urls.set(plain, `/page/${name}`);
  }
  const template = await readFile(path.join(FOLDER, 'index.html'), 'utf8');
  const html = template.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const url = urls.get(name);
    if (url === undefined) throw new Error(`index.html names ${name}, which is not bundled`);
    return url;
  });
  return { html, assets };
}

async function bundled(options: BuildOptions & { entryPoints: Record<string, string> }) {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'inline',
    outdir: 'out',
    entryNames: '[name]-[hash]',
    chunkNames: 'shared-[hash]',
    logLevel: 'silent',
    ...options,
    write: false,
  });
  return outputFiles;
}
