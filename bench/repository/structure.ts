/**
 * The structure of the code in figures: folders, doors, circles, names.
 *
 *     npm run structure [-- FOLDER]        FOLDER: another checkout to look at, such as an older one
 *
 * What the linter forbids is 0 in a tree that passes it; the figures say so of any tree, also of one without
 * the rules.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOMS = ['app', 'bench', 'cache', 'inference', 'octree'];
const IMPORT = /^(?:import|export)\s[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gms;
const TYPE = /^(?:export )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm;
const EXPORTED_VALUE = /^export (?:async )?(?:function\*?|const|let) (\w+)/gm;
const DOORS = ['index.ts', '__init__.py'];
/** Files beside the door that one folder should not exceed. */
const MAX_FILES = 12;

const root = path.resolve(process.argv[2] ?? '.');
const files = trackedFiles('.ts');
const pythonFiles = trackedFiles('.py');
const isTest = (file: string) => /\.test\.ts$|(^|\/)testing(\/|\.ts$)|conformance\.ts$/.test(file);
const sources = files.filter((file) => !isTest(file));
const text = new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));

/** Files that a file imports. */
const imports = new Map(
  files.map((file) => [
    file,
    [...text.get(file)!.matchAll(IMPORT)]
      .map((match) => path.posix.join(path.posix.dirname(file), match[1] ?? match[2]!))
      .filter((target) => text.has(target)),
  ]),
);

const pastDoors = files.flatMap((file) =>
  imports.get(file)!.filter((target) => goesDown(file, target) && !target.endsWith('/index.ts')),
);
const circles = circlesOf(
  new Map(sources.map((file) => [file, imports.get(file)!.filter((to) => !isTest(to))])),
);

console.log(`${files.length} files, ${sources.length} of them no tests; ${pythonFiles.length} in Python`);
console.log(`imports past a door: ${pastDoors.length}`);
console.log(`import circles: ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join(' ')}`);
console.log(`unused exports: ${unusedExports()}`);
for (const [what, declaration] of [
  ['types declared', TYPE],
  ['functions and constants exported', EXPORTED_VALUE],
] as const) {
  const repeated = repeatedNames(declaration);
  console.log(`${what} under one name in several files: ${repeated.length}`);
  for (const [name, where] of repeated) console.log(`  ${name}: ${where.join(' ')}`);
}
console.log(`folders with more than ${MAX_FILES} files beside the door:`);
for (const [folder, count] of crowdedFolders()) console.log(`  ${folder}: ${count}`);

/** The files of all rooms with this ending. */
function trackedFiles(ending: string): string[] {
  const patterns = ROOMS.map((room) => `${room}/**${ending}`);
  return execFileSync('git', ['ls-files', ...patterns], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(path.join(root, file)));
}

/** True where the import leads into a folder that does not hold the importing file. */
function goesDown(file: string, target: string): boolean {
  return path.posix
    .relative(path.posix.dirname(file), target)
    .replace(/^(\.\.\/)+/, '')
    .includes('/');
}

/** Groups of files that import each other, by Tarjan's algorithm. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

function repeatedNames(declaration: RegExp): [string, string[]][] {
  const where = new Map<string, Set<string>>();
  for (const file of sources)
    for (const [, name] of text.get(file)!.matchAll(declaration))
      where.set(name!, (where.get(name!) ?? new Set()).add(file));
  return [...where]
    .filter(([, places]) => places.size > 1)
    .map(([name, places]): [string, string[]] => [name, [...places]])
    .sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
}

/** Exports and exported types that nothing imports, as knip counts them with this tree's settings. */
function unusedExports(): number {
  const knip = path.resolve('node_modules/.bin/knip');
  const settings = ['--config', path.resolve('knip.json'), '--no-exit-code', '--reporter', 'json'];
  const { stdout, stderr } = spawnSync(knip, settings, { cwd: root, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const { issues } = JSON.parse(stdout) as { issues: { exports?: unknown[]; types?: unknown[] }[] };
  return issues.reduce((sum, one) => sum + (one.exports?.length ?? 0) + (one.types?.length ?? 0), 0);
}

function crowdedFolders(): [string, number][] {
  const counts = new Map<string, number>();
  for (const file of [...sources, ...pythonFiles]) {
    if (DOORS.includes(path.posix.basename(file))) continue;
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > MAX_FILES).sort((a, b) => b[1] - a[1]);
}
