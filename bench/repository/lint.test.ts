/**
 * The linter refuses a violation of each rule that shapes the code: each is committed here on purpose, in a
 * folder of its own.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'nearbox-lint-'));
  for (const name of ['biome.json', '.lint', '.gitignore'])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linter says of a tree of files, and how it ends. */
function lint(files: Record<string, string>): { status: number | null; said: string } {
  for (const room of ['app', 'cache', 'inference', 'octree']) {
    rmSync(path.join(folder, room), { recursive: true, force: true });
    mkdirSync(path.join(folder, room));
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const command = path.join(ROOT, 'node_modules', '.bin', 'biome');
  const { status, stdout, stderr } = spawnSync(command, ['check', '--error-on-warnings', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

/** What `npm run unused` says of a tree with a program that imports one door. */
function unused(door: string): { status: number | null; said: string } {
  const tree = mkdtempSync(path.join(os.tmpdir(), 'nearbox-unused-'));
  try {
    const files = {
      'package.json': '{ "name": "tree", "type": "module" }',
      'knip.json': JSON.stringify({
        ...(JSON.parse(readFileSync(path.join(ROOT, 'knip.json'), 'utf8')) as object),
        entry: ['app/cli/main.ts'],
      }),
      'app/cli/main.ts': "import { key } from '../../octree/index.ts';\n\nconsole.log(key);\n",
      'octree/index.ts': door,
      'octree/key.ts': 'export const key = 1;\nexport type Key = typeof key;\n',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
      writeFileSync(path.join(tree, name), text);
    }
    const command = path.join(ROOT, 'node_modules', '.bin', 'knip');
    const { status, stdout, stderr } = spawnSync(command, [], { cwd: tree, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

const KEY = 'export const key = 1;\n';

describe('the linter', () => {
  it('takes what keeps the rules', () => {
    const { status, said } = lint({
      'octree/geometry/key.ts': KEY,
      'octree/geometry/index.ts': "export { key } from './key.ts';\n",
      'octree/plan/plan.ts': "import { key } from '../geometry/index.ts';\n\nexport const next = key + 1;\n",
    });
    expect(said).toContain('No fixes applied');
    expect(status).toBe(0);
  });

  it.each([
    [
      'an import past a door',
      {
        'octree/geometry/key.ts': KEY,
        'octree/plan/plan.ts': "import { key } from '../geometry/key.ts';\n\nexport const next = key + 1;\n",
      },
      'This import goes past a door',
    ],
    [
      'a re-export past a door',
      {
        'octree/formats/ept/schema.ts': KEY,
        'octree/formats/index.ts': "export { key } from './ept/schema.ts';\n",
      },
      'This import goes past a door',
    ],
    [
      'an import against the arrows, from cache',
      {
        'octree/index.ts': KEY,
        'cache/tier.ts': "import { key } from '../../octree/index.ts';\n\nexport const next = key + 1;\n",
      },
      'noRestrictedImports',
    ],
    [
      'an import against the arrows, from octree',
      {
        'inference/index.ts': KEY,
        'octree/plan.ts': "import { key } from '../../inference/index.ts';\n\nexport const next = key + 1;\n",
      },
      'noRestrictedImports',
    ],
    [
      'an import against the arrows, from inference',
      {
        'app/index.ts': KEY,
        'inference/fit.ts': "import { key } from '../app/index.ts';\n\nexport const next = key + 1;\n",
      },
      'noRestrictedImports',
    ],
    [
      'an import circle, also of types alone',
      {
        'octree/a.ts': "import type { B } from './b.ts';\n\nexport type A = B[];\n",
        'octree/b.ts': "import type { A } from './a.ts';\n\nexport interface B {\n  readonly a: A;\n}\n",
      },
      'noImportCycles',
    ],
    [
      'AbortSignal.any',
      {
        'octree/a.ts':
          'export function both(a: AbortSignal, b: AbortSignal): AbortSignal {\n  return AbortSignal.any([a, b]);\n}\n',
      },
      'AbortSignal.any leaks',
    ],
    [
      'a floating promise',
      { 'octree/a.ts': 'async function read() {}\n\nexport function run() {\n  read();\n}\n' },
      'noFloatingPromises',
    ],
  ])('refuses %s', (_, files, rule) => {
    const { status, said } = lint(files as unknown as Record<string, string>);
    expect(said).toContain(rule);
    expect(status).not.toBe(0);
  });

  it('refuses an export that nothing imports', () => {
    const { status, said } = unused("export { type Key, key } from './key.ts';\n");
    expect(said).toContain('Unused exported types');
    expect(said).toMatch(/Key +type +octree\/index\.ts/);
    expect(status).not.toBe(0);
  });
});
