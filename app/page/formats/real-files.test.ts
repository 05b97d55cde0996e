/** Real labels, of several data sets, through every format there and back: field by field. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXPORT_FORMATS, toExchange, toLabels } from '../exchange/index.ts';
import { exportLabels, importLabels, type PackedFile } from './index.ts';

const REAL = path.join(import.meta.dirname, '../../../../shared/real');

interface LabelledFrames {
  readonly frames: readonly {
    readonly id: string;
    readonly objects: readonly { readonly class: string; readonly size: readonly number[] }[];
  }[];
}

describe.runIf(existsSync(REAL)).each(['mixed-dev', 'kitti-dev', 'pandaset-002'])('%s', (name) => {
  const read = async () => {
    const bytes = new Uint8Array(await readFile(path.join(REAL, name, 'index.json')));
    const original = JSON.parse(new TextDecoder().decode(bytes)) as LabelledFrames;
    return { file: { name: 'index.json', bytes }, original, ids: original.frames.map(({ id }) => id) };
  };

  /** What the page has of the files, kept as JSON in between. */
  const inThePage = async (files: readonly PackedFile[], ids: readonly string[]) => {
    const imported = await importLabels(files, { currentFrame: ids[0]!, frames: ids });
    const { labels, repeated } = toLabels(imported, 1);
    expect(repeated).toEqual([]);
    const kept = imported.map(({ frame, kept }) => ({ frame, kept, labels: labels[frame]!.map(toExchange) }));
    return JSON.parse(JSON.stringify(kept)) as typeof kept;
  };

  it('comes back from plain JSON as it was', async () => {
    const { file, original, ids } = await read();
    const { content } = await exportLabels('json', await inThePage([file], ids));
    const out = JSON.parse(content as string) as LabelledFrames;
    expect(out.frames).toHaveLength(original.frames.length);
    for (const [index, { objects, ...frame }] of original.frames.entries()) {
      const { objects: written, ...rest } = out.frames[index]!;
      expect(rest).toEqual({ ...frame, cloud: frame.id });
      expect(written).toHaveLength(objects.length);
      for (const [at, object] of objects.entries()) expect(written[at]).toMatchObject(object);
    }
  });

  it.each(EXPORT_FORMATS)('has the same boxes, classes and ids after %s', async (format) => {
    const { file, ids } = await read();
    const before = await inThePage([file], ids);
    const { name: packedName, content } = await exportLabels(format, before);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const after = await inThePage([{ name: packedName, bytes }], ids);
    const byFrame = new Map(after.map((frame) => [frame.frame, frame.labels]));
    for (const { frame, labels } of before) {
      const byId = new Map(byFrame.get(frame)!.map((label) => [label.id, label]));
      expect(byId.size).toBe(labels.length);
      for (const { id, box, class: kind } of labels) {
        const found = byId.get(id)!;
        expect([frame, id, found.class]).toEqual([frame, id, kind]);
        for (const axis of [0, 1, 2] as const) {
          expect(found.box.center[axis]).toBeCloseTo(box.center[axis], 4);
          expect(found.box.size[axis]).toBeCloseTo(box.size[axis], 4);
        }
        expect(Math.cos(found.box.yaw - box.yaw)).toBeCloseTo(1, 6);
      }
    }
  });
});
