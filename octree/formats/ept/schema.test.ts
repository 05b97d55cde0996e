import { describe, expect, test } from 'vitest';
import { parseEptMetadata, pointStride, rootSpacing } from './schema.ts';

const axis = (name: string) => ({ name, type: 'signed', size: 4, scale: 0.01, offset: 100.25 });
const VALID = {
  version: '1.0.0',
  bounds: [0, 0, 0, 64, 64, 64],
  boundsConforming: [1, 1, 1, 60, 60, 10],
  dataType: 'binary',
  hierarchyType: 'json',
  points: 10,
  span: 128,
  schema: [axis('X'), axis('Y'), axis('Z'), { name: 'Intensity', type: 'unsigned', size: 2 }],
};

const parse = (document: unknown) =>
  parseEptMetadata(new TextEncoder().encode(JSON.stringify(document)), 'the/cloud');

describe('ept.json', () => {
  test('gives what positions depend on', () => {
    const metadata = parse(VALID);
    expect(metadata.bounds).toEqual({ min: [0, 0, 0], max: [64, 64, 64] });
    expect(metadata.schema[0]).toEqual(axis('X'));
    expect(metadata.schema[3]).toEqual({ name: 'Intensity', type: 'unsigned', size: 2, scale: 1, offset: 0 });
    expect(pointStride(metadata.schema)).toBe(14);
    expect(rootSpacing(metadata)).toBe(0.5);
    expect(metadata.sensor).toBeNull();
  });

  test.each<[string, object]>([
    ['no srs, or an empty one', { srs: {} }],
    ['version 1.0.1', { version: '1.0.1' }],
    ['version 1.1.0', { version: '1.1.0' }],
    [
      '"floating" and no scale',
      { dataType: 'laszip', schema: ['X', 'Y', 'Z'].map((name) => ({ name, type: 'floating', size: 8 })) },
    ],
    ['no span', { span: undefined }],
    ['no boundsConforming', { boundsConforming: undefined }],
    ['boundsConforming upside down', { boundsConforming: [0, 0, 9, 1, 1, 1] }],
    ['boundsConforming that are no numbers', { boundsConforming: [0, null, 0, 1, 1, 1] }],
    ['keys of its own', { extra: { more: true }, nearbox: { other: 1 } }],
    [
      'a scale of null',
      { schema: ['X', 'Y', 'Z'].map((name) => ({ ...axis(name), scale: null, offset: null })) },
    ],
  ])('may have %s', (_, change) => {
    expect(parse({ ...VALID, ...change }).points).toBe(10);
  });

  test('tells where the scanner stood', () => {
    expect(parse({ ...VALID, nearbox: { sensor: [1, 2, 3] } }).sensor).toEqual([1, 2, 3]);
    expect(parse({ ...VALID, nearbox: { sensor: [1, 2] } }).sensor).toBeNull();
  });

  test('tells when and from where the frame was taken, each by itself', () => {
    const pose = { position: [515387.1, 4918360.4, 2], rotation: [0, 0, 0.6, 0.8] };
    const nearbox = { sensor: [1, 2, 3], pose, timestamp: 12.3 };
    expect(parse({ ...VALID, nearbox }).frame).toEqual({ pose, timestamp: 12.3 });
    expect(parse(VALID).frame).toEqual({ pose: null, timestamp: null });
    const zero = { ...pose, rotation: [0, 0, 0, 0] };
    const wrong = parse({ ...VALID, nearbox: { sensor: [1, 2, 3], pose: zero, timestamp: 'noon' } });
    expect(wrong.frame).toEqual({ pose: null, timestamp: null });
    expect(wrong.sensor).toEqual([1, 2, 3]);
    expect(parse({ ...VALID, nearbox: { pose, timestamp: '1' } }).frame).toEqual({ pose, timestamp: null });
  });

  test.each<[string, object]>([
    ['bounds', { bounds: [0, 0, 0, 64, 64] }],
    ['bounds', { bounds: [0, 0, 0, 64, 0, 64] }],
    ['bounds.3: 2000000000000 m is beyond', { bounds: [0, 0, 0, 2e12, 2e12, 2e12] }],
    ['bounds.0: -1e+300 m is beyond', { bounds: [-1e300, 0, 0, 1, 1, 1] }],
    ['dataType', { dataType: 'las' }],
    ['hierarchyType', { hierarchyType: 'xml' }],
    ['points', { points: -1 }],
    ['points', { points: 1.5 }],
    ['span', { span: 0 }],
    ['schema', { schema: [axis('X'), axis('Y')] }],
    ['schema', { schema: [axis('X'), axis('X'), axis('Y'), axis('Z')] }],
    ['schema.0.size', { schema: [{ ...axis('X'), size: 3 }, axis('Y'), axis('Z')] }],
    ['schema.0.scale', { schema: [{ ...axis('X'), scale: 0 }, axis('Y'), axis('Z')] }],
    ['schema.0', { schema: [{ ...axis('X'), type: 'float', size: 2 }, axis('Y'), axis('Z')] }],
    ['version', { version: '2.0.0' }],
  ])('with a wrong %s is corrupt, and says so', (path, change) => {
    const error = expect.objectContaining({
      code: 'corrupt_tile',
      message: expect.stringContaining('the/cloud'),
    });
    expect(() => parse({ ...VALID, ...change })).toThrow(error);
    expect(() => parse({ ...VALID, ...change })).toThrow(path);
  });

  test.each(['', '{', '[]', 'null', '"x"', '\ufffe'])('is not %j', (text) => {
    expect(() => parseEptMetadata(new TextEncoder().encode(text), 'c')).toThrow(
      expect.objectContaining({ code: 'corrupt_tile' }),
    );
    expect(() => parseEptMetadata(Uint8Array.of(0xff, 0xfe), 'c')).toThrow(
      expect.objectContaining({ code: 'corrupt_tile' }),
    );
  });
});
