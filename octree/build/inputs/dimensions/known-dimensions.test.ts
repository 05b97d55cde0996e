/** Dimensions by the names and types that programs write, on their way to those of LAS. */
import { describe, expect, it } from 'vitest';
import type { NumberType } from '../../points/index.ts';
import { sourceInput } from '../point-source.ts';
import { knownDimensions } from './index.ts';

interface Column {
  readonly name: string;
  readonly type: NumberType;
  readonly values: readonly number[];
  readonly meaning?: string;
}

/** The dimensions that are kept, with their values, and what is not kept or warned of. */
async function kept(...columns: Column[]) {
  const zeros = columns[0]!.values.map(() => 0);
  const attributes = columns.map(({ values: _, ...attribute }) => attribute);
  const points = () => [{ x: zeros, y: zeros, z: zeros, attributes: columns.map(({ values }) => values) }];
  const input = await knownDimensions({ ...sourceInput({ name: 'test', attributes, points }), attributes });
  const warnings: string[] = [];
  const found: Record<string, { type: NumberType; values: number[] }> = {};
  for await (const batch of input.batches({ attributes: true, warn: (what) => warnings.push(what) }))
    for (const [index, { name, type }] of input.attributes.entries())
      found[name] = { type, values: [...batch.attributes[index]!.subarray(0, batch.count)] };
  return { found, unread: input.unread ?? [], warnings };
}

const rgb = (names: readonly string[], type: NumberType, parts: readonly (readonly number[])[]): Column[] =>
  names.map((name, part) => ({ name, type, values: parts[part]! }));
const uint16 = (values: readonly number[]) => ({ type: 'uint16', values });

describe('colours', () => {
  const NAMES = ['red', 'green', 'blue'];
  const BYTES = [
    [255, 0, 1],
    [128, 2, 0],
    [0, 255, 3],
  ];
  const SIXTEEN = {
    Red: uint16([65_535, 0, 257]),
    Green: uint16([32_896, 514, 0]),
    Blue: uint16([0, 65_535, 771]),
  };

  it.each<[string, readonly string[], NumberType]>([
    ['bytes', NAMES, 'uint8'],
    ['bytes of another spelling', ['Red', 'Green', 'Blue'], 'uint8'],
    ['bytes of a mesh', ['diffuse_red', 'diffuse_green', 'diffuse_blue'], 'uint8'],
    ['letters', ['r', 'g', 'b'], 'uint8'],
    ['CloudCompare’s letters', ['R', 'G', 'B'], 'int32'],
    ['bytes as floats', NAMES, 'float32'],
    ['bytes as doubles', NAMES, 'float64'],
    ['bytes as signed integers', NAMES, 'int16'],
  ])('%s become 16 bits', async (_, names, type) => {
    expect(await kept(...rgb(names, type, BYTES))).toEqual({ found: SIXTEEN, unread: [], warnings: [] });
  });

  it('from 0 to 1, and of 16 bits', async () => {
    const shares = BYTES.map((values) => values.map((value) => value / 255));
    expect((await kept(...rgb(NAMES, 'float32', shares))).found).toEqual(SIXTEEN);
    const wide = [
      [65_535, 0],
      [1, 2],
      [3, 40_000],
    ];
    for (const type of ['uint16', 'float64'] as const)
      expect((await kept(...rgb(NAMES, type, wide))).found).toEqual({
        Red: uint16(wide[0]!),
        Green: uint16(wide[1]!),
        Blue: uint16(wide[2]!),
      });
  });

  it('whose parts differ in their largest value have one factor', async () => {
    const { found } = await kept(
      ...rgb(NAMES, 'float32', [
        [0, 1],
        [0, 1],
        [0, 255],
      ]),
    );
    expect([found.Red!.values, found.Blue!.values]).toEqual([
      [0, 257],
      [0, 65_535],
    ]);
  });

  it.each<[string, NumberType]>([
    ['rgb', 'uint32'],
    ['rgba', 'uint32'],
    ['rgb', 'int32'],
  ])('packed into a number: %s, %s', async (name, type) => {
    const values = [0xff_80_00, 0x00_02_ff, 0x01_00_03].map((value) =>
      name === 'rgba' ? value + 0xff00_0000 : value,
    );
    expect(await kept({ name, type, values })).toEqual({ found: SIXTEEN, unread: [], warnings: [] });
  });

  it('packed into the bits of a float', async () => {
    const bits = new Float32Array(Uint32Array.from([0xff_80_00, 0x00_02_ff, 0x01_00_03]).buffer);
    expect((await kept({ name: 'rgb', type: 'float32', values: [...bits] })).found).toEqual(SIXTEEN);
  });

  it('that are incomplete or no colours stay what they are', async () => {
    const red: Column = { name: 'red', type: 'uint8', values: [7] };
    expect((await kept(red)).found).toEqual({ red: { type: 'uint8', values: [7] } });
    const { found } = await kept(...rgb(NAMES, 'float32', [[-1], [0.5], [1e6]]));
    expect(Object.keys(found)).toEqual(NAMES);
  });
});

describe('dimensions of LAS', () => {
  it.each<[string, NumberType, string, NumberType]>([
    ['classification', 'uint8', 'Classification', 'uint8'],
    ['scalar_Classification', 'float32', 'Classification', 'uint8'],
    ['label', 'int32', 'Classification', 'uint8'],
    ['ring', 'uint16', 'Ring', 'uint16'],
    ['Ring', 'float32', 'Ring', 'uint16'],
    ['laser_id', 'uint8', 'Ring', 'uint16'],
    ['channel', 'int8', 'Ring', 'uint16'],
    ['return_number', 'uint8', 'ReturnNumber', 'uint8'],
    ['scalar_Return_Number', 'float32', 'ReturnNumber', 'uint8'],
    ['Number Of Returns', 'uint8', 'NumberOfReturns', 'uint8'],
    ['scalar_Number_Of_Returns', 'float64', 'NumberOfReturns', 'uint8'],
    ['PointSourceID', 'uint16', 'PointSourceId', 'uint16'],
    ['user_data', 'uint8', 'UserData', 'uint8'],
    ['gps_time', 'float64', 'GpsTime', 'float64'],
    ['GpsTime', 'float32', 'GpsTime', 'float64'],
    ['timestamp', 'float64', 'GpsTime', 'float64'],
  ])('%s of %s is %s', async (name, type, dimension, stored) => {
    expect(await kept({ name, type, values: [3, 0, 7] })).toEqual({
      found: { [dimension]: { type: stored, values: [3, 0, 7] } },
      unread: [],
      warnings: [],
    });
  });

  it.each<[string, NumberType, readonly number[]]>([
    ['label', 'int32', [3, 70_000]],
    ['label', 'float32', [0.5, 1]],
    ['ring', 'float32', [0.01, 0.02]],
    ['return_number', 'uint8', [1, 200]],
    // Seconds from the start of the sweep, nanoseconds: other times than LAS has.
    ['time', 'float32', [0.05, 0.1]],
    ['t', 'uint32', [50_000, 99_000]],
    ['normal_x', 'float32', [0.5, -0.25]],
    ['tag', 'uint8', [1, 2]],
  ])('%s of %s with the values %j stays what it is', async (name, type, values) => {
    expect(await kept({ name, type, values })).toEqual({
      found: { [name]: { type, values } },
      unread: [],
      warnings: [],
    });
  });

  it('are taken once; another of the meaning keeps its name', async () => {
    const { found } = await kept(
      { name: 'class', type: 'uint8', values: [1] },
      { name: 'label', type: 'uint8', values: [2] },
    );
    expect(Object.keys(found)).toEqual(['Classification', 'label']);
  });

  it('keep their own names, but those of LAS, in the length that LAS has', async () => {
    const { found, unread } = await kept(
      { name: 'Red', type: 'uint8', values: [1] },
      { name: 'höhe', type: 'float32', values: [2] },
      { name: 'x'.repeat(32), type: 'float32', values: [3] },
      { name: 'value 5', type: 'float32', values: [4], meaning: 'ring' },
    );
    expect(Object.keys(found)).toEqual(['Red_', 'h_he', 'Ring']);
    expect(unread).toEqual(['x'.repeat(32)]);
  });

  it('are said to be left out if there are too many', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `histogram_${i}`);
    const { found, unread } = await kept(
      ...names.map((name): Column => ({ name, type: 'float64', values: [1] })),
    );
    expect(Object.keys(found)).toEqual(names.slice(0, 32));
    expect(unread).toEqual(names.slice(32));
  });

  it('whose later values do not fit are warned of', async () => {
    const values = Array.from({ length: 1_200_000 }, (_, i) => (i < 1_199_998 ? 5 : 0.5));
    const { found, warnings } = await kept({ name: 'ring', type: 'float32', values });
    expect(found.Ring!.values.at(-1)).toBe(0);
    expect(warnings).toEqual(['2 values of ring do not fit Ring and become 0']);
  });
});
