/**
 * The server's sources as JavaScript in `dist/`: a few bundles, since each thread of a server would open some
 * 600 modules one by one (docs/speed.md).
 */
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Where the command line, what other projects import, and each kind of thread begin. */
const ENTRIES = [
  'app/cli/main.ts',
  'app/shards/shard-worker.ts',
  'inference/engine/fit-worker.ts',
  'inference/engine/geometric-worker.ts',
  'octree/build/batch/build-worker.ts',
  'octree/build/build.ts',
  'octree/decode/decode-worker.ts',
] as const;
/** Folders whose modules run in production. */
const ROOMS = ['app', 'cache', 'inference', 'octree'] as const;
/** What only development and tests use. */
const DEVELOPMENT =
  /(^|\/)(testing|fixtures|training|deploy|node_modules)(\/|$)|^app\/(bin|demo|monitoring|page)(\/|$)|^inference\/model(\/|$)|^app\/package\/build(\/|$)/;
/** Data that a module reads from its own folder. */
const DATA = /\.(wasm|json)$|\/worker-bootstrap\.mjs$/;
/** Bundles that several entries share. */
const SHARED = 'shared';
/** Where `dist/` is: a bundle has another place than the modules in it. */
const DIST_ROOT = 'nearbox:dist';

/**
 * @param root the folder with package.json
 * @param target the folder that gets the bundles, and the data beside where their modules were
 * @throws if a module names an entry of a thread that is not among the entries
 */
export async function bundleModules(root: string, target: string): Promise<void> {
  const started = new Set<string>();
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...ENTRIES],
    outdir: target,
    outbase: root,
    chunkNames: `${SHARED}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    metafile: true,
    plugins: [ownPlaces(root, started)],
  });
  const missing = [...started].filter((file) => !ENTRIES.some((entry) => entry === file));
  if (missing.length > 0) throw new Error(`${missing.join(', ')}: not among the entries of the bundles`);
  const [place] = Object.entries(metafile.outputs).filter(([, { inputs }]) =>
    Object.keys(inputs).some((name) => name.endsWith(DIST_ROOT)),
  );
  if (path.basename(path.dirname(place?.[0] ?? '')) !== SHARED) throw new Error(`${DIST_ROOT} is not shared`);
  for (const room of ROOMS) {
    for (const name of await readdir(path.join(root, room), { recursive: true })) {
      const file = path.posix.join(room, name.split(path.sep).join('/'));
      if (DEVELOPMENT.test(file) || !DATA.test(file)) continue;
      await mkdir(path.dirname(path.join(target, file)), { recursive: true });
      await cp(path.join(root, file), path.join(target, file));
    }
  }
}

/** Gives each module the URL that it would have as a file of its own in `dist/`. */
function ownPlaces(root: string, started: Set<string>): Plugin {
  return {
    name: 'own-places',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^nearbox:dist$/ }, () => ({ path: DIST_ROOT, namespace: 'place' }));
      onLoad({ filter: /.*/, namespace: 'place' }, () => ({
        contents: `export const distRoot = new URL('../', import.meta.url);`,
      }));
      // The bundler of the page: only a clone asks for it.
      onResolve({ filter: /\/package\/build\/index\.ts$/ }, ({ path: file }) => ({
        path: file,
        external: true,
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path: absolute }) => {
        const source = await readFile(absolute, 'utf8');
        if (!source.includes('import.meta.url')) return null;
        const file = path.relative(root, absolute).split(path.sep).join('/');
        const folder = path.posix.dirname(file);
        for (const [, entry] of source.matchAll(/new URL\('(\.[^']*\.ts)', import\.meta\.url\)/g))
          started.add(path.posix.join(folder, entry!));
        const contents = source
          .replace(/new URL\('(\.[^']*)\.ts', import\.meta\.url\)/g, `new URL('$1.js', import.meta.url)`)
          .replaceAll('import.meta.url', `new URL('${file}', distRoot).href`);
        return { contents: `import { distRoot } from '${DIST_ROOT}'; ${contents}`, loader: 'ts' };
      });
    },
  };
}
