/** The lines of a text in a file, some thousand at a time. */
import { InputFile } from './input-file.ts';
import { badInput } from './point-input.ts';

const CHUNK_BYTES = 256 * 1024;
const LONGEST_LINE = 64 * 1024;

/** Yields the lines from byte `start` on, without their ends (LF or CR LF). A last line need not have an end. */
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
      const lines = (rest + Buffer.from(bytes).toString('latin1')).split('\n');
      rest = lines.pop()!;
      if (rest.length > LONGEST_LINE) {
        throw badInput(path, `a line before byte ${at + CHUNK_BYTES} is longer than ${LONGEST_LINE} bytes`);
      }
      yield lines.map(withoutReturn);
    }
    if (rest !== '') yield [withoutReturn(rest)];
  } finally {
    await file.close();
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
