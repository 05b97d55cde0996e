import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { damaged } from '../../testing/index.ts';
import { parsePotree1Metadata } from './metadata.ts';

const box = { lx: 0, ly: 0, lz: 0, ux: 8, uy: 8, uz: 8 };
const good = {
  version: '1.7',
  octreeDir: 'data',
  boundingBox: box,
  tightBoundingBox: { ...box, ux: 3 },
  pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
  spacing: 0.1,
  scale: 0.001,
  hierarchyStepSize: 5,
};
const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const parse = (changes: object) => parsePotree1Metadata(bytes({ ...good, ...changes }), 'a/b');

describe('cloud.js', () => {
  test('the cube is boundingBox, the extent tightBoundingBox', () => {
    const metadata = parse({});
    expect(metadata.cube).toEqual({ min: [0, 0, 0], max: [8, 8, 8] });
    expect(metadata.conforming.max).toEqual([3, 8, 8]);
    expect(metadata.record).toMatchObject({ stride: 14 });
    expect(metadata.hierarchyStep).toBe(5);
  });

  test('every named attribute has its size', () => {
    const sizes = {
      COLOR_PACKED: 4,
      RGBA: 4,
      RGB_PACKED: 3,
      INTENSITY: 2,
      CLASSIFICATION: 1,
      RETURN_NUMBER: 1,
      NUMBER_OF_RETURNS: 1,
      SOURCE_ID: 2,
      GPS_TIME: 8,
      NORMAL_SPHEREMAPPED: 2,
      NORMAL_OCT16: 2,
      NORMAL: 12,
      NORMAL_FLOATS: 12,
    };
    for (const [name, size] of Object.entries(sizes)) {
      expect(parse({ pointAttributes: [name, 'POSITION_CARTESIAN'] }).record?.stride, name).toBe(12 + size);
    }
  });

  test('1.8 describes attributes, extra bytes among them', () => {
    const { record } = parse({
      version: '1.8',
      pointAttributes: [
        { name: 'extra', size: 6, elements: 3, elementSize: 2, type: 'uint16' },
        { name: 'POSITION_CARTESIAN', size: 12, elements: 3, elementSize: 4, type: 'int32' },
      ],
    });
    expect(record).toMatchObject({ stride: 18, attributes: [{ at: 0 }, { at: 6 }] });
  });

  test('LAS and LAZ nodes have no records', () => {
    expect(parse({ pointAttributes: 'LAZ', scale: undefined })).toMatchObject({ nodes: 'LAZ', record: null });
  });

  test('1.4 has its hierarchy in the file, later ones have a step', () => {
    expect(parse({ version: '1.4', hierarchy: [['r', 1]] }).hierarchyStep).toBeNull();
    expect(() => parse({ version: '1.4' })).toThrow(/hierarchy/);
    expect(() => parse({ hierarchyStepSize: undefined })).toThrow(/hierarchyStepSize/);
  });

  test.each([
    'http://elsewhere/data',
    'https://elsewhere',
    '//elsewhere/data',
    '/data',
    '../data',
    'data/../../other',
    'file:data',
    'a\\b',
    '',
    '..',
    '../..',
  ])('an octreeDir outside of the cloud is refused: %s', (octreeDir) => {
    expect(() => parse({ octreeDir })).toThrow(/octreeDir/);
  });

  test('a plain octreeDir may begin with ./ and end with a slash', () => {
    expect(parse({ octreeDir: './nodes/deep/' }).octreeDir).toBe('nodes/deep');
  });

  test.each([
    { version: '1.3' },
    { version: '1.9' },
    { version: '2.0' },
    { pointAttributes: ['INTENSITY'] },
    { pointAttributes: ['POSITION_CARTESIAN', 'POSITION_CARTESIAN'] },
    { pointAttributes: ['POSITION_CARTESIAN', 'MYSTERY'] },
    { pointAttributes: ['POSITION_CARTESIAN', 'constructor'] },
    { pointAttributes: [{ name: 'POSITION_CARTESIAN', size: 24 }] },
    {
      pointAttributes: [
        { name: 'POSITION_CARTESIAN', size: 12 },
        { name: 'x', size: -4 },
      ],
    },
    {
      pointAttributes: [
        { name: 'POSITION_CARTESIAN', size: 12 },
        { name: 'x', size: 6, elements: 3, elementSize: 4 },
      ],
    },
    { pointAttributes: 'XYZ' },
    { pointAttributes: [] },
    { scale: 0 },
    { scale: undefined },
    { spacing: -1 },
    { boundingBox: { ...box, ux: 0 } },
    { boundingBox: { ...box, ux: null } },
    { boundingBox: { ...box, ux: 1e300 } },
    { hierarchyStepSize: 0 },
    { hierarchyStepSize: 1e9 },
  ])('%j is refused, and the error names the cloud', (changes) => {
    expect(() => parse(changes)).toThrow(
      expect.objectContaining({ code: 'corrupt_tile', message: expect.stringContaining('a/b') }),
    );
  });

  test('damaged files are refused or read, never worse', () => {
    for (const copy of damaged(bytes(good), 500, mulberry32(1))) {
      try {
        parsePotree1Metadata(copy, 'c');
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});
