/**
 * The dimensions of LAS records other than position and intensity, by format. Source: ASPRS LAS 1.4 R15.
 */
import { type LasHeader, type PointFormat, RECORD_BYTES } from '../../../laz/index.ts';
import type { Attribute } from '../../points/index.ts';
import type { InputField } from '../records.ts';

/** An attribute and its place in a record. Attributes that share a byte have a shift and a mask. */
export interface LasAttribute extends Attribute, InputField {
  readonly shift?: number;
  readonly mask?: number;
  /**
   * Stored value * factor, rounded: scan angles of old formats are whole degrees, of new ones 0.006 degrees.
   */
  readonly factor?: number;
}

const uint8 = (name: string, at: number, shift = 0, mask = 255): LasAttribute => ({
  name,
  type: 'uint8',
  at,
  shift,
  mask,
});

const OLD: readonly LasAttribute[] = [
  uint8('ReturnNumber', 14, 0, 7),
  uint8('NumberOfReturns', 14, 3, 7),
  uint8('ScanDirectionFlag', 14, 6, 1),
  uint8('EdgeOfFlightLine', 14, 7, 1),
  uint8('Classification', 15, 0, 31),
  uint8('ClassFlags', 15, 5, 7),
  { name: 'ScanAngle', type: 'int16', at: 16, factor: 1 / 0.006 },
  uint8('UserData', 17),
  { name: 'PointSourceId', type: 'uint16', at: 18 },
];
const NEW: readonly LasAttribute[] = [
  uint8('ReturnNumber', 14, 0, 15),
  uint8('NumberOfReturns', 14, 4, 15),
  uint8('ClassFlags', 15, 0, 15),
  uint8('ScanDirectionFlag', 15, 6, 1),
  uint8('EdgeOfFlightLine', 15, 7, 1),
  uint8('Classification', 16),
  uint8('UserData', 17),
  { name: 'ScanAngle', type: 'int16', at: 18 },
  { name: 'PointSourceId', type: 'uint16', at: 20 },
  { name: 'GpsTime', type: 'float64', at: 22 },
];
const TIME_AT: Readonly<Partial<Record<PointFormat, number>>> = { 1: 20, 3: 20, 4: 20, 5: 20 };
const COLOUR_AT: Readonly<Partial<Record<PointFormat, number>>> = {
  2: 20,
  3: 28,
  5: 28,
  7: 30,
  8: 30,
  10: 30,
};

/**
 * All dimensions of an uncompressed record, except near infrared, scanner channel, waveforms and extra bytes.
 */
export function lasAttributes({ pointFormat }: LasHeader): LasAttribute[] {
  const timeAt = TIME_AT[pointFormat];
  const colourAt = COLOUR_AT[pointFormat];
  return [
    ...(pointFormat < 6 ? OLD : NEW),
    ...(timeAt === undefined ? [] : [{ name: 'GpsTime', type: 'float64' as const, at: timeAt }]),
    ...(colourAt === undefined
      ? []
      : ['Red', 'Green', 'Blue'].map((name, part) => ({
          name,
          type: 'uint16' as const,
          at: colourAt + 2 * part,
        }))),
  ];
}

/** The dimensions of a compressed file that are not in `lazAttributes`. */
export function lazUnread(header: LasHeader): string[] {
  const read = new Set(lazAttributes(header).map(({ name }) => name));
  return lasAttributes(header)
    .map(({ name }) => name)
    .filter((name) => !read.has(name));
}

/** Extra bytes and waveforms; they are not read. */
export function unreadBytes({ pointFormat, recordBytes }: LasHeader): string[] {
  const extra = recordBytes - RECORD_BYTES[pointFormat];
  return [
    ...(extra > 0 ? [`${extra} extra bytes`] : []),
    ...([4, 5, 9, 10].includes(pointFormat) ? ['waveforms'] : []),
    ...([8, 10].includes(pointFormat) ? ['Infrared'] : []),
  ];
}

/** The dimensions that the decoder of compressed points returns. */
export function lazAttributes({ pointFormat }: LasHeader): Attribute[] {
  const names = ['Classification', 'ReturnNumber', 'NumberOfReturns'];
  return [
    ...names.map((name) => ({ name, type: 'uint8' as const })),
    ...(COLOUR_AT[pointFormat] === undefined
      ? []
      : ['Red', 'Green', 'Blue'].map((name) => ({ name, type: 'uint16' as const }))),
  ];
}
