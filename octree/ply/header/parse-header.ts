/** Reads the header of a PLY file (G. Turk, "The PLY Polygon File Format", 1994). */

export interface PlyProperty {
  readonly name: string;
  /** The type of the value, or of a list's values. */
  readonly type: PlyNumber;
  /** The type of a list's length; null if the property is one value. */
  readonly listLength: PlyNumber | null;
}

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyProperty[];
}

type PlyFormat = 'ascii' | 'binary_little_endian' | 'binary_big_endian';

export interface PlyHeader {
  readonly format: PlyFormat;
  readonly elements: readonly PlyElement[];
}

/** Type names of 1994 and of later writers. */
const TYPES = {
  char: 'int8',
  int8: 'int8',
  uchar: 'uint8',
  uint8: 'uint8',
  short: 'int16',
  int16: 'int16',
  ushort: 'uint16',
  uint16: 'uint16',
  int: 'int32',
  int32: 'int32',
  uint: 'uint32',
  uint32: 'uint32',
  int64: 'int64',
  uint64: 'uint64',
  float: 'float32',
  float32: 'float32',
  double: 'float64',
  float64: 'float64',
} as const;

type PlyNumber = (typeof TYPES)[keyof typeof TYPES];

function isTypeName(name: string | undefined): name is keyof typeof TYPES {
  return name !== undefined && Object.hasOwn(TYPES, name);
}

/**
 * Parses the lines of a header, from `ply` to `end_header`. Throws an Error that names the line and what is
 * wrong with it.
 */
export function parsePlyHeader(lines: readonly string[]): PlyHeader {
  const header = new HeaderLines();
  for (const [index, line] of lines.entries()) {
    if (index > 0 && index < lines.length - 1) header.add(line.trim().split(/\s+/), index + 1);
  }
  return header.result();
}

class HeaderLines {
  readonly #elements: { name: string; count: number; properties: PlyProperty[] }[] = [];
  #format: PlyFormat | null = null;

  add(words: readonly string[], line: number): void {
    const fail = (what: string) => new Error(`line ${line}: ${what}`);
    switch (words[0]) {
      case 'comment':
      case 'obj_info':
      case '':
        return;
      case 'format':
        this.#format = parseFormat(words) ?? raise(fail(`format ${words.slice(1).join(' ')} is not read`));
        return;
      case 'element':
        this.#elements.push(parseElement(words) ?? raise(fail('is not an element with a name and a count')));
        return;
      case 'property': {
        const element = this.#elements.at(-1) ?? raise(fail('a property before any element'));
        element.properties.push(parseProperty(words) ?? raise(fail('is not a property of a known type')));
        return;
      }
      default:
        throw fail('is not a line of a PLY header');
    }
  }

  result(): PlyHeader {
    if (this.#format === null) throw new Error('its header names no format');
    return { format: this.#format, elements: this.#elements };
  }
}

function parseFormat(words: readonly string[]): PlyFormat | null {
  const [, format, version] = words;
  if (version !== '1.0' || words.length !== 3) return null;
  return format === 'ascii' || format === 'binary_little_endian' || format === 'binary_big_endian'
    ? format
    : null;
}

function parseElement(
  words: readonly string[],
): { name: string; count: number; properties: PlyProperty[] } | null {
  const [, name, count] = words;
  if (words.length !== 3 || name === undefined || !/^\d{1,15}$/.test(count ?? '')) return null;
  return { name, count: Number(count), properties: [] };
}

function parseProperty(words: readonly string[]): PlyProperty | null {
  const isList = words[1] === 'list';
  const [length, type, name] = isList ? [words[2], words[3], words[4]] : [undefined, words[1], words[2]];
  if (words.length !== (isList ? 5 : 3) || name === undefined) return null;
  if (!isTypeName(type) || (isList && !isTypeName(length))) return null;
  const listLength = isTypeName(length) ? TYPES[length] : null;
  if (listLength?.startsWith('float')) return null;
  return { name, type: TYPES[type], listLength };
}

function raise(error: Error): never {
  throw error;
}
