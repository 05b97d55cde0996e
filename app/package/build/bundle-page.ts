/** Bundles the annotation page: scripts and styles with hashed names, and the HTML that names them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../../page/', import.meta.url));

export interface PageBundle {
  readonly html: string;
  /** Contents by file name: `main-HASH.js`. */
  readonly assets: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** @throws if a source does not compile, or index.html names a file that is not bundled. */
export async function bundlePage(): Promise<PageBundle> {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: { main: 'main.ts', styles: 'styles.css', fit: 'fit/worker.ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'inline',
    write: false,
    outdir: 'out',
    entryNames: '[name]-[hash]',
    logLevel: 'silent',
  });
  const assets = new Map<string, Uint8Array<ArrayBuffer>>();
  const urls = new Map<string, string>();
  for (const { path: file, contents } of outputFiles) {
    const name = path.basename(file);
    assets.set(name, Uint8Array.from(contents));
    urls.set(name.replace(/-[A-Z0-9]+(\.\w+)$/, '$1'), `/page/${name}`);
  }
  const template = await readFile(path.join(FOLDER, 'index.html'), 'utf8');
  const html = template.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const url = urls.get(name);
    if (url === undefined) throw new Error(`index.html names ${name}, which is not bundled`);
    return url;
  });
  return { html, assets };
}
