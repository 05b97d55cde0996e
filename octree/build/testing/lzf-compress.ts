/** LZF for tests: greedy, with literals and copies short and long, overlapping ones too. */
const LONGEST_COPY = 264;
const FARTHEST = 8191;

export function lzfCompress(input: Uint8Array): Buffer {
  const output: number[] = [];
  let literals: number[] = [];
  const flush = () => {
    if (literals.length > 0) output.push(literals.length - 1, ...literals);
    literals = [];
  };
  const last = new Map<number, number>();
  for (let at = 0; at < input.length; ) {
    const triple = at + 2 < input.length ? (input[at]! << 16) | (input[at + 1]! << 8) | input[at + 2]! : -1;
    const from = triple === -1 ? undefined : last.get(triple);
    if (triple !== -1) last.set(triple, at);
    if (from === undefined || at - from - 1 > FARTHEST) {
      literals.push(input[at++]!);
      if (literals.length === 32) flush();
      continue;
    }
    let length = 3;
    while (length < LONGEST_COPY && at + length < input.length && input[from + length] === input[at + length])
      length++;
    flush();
    const distance = at - from - 1;
    const code = length - 2;
    if (code < 7) output.push((code << 5) | (distance >> 8), distance & 255);
    else output.push((7 << 5) | (distance >> 8), code - 7, distance & 255);
    at += length;
  }
  flush();
  return Buffer.from(output);
}
