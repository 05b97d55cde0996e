/**
 * The program as the package holds it, for tests and benches that start processes: JavaScript starts in a
 * third of the time that a loader of TypeScript takes. Made once before the tests run, and again only after a
 * change.
 */
import { cp, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildProgram } from './build-program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Where `PROGRAM` of `cache/testing/` looks. */
const FOLDER = path.join(ROOT, 'node_modules/.cache/nearbox');
/** What the program reads beside its code. */
const READ_ONLY = ['app/demo', 'inference/model', 'package.json'] as const;
const SOURCES = ['app', 'cache', 'inference', 'octree', 'package.json', 'package-lock.json'] as const;

/** Called by vitest before the tests, and by benches. Worker threads run what was built, too. */
export async function setup(): Promise<void> {
  await make();
  process.env.NEARBOX_BUILT_PROGRAM = pathToFileURL(path.join(FOLDER, 'dist/')).href;
}

async function make(): Promise<void> {
  const newest = await newestChange();
  const stamp = path.join(FOLDER, `made-${newest}`);
  if (await exists(stamp)) return;
  const made = `${FOLDER}-${process.pid}`;
  await rm(made, { recursive: true, force: true });
  await buildProgram(ROOT, path.join(made, 'dist'));
  await cp(path.join(ROOT, 'app/bin'), path.join(made, 'app/bin'), { recursive: true });
  await mkdir(path.join(made, 'inference'));
  for (const name of READ_ONLY) await symlink(path.join(ROOT, name), path.join(made, name));
  await writeFile(path.join(made, path.basename(stamp)), '');
  await rm(FOLDER, { recursive: true, force: true });
  await rename(made, FOLDER);
}

/** Milliseconds since 1970 of the last change of a source, and how many there are: one may be gone. */
async function newestChange(): Promise<string> {
  let newest = 0;
  let count = 0;
  for (const source of SOURCES) {
    const entry = path.join(ROOT, source);
    const names = (await stat(entry)).isDirectory() ? await readdir(entry, { recursive: true }) : [''];
    for (const name of names) {
      newest = Math.max(newest, (await stat(path.join(entry, name))).mtimeMs);
      count += 1;
    }
  }
  return `${Math.ceil(newest)}-${count}`;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
