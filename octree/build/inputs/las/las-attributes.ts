/**
 * The dimensions of LAS records other than position and intensity, by format. Source: ASPRS LAS 1.4 R15.
 */
import type { DecodedBatch, LasHeader, PointFormat } from '../../../laz/index.ts';
import type { Attribute } from '../../points/index.ts';
import type { InputField } from '../records/index.ts';

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
  uint8('ScanChannel', 15, 4, 3),
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

const INFRARED_AT: Readonly<Partial<Record<PointFormat, number>>> = { 8: 36, 10: 36 };

/** All dimensions of a record, except waveforms and extra bytes. */
export function lasAttributes({ pointFormat }: LasHeader): LasAttribute[] {
  const timeAt = TIME_AT[pointFormat];
  const colourAt = COLOUR_AT[pointFormat];
  const infraredAt = INFRARED_AT[pointFormat];
  const uint16 = (name: string, at: number): LasAttribute => ({ name, type: 'uint16', at });
  return [
    ...(pointFormat < 6 ? OLD : NEW),
    ...(timeAt === undefined ? [] : [{ name: 'GpsTime', type: 'float64' as const, at: timeAt }]),
    ...(colourAt === undefined
      ? []
      : ['Red', 'Green', 'Blue'].map((name, part) => uint16(name, colourAt + 2 * part))),
    ...(infraredAt === undefined ? [] : [uint16('Infrared', infraredAt)]),
  ];
}

/** Waveforms are not read. */
export function unreadBytes({ pointFormat }: LasHeader): string[] {
  return [4, 5, 9, 10].includes(pointFormat) ? ['waveforms'] : [];
}

/** Puts values of a decoded batch into the columns of their attributes. */
type Put = (batch: DecodedBatch, count: number, to: Float64Array, at: number) => void;

const bits =
  (column: 'returns' | 'flags' | 'classification', shift: number, mask: number): Put =>
  (batch, count, to, at) => {
    const values = batch[column];
    for (let i = 0; i < count; i++) to[at + i] = (values[i]! >> shift) & mask;
  };
const plain =
  (column: 'angle' | 'user' | 'source' | 'time' | 'infrared'): Put =>
  (batch, count, to, at) =>
    to.set(batch[column].subarray(0, count), at);
const colour =
  (part: number): Put =>
  ({ colour: values }, count, to, at) => {
    for (let i = 0; i < count; i++) to[at + i] = values[3 * i + part]!;
  };

const PUTS: Readonly<Record<string, Put>> = {
  ReturnNumber: bits('returns', 0, 15),
  NumberOfReturns: bits('returns', 4, 15),
  ClassFlags: bits('flags', 0, 15),
  ScanDirectionFlag: bits('flags', 4, 1),
  EdgeOfFlightLine: bits('flags', 5, 1),
  ScanChannel: bits('flags', 6, 3),
  Classification: bits('classification', 0, 255),
  UserData: plain('user'),
  PointSourceId: plain('source'),
  GpsTime: plain('time'),
  Infrared: plain('infrared'),
  ...{ Red: colour(0), Green: colour(1), Blue: colour(2) },
};

/** For each of the attributes, what takes it from a batch of compressed points. */
export function lazPuts(attributes: readonly LasAttribute[]): Put[] {
  return attributes.map(({ name, factor }) => {
    if (name !== 'ScanAngle') return PUTS[name]!;
    return ({ angle }, count, to, at) => {
      for (let i = 0; i < count; i++)
        to[at + i] = factor === undefined ? angle[i]! : Math.round(angle[i]! * factor);
    };
  });
}
