/**
 * The pages of an E57 file: each ends with a checksum (CRC-32C) of its other bytes, which is verified.
 * Source: ASTM E2807, "Data pages"; libE57Format, CheckedFile.
 */
import type { InputFile } from '../input-file.ts';
import { badInput } from '../point-input.ts';

const CHECKSUM_BYTES = 4;
/** Pages that are read at once. */
const PAGES_AT_ONCE = 1024;
const POLYNOMIAL = 0x82f6_3b78;

export class E57Pages {
  readonly #file: InputFile;
  readonly #pageBytes: number;

  constructor(file: InputFile, pageBytes: number) {
    this.#file = file;
    this.#pageBytes = pageBytes;
  }

  /** Where the content at byte `at` of the file lies in the content alone. */
  contentAt(at: number): number {
    const page = Math.floor(at / this.#pageBytes);
    return at - page * CHECKSUM_BYTES;
  }

  /** `length` bytes of the content from `at` (see `contentAt`). */
  async read(at: number, length: number): Promise<Uint8Array> {
    const inPage = this.#pageBytes - CHECKSUM_BYTES;
    const first = Math.floor(at / inPage);
    const end = Math.ceil((at + length) / inPage);
    const content = new Uint8Array((end - first) * inPage);
    for (let from = first; from < end; from += PAGES_AT_ONCE) {
      const pages = Math.min(PAGES_AT_ONCE, end - from);
      const bytes = await this.#file.read(from * this.#pageBytes, pages * this.#pageBytes);
      for (let page = 0; page < pages; page++) {
        const start = page * this.#pageBytes;
        const body = bytes.subarray(start, start + inPage);
        const stored = new DataView(bytes.buffer, bytes.byteOffset + start + inPage).getUint32(0);
        if (crc32c(body) !== stored)
          throw badInput(this.#file.path, `is damaged: the checksum of its page ${from + page} is wrong`);
        content.set(body, (from + page - first) * inPage);
      }
    }
    return content.subarray(at - first * inPage, at - first * inPage + length);
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
  return value;
});

function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]!) & 255]!;
  return ~value >>> 0;
}
