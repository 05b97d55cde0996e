import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Modules that measure nothing: what the scripts share. */
const SHARED = [
  'bench',
  'docs-section',
  'few-box-profiles',
  'fuzz-targets',
  'labelled-clicks',
  'labelled-sequence',
  'machine',
  'random',
  'reliability-plot',
];

it('bench/README.md lists every script', () => {
  const folder = new URL('./', import.meta.url);
  const scripts = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .filter((name) => !SHARED.includes(name));
  const list = readFileSync(new URL('README.md', folder), 'utf8');
  const listed = list
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]!));
  expect(listed.toSorted()).toEqual(scripts.toSorted());
});
