/** Colours of chunks whose points come from several scanner channels, by both versions of the format. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { parseCopcHead, parseCopcPage } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';
import { encodeColourLayer, referenceRecords } from '../testing/index.ts';
import { checkChunkLayers } from './chunk-layers.ts';
import { decodeChunks } from './index.ts';

const COLOUR_LAYER = 9;
const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../formats/copc/fixtures/channels-7.${name}`, import.meta.url)));

type Colour = readonly [number, number, number];

/** The colours that lazrs was given. */
function trueColours(): Colour[] {
  const bytes = fixture('colours');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: bytes.length / 6 }, (_, i) => [
    view.getUint16(6 * i, true),
    view.getUint16(6 * i + 2, true),
    view.getUint16(6 * i + 4, true),
  ]);
}

/** The chunks that lazrs wrote, with the channels of their points, as laz-perf reads them. */
async function open() {
  const file = fixture('copc.laz');
  const records = parseCopcHead(file, file.length, 'channels-7');
  const { offset, length } = records.rootPage;
  const page = parseCopcPage(file.slice(offset, offset + length), Key.root, records, 'channels-7');
  const chunks = [];
  for (const [key, range] of [...page.ranges].sort(([, a], [, b]) => a.offset - b.offset)) {
    const points = page.nodes.get(key)!;
    const bytes = file.slice(range.offset, range.offset + range.length);
    const reference = await referenceRecords(bytes, points, records);
    const channels = Array.from(
      { length: points },
      (_, i) => (reference.getUint8(i * records.recordBytes + 15) >> 4) & 3,
    );
    chunks.push({ bytes, points, channels });
  }
  return { file, records, chunks };
}

function coloursOf(bytes: Uint8Array, points: number, records: Parameters<typeof decodeChunks>[1]): Colour[] {
  const { colour } = decodeChunks([{ bytes, points }], records, { colour: true });
  return Array.from({ length: points }, (_, i) => [
    colour![3 * i]!,
    colour![3 * i + 1]!,
    colour![3 * i + 2]!,
  ]);
}

/** The chunk with another colour layer, and another first colour. */
function withColours(
  chunk: Uint8Array,
  points: number,
  records: Parameters<typeof checkChunkLayers>[2],
  first: Colour,
  layer: Uint8Array,
): Uint8Array {
  const layers = checkChunkLayers(chunk, points, records);
  const sizesAt = records.recordBytes + 4;
  const before = new DataView(chunk.buffer, chunk.byteOffset).getUint32(sizesAt + 4 * COLOUR_LAYER, true);
  // It is the last one.
  expect(layers).toBe(COLOUR_LAYER + 1);
  const made = Uint8Array.from([...chunk.subarray(0, chunk.length - before), ...layer]);
  const view = new DataView(made.buffer);
  view.setUint32(sizesAt + 4 * COLOUR_LAYER, layer.length, true);
  for (const [part, value] of first.entries()) view.setUint16(30 + 2 * part, value, true);
  return made;
}

describe('colours of several scanner channels', () => {
  test('are those that lazrs was given', async () => {
    const { records, chunks } = await open();
    const found = chunks.flatMap(({ bytes, points }) => coloursOf(bytes, points, records));
    expect(found).toEqual(trueColours());
    for (const { channels } of chunks) expect(new Set(channels).size).toBe(4);
  });

  test('version 3 is written here as lazrs writes it, byte for byte', async () => {
    const { records, chunks } = await open();
    const colours = trueColours();
    for (const { bytes, points, channels } of chunks) {
      const layer = encodeColourLayer(colours.splice(0, points), channels, 3);
      const view = new DataView(bytes.buffer);
      const size = view.getUint32(records.recordBytes + 4 + 4 * COLOUR_LAYER, true);
      expect(layer).toEqual(bytes.subarray(bytes.length - size));
    }
  });

  test.each([3, 4] as const)('version %i reads back: any values, small steps, greys', async (itemVersion) => {
    const { records, chunks } = await open();
    const random = mulberry32(4);
    const any = (size: number) => Math.floor(random() * size);
    let last: Colour = [300, 200, 100];
    const next = (): Colour => {
      const kind = any(4);
      const step = (value: number) => (value + any(9) - 4) & 0xffff;
      if (kind === 0) last = [any(65536), any(65536), any(65536)];
      else if (kind === 1) last = [last[0], last[0], last[0]];
      else if (kind === 2) last = [step(last[0]), step(last[1]), step(last[2])];
      return last;
    };
    for (const { bytes, points, channels } of chunks) {
      const colours = Array.from({ length: points }, next);
      const layer = encodeColourLayer(colours, channels, itemVersion);
      const made = withColours(bytes, points, records, colours[0]!, layer);
      expect(coloursOf(made, points, { ...records, itemVersion })).toEqual(colours);
      // By the other version it is noise, or does not even end where its bytes do.
      const other = () => coloursOf(made, points, { ...records, itemVersion: itemVersion === 3 ? 4 : 3 });
      let misread: Colour[] | null = null;
      try {
        misread = other();
      } catch {}
      expect(misread).not.toEqual(colours);
    }
  });

  test('the version is that of the laszip record, also in COPC', async () => {
    const { file, records } = await open();
    expect(records.itemVersion).toBe(3);
    const view = new DataView(file.buffer);
    // Behind header, info and the record's own header, 34 bytes on: type, size and version of the two items.
    const items = 375 + 54 + 160 + 54 + 34;
    expect([0, 6].map((at) => view.getUint16(items + at + 4, true))).toEqual([3, 3]);
    for (const at of [0, 6]) view.setUint16(items + at + 4, 4, true);
    expect(parseCopcHead(file, file.length, 'channels-7').itemVersion).toBe(4);
  });
});
