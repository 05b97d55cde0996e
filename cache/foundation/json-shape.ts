/** What a JSON text would cost to parse, known from one pass over its bytes. */

export interface JsonLimits {
  /** Levels of nested objects and arrays. */
  readonly maxDepth: number;
  /** Values, counted by what sets them apart: commas and opening brackets outside of strings. */
  readonly maxValues: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Throws an Error that says which limit the text passes. Says nothing about whether it is valid JSON. */
export function checkJsonShape(bytes: Uint8Array, { maxDepth, maxValues }: JsonLimits): void {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (byte === COMMA) values++;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      values++;
      if (++depth > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    if (values > maxValues) throw new Error(`it has more than ${maxValues} values`);
  }
}
