/** The names that programs use for dimensions, and which dimension of LAS each means. */
import type { Attribute, NumberType } from '../../points/index.ts';

/** A dimension as an input has it. */
export interface InputAttribute extends Attribute {
  /** A usual name of what it probably is, if its own name does not say it. */
  readonly meaning?: string;
  /** Whether it has the name and the values of its dimension already. */
  readonly isKnown?: boolean;
}

export interface KnownDimension {
  readonly attribute: Attribute;
  /** The values that the dimension can have. */
  readonly most: number;
  /**
   * Types that mean this dimension; missing: all. `time` is seconds only where it has the precision of
   * seconds.
   */
  readonly types?: readonly NumberType[];
}

/** In lower case, without separators: `return_number`, `Return Number` and `ReturnNumber` are one. */
const NAMES: readonly (readonly [KnownDimension, readonly string[]])[] = [
  [known('Classification', 'uint8', 255), ['classification', 'class', 'classid', 'label', 'labels']],
  [
    known('ReturnNumber', 'uint8', 15),
    ['returnnumber', 'returnnum', 'returnno', 'returnid', 'echo', 'echonumber'],
  ],
  [
    known('NumberOfReturns', 'uint8', 15),
    ['numberofreturns', 'numreturns', 'numofreturns', 'returncount', 'echocount', 'numberofechoes'],
  ],
  [
    known('Ring', 'uint16', 65_535),
    ['ring', 'ringid', 'ringindex', 'laserid', 'lasernumber', 'line', 'channel', 'beam', 'beamid'],
  ],
  [known('PointSourceId', 'uint16', 65_535), ['pointsourceid', 'pointsource']],
  [known('UserData', 'uint8', 255), ['userdata']],
  [known('GpsTime', 'float64', Infinity), ['gpstime']],
  [
    { ...known('GpsTime', 'float64', Infinity), types: ['float64'] },
    ['t', 'time', 'timestamp', 'pointtime', 'times', 'timestamps'],
  ],
];

const BY_NAME = new Map(NAMES.flatMap(([dimension, names]) => names.map((name) => [name, dimension])));

function known(name: string, type: NumberType, most: number): KnownDimension {
  return { attribute: { name, type }, most };
}

/** A name in lower case, without separators and CloudCompare's prefix `scalar_`. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^scalar_/, '')
    .replaceAll(/[^a-z0-9]/g, '');
}

/** The dimension that a name usually means; null if none. */
export function knownDimension({ name, type, meaning, isKnown }: InputAttribute): KnownDimension | null {
  const dimension = BY_NAME.get(plainName(meaning ?? name));
  if (dimension === undefined || isKnown) return null;
  return dimension.types === undefined || dimension.types.includes(type) ? dimension : null;
}

const COLOURS: readonly (readonly string[])[] = [
  ['red', 'r', 'diffusered', 'colorred', 'colourred'],
  ['green', 'g', 'diffusegreen', 'colorgreen', 'colourgreen'],
  ['blue', 'b', 'diffuseblue', 'colorblue', 'colourblue'],
];

/** Which part of a colour a name means: 0 red, 1 green, 2 blue; null if it means none. */
export function colourPart({ name, meaning, isKnown }: InputAttribute): number | null {
  if (isKnown) return null;
  const part = COLOURS.findIndex((names) => names.includes(plainName(meaning ?? name)));
  return part === -1 ? null : part;
}

/** True for a colour in one number of 32 bits: blue in the lowest byte, then green and red (PCL). */
export function isPackedColour({ name, type, meaning, isKnown }: InputAttribute): boolean {
  return (
    !isKnown &&
    ['rgb', 'rgba'].includes(plainName(meaning ?? name)) &&
    ['uint32', 'int32', 'float32'].includes(type)
  );
}

/** Packed colours are bits, also in a field of floats: as numbers, some of them would be NaN. */
export function storedType(attribute: InputAttribute): NumberType {
  return isPackedColour(attribute) ? 'uint32' : attribute.type;
}

/** True for fields that only fill up a record. */
export function isPadding({ name }: InputAttribute): boolean {
  return /^(_+|_*pad(ding)?)[\d_]*$/i.test(name);
}

/** Names that other dimensions of a cloud have. */
export const TAKEN_NAMES: ReadonlySet<string> = new Set([
  ...['X', 'Y', 'Z', 'Intensity', 'Red', 'Green', 'Blue'],
  ...['ScanDirectionFlag', 'EdgeOfFlightLine', 'ClassFlags', 'ScanAngle', 'Infrared', 'ScanChannel'],
  ...NAMES.map(([{ attribute }]) => attribute.name),
]);
