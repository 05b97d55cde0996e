import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BuildColumns, type IntensityKind } from '../../points/index.ts';
import { nodeRecords } from './node-records.ts';

const FLOATS = [0, -0, 1, -1, 0.5, -0.5, 1e-30, -1e-30, 3e8, -3e8, 0.07, 255];
const heights = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -3, max: 3 }));

const ATTRIBUTES = [
  { name: 'Classification', type: 'uint8' },
  { name: 'ScanAngle', type: 'int16' },
  { name: 'Number', type: 'uint32' },
  { name: 'GpsTime', type: 'float64' },
] as const;

/** Points with these values; the number of each is in its x, and in all attributes. */
function columnsOf(kind: IntensityKind | null, rows: readonly (readonly [number, number])[]): BuildColumns {
  const columns = BuildColumns.allocate(rows.length, kind, ATTRIBUTES);
  columns.count = rows.length;
  for (const [i, [value, height]] of rows.entries()) {
    columns.x[i] = i;
    columns.y[i] = -i;
    columns.z[i] = height;
    if (columns.intensity !== null) columns.intensity[i] = value;
    for (const attribute of columns.attributes) attribute[i] = i;
  }
  return columns;
}

const INTENSITY_BYTES = { uint16: 2, float32: 4, float64: 8 } as const;

/** The record of point `i`, written without the module. */
function recordOf({ x, y, z, intensity }: BuildColumns, i: number, kind: IntensityKind | null): Buffer {
  const record = Buffer.alloc(12 + (kind === null ? 0 : INTENSITY_BYTES[kind]) + 15);
  record.writeInt32LE(x[i]!, 0);
  record.writeInt32LE(y[i]!, 4);
  record.writeInt32LE(z[i]!, 8);
  if (kind === 'uint16') record.writeUInt16LE(intensity![i]!, 12);
  if (kind === 'float32') record.writeFloatLE(intensity![i]!, 12);
  if (kind === 'float64') record.writeDoubleLE(intensity![i]!, 12);
  const at = record.length - 15;
  record.writeUInt8(i & 255, at);
  record.writeInt16LE((i << 16) >> 16, at + 1);
  record.writeUInt32LE(i, at + 3);
  record.writeDoubleLE(i, at + 7);
  return record;
}

describe('nodeRecords', () => {
  for (const [kind, values] of [
    [null, fc.constant(0)],
    ['float32', fc.constantFrom(...FLOATS)],
    ['float64', fc.constantFrom(...FLOATS, 0.1, 0.1 + 2 ** -56)],
    ['uint16', fc.integer({ min: 0, max: 65_535 })],
  ] as const) {
    for (const { copies, numRuns } of [
      { copies: 1, numRuns: 100 },
      { copies: 400, numRuns: 3 },
    ])
      it(`packs ${copies} x points by ${kind} intensity, then height, and keeps equal ones as they were`, () => {
        const rows = fc.array(fc.tuple(values, heights), {
          minLength: copies === 1 ? 1 : 60,
          maxLength: 100,
        });
        fc.assert(
          fc.property(rows, (few) => {
            const columns = columnsOf(kind, Array.from({ length: copies }, () => few).flat());
            const { count, intensity, z } = columns;
            // Every other point is of another node.
            const own = Uint32Array.from({ length: Math.ceil(count / 2) }, (_, i) => 2 * i);
            const value = (i: number) => intensity?.[i] ?? 0;
            const wanted = own.toSorted((a, b) => value(a) - value(b) || z[a]! - z[b]! || a - b);
            for (const [isSorted, order] of [
              [true, wanted],
              [false, own],
            ] as const) {
              const packed = nodeRecords(columns, own, isSorted);
              const expected = Buffer.concat(Array.from(order, (i) => recordOf(columns, i, kind)));
              expect(Buffer.compare(packed, expected)).toBe(0);
            }
          }),
          { numRuns },
        );
      });
  }

  it('a large node leaves the records of the next one right', () => {
    const columns = columnsOf(
      'float32',
      Array.from({ length: 400_000 }, (_, i) => [i % 7, -i] as const),
    );
    const points = Uint32Array.from({ length: columns.count }, (_, i) => i);
    const large = nodeRecords(columns, points, true);
    expect(Buffer.compare(large.subarray(0, 31), recordOf(columns, 399_994, 'float32'))).toBe(0);
    const small = nodeRecords(columns, points.subarray(3, 4), true);
    expect(Buffer.compare(small, recordOf(columns, 3, 'float32'))).toBe(0);
  });
});
