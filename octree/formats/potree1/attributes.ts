/**
 * The fields of a point in a Potree 1 `.bin` node: `pointAttributes` of cloud.js, only names up to 1.7,
 * descriptions in 1.8.
 * Source: PotreeConverter 1.7 (PointAttributes), potree POCLoader / PointAttributes.
 */
import { z } from 'zod';

/** An attribute and where it lies in a record. */
export interface Potree1Attribute {
  readonly name: string;
  /** Bytes from the start of a record. */
  readonly at: number;
  readonly size: number;
  readonly type: string;
}

/** Records of `.bin` nodes. */
export interface Potree1Record {
  readonly stride: number;
  readonly attributes: readonly Potree1Attribute[];
}

/** Bytes and element type of the attributes that have no description. */
const NAMED: Readonly<Record<string, readonly [size: number, type: string]>> = {
  POSITION_CARTESIAN: [12, 'int32'],
  COLOR_PACKED: [4, 'uint8'],
  RGBA: [4, 'uint8'],
  RGBA_PACKED: [4, 'uint8'],
  RGB_PACKED: [3, 'uint8'],
  INTENSITY: [2, 'uint16'],
  CLASSIFICATION: [1, 'uint8'],
  RETURN_NUMBER: [1, 'uint8'],
  NUMBER_OF_RETURNS: [1, 'uint8'],
  SOURCE_ID: [2, 'uint16'],
  GPS_TIME: [8, 'double'],
  NORMAL_SPHEREMAPPED: [2, 'uint8'],
  NORMAL_OCT16: [2, 'uint8'],
  NORMAL_FLOATS: [12, 'float'],
  NORMAL: [12, 'float'],
};

const MAX_ATTRIBUTE_BYTES = 1024;

const described = z
  .looseObject({
    name: z.string().min(1),
    size: z.int().positive().max(MAX_ATTRIBUTE_BYTES),
    elements: z.int().positive().optional(),
    elementSize: z.int().positive().optional(),
    type: z.string().default(''),
  })
  .refine(
    ({ size, elements, elementSize }) =>
      elements === undefined || elementSize === undefined || size === elements * elementSize,
    'the size is not that of its elements',
  );

/** Reads `pointAttributes` where it is a list. Throws an Error that names the attribute that does not fit. */
export function parsePotree1Attributes(raw: readonly unknown[]): Potree1Record {
  const attributes: Potree1Attribute[] = [];
  let stride = 0;
  for (const entry of raw) {
    const { name, size, type } = typeof entry === 'string' ? fromName(entry) : fromDescription(entry);
    attributes.push({ name, at: stride, size, type });
    stride += size;
  }
  const positions = attributes.filter(isPosition);
  if (positions.length !== 1 || positions[0]!.size !== 12)
    throw new Error('there must be one position of 12 bytes');
  return { stride, attributes };
}

/**
 * Three 32-bit integers in every version from 1.4 on. The type is not checked: writers say int32 or uint32.
 */
export function isPosition({ name }: Potree1Attribute): boolean {
  return name === 'POSITION_CARTESIAN' || name === 'position';
}

/** 16 bits, unsigned. */
export function isIntensity({ name, size }: Potree1Attribute): boolean {
  return name.toLowerCase() === 'intensity' && size === 2;
}

const COLOURS = new Set(['COLOR_PACKED', 'RGBA', 'RGBA_PACKED', 'RGB_PACKED', 'rgb', 'rgba']);

/** Red, green and blue, a byte each, with or without a fourth. */
export function isColour({ name, size }: Potree1Attribute): boolean {
  return COLOURS.has(name) && (size === 3 || size === 4);
}

type Form = Omit<Potree1Attribute, 'at'>;

function fromName(name: string): Form {
  const known = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (known === undefined) throw new Error(`the attribute ${JSON.stringify(name)} is not known`);
  return { name, size: known[0], type: known[1] };
}

function fromDescription(entry: unknown): Form {
  const parsed = described.safeParse(entry);
  if (!parsed.success)
    throw new Error(`an attribute is not valid: ${parsed.error.issues[0]?.message ?? 'unknown'}`);
  const { name, size, type } = parsed.data;
  return { name, size, type };
}
