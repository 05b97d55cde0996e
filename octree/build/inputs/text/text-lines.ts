/** The lines of a text file, in groups of some thousand. */
import { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';

const CHUNK_BYTES = 256 * 1024;
const LONGEST_LINE = 64 * 1024;

/**
 * Yields the lines from byte `start` on, without their ends (LF, CR LF or CR). The last line may have no end.
 */
export async function* textLines(
  path: string,
  start: number,
  signal?: AbortSignal,
): AsyncGenerator<string[]> {
  const file = await InputFile.open(path);
  try {
    let rest = '';
    for (let at = start; at < file.size; at += CHUNK_BYTES) {
      signal?.throwIfAborted();
      const bytes = await file.read(at, Math.min(CHUNK_BYTES, file.size - at));
      const lines = splitLines(rest + Buffer.from(bytes).toString('latin1'));
      rest = lines.pop()!;
      if (rest.length > LONGEST_LINE) {
        throw badInput(path, `a line before byte ${at + CHUNK_BYTES} is longer than ${LONGEST_LINE} bytes`);
      }
      yield lines;
    }
    if (rest !== '') yield splitLines(rest);
  } finally {
    await file.close();
  }
}

/**
 * The last element is the text after the last line end. A CR at the very end stays with it, because an LF may
 * follow.
 */
function splitLines(text: string): string[] {
  if (!text.includes('\r')) return text.split('\n');
  return text.split(/\r\n|\n|\r(?!$)/);
}
