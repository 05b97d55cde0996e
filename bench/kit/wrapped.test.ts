import { describe, expect, it } from 'vitest';
import { LINE_WIDTH, wrapped } from './wrapped.ts';

const WORDS = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');

describe('wrapped', () => {
  it('breaks paragraphs and list items, whose further lines are indented', () => {
    const text = wrapped(`${WORDS}\n\n- ${WORDS}`);
    expect(text.split('\n').every((line) => line.length <= LINE_WIDTH)).toBe(true);
    expect(text.replace(/\n +/g, ' ').replace(/(\w)\n(\w)/g, '$1 $2')).toBe(`${WORDS}\n\n- ${WORDS}`);
    expect(text).toMatch(/^- word0 .*\n {2}word\d+/m);
  });

  it('begins no line with a mark that would make it something else', () => {
    const sums = Array.from({ length: 60 }, (_, i) => `${i} +`).join(' ');
    for (const line of wrapped(sums).split('\n')) expect(line).toMatch(/^\d/);
  });

  it('leaves tables, headings, comments and fenced blocks alone', () => {
    const text = `| ${WORDS} |\n## ${WORDS}\n<!-- ${WORDS} -->\n\`\`\`\n${WORDS}\n\`\`\``;
    expect(wrapped(text)).toBe(text);
  });
});
