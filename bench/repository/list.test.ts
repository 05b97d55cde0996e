import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Modules that measure nothing: scripts use them. */
const SHARED = [
  'autoscaling',
  'experiment-report',
  'experiment-result',
  'few-box-profiles',
  'fleet-model',
  'fuzz-targets',
  'line-chart',
  'picture',
  'prices',
  'reliability-plot',
];
/** What all scripts share, and the one with a text of its own. */
const OTHER_FOLDERS = ['kit', 'abuse'];

const BENCH = new URL('../', import.meta.url);
const folders = readdirSync(BENCH, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !OTHER_FOLDERS.includes(entry.name))
  .map(({ name }) => name);

it.each(folders)('bench/README.md lists every script of %s', (folder) => {
  const scripts = readdirSync(new URL(`${folder}/`, BENCH))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .filter((name) => !SHARED.includes(name));
  const list = readFileSync(new URL('README.md', BENCH), 'utf8');
  const section = list.split('\n## ').find((part) => part.startsWith(`\`${folder}/\``));
  const listed = section!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([a-z0-9-]+)`/g)].map((match) => match[1]!));
  expect(listed.toSorted()).toEqual(scripts.toSorted());
});
