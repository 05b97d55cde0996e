/** Files that the code names relative to itself: a moved file must not leave such a name behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAMED =
  /new URL\(\s*[`']([^`'$]+)(\$[^`']*)?[`'],\s*import\.meta\.url|path\.(?:join|resolve)\(\s*import\.meta\.dirname,\s*'([^']+)'/g;

/** Folders that are filled after the clone: built, installed, or present on some machines only. */
const MADE_LATER = ['.cache', 'dist', '../shared', 'node_modules'].map((folder) => path.join(ROOT, folder));

/** Whether `target` is there, or in a folder that is filled later. */
const canExist = (target: string) =>
  existsSync(target) ||
  MADE_LATER.some((folder) => target === folder || target.startsWith(`${folder}${path.sep}`));

describe('names of files relative to the code', () => {
  it('lead to files that there are', () => {
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
      .split('\n')
      .filter((file) => file !== '' && existsSync(path.join(ROOT, file)));
    const named = files.flatMap((file) =>
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(NAMED)].map((match) => ({
        file,
        name: (match[1] ?? match[3])!,
        isWhole: match[2] === undefined,
      })),
    );
    expect(named.length).toBeGreaterThan(100);
    const lost = named.filter(({ file, name, isWhole }) => {
      const target = path.join(ROOT, path.dirname(file), name);
      // A name with a part that is filled in at run time: its folder must be there.
      return !name.includes('no-such') && !canExist(target) && (isWhole || !canExist(path.dirname(target)));
    });
    expect(lost).toEqual([]);
  });
});
