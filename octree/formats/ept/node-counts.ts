/**
 * The entries of an EPT hierarchy page: a flat JSON object from node names to numbers, read without
 * `JSON.parse`.
 */

/**
 * A page that is not a flat object is parsed as JSON, to say what is wrong with it, if it has at most so many
 * bytes.
 */
const MAX_EXPLAINED_BYTES = 65_536;

export type NodeCount = readonly [name: string, points: unknown];

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** What a JSON number is written with. */
const NUMBER_BYTES = new Set([...'+-.0123456789eE'].map((character) => character.charCodeAt(0)));
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * One entry at a time, so that a page of any size can be read in slices, up to a number of nodes, and without
 * an object of as many properties. Throws an Error if the bytes are not such an object.
 */
export function nodeCounts(bytes: Uint8Array): Iterable<NodeCount> {
  return bytes.byteLength <= MAX_EXPLAINED_BYTES ? parsedCounts(bytes) : scannedCounts(bytes);
}

function parsedCounts(bytes: Uint8Array): Iterable<NodeCount> {
  const raw: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new Error('a page is an object');
  return Object.entries(raw);
}

/** The same for any number of bytes; of flat objects alone. */
function* scannedCounts(bytes: Uint8Array): Generator<NodeCount> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const wrong = () => new Error(`byte ${at} is not what an object of nodes and their points has there`);
  const skipSpace = () => {
    while (SPACES.has(text[at]!)) at++;
  };
  const expect = (byte: number) => {
    skipSpace();
    if (text[at] !== byte) throw wrong();
    at++;
  };
  expect(OPEN);
  skipSpace();
  if (text[at] === CLOSE) at++;
  else {
    for (;;) {
      expect(QUOTE);
      const end = text.indexOf(QUOTE, at);
      if (end < 0) throw wrong();
      const name = text.toString('latin1', at, end);
      // A name with escapes names no node; nor does one that does not end here.
      if (name.includes(String.fromCharCode(BACKSLASH))) throw wrong();
      at = end + 1;
      expect(COLON);
      skipSpace();
      const from = at;
      while (NUMBER_BYTES.has(text[at]!)) at++;
      const number = text.toString('latin1', from, at);
      if (!NUMBER.test(number)) throw wrong();
      yield [name, Number(number)];
      skipSpace();
      if (text[at] === CLOSE) {
        at++;
        break;
      }
      expect(COMMA);
    }
  }
  skipSpace();
  if (at < text.length) throw wrong();
}
