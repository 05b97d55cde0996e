/** Prose ends at the formatter's width, which wraps code but neither comments nor Markdown. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LINE_WIDTH } from '../kit/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A line that holds nothing but a comment. */
const COMMENT = /^\s*(?:\/\/|\/\*|\*|#|<!--)\s/;
/** Kinds of files, and whether a line of them is prose. */
const KINDS: readonly (readonly [RegExp, (line: string) => boolean])[] = [
  [
    /\.(?:ts|mjs|c|h|css|py|sh|ya?ml|conf|txt|toml|grit)$|^\.ci\/\w|Dockerfile$/,
    (line) => COMMENT.test(line),
  ],
  // Rows of a table cannot be broken.
  [/\.md$/, (line) => !/^\s*\|/.test(line)],
];

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(ROOT, file)));

/** Lines of prose that are too wide, though there is a space at which they can be broken. */
function tooWide(file: string): string[] {
  const isProse = KINDS.find(([names]) => names.test(file))?.[1];
  if (isProse === undefined) return [];
  const isMarkdown = file.endsWith('.md');
  let isFenced = false;
  return readFileSync(path.join(ROOT, file), 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (isMarkdown && line.trimStart().startsWith('```')) isFenced = !isFenced;
      const isWide = !isFenced && line.length > LINE_WIDTH && isProse(line);
      const words = line.replace(/^[\s/*#<!-]+/, '').trim();
      return isWide && words.includes(' ') ? [`${file}:${i + 1}`] : [];
    });
}

it('comments and Markdown are wrapped at the width of the formatter', () => {
  expect(files.length).toBeGreaterThan(1_000);
  expect(files.flatMap(tooWide)).toEqual([]);
});

it('the width is that of the formatter and of .editorconfig', () => {
  const { formatter } = JSON.parse(readFileSync(path.join(ROOT, 'biome.json'), 'utf8')) as {
    formatter: { lineWidth: number };
  };
  expect(formatter.lineWidth).toBe(LINE_WIDTH);
  expect(readFileSync(path.join(ROOT, '.editorconfig'), 'utf8')).toContain(
    `max_line_length = ${LINE_WIDTH}\n`,
  );
});
