import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { parseCopcHead, parseCopcPage } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { OWN_PAGE } from '../hierarchy/index.ts';
import { checkChunkLayers } from '../laz/index.ts';
import { damaged, fixtureSteps } from '../testing/index.ts';
import { decodeChunk } from './decode-copc-chunk.ts';

/** All chunks of a fixture. */
function chunksOf(name: string) {
  const bytes = new Uint8Array(
    readFileSync(new URL(`../formats/copc/fixtures/${name}.copc.laz`, import.meta.url)),
  );
  const metadata = parseCopcHead(bytes, bytes.length, name);
  const chunks: { count: number; bytes: Uint8Array }[] = [];
  const pages = [{ key: Key.root, range: metadata.rootPage }];
  for (const { key, range } of pages) {
    const page = parseCopcPage(bytes.slice(range.offset, range.offset + range.length), key, metadata, name);
    for (const [id, place] of page.ranges) {
      const count = page.nodes.get(id)!;
      if (count === OWN_PAGE) pages.push({ key: Key.parse(id)!, range: place });
      else chunks.push({ count, bytes: bytes.slice(place.offset, place.offset + place.length) });
    }
  }
  return { metadata, chunks };
}

describe('chunks', () => {
  test.each(['format-6', 'format-7-pages', 'format-8', 'channels', 'channels-7'])(
    '%s: every point, exactly',
    (name) => {
      const { metadata, chunks } = chunksOf(name);
      const found: string[] = [];
      for (const { bytes, count } of chunks) {
        const { x, y, z, intensity } = decodeChunk(bytes, count, metadata);
        for (let i = 0; i < count; i++) found.push(`${x[i]} ${y[i]} ${z[i]} ${intensity!.raw[i]}`);
      }
      const truth = fixtureSteps(new URL(`../formats/copc/fixtures/${name}.points`, import.meta.url));
      expect(found.sort()).toEqual(truth.map((point) => point.join(' ')).sort());
    },
  );

  test('a chunk of one point', () => {
    const { metadata, chunks } = chunksOf('format-6');
    const { bytes, count } = chunks.find((chunk) => chunk.count === 1)!;
    expect(decodeChunk(bytes, count, metadata)).toMatchObject({ count: 1 });
  });

  test('extra bytes have a layer each', () => {
    const { metadata, chunks } = chunksOf('format-7-pages');
    const { bytes, count } = chunks[0]!;
    expect(checkChunkLayers(bytes, count, metadata)).toBe(9 + 1 + 3);
    expect(() => checkChunkLayers(bytes, count, { pointFormat: 7, recordBytes: 38 })).toThrow();
  });

  test('the count of the hierarchy must be that of the chunk', () => {
    const { metadata, chunks } = chunksOf('format-6');
    const { bytes, count } = chunks[0]!;
    expect(() => decodeChunk(bytes, count + 2, metadata)).toThrow(/points instead of/);
  });

  test('cut or longer chunks are refused: LAZ itself decodes them without a word', () => {
    const { metadata, chunks } = chunksOf('format-6');
    const { bytes, count } = chunks[0]!;
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => decodeChunk(bytes.slice(0, length), count, metadata)).toThrow();
    }
    expect(() => decodeChunk(Uint8Array.from([...bytes, 0]), count, metadata)).toThrow(/layers of/);
  });

  test('a bit that is wrong in a layer is noticed, nearly always: LAZ itself has no checksum', () => {
    const { metadata, chunks } = chunksOf('channels');
    const { bytes, count } = chunks[0]!;
    const sizesAt = metadata.recordBytes + 4;
    const at = sizesAt + 4 * checkChunkLayers(bytes, count, metadata);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const planeAndHeight = view.getUint32(sizesAt, true) + view.getUint32(sizesAt + 4, true);
    const random = mulberry32(10);
    let unnoticed = 0;
    for (let i = 0; i < 100; i++) {
      const copy = bytes.slice();
      copy[at + Math.floor(random() * planeAndHeight)]! ^= 1 << Math.floor(random() * 8);
      try {
        decodeChunk(copy, count, metadata);
        unnoticed++;
      } catch {}
    }
    expect(unnoticed).toBeLessThan(10);
  });

  test('damaged chunks decode to that many points or are refused', () => {
    const { metadata, chunks } = chunksOf('format-6');
    const { bytes, count } = chunks[0]!;
    for (const copy of damaged(bytes, 300, mulberry32(7))) {
      try {
        expect(decodeChunk(copy, count, metadata).x).toHaveLength(count);
      } catch (error) {
        expect((error as Error).message).toMatch(/chunk|layers|damaged/);
      }
    }
  });
});
