/**
 * The server's sources as JavaScript in `dist/`, file by file: Node runs no TypeScript below `node_modules`.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';

/** Folders whose modules run in production. */
const ROOMS = ['app', 'cache', 'inference', 'octree'] as const;
/** What only development and tests use. */
const DEVELOPMENT =
  /(^|\/)(testing|screenshots\.ts|fixtures|training|deploy|node_modules)(\/|$)|\.test\.ts$|^app\/(bin|demo|monitoring)(\/|$)|^inference\/model(\/|$)|^app\/package\/build(\/|$)|\.d\.ts$/;
/** Data that a module reads from its own folder. */
const DATA = /\.(wasm|json)$|\/worker-bootstrap\.mjs$/;
/** A relative path of a module, as imports and `new URL` name it. */
const MODULE_PATH = /(["'])(\.{1,2}\/[^"'\n]*)\.ts\1/g;

/**
 * @param root the folder with package.json
 * @param target the folder that gets the tree of modules
 */
export async function transpile(root: string, target: string): Promise<void> {
  for (const room of ROOMS) {
    for (const name of await readdir(path.join(root, room), { recursive: true })) {
      const file = path.posix.join(room, name.split(path.sep).join('/'));
      if (DEVELOPMENT.test(file)) continue;
      if (file.endsWith('.ts')) await transpileModule(root, target, file);
      else if (DATA.test(file)) await cp(path.join(root, file), path.join(target, file));
    }
  }
}

async function transpileModule(root: string, target: string, file: string): Promise<void> {
  const source = await readFile(path.join(root, file), 'utf8');
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcefile: file,
  });
  const to = path.join(target, file.replace(/\.ts$/, '.js'));
  await mkdir(path.dirname(to), { recursive: true });
  await writeFile(to, code.replace(MODULE_PATH, '$1$2.js$1'));
}
