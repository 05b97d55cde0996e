import { describe, expect, test } from 'vitest';
import { isNearboxError, mulberry32 } from '../../../cache/foundation/index.ts';
import { damaged, potree2Cloud, scatterNodes } from '../../testing/index.ts';
import { parsePotree2Metadata } from './metadata.ts';

const good = potree2Cloud(scatterNodes(1, 1, 3), { encoding: 'BROTLI' }).get('metadata.json')!;
const json = JSON.parse(new TextDecoder().decode(good)) as Record<string, unknown>;
const attributes = json.attributes as Record<string, unknown>[];
const parse = (changes: object) =>
  parsePotree2Metadata(new TextEncoder().encode(JSON.stringify({ ...json, ...changes })), 'a/b');

describe('metadata.json', () => {
  test("positions are absolute: scale and offset are the cloud's", () => {
    expect(parse({})).toMatchObject({
      scale: [1 / 64, 1 / 64, 1 / 64],
      offset: [637282, 4851201, 92],
      encoding: 'BROTLI',
    });
    expect(parse({ encoding: 'UNCOMPRESSED' }).encoding).toBe('DEFAULT');
  });

  test.each([
    { version: '1.8' },
    { version: undefined },
    { scale: [0.01, 0, 0.01] },
    { scale: [0.01] },
    { offset: [1, 2, null] },
    { spacing: 0 },
    { points: -1 },
    { encoding: 'ZSTD' },
    { hierarchy: { firstChunkSize: 0 } },
    { hierarchy: {} },
    { boundingBox: { min: [0, 0, 0], max: [1, 1, 0] } },
    { boundingBox: { min: [0, 0, -1e13], max: [1, 1, 1] } },
    { attributes: [] },
    { attributes: attributes.slice(1) },
    { attributes: [...attributes, attributes[0]] },
    { attributes: [{ ...attributes[0], type: 'double', elementSize: 8, size: 24 }] },
    { attributes: [attributes[0], { ...attributes[1], size: 3 }] },
    { attributes: [attributes[0], { ...attributes[1], size: -2, elementSize: -2 }] },
    { attributes: [attributes[0], { ...attributes[1], type: 'double' }] },
    { attributes: [attributes[0], { ...attributes[1], size: 2e9, elementSize: 2e9, type: 'x' }] },
  ])('%j is refused, and the error names the cloud', (changes) => {
    expect(() => parse(changes)).toThrow(
      expect.objectContaining({ code: 'corrupt_tile', message: expect.stringContaining('a/b') }),
    );
  });

  test('damaged files are refused or read, never worse', () => {
    for (const copy of damaged(good, 500, mulberry32(9))) {
      try {
        parsePotree2Metadata(copy, 'c');
      } catch (error) {
        if (!isNearboxError(error, 'corrupt_tile')) throw error;
      }
    }
  });
});
