import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NUMBER_BYTES, type NumberType, numberReader } from '../../points/index.ts';
import { type InputRecord, RecordDecoder } from './record-decoder.ts';

const TYPES = Object.keys(NUMBER_BYTES) as NumberType[];

/** Records of random bytes, whose layout has all types and forms of values; odd places and strides. */
function layoutOf(first: number, littleEndian: boolean): InputRecord {
  let next = first;
  const field = <Type extends NumberType>(type: Type) => {
    const at = next;
    next += NUMBER_BYTES[type] + 1;
    return { at, type };
  };
  const axes = { x: field('int32'), y: field('float32'), z: field('float64') };
  const attributes = [
    ...TYPES.map((type) => field(type)),
    ...TYPES.map((type) => ({ ...field(type), scale: 0.25, offset: -3 })),
    { ...field('uint8'), shift: 3, mask: 7 },
    { ...field('int8'), factor: 1 / 0.006 },
  ];
  return { ...axes, intensity: field('uint16'), attributes, stride: next, littleEndian };
}

/** What a plain loop reads of each record: x, y, z, the intensity and the attributes. */
function byHand(bytes: Uint8Array, layout: InputRecord, count: number): number[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { x, y, z, intensity, attributes = [], transform, stride, littleEndian } = layout;
  const axes = [x, y, z].map((field, axis) => ({
    ...field,
    scale: transform?.scale[axis] ?? 1,
    offset: transform?.offset[axis] ?? 0,
  }));
  const fields: NonNullable<InputRecord['attributes']> = [...axes, intensity!, ...attributes];
  return fields.map(({ at, type, shift = 0, mask, factor, scale = 1, offset = 0 }) =>
    Array.from({ length: count }, (_, record) => {
      const stored = numberReader(type, littleEndian)(view, record * stride + at);
      if (mask !== undefined) return (stored >> shift) & mask;
      // Adding 0 makes 0 of -0.
      return factor === undefined ? stored * scale + offset + 0 : Math.round(stored * factor) + 0;
    }),
  );
}

describe('RecordDecoder', () => {
  it.each([true, false])('reads every type of values (little-endian: %s)', (littleEndian) => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 3 }),
        (random, count, first) => {
          const plain = layoutOf(first, littleEndian);
          const layout = { ...plain, transform: { scale: [0.001, 1, -2], offset: [431_000.5, 0, 7] } };
          for (const given of [plain, layout]) {
            const decoder = new RecordDecoder(given, 9);
            try {
              for (let i = 0; i < count * given.stride; i++) decoder.bytes[i] = random.next().value;
              const batch = decoder.decode(count);
              const columns = [batch.x, batch.y, batch.z, batch.intensity!, ...batch.attributes];
              expect(batch.count).toBe(count);
              expect(
                columns.map((column) => Array.from(column.subarray(0, count), (value) => value + 0)),
              ).toEqual(byHand(decoder.bytes, given, count));
            } finally {
              decoder.release();
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps the memory of another decoder apart', () => {
    const layout = layoutOf(0, true);
    const [one, other] = [new RecordDecoder(layout, 4), new RecordDecoder(layout, 4)];
    one.bytes.fill(1);
    other.bytes.fill(2);
    const { intensity } = one.decode(4);
    other.decode(4);
    expect(Array.from(intensity!.subarray(0, 4))).toEqual([257, 257, 257, 257]);
    one.release();
    other.release();
  });
});
