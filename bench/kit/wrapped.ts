/** Markdown that a command writes, in lines as wide as the formatter's. */

/** The formatter's width (biome.json). */
export const LINE_WIDTH = 110;

/**
 * What begins a list item, a heading, a table, a quote or a block of HTML: never the first word of a line.
 */
const MARK = /^(?:[-+*]|#+|\d+[.)]|[|>].*)$/;

/** Wraps paragraphs and list items; tables, headings, comments and fenced blocks stay as they are. */
export function wrapped(markdown: string): string {
  let isFenced = false;
  return markdown
    .split('\n')
    .flatMap((line) => {
      if (line.trimStart().startsWith('```')) isFenced = !isFenced;
      if (isFenced || line.length <= LINE_WIDTH || /^\s*[|#<]/.test(line)) return [line];
      const [, indent, mark] = /^(\s*)((?:[-+*]|\d+[.)])\s+)?/.exec(line)!;
      return fill(line.trim().split(' '), indent!, indent! + ' '.repeat(mark?.length ?? 0));
    })
    .join('\n');
}

function fill(words: readonly string[], first: string, next: string): string[] {
  const lines = [first + words[0]!];
  for (const [i, word] of words.entries()) {
    if (i === 0) continue;
    const line = lines.at(-1)!;
    const goesOn = line.length + 1 + word.length <= LINE_WIDTH;
    // A mark takes the word before it to the next line.
    const needsRoom =
      MARK.test(words[i + 1] ?? '') && line.length + 2 + word.length > LINE_WIDTH - words[i + 1]!.length;
    if (goesOn && !needsRoom) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(next + word);
  }
  return lines;
}
