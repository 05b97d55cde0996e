/**
 * LZF decompression for PCD's binary_compressed. Source: M. Lehmann's liblzf, lzf_d.c. A control byte below
 * 32 is followed by that many literal bytes plus one. In other control bytes, the top 3 bits plus 2 are a
 * length (if they are 7, the next byte is added); the other bits and the next byte are a distance back.
 */

/** The best ratio: 3 bytes give 264. A header that promises more is invalid. */
export const LZF_BEST_RATIO = 264 / 3;

/** Decompresses into exactly `size` bytes. Throws a RangeError with the place if the data are invalid. */
export function lzfDecompress(bytes: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  let to = 0;
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const control = bytes[at++]!;
    if (control < 32) {
      const length = control + 1;
      if (at + length > bytes.length || to + length > size) throw damaged(start);
      output.set(bytes.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += bytes[at++] ?? 0;
    length += 2;
    if (at >= bytes.length) throw damaged(start);
    const from = to - ((control & 31) << 8) - bytes[at++]! - 1;
    if (from < 0 || to + length > size) throw damaged(start);
    // Byte by byte: a copy may overlap itself.
    for (let i = 0; i < length; i++) output[to + i] = output[from + i]!;
    to += length;
  }
  if (to !== size) throw new RangeError(`the compressed data ends after ${to} of ${size} bytes`);
  return output;
}

function damaged(at: number): RangeError {
  return new RangeError(`the compressed data is damaged at byte ${at}`);
}
