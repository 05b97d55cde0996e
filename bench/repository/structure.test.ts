/** The figures of `npm run structure` that have to stay 0. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('no import past a door, no circle, no unused export, one name for one thing, no crowded folder', () => {
  const script = path.join(ROOT, 'bench/repository/structure.ts');
  const figures = execFileSync(process.execPath, ['--import', 'tsx', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(figures).toContain('imports past a door: 0\n');
  expect(figures).toContain('import circles: 0\n');
  expect(figures).toContain('unused exports: 0\n');
  expect(figures).toContain('types declared under one name in several files: 0\n');
  expect(figures).toContain('functions and constants exported under one name in several files: 0\n');
  expect(figures).toMatch(/folders with more than 12 files beside the door:\n$/);
});
